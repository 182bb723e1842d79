"""Pausing a time box, with a reason and perhaps a date; and letting it run on."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from experiments.models import reminder, running
from experiments.models.extension import box_under_way
from experiments.stages import BoxState, Stage

if TYPE_CHECKING:
    from experiments.models.task import Task

LONGEST = timedelta(days=366)


@clock.still()
@transaction.atomic
def pause(task: "Task", by: Membership, *, reason: str, until: date | None = None) -> None:
    """The clock stands still; on the morning of `until` it runs on by itself and tells the owner. Raises Refusal by field."""
    by.must(Act.PAUSE, task.team_id)
    task.hold()
    box = box_under_way(task)
    match box.state_at(clock.now()):
        case BoxState.CLOSED:
            raise Refusal(f"The findings of {task.ref} are reported, so its clock has stopped.")
        case BoxState.PAUSED:
            raise Refusal(f"{task.ref} is paused already: {box.pause_reason}")
        case BoxState.ENDED:
            raise Refusal(f"The time box of {task.ref} has ended. Report what you learned, or extend it with a reason.", way="findings")
    reason = " ".join(reason.replace("\x00", "").split())
    working = running.working_time_of(task)
    asked = {} if reason else {"reason": "Say why the clock stands still."}
    if len(reason) > 500:
        asked["reason"] = "Keep the reason under 500 characters."
    if until and until <= working.day_of(clock.now()):
        asked["until"] = "Choose a day after today; without one, somebody lets it run on by hand."
    elif until and until - working.day_of(clock.now()) > LONGEST:
        asked["until"] = "A pause is at most a year. Drop the card with a reason instead."
    if asked:
        raise Refusal.of(asked)
    running.pause(task, reason)
    box.resumes_on = until
    task.touch()
    Activity.record(task, "paused", by, field="clock", before=None, after=reason, until=until.isoformat() if until else None)
    reminder.plan(task)


@clock.still()
@transaction.atomic
def resume(task: "Task", by: Membership | None) -> None:
    """Let the clock run on with what is left; `by` is nobody when the date of the pause has come."""
    if by:
        by.must(Act.PAUSE, task.team_id)
    task.hold()
    box = box_under_way(task)
    if box.state_at(clock.now()) != BoxState.PAUSED:
        raise Refusal(f"{task.ref} is not paused.")
    if task.stage != Stage.ACTIVE:
        raise Refusal(f"The clock runs in Active. Move {task.ref} there.")
    if task.owner_id is None:
        raise Refusal.of({"owner": f"Nobody owns {task.ref}. Give it an owner first: the clock goes by the owner's calendar."})
    reason = box.pause_reason
    running.run(task)
    task.touch()
    Activity.record(task, "resumed", by, field="clock", before=reason, after=None)
    reminder.plan(task)
