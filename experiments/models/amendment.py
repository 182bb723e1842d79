"""An amendment: a change of what was locked when the clock first started, dated and kept."""

from django.conf import settings
from django.db import models

from dsboard import clock
from dsboard.models import TeamScoped

#: the hypothesis or question, the success sentence and the metrics; the length of the box changes by extensions only
LOCKED = ("question", "hypothesis", "success", "metrics")


class Amendment(TeamScoped):
    """What the field held before and after, as history and the API show it."""

    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="amendments")
    field = models.CharField(max_length=30)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.field}, {self.at:%Y-%m-%d}"
