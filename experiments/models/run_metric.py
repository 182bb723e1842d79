"""What runs told of their metrics, point by point."""

from collections import Counter
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Count, Q

from dsboard.errors import Refusal
from dsboard.models import TeamScoped
from experiments.models.metric import folded
from experiments.models.run_cleaning import LONGEST_NAME, MOST_NAMES, MOST_POINTS, ODD, Points, clean_metrics

if TYPE_CHECKING:
    from experiments.models.run import Run


class RunMetric(TeamScoped):
    """What a run told of one metric: `last` is the value of the highest step, None where that is no number and `odd` says which."""

    team_path = "run__task__team"
    run = models.ForeignKey("experiments.Run", on_delete=models.CASCADE, related_name="metrics")
    name = models.CharField(max_length=LONGEST_NAME)
    key = models.CharField(max_length=LONGEST_NAME, editable=False, help_text="The name as it is compared.")
    last = models.FloatField(null=True, blank=True)
    odd = models.CharField(max_length=9, blank=True)
    whole = models.BooleanField(default=True, editable=False, help_text="False while a tracking server has more steps of it than are here.")
    last_step = models.BigIntegerField(default=0)
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

    @transaction.atomic
    def take_history(self, points: list[tuple[int, float | str]]) -> None:
        """Every step of it, from the server that told the last one; without any, what is here stays."""
        if not points:
            RunMetric.objects.filter(pk=self.pk).update(whole=True)
            return
        self.points.all().delete()
        RunMetric.objects.filter(pk=self.pk).update(whole=True, count=0)
        RunMetric.add_all({self.run: clean_metrics({self.name: points})})

    @property
    def told(self) -> float | str:
        """The last value, or "NaN" and its like."""
        return self.odd if self.last is None else self.last

    @classmethod
    def add_all(cls, told: dict["Run", Points]) -> None:
        """Add the points of several runs by step; the value of the highest step is the last one. Six queries, however many.

        Inside a transaction that holds the runs. Raises Refusal where a run would have too many metrics, or a metric too many points.
        """
        known: dict[tuple[int, str], RunMetric] = {
            (metric.run_id, metric.name): metric for metric in cls.objects.filter(run__in=[run for run, points in told.items() if points])
        }
        fresh = {
            (run.pk, name): cls(run=run, name=name, key=folded(name)[:LONGEST_NAME], odd=ODD[0])
            for run, points in told.items()
            for name in points
            if (run.pk, name) not in known
        }
        names = Counter(run for run, _ in [*known, *fresh])
        if any(count > MOST_NAMES for count in names.values()):
            raise Refusal.of({"metrics": f"A run has at most {MOST_NAMES} metrics."})
        everything = known | fresh
        pairs = [(everything[run.pk, name], points) for run, all_points in told.items() for name, points in all_points.items()]
        grown = [metric for metric, _ in pairs if metric.count]
        for metric, points in pairs:
            step, value = max(points, key=lambda point: point[0])
            if not metric.count or step >= metric.last_step:
                metric.last_step = step
                metric.last, metric.odd = (None, value) if isinstance(value, str) else (value, "")
            metric.count = metric.count or len(points)
        kept = cls.objects.bulk_create(
            [metric for metric, _ in pairs],
            update_conflicts=True,
            unique_fields=["run", "name"],
            update_fields=["last", "odd", "last_step", "count"],
            batch_size=500,
        )
        rows = [
            RunPoint(metric=metric, step=step, value=None if isinstance(value, str) else value, odd=value if isinstance(value, str) else "")
            for metric, (_, points) in zip(kept, pairs, strict=True)
            for step, value in points
        ]
        RunPoint.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["metric", "step"], update_fields=["value", "odd"], batch_size=500
        )
        recount(grown)
        if long := next((metric for metric, _ in pairs if metric.count > MOST_POINTS), None):
            raise Refusal.of({"metrics": f"{long.name} has at most {MOST_POINTS:,} steps. Tell every tenth one."})


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


def recount(metrics: list[RunMetric]) -> None:
    """Count the points of metrics that had some before."""
    rows = RunPoint.objects.filter(metric__in=metrics).order_by()
    counts = dict(rows.values_list("metric").annotate(Count("pk")))
    changed = [metric for metric in metrics if counts[metric.pk] != metric.count]
    for metric in changed:
        metric.count = counts[metric.pk]
    RunMetric.objects.bulk_update(changed, ["count"], batch_size=200)
