"""What the tests of reading a tracking server share."""

from datetime import timedelta
from typing import Any

from dsboard import clock
from experiments.models import RunLink, Task, Tracker
from experiments.tracking import sync
from tests.experiments.tracking.fake import Fake
from tests.world import World


def connected(world: World, fake: Fake | str, **said: Any) -> Tracker:
    url = fake if isinstance(fake, str) else fake.url
    return Tracker.connect(world.team, world.lead, name="Our MLflow", url=url, **said)


def linked(world: World, task: Task, fake: Fake | str, **said: Any) -> RunLink:
    tracker = connected(world, fake, by_tag=False)
    return RunLink.link(task, world.mei, tracker, **(said or {"experiment": "ticket-clf"}))


def swept() -> None:
    """One beat."""
    Tracker.objects.update(next_at=clock.now() - timedelta(seconds=1))
    assert sync.sweep() == 1


def names(task: Task) -> list[str]:
    return sorted(task.runs.values_list("name", flat=True))
