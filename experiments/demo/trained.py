"""Runs of the demo: an experiment that works lately has trained a few times, a little better each time, as people do."""

import math
import random
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dsboard import clock
from dsboard.demo import Cast
from dsboard.models import Membership
from experiments.models import Run, Task
from experiments.stages import Direction

if TYPE_CHECKING:
    from experiments.demo.lives import Idea, Step

#: working days back to which cards have runs; older ones were told by their findings alone
LATELY, RUNS = 16.0, 7
SIZES, RATES = ("small", "base", "base", "large"), ("1e-4", "5e-5", "3e-5", "2e-5")


def steps(cast: Cast, idea: "Idea", task: Task, owner: Membership) -> list["Step"]:
    """When each run of a card was told, between its start and its findings, or now."""
    if idea.started is None or idea.started > LATELY or not idea.metrics or idea.dropped:
        return []
    chance = random.Random(idea.title)  # noqa: S311 - the same demo each time
    begun, ended = idea.started - 0.1, (idea.found.ago + 0.1 if idea.found else 0.0)
    if begun - ended < 0.2:
        return []
    spread = (begun - ended) / (RUNS + 1)
    aims = [aim(metric, place, idea) for place, metric in enumerate(idea.metrics)]
    return [(cast.ago(begun - spread * (number + 1)), told(task, owner, idea, number, aims, chance.random())) for number in range(RUNS)]


def aim(metric: dict[str, Any], place: int, idea: "Idea") -> float:
    """Where the runs end up: at the value of the findings, or a little short of the number to meet."""
    if idea.found and idea.found.results[place][0] is not None:
        return float(idea.found.results[place][0] or 0)
    if metric.get("target") is not None:
        return float(metric["target"]) * (0.992 if metric["direction"] == Direction.HIGHER else 1.04)
    base, margin = float(metric.get("baseline") or 1), float(metric["better_than_baseline_by"])
    return base + 0.8 * margin if metric["direction"] == Direction.HIGHER else base - 0.8 * margin


def told(task: Task, owner: Membership, idea: "Idea", number: int, aims: list[float], luck: float) -> Callable[[], None]:
    """Tell one run; the last but one is the best."""
    away = 0.0 if number == RUNS - 2 else 0.012 * (RUNS - number) * (0.6 + luck)

    def tell() -> None:
        metrics: dict[str, Any] = {}
        for metric, best in zip(idea.metrics, aims, strict=True):
            worse = -away if metric["direction"] == Direction.HIGHER else away
            metrics[metric["name"]] = round(best * (1 + worse), 4)
        metrics["train loss"] = [[step, round(1.2 * math.exp(-step / (3 + number)) + 0.05 * luck, 4)] for step in range(12)]
        ended = clock.now()
        size, rate = SIZES[number % len(SIZES)], RATES[number % len(RATES)]
        Run.tell(
            task,
            owner,
            f"{task.ref.lower()}-{number + 1:02}",
            name=f"{size} · lr {rate}",
            started_at=ended - timedelta(minutes=18 + 40 * luck),
            ended_at=ended,
            status="failed" if number == 2 and luck > 0.5 else "finished",
            params={"size": size, "lr": rate, "seed": number, "batch": 32},
            dataset={"name": "holdout", "digest": "9f41c0"},
            metrics=metrics,
        )

    return tell
