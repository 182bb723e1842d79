"""A run: one training or evaluation, told by whoever did it; its numbers stand against the card's success metrics."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Membership, TeamScoped
from dsboard.roles import Act
from experiments.models import standing
from experiments.models.metric import folded

if TYPE_CHECKING:
    from experiments.models.task import Task

MOST_RUNS, MOST_NAMES, MOST_POINTS = 20_000, 500, 20_000
LONGEST_NAME, LONGEST_VALUE, LONGEST_EXTRA = 250, 1_000, 64 * 1024
ODD = ("NaN", "Infinity", "-Infinity")
is_address = URLValidator(schemes=["http", "https"])


class RunStatus(models.TextChoices):
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"
    KILLED = "killed", "Stopped"


class Source(models.TextChoices):
    API = "api", "API"


class Run(TeamScoped):
    """Told again under the same `external_id` it is the same run, and what is told is added."""

    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="runs")
    source = models.CharField(max_length=10, choices=Source, default=Source.API)
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=LONGEST_NAME, blank=True)
    status = models.CharField(max_length=8, choices=RunStatus, default=RunStatus.FINISHED)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    url = models.CharField(max_length=1000, blank=True, help_text="Where it is seen in its own tool; http or https.")
    params = models.JSONField(default=dict, blank=True, help_text="{name: text}")
    dataset = models.JSONField(default=dict, blank=True, help_text="{name, digest}")
    notes = models.TextField(blank=True)
    extra = models.JSONField(default=dict, blank=True, help_text="What else was told, under names that the board does not know.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now, help_text="When it was first told.")
    told_at = models.DateTimeField(default=clock.now, help_text="When something of it was last told.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["task", "source", "external_id"], name="run_once"),
            models.CheckConstraint(condition=~Q(external_id=""), name="run_has_an_id"),
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_in_a_known_status"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="run_from_a_known_source"),
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="run_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id

    def get_absolute_url(self) -> str:
        return reverse("experiments:run", args=[self.task.team.key, self.task.ref, self.pk])

    @property
    def began_at(self) -> datetime:
        """When it started, or when it was first told where nobody said."""
        return self.started_at or self.at

    @property
    def took(self) -> timedelta | None:
        """How long it ran; None while that is not known."""
        return self.ended_at - self.started_at if self.started_at and self.ended_at else None

    @classmethod
    def tell(cls, task: "Task", by: Membership, external_id: str, *, source: str = Source.API, **said: Any) -> tuple["Run", bool]:
        """Keep a run of the card, or add to the one with this id; True when it is new.

        `said` is any of name, status, started_at, ended_at, url, notes, dataset {name, digest}, params {name: text}, extra,
        and metrics {name: number, "NaN" or [[step, number], …]}. Params, metrics and points are added to what was told
        before; a point of the same step takes its place. Judges the card's metrics. Raises Refusal by field.
        """
        by.must(Act.RUNS, task.team_id)
        metrics = clean_metrics(said.pop("metrics", None) or {})
        fields = clean(said)
        external_id = external_id.strip()
        if not external_id:
            raise Refusal.of({"external_id": "Give the run an id that stays the same when it is told again."})
        now = clock.now()
        with transaction.atomic():
            if task.deleted_at:
                raise Refusal(f"{task.ref} is in the bin. Restore it first.")
            if not task.is_boxed:
                raise Refusal(f"{task.get_kind_display()} has no runs. Runs are for research and experiments.")
            # The rows of the metrics are what two runs told at once would both write.
            goals = list(task.metrics.select_for_update())
            run, is_new = cls.objects.get_or_create(
                task=task, source=source, external_id=external_id, defaults={"by_id": by.user_id, "at": now, "told_at": now}
            )
            if is_new and cls.objects.filter(task=task).count() > MOST_RUNS:
                raise Refusal(f"A card has at most {MOST_RUNS:,} runs.")
            run = cls.objects.select_for_update().get(pk=run.pk)
            run.task = task
            run.add(fields, now)
            for name, values in metrics.items():
                RunMetric.add(run, name, values)
            standing.judge(task, goals, by)
        return run, is_new

    def add(self, fields: dict[str, Any], now: datetime) -> None:
        """Write what was told; names of params that are not told again stay."""
        for name in ("params", "extra"):
            if name in fields:
                merged = {**getattr(self, name), **fields[name]}
                if len(merged) > MOST_NAMES:
                    raise Refusal.of({name: f"A run has at most {MOST_NAMES} of them."})
                fields[name] = merged
        if len(json.dumps(fields.get("extra", {}))) > LONGEST_EXTRA:
            raise Refusal.of({"extra": "What the board has no field for may have 64 KB together. Keep it with the run and link to it."})
        for name, value in fields.items():
            setattr(self, name, value)
        if self.started_at and self.ended_at and self.ended_at < self.started_at:
            raise Refusal.of({"ended_at": "It ends before it starts."})
        self.told_at = now
        self.save()


class RunMetric(TeamScoped):
    """What a run told of one metric: `last` is the value of the highest step, None where that is no number and `odd` says which."""

    team_path = "run__task__team"
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="metrics")
    name = models.CharField(max_length=LONGEST_NAME)
    key = models.CharField(max_length=LONGEST_NAME, editable=False, help_text="The name as it is compared.")
    last = models.FloatField(null=True, blank=True)
    odd = models.CharField(max_length=9, blank=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="run_metric_once"),
            models.CheckConstraint(condition=Q(last=None, odd__in=ODD) | Q(last__isnull=False, odd=""), name="run_metric_says_one_thing"),
        ]
        indexes = [models.Index(fields=["key", "run"], name="run_metric_by_key")]

    def __str__(self) -> str:
        return f"{self.name} {self.told}"

    @property
    def told(self) -> float | str:
        """The last value, or "NaN" and its like."""
        return self.odd if self.last is None else self.last

    @classmethod
    def add(cls, run: Run, name: str, points: list[tuple[int, float | str]]) -> None:
        """Add points by step; the value of the highest step is the last one."""
        metric = cls.objects.filter(run=run, name=name).first()
        if metric is None:
            if cls.objects.filter(run=run).count() >= MOST_NAMES:
                raise Refusal.of({"metrics": f"A run has at most {MOST_NAMES} metrics."})
            metric = cls.objects.create(run=run, name=name, key=folded(name)[:LONGEST_NAME], odd=ODD[0])
        if metric.count + len(points) > MOST_POINTS:
            known = set(metric.points.values_list("step", flat=True))
            if len(known | {step for step, _ in points}) > MOST_POINTS:
                raise Refusal.of({"metrics": f"{name} has at most {MOST_POINTS:,} steps. Tell every tenth one."})
        rows = [
            RunPoint(metric=metric, step=step, value=None if isinstance(value, str) else value, odd=value if isinstance(value, str) else "")
            for step, value in points
        ]
        RunPoint.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["metric", "step"], update_fields=["value", "odd"], batch_size=500
        )
        metric.last, metric.odd = metric.points.order_by("-step").values_list("value", "odd")[0]
        metric.count = metric.points.count()
        metric.save()


class RunPoint(models.Model):
    """One value of a metric at a step; reached through its metric only."""

    metric = models.ForeignKey(RunMetric, on_delete=models.CASCADE, related_name="points")
    step = models.BigIntegerField()
    value = models.FloatField(null=True)
    odd = models.CharField(max_length=9, blank=True)

    class Meta:
        ordering = ["step"]
        constraints = [
            models.UniqueConstraint(fields=["metric", "step"], name="run_point_once"),
            models.CheckConstraint(condition=Q(value=None, odd__in=ODD) | Q(value__isnull=False, odd=""), name="run_point_says_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.told}"

    @property
    def told(self) -> float | str:
        """The value, or "NaN" and its like."""
        return self.odd if self.value is None else self.value


# ── what was told, as it is kept ──


def clean(said: dict[str, Any]) -> dict[str, Any]:
    """The fields of a run without what was not told; Refusal by field."""
    fields = {name: value for name, value in said.items() if value is not None}
    wrong: dict[str, str] = {}
    if url := fields.get("url"):
        try:
            is_address(url)
        except ValidationError:
            wrong["url"] = "An address begins with http:// or https://."
    if fields.get("status", RunStatus.FINISHED) not in RunStatus.values:
        wrong["status"] = f"A run is one of {', '.join(RunStatus.values)}."
    if "params" in fields:
        fields["params"] = {text(name)[:LONGEST_NAME]: text(value) for name, value in fields["params"].items()}
    if "extra" in fields:
        fields["extra"] = without_null(fields["extra"])
    if wrong:
        raise Refusal.of(wrong)
    return fields


def text(value: Any) -> str:
    """A parameter is text, as every tracker keeps it."""
    return ("" if value is None else str(value)).replace("\x00", "")[:LONGEST_VALUE]


def without_null(value: Any) -> Any:
    """The same without null characters, which PostgreSQL keeps nowhere."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [without_null(one) for one in value]
    if isinstance(value, dict):
        return {without_null(name): without_null(one) for name, one in value.items()}
    return value


