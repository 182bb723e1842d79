"""A success metric: a name, a direction, and a number to meet."""

import pytest
from django.db import IntegrityError, transaction

from experiments.models import Metric
from tests.world import World


@pytest.mark.parametrize(
    ("metric", "goal", "met", "missed"),
    [
        (Metric(direction="higher", target=0.9), "≥ 0.9", [0.9, 0.91], [0.899]),
        (Metric(direction="lower", target=120), "≤ 120", [120, 0], [120.5]),
        (Metric(direction="higher", margin=0.02, baseline=0.88), "≥ 0.9", [0.9], [0.89]),
        (Metric(direction="lower", margin=1, baseline=14.2), "≤ 13.2", [13.2, 10], [13.3]),
        (Metric(direction="higher", margin=0.1, baseline=0.8), "≥ 0.9", [0.9], [0.8999]),
        (Metric(direction="higher", margin=0, baseline=0.5), "≥ 0.5", [0.5], [0.4]),
    ],
)
def test_the_bar_itself_counts_as_met(metric: Metric, goal: str, met: list[float], missed: list[float]) -> None:
    assert metric.goal == goal
    assert [metric.met(value) for value in met] == [True] * len(met)
    assert [metric.met(value) for value in missed] == [False] * len(missed)


def test_without_a_value_or_a_baseline_nobody_can_say() -> None:
    assert Metric(direction="higher", target=0.9).met(None) is None
    waiting = Metric(direction="lower", margin=2)
    assert (waiting.bar, waiting.goal, waiting.met(1)) == (None, "baseline − 2", None)


@pytest.mark.parametrize(
    "columns", [{"target": 1.0, "margin": 1.0}, {"target": None, "margin": None}, {"target": None, "margin": -1.0}, {"name": "macro-F1"}]
)
def test_the_database_holds_one_target_and_one_name(world: World, columns: dict[str, object]) -> None:
    task = world.experiment()
    with pytest.raises(IntegrityError), transaction.atomic():
        Metric.objects.create(**({"task": task, "name": "AUC", "target": 1.0} | columns))
