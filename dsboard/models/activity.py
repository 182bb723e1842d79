"""History: every change, who, what, from, to, when; append-only."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from dsboard import clock
from dsboard.models.pulse import subject as named
from dsboard.models.pulse import tell
from dsboard.models.scoped import TeamQuerySet, TeamScoped

if TYPE_CHECKING:
    from dsboard.models.membership import Membership


class AppendOnly(Exception):
    """History is never edited or deleted."""


class ActivityQuerySet(TeamQuerySet):
    def of(self, subject: models.Model) -> "ActivityQuerySet":
        """What happened to one row, oldest first."""
        return self.filter(subject_type=subject._meta.model_name, subject_id=subject.pk).order_by("pk")

    def since(self, version: int, fields: Iterable[str]) -> "ActivityQuerySet":
        """Who changed one of these fields after that version."""
        names = list(fields)
        return self.filter(Q(field__in=names) | Q(facts__also__has_any_keys=names), version__gt=version).select_related("actor")

    def update(self, **kwargs: Any) -> int:
        raise AppendOnly("History is append-only.")

    def delete(self) -> Any:
        raise AppendOnly("History is append-only.")


class Activity(TeamScoped):
    """One change of one field, or one act (then `field` is empty).

    `subject_type` and `subject_id` name the row; `subject_ref` is how people name it and outlives it.
    `version` is the subject's version after the change: a stale save asks which fields changed since.
    """

    team = models.ForeignKey("dsboard.Team", on_delete=models.PROTECT, related_name="activities")
    at = models.DateTimeField(default=clock.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField(max_length=30)
    subject_type = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    subject_ref = models.CharField(max_length=30)
    field = models.CharField(max_length=30, blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    facts = models.JSONField(default=dict, blank=True, help_text="What an undo or a page needs beside from and to.")
    version = models.PositiveIntegerField(default=0)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "activities"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="activity_of_subject"),
            models.Index(fields=["team", "id"], name="activity_of_team"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_ref} {self.verb} {self.field}".rstrip()

    @property
    def also(self) -> dict[str, dict[str, Any]]:
        """What the same act set besides, by field, each `before` and `after`: whoever starts a card that nobody owns owns it."""
        found: dict[str, dict[str, Any]] = self.facts.get("also", {})
        return found

    @property
    def fields(self) -> list[str]:
        """Every field that it changed."""
        return [self.field, *self.also]

    @property
    def field_label(self) -> str:
        """The field in words."""
        return self.field.replace("_", " ")

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnly("History is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise AppendOnly("History is append-only.")

    @classmethod
    def record(
        cls,
        subject: Any,
        verb: str,
        by: "Membership | None",
        *,
        field: str = "",
        before: Any = None,
        after: Any = None,
        **facts: Any,
    ) -> "Activity":
        """Write one line of history about `subject`; `by` None is the system.

        It has `team_id`, `ref` and a counter of its changes: `version`, or `edition` where a version is something else.
        """
        line = cls.objects.create(
            team_id=subject.team_id,
            actor_id=by.user_id if by else None,
            verb=verb,
            subject_type=subject._meta.model_name,
            subject_id=subject.pk,
            subject_ref=subject.ref,
            field=field,
            before=before,
            after=after,
            facts=facts,
            version=getattr(subject, "edition", None) or subject.version,
        )
        tell(line.team_id, named(line.subject_type, line.subject_ref), upto=line.pk)
        return line