def clean_metrics(metrics: dict[str, Any]) -> dict[str, list[tuple[int, float | str]]]:
    """Points by metric; a single value is the point of step 0. Refusal names the metric."""
    found: dict[str, list[tuple[int, float | str]]] = {}
    for name, told in metrics.items():
        kept = name.replace("\x00", "").strip()
        if not kept or len(kept) > LONGEST_NAME:
            raise Refusal.of({"metrics": f"The name of a metric has 1 to {LONGEST_NAME} characters."})
        pairs = told if isinstance(told, list) else [[0, told]]
        if not pairs:
            continue
        try:
            found[kept] = list({step_of(step): number_of(value) for step, value in pairs}.items())
        except (TypeError, ValueError, OverflowError) as error:
            wanted = "a number, “NaN”, or a list of pairs [step, number]"
            raise Refusal.of({"metrics": f"{kept[:60]} is {wanted}."}) from error
    return found


def step_of(step: Any) -> int:
    if isinstance(step, bool) or not isinstance(step, int) or abs(step) >= 2**63:
        raise ValueError("not a step")
    return step


def number_of(value: Any) -> float | str:
    """The number, or the name of what is none; a text is a number only when it is one of those names."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("not a number")
    if isinstance(value, str):
        if value not in ODD:
            raise ValueError("not a number")
        return value
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        return ODD[0] if number != number else ODD[1] if number > 0 else ODD[2]
    return number
