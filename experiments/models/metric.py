"""A success metric: a name, a direction, and a number to meet."""

import unicodedata
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from dsboard.models import TeamScoped
from experiments import judging
from experiments.stages import Direction


def plain(number: float | Decimal | None) -> str:
    """A number without trailing zeros, as on the card: 0.9, 120, 0.0005."""
    return "" if number is None else f"{float(number):.10g}"


def folded(name: str) -> str:
    """Names that mean one metric: macro-F1, Macro_F1 and "macro f1" are the same; métier and metier too."""
    spread = unicodedata.normalize("NFKD", name.casefold())
    return ("".join(c for c in spread if c.isalnum()) or name.casefold())[:250]


#: how the runs of a metric are judged, where nobody says so
BESIDES: dict[str, Any] = {"aggregation": "last", "guardrail": False, "least_runs": 1, "data": ""}


def besides_words(aggregation: str = "last", guardrail: bool = False, least_runs: int = 1, data: str = "") -> str:
    """ "[best step; guardrail; 3 runs; on v3-holdout]"."""
    parts = ["best step"] * (aggregation == "best") + ["guardrail"] * guardrail + [f"{least_runs} runs"] * (least_runs != 1)
    return f"[{'; '.join(parts + [f'on {data}'] * bool(data))}]"


class Aggregation(models.TextChoices):
    LAST = "last", "Last step"
    BEST = "best", "Best step"


class Metric(TeamScoped):
    """The target is `target`, or better than `baseline` by `margin`: exactly one of target and margin is set."""

    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="metrics")
    name = models.CharField(max_length=60)
    direction = models.CharField(max_length=6, choices=Direction, default=Direction.HIGHER)
    target = models.FloatField(null=True, blank=True)
    margin = models.FloatField("better than the baseline by", null=True, blank=True)
    baseline = models.FloatField(null=True, blank=True)
    aggregation = models.CharField(max_length=4, choices=Aggregation, default=Aggregation.LAST, help_text="Which of a run's steps counts.")
    guardrail = models.BooleanField(default=False, help_text="Only a run that meets this one too can meet the others.")
    least_runs = models.PositiveSmallIntegerField("at least so many runs", default=1)
    data = models.CharField("on the data", max_length=250, blank=True, help_text="Name or digest that a run must tell; empty for any.")
    position = models.PositiveSmallIntegerField(default=0)
    # What the runs say, judged whenever one is told: judging.Standing.
    standing = models.CharField(max_length=12, blank=True, editable=False, help_text="met, not_met or inconclusive; empty without runs.")
    why = models.CharField(max_length=120, blank=True, editable=False, help_text="Why, where the number alone does not say it.")
    best = models.FloatField(null=True, blank=True, editable=False)
    best_run = models.ForeignKey("experiments.Run", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    tries = models.PositiveIntegerField(default=0, editable=False)
    spark: Any = models.JSONField(default=list, blank=True, editable=False, help_text="The best so far, run by run.")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["task", "name"], name="metric_once_on_a_card"),
            models.CheckConstraint(
                condition=Q(target__isnull=False, margin=None) | Q(target=None, margin__isnull=False, margin__gte=0),
                name="metric_has_one_target",
                violation_error_message="A metric needs a target, or a margin over the baseline; not both.",
            ),
            models.CheckConstraint(condition=Q(aggregation__in=Aggregation.values), name="metric_aggregated_in_a_known_way"),
            models.CheckConstraint(condition=Q(least_runs__gte=1), name="metric_asks_for_a_run"),
            models.CheckConstraint(condition=Q(standing__in=("", *judging.STATES)), name="metric_stands_in_a_known_way"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.goal}"

    @property
    def bar(self) -> float | None:
        """The number to meet, None while a margin waits for its baseline."""
        if self.target is not None:
            return self.target
        if self.baseline is None or self.margin is None:
            return None
        return self.baseline + self.margin if self.direction == Direction.HIGHER else self.baseline - self.margin

    @property
    def sign(self) -> str:
        return "≥" if self.direction == Direction.HIGHER else "≤"

    @property
    def goal(self) -> str:
        """The target in a few characters: "≥ 0.9"."""
        if self.bar is None:
            return f"baseline {'+' if self.direction == Direction.HIGHER else '−'} {plain(self.margin)}"
        return f"{self.sign} {plain(self.bar)}"

    def met(self, value: float | None) -> bool | None:
        """Does `value` meet the target? None when there is no value or no bar yet. The bar itself counts as met."""
        if value is None or self.bar is None:
            return None
        # A sum such as 0.8 + 0.1 is a hair over 0.9; a result equal to what people read must count.
        if abs(value - self.bar) <= 1e-12 * max(1.0, abs(self.bar)):
            return True
        return value > self.bar if self.direction == Direction.HIGHER else value < self.bar
