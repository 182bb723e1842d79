"""What makes the clock of a card's time box run, stand still and change hands.

The verbs above hold the card, and write its box once, when all is said: `reminder.plan` does.
"""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from dsboard import clock
from dsboard.models import Calendars
from dsboard.working_time import WorkingTime
from experiments.models.time_box import TimeBox, as_time

if TYPE_CHECKING:
    from experiments.models.task import Task

NOBODY = "Nobody owns it."


def working_time_of(task: "Task") -> WorkingTime:
    """The calendar that the card's clock goes by: its owner's, the team's while nobody owns it."""
    return Calendars.of([task.team]).of_member(task.team_id, task.owner_id)


def run(task: "Task", working: WorkingTime | None = None) -> None:
    """Start the clock, or let it run on with what is left; nothing when it runs already."""
    box: TimeBox | None = task.box
    if box is None or box.runs_since:
        return
    now = clock.now()
    if box.started_at is None:
        box.started_at, box.left = now, box.length
    box.run(now, working or working_time_of(task), task.owner_id)


def pause(task: "Task", reason: str) -> None:
    """Stand still until somebody lets it run on; a box that is not under way stays as it is."""
    box: TimeBox | None = task.box
    if box and box.runs_since:
        box.halt(clock.now(), working_time_of(task))
        box.paused_at, box.pause_reason = clock.now(), reason


def close(task: "Task", at: datetime) -> None:
    """The findings are in: the clock stops, for good unless the card goes back to Active."""
    box: TimeBox | None = task.box
    if box and box.started_at and not box.closed_at:
        if box.runs_since:
            box.halt(clock.now(), working_time_of(task))
        box.paused_at, box.pause_reason, box.resumes_on, box.closed_at = None, "", None, at


def forget(task: "Task") -> None:
    """The start never happened: an idle box, as it was before."""
    box: TimeBox | None = task.box
    if box:
        task.box = TimeBox(pk=box.pk, task=task, hours=box.hours, original_hours=box.original_hours)


def hand_over(task: "Task", before: WorkingTime) -> None:
    """The card has another owner: the clock goes on by the new one's calendar, or stands still with nobody's."""
    box: TimeBox | None = task.box
    if box is None or box.runs_since is None:
        return
    box.halt(clock.now(), before)
    if task.owner_id:
        run(task)
    else:
        box.paused_at, box.pause_reason = clock.now(), NOBODY


def end_with(task: "Task", working: WorkingTime, before: WorkingTime) -> datetime | None:
    """When the card's box would end by another calendar than the one it goes by; None while no clock runs."""
    box: TimeBox | None = task.box
    if box is None or box.runs_since is None:
        return None
    now = clock.now()
    left = box.left_at(now, before)
    return working.add(now, left) if left else box.ends_at


def end_after(task: "Task", added: Decimal, working: WorkingTime) -> datetime | None:
    """When the card's box would end if it were extended now; None while no clock runs."""
    box: TimeBox | None = task.box
    if box is None or box.runs_since is None:
        return None
    now = clock.now()
    return working.add(now, box.left_at(now, working) + as_time(added))
