"""When a model is to be trained again: every so often, or when an alarm says so; its task is made once."""

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, TeamScoped
from dsboard.roles import Act
from experiments.models import Task
from experiments.stages import Work
from handoffs.models.ml_model import MLModel

if TYPE_CHECKING:
    from handoffs.models.alarm import Alarm

BATCH = 100
LONGEST = timedelta(days=5 * 366)


class Every(models.TextChoices):
    WEEK = "week", "Every week"
    MONTH = "month", "Every month"
    QUARTER = "quarter", "Every quarter"
    HALF_YEAR = "half-year", "Every half year"
    YEAR = "year", "Every year"


MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}


class RetrainingPlan(TeamScoped):
    """By period, by alarm, or both. `next_on` is a day in the team's zone."""

    team_path = "model__team"
    model = models.OneToOneField(MLModel, on_delete=models.CASCADE, related_name="retraining")
    every = models.CharField(max_length=9, choices=Every, blank=True)
    next_on = models.DateField(null=True, blank=True)
    on_alarm = models.BooleanField("when an alarm of drift is raised", default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["next_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(every="") ^ Q(next_on__isnull=False), name="retraining_has_a_day"),
            models.CheckConstraint(condition=Q(every__in=("", *Every.values)), name="retraining_period_known"),
            models.CheckConstraint(condition=~Q(every="") | Q(on_alarm=True), name="retraining_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """Every quarter, next on 3 Jan 2027; and when it drifts."""
        parts = [f"{self.get_every_display()}, next on {self.next_on:%-d %b %Y}"] if self.every and self.next_on else []
        told = " and ".join([*parts, *(["when it drifts"] if self.on_alarm else [])])
        return told[:1].upper() + told[1:]

    # ── verbs ──

    @classmethod
    @clock.still()
    @transaction.atomic
    def plan(
        cls, model: MLModel, by: Membership, *, every: str = "", next_on: date | None = None, on_alarm: bool = False
    ) -> "RetrainingPlan":
        """Plan it, in the place of what was planned; without a day the first is one period from today. Raises Refusal by field."""
        by.must(Act.MODELS, model.team_id)
        model.hold()
        today = today_in(model)
        if every not in ("", *Every.values):
            raise Refusal.of({"every": f"It is one of {', '.join(Every.values)}."})
        if not every and not on_alarm:
            raise Refusal.of({"every": "Choose a period, an alarm of drift, or both."})
        first = (next_on or after(today, every)) if every else None
        if first and not today <= first <= today + LONGEST:
            raise Refusal.of({"next_on": "Choose a day from today on, within five years."})
        found = cls.objects.filter(model=model).first()
        before = found.words if found else None
        made = found or cls(model=model)
        made.every, made.next_on, made.on_alarm, made.by_id, made.at = every, first, on_alarm, by.user_id, clock.now()
        made.save()
        if made.words != before:
            Activity.record(model, "changed", by, field="retraining", before=before, after=made.words)
        return made

    @transaction.atomic
    def end(self, by: Membership) -> None:
        """Plan it no more; the tasks that it made stay."""
        by.must(Act.MODELS, self.model.team_id)
        self.model.hold()
        Activity.record(self.model, "changed", by, field="retraining", before=self.words, after=None)
        self.delete()

    # ── its task ──

    @transaction.atomic
    def make(self, key: str, why: str, by: Membership) -> Task | None:
        """The task of one day or one alarm, once; none while one that the plan made is still open. Inside no other claim."""
        if self.made.filter(key=key).exists():
            return None
        there = Task.objects.filter(retrainings__plan=self, ended_at=None, deleted_at=None).order_by("-pk").first()
        task = there or self.model.plan_upkeep(by, title=f"Retrain {self.model}", description=why, work=Work.RETRAINING)
        Retraining.objects.create(plan=self, key=key, task=task)
        if there is None:
            Activity.record(self.model, "planned", None, after=[task.ref], reason=why)
        return None if there else task


class Retraining(TeamScoped):
    """What a plan made, and for which day or alarm."""

    team_path = "plan__model__team"
    plan = models.ForeignKey(RetrainingPlan, on_delete=models.CASCADE, related_name="made")
    key = models.CharField(max_length=40)
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="retrainings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="retraining_made_once")]

    def __str__(self) -> str:
        return f"{self.task_id} for {self.key}"


# ── when ──


def after(day: date, every: str) -> date:
    """One period later: the same day of the month, or its last one."""
    if every == Every.WEEK:
        return day + timedelta(days=7)
    month = day.month - 1 + MONTHS[Every(every)]
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def today_in(model: MLModel) -> date:
    return clock.now().astimezone(ZoneInfo(model.team.time_zone)).date()


def sweep() -> int:
    """Make the tasks of the days that have come; returns how many. One query when none has."""
    # No zone is further ahead than 14 hours.
    latest = (clock.now() + timedelta(hours=14)).date()
    count = 0
    for plan in RetrainingPlan.objects.filter(next_on__lte=latest).select_related("model__team", "by")[:BATCH]:
        day = plan.next_on
        if day and day <= today_in(plan.model):
            count += come(plan, day)
    return count


@clock.still()
@transaction.atomic
def come(plan: RetrainingPlan, day: date) -> bool:
    """Claim a day of a plan and make its task; False when another worker did. A day that was slept through counts once."""
    following = after(day, plan.every)
    while following <= today_in(plan.model):
        following = after(following, plan.every)
    if not RetrainingPlan.objects.filter(pk=plan.pk, next_on=day, every=plan.every).update(next_on=following):
        return False
    by = plan.model.acting_for(plan.by)
    if by is None:
        return False
    plan.next_on = following
    return (
        plan.make(
            day.isoformat(), f"The plan for {plan.model}: {plan.get_every_display().lower()}. This is the one of {day:%-d %B %Y}.", by
        )
        is not None
    )


def on_alarm(alarm: "Alarm", by: Membership) -> None:
    """Where the plan says so, the task of an alarm that has none yet. Inside the transaction that raised it."""
    plan = RetrainingPlan.objects.filter(model=alarm.series.model_id, on_alarm=True).first()
    if plan is None or alarm.task_id:
        return
    plan.model = alarm.series.model
    if task := plan.make(f"alarm:{alarm.pk}", alarm.text, by):
        type(alarm).objects.filter(pk=alarm.pk).update(task=task)
        alarm.task = task
