"""Changing a calendar moves the ends of time boxes that run: never silently, and all of them with the change or none."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Calendars, Membership, Team
from dsboard.working_time import WorkingTime
from experiments.models import reminder
from experiments.models.task import Task


@dataclass(frozen=True)
class Move:
    """One box that ends at another time."""

    task: Task
    was: datetime
    becomes: datetime


class Unconfirmed(Refusal):
    """Boxes would move and nobody has said so: `moves` are these, `agreement` is what whoever saw them sends back."""

    def __init__(self, moves: list[Move]) -> None:
        count = len(moves)
        which = "One running time box" if count == 1 else f"{count} running time boxes"
        super().__init__(f"{which} would end at another time. Look at the list, then save again to move {'it' if count == 1 else 'them'}.")
        self.moves = moves
        self.agreement = agreement(moves)


def agreement(moves: list[Move]) -> str:
    """A short mark of what somebody saw: another box, or another end, and it is another one."""
    seen = "\n".join(f"{move.task.pk} {move.becomes.isoformat()}" for move in moves)
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


@clock.still()
@transaction.atomic
def moving(
    team: Team, by: Membership, act: Callable[[], Any], *, from_now: bool = False, agreed: str | None = None
) -> tuple[Any, list[Move]]:
    """Do something to the calendar and give each running box of the team the end that follows; what `act` returned, and the moves.

    Other hours or another zone count `from_now` on; a day off or an absence counts for the stretch that runs, so that
    one that is entered late still stops the clock. With `agreed`, boxes only move when that is the agreement to exactly
    these moves; else Unconfirmed is raised and nothing has changed. Raises NoWorkingTime for a calendar that leaves
    somebody's box without an end.
    """
    team.lock()
    tasks = list(under_way(team))
    before = working_times(team, tasks)
    done = act()
    team.refresh_from_db()
    after = working_times(team, tasks)
    moves = [move for task in tasks if (move := reckoned(task, before[task.pk], after[task.pk], from_now))]
    if moves and agreed is not None and agreed != agreement(moves):
        raise Unconfirmed(moves)
    for move in moves:
        move.task.touch()
        record_move(move.task, by, move.was, move.becomes)
        reminder.withdraw(move.task)
    return done, moves


def under_way(team: Team) -> Any:
    """The cards of a team whose clock runs, in the order in which their boxes end."""
    tasks = Task.objects.within(team).filter(time_box__runs_since__isnull=False)
    return tasks.select_related("time_box", "owner").select_for_update(of=("self", "time_box")).order_by("time_box__ends_at", "pk")


def working_times(team: Team, tasks: list[Task]) -> dict[int, WorkingTime]:
    """What the clock of each of these cards goes by as of now."""
    calendars = Calendars.of([team])
    return {task.pk: calendars.of_member(team.pk, task.owner_id) for task in tasks}


def reckoned(task: Task, old: WorkingTime, new: WorkingTime, from_now: bool) -> Move | None:
    """Let the box go by the calendar of now; the move, if that gives it another end."""
    box = task.box
    if old == new:
        return None
    was = box.ends_at
    if from_now:
        cut(task, old, new)
    else:
        box.reckon(box.runs_since, new)
    reminder.keep(task)
    return Move(task, was, box.ends_at) if box.ends_at != was else None


def cut(task: Task, old: WorkingTime, new: WorkingTime) -> None:
    """Settle what was used by the old calendar, and run on by the new one."""
    task.box.halt(clock.now(), old)
    task.box.run(clock.now(), new, task.owner_id)


def record_move(task: Task, by: Membership | None, was: datetime, becomes: datetime) -> Activity:
    """One line of history for an end that moved."""
    return Activity.record(task, "rescheduled", by, field="ends_at", before=was.isoformat(), after=becomes.isoformat())
