"""One thing that a development card delivers: open, ticked, or struck with a reason."""

from django.db import models
from django.db.models import Q

from dsboard.models import TeamScoped


class Deliverable(TeamScoped):
    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="deliverables")
    text = models.CharField(max_length=200)
    done = models.BooleanField(default=False)
    struck_reason = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="deliverable_says_what"),
            models.CheckConstraint(condition=Q(done=False) | Q(struck_reason=""), name="deliverable_ticked_or_struck"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_settled(self) -> bool:
        return self.done or bool(self.struck_reason)
