"""The finished development cards nearest to one that is being sized: what firm points are compared with."""

from dsboard.models import Team
from experiments.models import Task
from experiments.stages import Kind, Stage

#: how many of the latest finished cards are looked at
LATEST = 200


def nearest_finished(team: Team, task: Task | None, most: int = 3) -> list[Task]:
    """The three finished cards with the nearest points, then shared labels, then the latest."""
    done = Task.objects.within(team).present().filter(kind=Kind.DEVELOPMENT, stage=Stage.DONE, points__isnull=False, dropped_at=None)
    if task and task.pk:
        done = done.exclude(pk=task.pk)
    cards = list(done.order_by("-ended_at").prefetch_related("labels")[:LATEST])
    points = task.points if task else None
    labels = {label.name for label in task.labels.all()} if task and task.pk else set()
    cards.sort(
        key=lambda card: (abs((card.points or 0) - points) if points is not None else 0, -len(labels & {x.name for x in card.labels.all()}))
    )
    return cards[:most]
