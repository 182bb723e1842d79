"""Secrets that must be read again, such as a tracking server's password: encrypted in the database with a key of SECRET_KEY.

Fernet: AES-128 in CBC mode with an HMAC-SHA256, so what was changed by hand is not read. The key is derived with HKDF.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """It was sealed with another SECRET_KEY, or changed since."""


@lru_cache(maxsize=4)
def lock(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"dsboard.vault").derive(key.encode())
    return Fernet(urlsafe_b64encode(derived))


def seal(text: str) -> str:
    """The text as it may lie in the database; nothing stays nothing."""
    return lock(settings.SECRET_KEY).encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """The text again. Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return lock(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error
