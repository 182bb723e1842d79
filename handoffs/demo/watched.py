"""The demo's models in operation: four weeks of values, one of them leaving its threshold, and a plan to train again."""

import random
from datetime import timedelta

from dsboard import clock
from dsboard.demo import Cast, Story
from handoffs.demo.models import RECOMMENDATION
from handoffs.models import MLModel, RetrainingPlan, Series

DAYS = 28
DRIFT, CLICKS, LATENCY = "Input drift (PSI)", "CTR@10", "p95 latency"


def stories(cast: Cast) -> list[Story]:
    return [operated(cast)]


def operated(cast: Cast) -> Story:
    """v2.2 in production: its clicks go on, its inputs drift slowly over the threshold."""
    mei, omar, chance = cast.people["scientist"], cast.people["engineer"], random.Random(22)  # noqa: S311 - the same demo each time
    begun = cast.now - timedelta(days=DAYS)
    yield begun
    model = MLModel.objects.select_related("team").get(team=cast.team, name=RECOMMENDATION.name)
    Series.watch(model, mei, DRIFT, direction="lower", threshold=0.2, cadence_hours=24, drift=False)
    Series.watch(model, mei, CLICKS, direction="higher", threshold=4.5, cadence_hours=24)
    Series.watch(model, omar, LATENCY, direction="lower", threshold=90)
    RetrainingPlan.plan(model, mei, every="quarter")
    for day in range(DAYS):
        yield begun + timedelta(days=day, hours=1)
        values = {
            DRIFT: round(0.06 + 0.0052 * day + 0.012 * (day % 3 == 1) + max(0, day - 19) * 0.004, 3),
            CLICKS: round(chance.gauss(4.8, 0.05) - max(0, day - 20) * 0.012, 2),
            LATENCY: round(chance.gauss(70, 2.5)),
        }
        at = clock.now()
        rows = [{"name": name, "value": value, "at": at, "version": "v2.2", "environment": "production"} for name, value in values.items()]
        Series.tell_all(model, omar, rows)
