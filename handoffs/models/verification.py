"""One side's yes to a line of a handoff."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from dsboard import clock
from dsboard.models import TeamScoped
from dsboard.roles import Side


class Verification(TeamScoped):
    """One side's yes to a line; `void_at` once the line changed. `despite` is why, where a check had failed."""

    team_path = "line__handoff__version__model__team"
    line = models.ForeignKey("handoffs.Line", on_delete=models.PROTECT, related_name="verifications")
    side = models.CharField(max_length=11, choices=Side)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    despite = models.TextField(blank=True)
    void_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["line", "side"], condition=Q(void_at=None), name="verification_one_a_side"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="verification_of_a_side"),
        ]

    def __str__(self) -> str:
        return f"{self.side} on {self.line_id}"
