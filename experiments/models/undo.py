"""Taking one line of history back: a move, an assignment, an edit, a drop, a deletion; for 30 days."""

from django.db import transaction

from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from experiments.models import moves
from experiments.models.fields import value_of
from experiments.models.task import Task

MOVES = ("moved", "reordered", "undid")
EDITS = ("assigned", "edited", "amended")
ENDINGS = ("dropped", "deleted")
UNDOABLE = (*MOVES, *EDITS, *ENDINGS)


@transaction.atomic
def take_back(task: Task, activity: Activity, by: Membership) -> str:
    """Undo what `activity` did; returns what to say of it. Raises Refusal when it is over 30 days old or was overtaken."""
    moves.refuse_too_late(activity)
    if activity.verb in MOVES:
        moves.undo(task, activity, by)
        return f"{task.title} is back in {task.get_stage_display()}"
    if activity.verb in ENDINGS:
        task.restore(by)
        return f"{task.ref} is back on the board"
    if activity.verb not in EDITS:
        raise Refusal("This can't be undone.")
    if activity.field == "kind" or value_of(task, activity.field) != activity.after:
        raise Refusal(f"The {activity.field.replace('_', ' ')} of {task.ref} changed again since, so this can't be undone.")
    task.change(by, **{activity.field: activity.before})
    return f"The {activity.field.replace('_', ' ')} of {task.ref} is as it was"
