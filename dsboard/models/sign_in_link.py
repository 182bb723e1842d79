"""One-time sign-in links: only a hash is kept, one use, one hour."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models

from dsboard import clock
from dsboard.models.user import User

LIFETIME = timedelta(hours=1)
KEPT = timedelta(days=1)


def digest(token: str) -> str:
    """SHA-256 of a random token, in hex; the tokens have 256 bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class SignInLink(models.Model):
    """A link for `user`; with no user it is the first-run link, which leads to the page that founds a team."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link for {self.user or 'the first run'}"

    @classmethod
    def issue(cls, user: User | None) -> str:
        """Make a link and return its token, which is shown once and never kept."""
        token = secrets.token_urlsafe(32)
        cls.objects.create(user=user, digest=digest(token), expires_at=clock.now() + LIFETIME)
        return token

    @classmethod
    def redeem(cls, token: str) -> "SignInLink | None":
        """Use the link up; None when it is unknown, used, expired, or its person may not sign in."""
        now = clock.now()
        link = cls.objects.select_related("user").filter(digest=digest(token)).first()
        if link is None or (link.user and not link.user.is_active):
            return None
        claimed = cls.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now).update(used_at=now)
        return link if claimed == 1 else None

    @classmethod
    def sweep(cls) -> int:
        """Delete links that were used, or ran out, more than a day ago; returns how many."""
        before = clock.now() - KEPT
        deleted, _ = cls.objects.filter(models.Q(used_at__lt=before) | models.Q(expires_at__lt=before)).delete()
        return deleted
