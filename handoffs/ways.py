"""The way into production that the decision's form describes: a new model, a version of one that is there, or the card alone."""

from dataclasses import dataclass

from dsboard.models import Team
from dsboard.roles import Side
from experiments.models import Task
from handoffs.models import MLModel
from handoffs.productionize import find_model, next_name

#: values of the form's choice; neither is the slug of a model
NEW, NO_MODEL = "new", "-"
MOST = 500


def models_of(team: Team) -> list[MLModel]:
    """The models of a team by name, as the form offers them."""
    return list(MLModel.objects.within(team).order_by("key")[:MOST])


@dataclass(frozen=True)
class Way:
    """`model` is the one that is there already, None for a new one or for none; `name` is what it is called."""

    model: MLModel | None
    name: str
    version: str
    receiver: str
    title: str
    is_wanted: bool

    @classmethod
    def read(
        cls, task: Task, *, model: str = "", model_name: str = "", model_version: str = "", receiving_side: str = "", title: str = ""
    ) -> "Way":
        """From what was typed. A name that a model of the team has already means that model."""
        wanted, typed = model not in ("", NO_MODEL), (model_name if model == NEW else model).strip()
        found = find_model(task.team, typed) if wanted and typed else None
        version = " ".join(model_version.split()) or (next_name(found) if found else "v1")
        receiver = receiving_side if receiving_side in Side.values else Side.ENGINEERING
        return cls(found, found.name if found else " ".join(typed.split()), version, receiver, title.strip(), wanted)

    @property
    def is_new(self) -> bool:
        return self.is_wanted and self.model is None

    @property
    def asked(self) -> dict[str, str]:
        """What the verb takes."""
        if not self.is_wanted:
            return {}
        named = self.model.slug if self.model else self.name
        return {"model": named, "model_version": self.version, "receiving_side": self.receiver}
