"""Productionize: the decision that sends an idea on its way to production, in one transaction."""

from typing import Any

from django.db import transaction

from dsboard.models import Membership
from experiments.models import Decision, Task
from experiments.models.fields import value_of
from experiments.models.link import Rel, TaskLink
from experiments.models.outcomes import link_created, shortened
from experiments.stages import Kind, Outcome, Phase


@transaction.atomic
def productionize(task: Task, by: Membership, *, why: str, title: str = "", **decision: Any) -> Decision:
    """It works, build it: a development card in the backlog that builds on the decided one. Raises as Decision.make."""
    made = Decision.make(task, by, Outcome.PRODUCTIONIZE, why=why, **decision)
    card = Task.plan(
        by.team,
        kind=Kind.DEVELOPMENT,
        title=title.strip() or proposed_title(task),
        by=by,
        description=f"{task.ref} was decided Productionize: {why.strip()}",
        labels=value_of(task, "labels"),
    )
    Task.objects.filter(pk=card.pk).update(phase=Phase.PRODUCTIONIZE)
    link_created(made, card)
    TaskLink.objects.create(task=card, rel=Rel.BUILDS_ON, other=task, decision=made)
    return made


def proposed_title(task: Task) -> str:
    """The title of the development card, until somebody types a better one."""
    return shortened(f"Productionize {task.title}", 200)
