"""What this floor adds to the page of a card: the line of the model that it belongs to."""

from dataclasses import dataclass

from experiments.kept import for_now
from experiments.models import Task
from handoffs.lineage import Entry, lineage, model_of
from handoffs.models import MLModel


@dataclass(frozen=True)
class Section:
    template: str
    model: MLModel
    entries: list[Entry]
    here: str


def of(task: Task) -> Section | None:
    """The lineage, with this card marked; None for a card of no model."""
    model = model_of(task)
    if model is None:
        return None
    entries = for_now(task.team, ("lineage", model.pk), lambda: lineage(model))
    return Section("handoffs/_lineage.html", model, entries, task.ref)
