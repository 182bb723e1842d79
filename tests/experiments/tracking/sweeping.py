"""A worker that reads tracking servers in a process of its own, to be killed: sweeping.py prepare URL | sweep | tell | again.

Uses the database that the environment names. Leases are short, so that the next one takes over within a second.
"""

import json
import sys
import time
from datetime import timedelta

import django

django.setup()

from django.db.models import Count  # noqa: E402

from dsboard import clock  # noqa: E402
from experiments.models import Run, RunLink, RunMetric, RunPoint, Tracker, tracker  # noqa: E402
from experiments.tracking import sync  # noqa: E402
from tests.world import F1, found_world  # noqa: E402

tracker.LEASE = timedelta(seconds=1)


def prepare(url: str) -> None:
    world = found_world()
    task = world.started(world.experiment(metrics=[F1]))
    RunLink.link(task, world.mei, Tracker.connect(world.team, world.lead, name="MLflow", url=url, by_tag=False), experiment="ticket-clf")


def sweep() -> None:
    while True:
        Tracker.objects.filter(synced_at=None, next_at__gt=clock.now()).update(next_at=clock.now())
        sync.sweep()
        time.sleep(0.05)


def again() -> None:
    """Have all of it read once more."""
    Tracker.objects.update(synced_at=None)
    RunLink.objects.update(full_at=None)


def tell() -> None:
    twice = Run.objects.values("external_id").annotate(count=Count("pk")).filter(count__gt=1).count()
    print(
        json.dumps(
            {
                "runs": Run.objects.count(),
                "twice": twice,
                "metrics": RunMetric.objects.count(),
                "points": RunPoint.objects.count(),
                "synced": Tracker.objects.get().synced_at is not None,
                "tries": Run.objects.get(external_id=f"{60:032x}").task.metrics.get().tries if Run.objects.exists() else 0,
            }
        )
    )


if __name__ == "__main__":
    {"prepare": prepare, "sweep": sweep, "tell": tell, "again": again}[sys.argv[1]](*sys.argv[2:])
