"""Secrets that must be read again, such as a tracking server's password: encrypted in the database with a key of SECRET_KEY.

Fernet: AES-128 in CBC mode with an HMAC-SHA256, so what was changed by hand is not read. The key is derived with HKDF.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from dsboard.later import Later

if TYPE_CHECKING:
    from cryptography import fernet
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf import hkdf
else:
    fernet = Later("cryptography.fernet")
    hashes = Later("cryptography.hazmat.primitives.hashes")
    hkdf = Later("cryptography.hazmat.primitives.kdf.hkdf")


class Unreadable(Exception):
    """It was sealed with another SECRET_KEY, or changed since."""


@lru_cache(maxsize=4)
def lock(key: str) -> "fernet.Fernet":
    derived = hkdf.HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"dsboard.vault").derive(key.encode())
    return fernet.Fernet(urlsafe_b64encode(derived))


def seal(text: str) -> str:
    """The text as it may lie in the database; nothing stays nothing."""
    return lock(settings.SECRET_KEY).encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """The text again. Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return lock(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except fernet.InvalidToken as error:
        raise Unreadable from error
