"""What this floor adds to the page of a card: the line of the model that it belongs to."""

from dataclasses import dataclass

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
    return Section("handoffs/_lineage.html", model, lineage(model), task.ref) if model else None
