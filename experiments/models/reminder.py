"""When a card needs its next look by the reminders: kept with its time box, claimed by whoever looks first."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F

from dsboard import clock
from dsboard.models import Notice
from experiments.stages import BoxState, Stage

if TYPE_CHECKING:
    from experiments.models.task import Task


def plan(task: "Task") -> None:
    """Something changed about a held card: write its box with its next look, and let mail about how it was stay here."""
    keep(task)
    withdraw(task)


def keep(task: "Task") -> None:
    """Write the box as it is now, with its next look. Whoever read an older turn has lost the claim, whatever was seen then."""
    if task.box:
        task.box.next_look_at, task.box.turn = next_look(task, clock.now()), F("turn") + 1
        task.box.save()


def withdraw(task: "Task") -> None:
    """Mail about how the card's clock was has not left yet: it stays here."""
    Notice.objects.withdraw(about(task))


def about(task: "Task") -> str:
    """What reminders of a card hang on: it changed, and mail that has not left yet stays here."""
    return f"clock:{task.pk}"


def next_look(task: "Task", now: datetime) -> datetime | None:
    """The next instant at which something may be due; for what takes a calendar to tell, now: the sweep works it out."""
    box = task.box
    if box is None or task.is_off_boards:
        return None
    match box.state_at(now):
        case BoxState.RUNNING:
            return box.warns_at if box.warns_at and box.warns_at > now else box.ends_at
        case BoxState.ENDED | BoxState.PAUSED:
            return now
        case BoxState.CLOSED if task.stage == Stage.ANALYSIS:
            return now
    return None
