"""Taking a seat back, or its removal, from the history of a card; for 30 days, and while the sprint is not closed."""

from django.db import transaction

from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from experiments.models import Task
from experiments.models.moves import refuse_too_late
from sprints.models.sprint import Sprint


@transaction.atomic
def take_back(task: Task, activity: Activity, by: Membership) -> str:
    """Undo what put a card into a sprint or took it out; returns what to say. Raises Refusal when that was overtaken."""
    refuse_too_late(activity)
    number = activity.after if activity.verb == "seated" else activity.before
    sprint = Sprint.objects.within(task.team).filter(number=number).select_related("team").first()
    if sprint is None:
        raise Refusal(f"Sprint {number} was discarded, so this can't be undone.")
    if activity.verb == "seated":
        sprint.take_out(task, by)
        return f"{task.title} is out of {sprint} again"
    sprint.take_in(task, by, activity.facts.get("bucket", ""))
    return f"{task.title} is in {sprint} again"
