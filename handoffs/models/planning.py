"""Cards for the engineering lines that nobody provides yet, in one act."""

from django.db import transaction

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act, Side
from experiments.models import Task
from experiments.stages import Kind
from handoffs.models.handoff import Handoff
from handoffs.models.line import Line
from handoffs.stages import LineState


def plannable(lines: list[Line]) -> list[Line]:
    """The engineering lines that are missing and have no card that is still on its way."""
    return [line for line in lines if line.term.side == Side.ENGINEERING and line.state == LineState.MISSING and not under_way(line)]


def under_way(line: Line) -> bool:
    """A dropped or deleted card makes nothing."""
    return line.task is not None and line.task.deleted_at is None and line.task.dropped_at is None


@clock.still()
@transaction.atomic
def plan_missing(handoff: Handoff, by: Membership) -> list[Task]:
    """A development card in the backlog for each; a second time makes none twice. Raises Refusal when none is missing."""
    by.must(Act.HANDOFFS, handoff.team_id)
    by.must(Act.CREATE)
    handoff.hold()
    handoff.refuse_frozen()
    lines = plannable(handoff.read_lines())
    if not lines:
        raise Refusal("Every engineering line is provided, on its way or not needed. There is nothing to plan.")
    made = []
    for line in lines:
        told = f"{line.term.label}, for the handoff of {handoff.version}."
        title = f"{line.term.label} for {handoff.version}"[:200]
        line.task = Task.plan(by.team, kind=Kind.DEVELOPMENT, title=title, by=by, description=told)
        line.version += 1
        line.save(update_fields=["task", "version"])
        made.append(line.task)
    handoff.acted(by)
    Activity.record(handoff, "planned", by, after=[task.ref for task in made])
    return made
