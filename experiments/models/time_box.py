"""The time box of a research or experiment card: how long the team is willing to spend."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from dsboard.models import TeamScoped


class TimeBox(TeamScoped):
    """`hours` are working hours. The box starts when its card first enters Active and closes when findings are reported."""

    team_path = "task__team"
    task = models.OneToOneField("experiments.Task", on_delete=models.CASCADE, related_name="time_box")
    hours = models.DecimalField(max_digits=5, decimal_places=2)
    started_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "time boxes"
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=240), name="time_box_has_a_length"),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(started_at__isnull=False), name="time_box_closed_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.hours.normalize():f} h"

    @property
    def state(self) -> str:
        """idle, running or closed."""
        if self.closed_at:
            return "closed"
        return "running" if self.started_at else "idle"


def length_in_words(hours: Decimal, hours_per_day: Decimal) -> str:
    """A box as people say it: 4h, 2d, 1d 4h, 1w (a week is five days)."""
    days, rest = divmod(hours, hours_per_day)
    if rest == 0 and days > 0 and days % 5 == 0:
        return f"{int(days) // 5}w"
    parts = [f"{int(days)}d"] if days else []
    if rest or not parts:
        parts.append(f"{rest.normalize():f}h")
    return " ".join(parts)
