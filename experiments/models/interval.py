"""One stretch during which the clock of a time box ran: who owned it, and how much working time it took."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dsboard.models import TeamScoped


class Interval(TeamScoped):
    """`used` is settled when the stretch ends, by the calendar of then: a later change of it rewrites nothing."""

    team_path = "box__task__team"
    box = models.ForeignKey("experiments.TimeBox", on_delete=models.CASCADE, related_name="intervals")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    used = models.DurationField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["box"], condition=Q(stopped_at=None), name="interval_one_runs"),
            models.CheckConstraint(
                condition=Q(stopped_at=None, used=None) | Q(stopped_at__gte=F("started_at"), used__gte=timedelta(0)),
                name="interval_settled_when_it_stops",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.used or 'running'}"
