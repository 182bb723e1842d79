"""How a card leaves the boards before its end: dropped with a reason, or into the bin; and how it comes back."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from experiments.models import order, reminder, running
from experiments.stages import DAYS_TO_UNDO, BoxState, Stage

if TYPE_CHECKING:
    from experiments.models.task import Task


@clock.still()
@transaction.atomic
def drop(task: "Task", by: Membership, reason: str) -> Activity:
    """See Task.drop. Refused at the end, and for a box whose findings are in: those end by a decision."""
    by.must(Act.DROP, task.team_id)
    # Its lane loses a card: nobody places another one beside it meanwhile.
    by.team.lock()
    task.hold()
    if task.owner_id not in (None, by.user_id) and task.created_by_id != by.user_id:
        by.must(Act.DROP_OTHERS)
    reason = reason.strip()
    if not reason:
        raise Refusal.of({"reason": "Say why it is dropped."})
    if len(reason) > 2000:
        raise Refusal.of({"reason": "Keep the reason under 2000 characters."})
    if task.deleted_at:
        raise Refusal(f"{task.ref} is in the bin already.")
    if task.ended_at:
        raise Refusal(f"{task.ref} has ended already.")
    if task.box and task.box.state_at(clock.now()) == BoxState.ENDED:
        raise Refusal(
            f"The time box of {task.ref} has run. Report what you learned, then abandon it: not finding it counts too.", way="findings"
        )
    if task.stage == Stage.ANALYSIS:
        raise Refusal(f"The time box of {task.ref} has run. Decide to abandon it, so that what was learnt is kept.", way="decision")
    now = clock.now()
    running.pause(task, "The card was dropped.")
    task.dropped_at = task.ended_at = task.shown_until = now
    task.drop_reason, task.rank = reason, None
    task.touch("dropped_at", "ended_at", "shown_until", "drop_reason", "rank")
    reminder.plan(task)
    return Activity.record(task, "dropped", by, field="dropped", before=None, after=reason)


@clock.still()
@transaction.atomic
def delete_to_bin(task: "Task", by: Membership) -> Activity:
    """See Task.delete_to_bin. A card that is cited as evidence stays."""
    by.must(Act.DROP, task.team_id)
    # Its lane loses a card: nobody places another one beside it meanwhile.
    by.team.lock()
    task.hold()
    if task.owner_id not in (None, by.user_id) and task.created_by_id != by.user_id:
        by.must(Act.DROP_OTHERS)
    if task.deleted_at:
        raise Refusal(f"{task.ref} is in the bin already.")
    if task.decisions.exists():
        raise Refusal(f"{task.ref} carries a decision and stays as evidence.")
    running.pause(task, "The card was in the bin.")
    task.deleted_at, task.deleted_by_id, task.rank = clock.now(), by.user_id, None
    task.touch("deleted_at", "deleted_by", "rank")
    reminder.plan(task)
    return Activity.record(task, "deleted", by, field="deleted", before=None, after=task.title)


@transaction.atomic
def restore(task: "Task", by: Membership) -> Activity:
    """See Task.restore."""
    by.must(Act.DROP, task.team_id)
    by.team.lock()
    task.hold()
    since = task.deleted_at or task.dropped_at
    if since is None:
        raise Refusal(f"{task.ref} is on its board already.")
    if clock.now() - since > timedelta(days=DAYS_TO_UNDO):
        raise Refusal(f"{task.ref} left the board over {DAYS_TO_UNDO} days ago and stays away.")
    was = "deleted" if task.deleted_at else "dropped"
    if task.deleted_at:
        task.deleted_at = task.deleted_by = None
    else:
        task.dropped_at, task.drop_reason = None, ""
        # A card is dropped before its end, so it is open again.
        task.ended_at = task.shown_until = None
    if task.dropped_at is None:
        task.rank = order.end_of(task)
    task.touch("deleted_at", "deleted_by", "dropped_at", "drop_reason", "ended_at", "shown_until", "rank")
    reminder.plan(task)
    return Activity.record(task, "restored", by, field=was, before=True, after=None)
