"""The forms that make a card, or give it what its next column asks for: only the fields of its kind."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict

from dsboard.errors import Refusal
from dsboard.forms import BoardForm
from dsboard.models import Team
from experiments.field_forms import FieldsForm, area, metric_rows, metrics_typed
from experiments.models import Task
from experiments.models.fields import CLEANERS, value_of
from experiments.models.outcomes import shortened
from experiments.stages import Kind

#: what the form of a new card asks, kind by kind, in the order of the page
ASKED: dict[Kind, tuple[str, ...]] = {
    Kind.RESEARCH: ("question", "title", "success", "hours", "metrics"),
    Kind.EXPERIMENT: ("hypothesis", "title", "success", "metrics", "hours"),
    Kind.DEVELOPMENT: ("title", "deliverables", "points", "confidence", "requirements_clear", "technology_known", "comparable_to"),
    Kind.MAINTENANCE: ("title", "serves", "work", "points"),
}
ASKED_OF_ALL = ("owner", "labels", "description")
STATEMENTS = ("question", "hypothesis")


class CardForm(FieldsForm):
    """Any fields of a card, metrics as rows and deliverables as lines; `values()` is what the verbs take."""

    def __init__(self, names: Iterable[str], team: Team, task: Task | None = None, data: QueryDict | None = None, **kwargs: Any) -> None:
        known = [name for name in dict.fromkeys(names) if name in CLEANERS]
        self.has_metrics = "metrics" in known
        self.names = known
        super().__init__(tuple(name for name in known if name not in ("metrics", "deliverables")), team, task, data=data, **kwargs)
        self.before = value_of(task, "deliverables") if task and "deliverables" in known else []
        if "deliverables" in known:
            self.fields["deliverables"] = area("Deliverables", 3, 12_000, **{"class": "input"})
            self.fields["deliverables"].help_text = "One a line."
            self.initial.setdefault("deliverables", "\n".join(row["text"] for row in self.before))
            self.order_fields(known)
        typed = metrics_typed(data) if data is not None else []
        self.metrics = typed or (value_of(task, "metrics") if task and data is None else [])
        self.metrics_error = ""
        if "title" in self.fields:
            self.fields["title"].required = not self.fields.keys() & set(STATEMENTS)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return metric_rows(self.metrics, spare=max(1, 2 - len(self.metrics)))

    def values(self) -> dict[str, Any]:
        """What was typed, by the names of the API; a card without a title is called by its question or hypothesis."""
        values = {name: self.cleaned_data[name] for name in self.fields if name in self.cleaned_data}
        if "deliverables" in values:
            known = {row["text"]: row for row in self.before}
            lines = [" ".join(line.split()) for line in values["deliverables"].splitlines() if line.strip()]
            values["deliverables"] = [known.get(line, {"text": line}) for line in lines]
        if self.has_metrics:
            values["metrics"] = self.metrics
        if "title" in values and not values["title"]:
            values["title"] = shortened(next((values[name] for name in STATEMENTS if values.get(name)), ""))
        return values

    def refuse(self, refusal: Refusal) -> None:
        """The sentence about the metrics stands at their rows."""
        self.metrics_error = refusal.fields.get("metrics", "") if self.has_metrics else ""
        rest = {name: sentence for name, sentence in refusal.fields.items() if name != "metrics" or not self.metrics_error}
        if rest or not self.metrics_error:
            super().refuse(Refusal(refusal.sentence, fields=rest, way=refusal.way) if refusal.fields else refusal)
        self.refusal = refusal


class MoveForm(BoardForm):
    """A column and a place in it."""

    stage = forms.ChoiceField(label="Column")
    place = forms.ChoiceField(label="Position", required=False, choices=[("end", "At the end"), ("top", "At the top")])

    def __init__(self, data: Any = None, *, task: Task, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["stage"].choices = [(stage.value, stage.label) for stage in task.stages]  # type: ignore[attr-defined]


def new_form(data: QueryDict | None, team: Team, kind: Kind, **kwargs: Any) -> CardForm:
    """The form of a new card of a kind."""
    return CardForm((*ASKED[kind], *ASKED_OF_ALL), team, data=data, **kwargs)
