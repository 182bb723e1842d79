"""How a criterion of a version was answered: one row an act, and the newest one counts."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from dsboard import clock
from dsboard.models import TeamScoped
from handoffs.checklists import BY_SLUG
from handoffs.stages import AnswerState


class Answer(TeamScoped):
    """`as_of` names the version that this answer came along from; it is to be confirmed by answering again."""

    team_path = "version__model__team"
    version = models.ForeignKey("handoffs.Version", on_delete=models.PROTECT, related_name="answers")
    criterion = models.CharField(max_length=30, choices=[(slug, criterion.label) for slug, criterion in BY_SLUG.items()])
    state = models.CharField(max_length=14, choices=AnswerState)
    evidence = models.JSONField(null=True, blank=True, help_text="{type, value}")
    reason = models.TextField(blank=True)
    as_of = models.ForeignKey("handoffs.Version", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["version", "criterion", "id"], name="answer_of_criterion")]
        constraints = [
            models.CheckConstraint(condition=~Q(state=AnswerState.MET) | Q(evidence__isnull=False), name="answer_met_has_evidence"),
            models.CheckConstraint(
                condition=Q(state__in=(AnswerState.OPEN, AnswerState.MET)) | ~Q(reason=""), name="answer_waived_has_a_reason"
            ),
            models.CheckConstraint(condition=Q(criterion__in=list(BY_SLUG)), name="answer_of_a_known_criterion"),
            models.CheckConstraint(
                condition=~Q(state=AnswerState.NOT_APPLICABLE)
                | Q(criterion__in=[slug for slug, criterion in BY_SLUG.items() if criterion.if_applicable]),
                name="answer_not_applicable_where_allowed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.state}"

    @property
    def is_settled(self) -> bool:
        """Whether the gate is content with it: answered for this very version."""
        return self.state != AnswerState.OPEN and self.as_of_id is None

    @property
    def is_to_confirm(self) -> bool:
        """It came along from an earlier version and waits for somebody to look again."""
        return self.state != AnswerState.OPEN and self.as_of_id is not None

    def says(self, state: str, evidence: Any, reason: str) -> bool:
        """Whether it says just this already, for this very version."""
        return self.as_of_id is None and (self.state, self.evidence, self.reason) == (state, evidence, reason)
