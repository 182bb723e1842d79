"""What a worker that is killed does, once Django is set up: prepare URL, sweep, tell, again. Run by sweeper.py.

Uses the database that the environment names. Leases are short, so that the next one takes over within a second.
"""

import json
import time
from datetime import timedelta

from django.db.models import Count

from dsboard import clock
from experiments.models import Run, RunLink, RunMetric, RunPoint, Tracker, tracker
from experiments.tracking import sync
from tests.world import F1, found_world


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


def act(name: str, *words: str) -> None:
    tracker.LEASE = timedelta(seconds=1)
    {"prepare": prepare, "sweep": sweep, "tell": tell, "again": again}[name](*words)
