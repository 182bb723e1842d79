"""A version's way from one stage to another: who let it pass, when, and with what exceptions."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dsboard import clock
from dsboard.models import TeamScoped
from handoffs.stages import VersionStage


class Passage(TeamScoped):
    """`exceptions` are the criteria that a lead let pass unanswered; they are looked at again on `review_on`."""

    team_path = "version__model__team"
    version = models.ForeignKey("handoffs.Version", on_delete=models.PROTECT, related_name="passages")
    from_stage = models.CharField(max_length=21, choices=VersionStage)
    to_stage = models.CharField(max_length=21, choices=VersionStage)
    reason = models.TextField(blank=True)
    exceptions = models.JSONField(default=list, blank=True, help_text="Slugs of criteria.")
    review_on = models.DateField(null=True, blank=True)
    override_reason = models.TextField(blank=True, help_text="Why it entered Deployment without its accepted handoff.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(from_stage=F("to_stage")), name="passage_goes_somewhere"),
            models.CheckConstraint(condition=Q(review_on=None) | ~Q(reason=""), name="passage_with_exceptions_has_a_reason"),
            models.CheckConstraint(
                condition=Q(review_on=None, exceptions=[]) | (Q(review_on__isnull=False) & ~Q(exceptions=[])),
                name="passage_with_exceptions_is_reviewed",
            ),
            models.CheckConstraint(
                condition=Q(override_reason="") | Q(to_stage=VersionStage.DEPLOYMENT), name="passage_overrides_into_deployment"
            ),
            models.UniqueConstraint(fields=["version"], condition=~Q(override_reason=""), name="passage_overridden_once"),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage} to {self.to_stage}"

    @property
    def is_back(self) -> bool:
        """Whether it led to an earlier stage."""
        return VersionStage(self.to_stage).place < VersionStage(self.from_stage).place
