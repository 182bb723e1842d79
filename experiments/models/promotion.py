"""Estimates that firm up: explore, prototype, productionize (PRODUCT section 5); each phase is a card linked to the one before."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from experiments.models.link import Rel, TaskLink
from experiments.models.task import Task
from experiments.stages import Confidence, Kind, Phase, Stage


@transaction.atomic
def promote(task: Task, by: Membership, *, phase: str, points: Decimal | float | None = None, confidence: str = "") -> Task:
    """Make the card of the next phase. `confidence` firm states that requirements are clear and the technology is known.

    Explore to prototype needs findings; prototype to productionize needs Done; explore to productionize is the decision.
    """
    by.must(Act.CREATE, task.team_id)
    by.team.lock()
    task.hold()
    refuse_phase(task, phase)
    sized: dict[str, Any] = {"points": points} if points is not None else {}
    if confidence:
        sized["confidence"] = confidence
    if confidence == Confidence.FIRM:
        sized |= {"requirements_clear": True, "technology_known": True}
    made = Task.plan(by.team, kind=Kind.DEVELOPMENT, title=task.title, by=by, labels=[label.name for label in task.labels.all()], **sized)
    Task.objects.filter(pk=made.pk).update(phase=phase)
    made.phase = phase
    TaskLink.objects.create(task=made, rel=Rel.PHASE, other=task)
    Activity.record(task, "promoted", by, field="phase", before=task.phase, after=phase, made=made.ref)
    return made


def refuse_phase(task: Task, phase: str) -> None:
    """Which phase follows which."""
    if phase not in (Phase.PROTOTYPE, Phase.PRODUCTIONIZE):
        raise Refusal.of({"phase": "The next phase is prototype or productionize."})
    if task.deleted_at:
        raise Refusal(f"{task.ref} is in the bin. Restore it first.")
    if task.kind == Kind.MAINTENANCE:
        raise Refusal.of({"phase": "Maintenance has no phases."})
    if phase == Phase.PROTOTYPE:
        if not task.is_boxed:
            raise Refusal.of({"phase": f"{task.ref} is past exploring. Its next phase is productionize."})
        if task.finding is None:
            raise Refusal.of({"phase": "A prototype stands on findings. Report them first."}, way="findings")
    elif task.is_boxed:
        raise Refusal.of({"phase": "From exploring to production leads a decision. Decide Productionize instead."}, way="decision")
    elif task.phase != Phase.PROTOTYPE:
        raise Refusal.of({"phase": f"{task.ref} is in its last phase."})
    elif task.stage != Stage.DONE:
        raise Refusal.of({"phase": f"Finish the prototype first: {task.ref} is in {task.get_stage_display()}."})
    if TaskLink.objects.filter(rel=Rel.PHASE, other=task, task__phase=phase, task__deleted_at=None).exists():
        raise Refusal.of({"phase": f"{task.ref} already has a card for that phase."})
