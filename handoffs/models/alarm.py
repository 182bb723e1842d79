"""An alarm of a model in operation: what raised it, what became of it, and whether it was right."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, Notice, TeamScoped
from dsboard.roles import Act
from experiments.models import Task

if TYPE_CHECKING:
    from handoffs.models.series import Point, Series
    from handoffs.models.version import Version


class Why(models.TextChoices):
    THRESHOLD = "threshold", "Threshold"
    DRIFT = "drift", "Drift"
    STALE = "stale", "No values"


class Feedback(models.TextChoices):
    TRUE = "true", "Right"
    FALSE = "false", "False alarm"
    EXPECTED = "expected", "Expected"


class Alarm(TeamScoped):
    """`over_at` is when the stream was back by itself; the feedback of people says how good the rules are."""

    team_path = "series__model__team"
    series = models.ForeignKey("handoffs.Series", on_delete=models.CASCADE, related_name="alarms")
    version = models.ForeignKey("handoffs.Version", on_delete=models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=9, choices=Why)
    at = models.DateTimeField(default=clock.now)
    point_at = models.DateTimeField(help_text="Of the value that raised it, or of the last one before the silence.")
    value = models.FloatField(null=True)
    text = models.CharField(max_length=500)
    task = models.ForeignKey("experiments.Task", on_delete=models.SET_NULL, null=True, blank=True, related_name="alarms")
    repeats = models.PositiveIntegerField(default=0, help_text="Further values that its task was told of.")
    repeated_at = models.DateTimeField(null=True, blank=True)
    over_at = models.DateTimeField(null=True, blank=True)
    feedback = models.CharField(max_length=8, choices=Feedback, blank=True)
    feedback_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    feedback_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["series", "version", "kind", "point_at"], name="alarm_once"),
            models.CheckConstraint(condition=Q(kind__in=Why.values), name="alarm_of_a_known_kind"),
            models.CheckConstraint(condition=Q(feedback__in=("", *Feedback.values)), name="alarm_judged_in_a_known_way"),
            models.CheckConstraint(condition=Q(feedback="") ^ Q(feedback_at__isnull=False), name="alarm_feedback_has_a_time"),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return self.series.get_absolute_url()

    @classmethod
    def raise_(cls, point: "Point", kind: Why, text: str, task: Task | None = None) -> "Alarm":
        """An alarm about a value; a second one about the same value is the first."""
        defaults = {"value": point.value, "text": text[:500], "task": task}
        made: Alarm = cls.objects.get_or_create(
            series=point.series, version=point.version, kind=kind, point_at=point.at, defaults=defaults
        )[0]
        made.series, made.version = point.series, point.version
        return made

    @classmethod
    def raise_silent(cls, series: "Series", version: "Version", last: datetime, text: str) -> "Alarm | None":
        """An alarm about a silence; None when it was raised before."""
        made, is_new = cls.objects.get_or_create(
            series=series, version=version, kind=Why.STALE, point_at=last, defaults={"text": text[:500]}
        )
        made.series, made.version = series, version
        return made if is_new else None

    # ── verbs ──

    @transaction.atomic
    def judge(self, by: Membership, feedback: str) -> None:
        """Say whether it was right; said again it takes the place of what was said. After an expected one its course begins anew."""
        by.must(Act.MODELS, self.series.model.team_id)
        if feedback not in Feedback.values:
            raise Refusal.of({"feedback": f"It is one of {', '.join(Feedback.values)}."})
        before = self.feedback
        self.feedback, self.feedback_by_id, self.feedback_at = feedback, by.user_id, clock.now()
        if self.over_at is None and feedback != Feedback.TRUE:
            self.over_at = clock.now()
        self.save(update_fields=["feedback", "feedback_by", "feedback_at", "over_at"])
        Notice.objects.withdraw(f"alarm:{self.pk}")
        Activity.record(self.series.model, "judged_alarm", by, field="alarm", before=before, after=feedback, metric=self.series.name)


def precision(model: Any) -> tuple[int, int]:
    """How many of the alarms that people judged were right, and how many they judged; what was expected counts for neither."""
    rows = Alarm.objects.filter(series__model=model)
    right = rows.filter(feedback=Feedback.TRUE).count()
    return right, right + rows.filter(feedback=Feedback.FALSE).count()
