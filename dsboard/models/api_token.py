"""Tokens of the HTTP API: shown once, kept as a hash, never stronger than their owner's role."""

import secrets
from datetime import timedelta

from django.db import models

from dsboard import clock
from dsboard.models.membership import Membership
from dsboard.models.scoped import TeamScoped
from dsboard.models.sign_in_link import digest


class Scope(models.TextChoices):
    READ = "read", "Read"
    WRITE = "write", "Read and write"
    RUNS = "runs", "Post runs only"


class ApiToken(TeamScoped):
    """Hangs on the membership, so that it ends with it."""

    team_path = "membership__team"
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="tokens")
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.WRITE)
    name = models.CharField(max_length=60, default="API")
    prefix = models.CharField(max_length=10, help_text="The start of the token, to tell tokens apart.")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API token"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"

    @classmethod
    def issue(cls, membership: Membership, *, scope: str = Scope.WRITE, name: str = "API") -> str:
        """Make a token and return it; this is the only time it can be read."""
        token = "dsb_" + secrets.token_urlsafe(30)
        cls.objects.create(membership=membership, scope=scope, name=name, prefix=token[:10], digest=digest(token))
        return token

    @classmethod
    def holder(cls, token: str) -> "ApiToken | None":
        """The living token with its membership, team and user loaded; notes its use at most once a minute."""
        found = (
            cls.objects.select_related("membership__team", "membership__user")
            .filter(digest=digest(token), revoked_at=None, membership__user__is_active=True)
            .first()
        )
        if found:
            now = clock.now()
            if found.last_used_at is None or now - found.last_used_at > timedelta(minutes=1):
                cls.objects.filter(pk=found.pk).update(last_used_at=now)
        return found

    def revoke(self) -> None:
        ApiToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=clock.now())
