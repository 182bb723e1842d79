"""The time box of a research or experiment card: how long the team is willing to spend."""

import re
from decimal import Decimal, InvalidOperation

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


LENGTH = re.compile(r"(?:(?P<w>[\d.]+)\s*w)?\s*(?:(?P<d>[\d.]+)\s*d)?\s*(?:(?P<h>[\d.]+)\s*h?)?")


def hours_in_words(text: str, hours_per_day: Decimal) -> Decimal | str:
    """The way back: "16", "2d", "1w", "1d 4h" as hours; what is none of these stays as it is, for the rule to refuse."""
    found = LENGTH.fullmatch(text.strip().lower().replace(",", "."))
    if not found or not any(found.groups()):
        return text.strip()
    try:
        weeks, days, hours = (Decimal(found[unit] or 0) for unit in "wdh")
    except InvalidOperation:
        return text.strip()
    return (weeks * 5 + days) * hours_per_day + hours
