"""What floor 1 brings to a person's calendar feed: when the time boxes end."""

from datetime import timedelta
from typing import Any

from dsboard.feed import Event
from dsboard.models import User
from experiments.models import Task
from experiments.models.time_box import length_in_words

#: an event ends with its box and begins this much before, so that it has a place on the day
SHOWN = timedelta(minutes=15)
DUE = "Findings are due then: report what you learned, or extend the box with a reason. Not finding it counts too."


def events(user: User) -> list[Event]:
    """One for each box of this person whose clock runs, ended ones without findings too, in every team of that person; one query."""
    return [end_of(task) for task in mine(user).order_by("time_box__ends_at", "pk")]


def mine(user: User) -> Any:
    """The open cards that this person owns and may still read, with a clock that runs."""
    theirs = Task.objects.open().filter(owner=user, team__memberships__user=user, time_box__runs_since__isnull=False)
    return theirs.select_related("team", "time_box")


def end_of(task: Task) -> Event:
    """The end of one box. The card's version grows with every extension, pause and change of calendar that moves it."""
    size = length_in_words(task.box.hours, task.team.hours_per_day)
    return Event(
        uid=f"box-{task.pk}",
        sequence=task.version,
        changed_at=task.updated_at,
        start=task.box.ends_at - SHOWN,
        end=task.box.ends_at,
        title=f"Time box ends: {task.title}",
        text=f"{task.ref} in {task.team.name}, a {size} time box.\n{DUE}",
        path=task.get_absolute_url(),
    )
