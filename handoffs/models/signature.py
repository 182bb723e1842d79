"""A side's signature under a handoff, with the lines as they stood at that moment."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from dsboard import clock
from dsboard.models import TeamScoped
from dsboard.roles import Side


class Signature(TeamScoped):
    """Never deleted: once a line changed it is void, and shown as signed for an earlier version."""

    team_path = "handoff__version__model__team"
    handoff = models.ForeignKey("handoffs.Handoff", on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=11, choices=Side)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    signed = models.JSONField(help_text="The fourteen lines as they stood.")
    void_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["handoff", "side"], condition=Q(void_at=None), name="signature_one_a_side"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="signature_of_a_side"),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}, {self.at:%Y-%m-%d}"

    @property
    def is_valid(self) -> bool:
        return self.void_at is None
