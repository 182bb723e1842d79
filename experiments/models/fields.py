"""The fields of a card by the names of the API: which kind has which, what cleans each, how each is shown."""

from typing import TYPE_CHECKING, Any

from dsboard.errors import Refusal
from dsboard.models import Team
from experiments.models import cleaning
from experiments.models.cleaning import Field, No
from experiments.models.metric import BESIDES, plain
from experiments.stages import Bucket, Confidence, Kind, Work

if TYPE_CHECKING:
    from experiments.models.task import Task

COMMON = ("title", "description", "owner", "decider", "labels", "bucket")
OWN: dict[Kind, tuple[str, ...]] = {
    Kind.RESEARCH: ("question", "success", "hours", "metrics"),
    Kind.EXPERIMENT: ("hypothesis", "success", "metrics", "hours"),
    Kind.DEVELOPMENT: ("deliverables", "points", "confidence", "requirements_clear", "technology_known", "comparable_to"),
    Kind.MAINTENANCE: ("serves", "work", "points", "done_note"),
}
#: the column behind each field that is one
COLUMNS = {
    "title": "title",
    "description": "description",
    "owner": "owner",
    "decider": "decider",
    "bucket": "bucket",
    "question": "statement",
    "hypothesis": "statement",
    "success": "success",
    "points": "points",
    "confidence": "confidence",
    "requirements_clear": "requirements_clear",
    "technology_known": "technology_known",
    "comparable_to": "comparable_to",
    "serves": "serves",
    "work": "work",
    "done_note": "done_note",
}


def fields_of(kind: Kind) -> tuple[str, ...]:
    """Every field that a card of this kind has."""
    return COMMON + OWN[kind]


def not_of(kind: Kind, name: str) -> str:
    """Why a kind refuses a field, and what to use instead."""
    if kind.is_boxed and name in ("points", "confidence"):
        return f"{kind.label} is sized by a time box, not by story points. Give it hours instead."
    if not kind.is_boxed and name == "hours":
        return f"{kind.label} is sized in story points, not by a time box. Give it points instead."
    return f"{kind.label} has no {name.replace('_', ' ')}."


def cleaned(team: Team, kind: Kind, fields: dict[str, Any]) -> dict[str, Any]:
    """Every field cleaned, or one Refusal that names each field at fault."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in fields.items():
        if name not in fields_of(kind):
            if value not in (None, "", [], False):
                wrong[name] = not_of(kind, name)
            continue
        try:
            values[name] = CLEANERS[name].clean(team, value)
        except No as no:
            wrong[name] = str(no)
    if wrong:
        raise Refusal.of(wrong)
    return values


def shown_metrics(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": r["name"],
            "direction": str(r["direction"]),
            "target": r["target"],
            "better_than_baseline_by": r["margin"],
            "baseline": r["baseline"],
            **{name: r[name] for name, usual in BESIDES.items() if r.get(name, usual) != usual},
        }
        for r in rows or []
    ]


def shown_number(value: Any) -> float | None:
    return None if value is None else float(plain(value))


CLEANERS: dict[str, Field] = {
    "title": cleaning.text("A title", 200, required=True),
    "description": Field(cleaning.long_text),
    "owner": Field(cleaning.person, lambda user: user.email if user else None),
    "decider": Field(cleaning.person, lambda user: user.email if user else None),
    "labels": Field(cleaning.labels),
    "bucket": cleaning.choice(Bucket, "A card counts as committed, experiments or learning."),
    "question": cleaning.text("A question", 2000),
    "hypothesis": cleaning.text("A hypothesis", 2000),
    "success": cleaning.text("The success sentence", 500),
    "hours": Field(cleaning.hours, shown_number),
    "points": Field(cleaning.points, shown_number),
    "metrics": Field(cleaning.metrics, shown_metrics),
    "deliverables": Field(cleaning.deliverables),
    "confidence": cleaning.choice(Confidence, "Points are rough or firm.", empty=True),
    "requirements_clear": Field(lambda team, value: bool(value)),
    "technology_known": Field(lambda team, value: bool(value)),
    "comparable_to": Field(cleaning.comparable, lambda task: task.ref if task else None),
    "serves": cleaning.text("The model or pipeline", 100),
    "work": cleaning.choice(Work, "Upkeep is monitoring, retraining, pipeline, bug or improvement.", empty=True),
    "done_note": cleaning.text("The note", 2000),
}


def value_of(task: "Task", name: str) -> Any:
    """What a card holds in a field, as history and the API show it."""
    if name == "hours":
        return shown_number(task.hours)
    if name == "labels":
        return sorted((label.name for label in task.labels.all()), key=str.lower)
    if name == "metrics":
        return shown_metrics([m.__dict__ for m in task.metrics.all()])
    if name == "deliverables":
        return [{"text": d.text, "done": d.done, "struck_reason": d.struck_reason} for d in task.deliverables.all()]
    return CLEANERS[name].show(getattr(task, COLUMNS[name]))
