"""A person's calendar feed: a secret address, shown once, kept as a hash, ended by another or by nothing."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models

from dsboard import clock
from dsboard.models.sign_in_link import digest
from dsboard.models.user import User

#: use is noted this coarsely: calendar programs ask day and night
NOTED_EVERY = timedelta(hours=1)


class Feed(models.Model):
    """One each. Whoever knows the address reads what its person may read at that moment, and nothing once the person is deactivated."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feed")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "calendar feed"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"calendar feed of {self.user}"

    @classmethod
    def issue(cls, user: User) -> str:
        """Make an address and return its token, which can be read this once; an earlier one stops at once."""
        token = secrets.token_urlsafe(32)
        fresh = {"digest": digest(token), "created_at": clock.now(), "last_used_at": None}
        cls.objects.update_or_create(user=user, defaults=fresh)
        return token

    @classmethod
    def holder(cls, token: str) -> User | None:
        """Whose feed this is, or None; notes its use at most once an hour."""
        found = cls.objects.select_related("user").filter(digest=digest(token), user__is_active=True).first()
        if found is None:
            return None
        now = clock.now()
        if found.last_used_at is None or now - found.last_used_at > NOTED_EVERY:
            # By the digest: an address that was replaced in between has not been used.
            cls.objects.filter(digest=found.digest).update(last_used_at=now)
        return found.user

    def revoke(self) -> None:
        """Stop it; from now on nothing is there."""
        self.delete()
