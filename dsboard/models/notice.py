"""A notice in a person's inbox, written in the transaction of what it tells of."""

from typing import Any

from django.conf import settings
from django.db import models

from dsboard import clock
from dsboard.models.scoped import TeamQuerySet, TeamScoped
from dsboard.models.user import User


class NoticeQuerySet(TeamQuerySet):
    def to(self, user: User) -> "NoticeQuerySet":
        """This person's notices from the teams they are still in."""
        return self.filter(user=user, team__memberships__user=user)

    def post(
        self, *, team_id: int, user_id: int, kind: str, key: str, title: str, url: str, text: str = "", by_id: int | None = None
    ) -> None:
        """Put a notice in the inbox once: a second one with the same `key` for the same person is ignored."""
        self.bulk_create(
            [self.model(team_id=team_id, user_id=user_id, kind=kind, key=key, title=title[:200], url=url, text=text[:300], by_id=by_id)],
            ignore_conflicts=True,
        )


class Notice(TeamScoped):
    """The row is complete in itself (title, url, text), so that showing it never looks up another floor."""

    team = models.ForeignKey("dsboard.Team", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=100, help_text="One notice for one person and key.")
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [models.Index(fields=["user", "read_at", "id"], name="notice_inbox")]

    def __str__(self) -> str:
        return self.title

    def mark_read(self) -> Any:
        """Read by its person; reading twice keeps the first time."""
        return Notice.objects.filter(pk=self.pk, read_at=None).update(read_at=clock.now())
