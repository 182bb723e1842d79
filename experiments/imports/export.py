"""The cards of a team as rows of text, in columns that the import knows again."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet

from dsboard.models import Membership
from dsboard.roles import Act
from experiments.imports.cells import deliverables_cell, labels_cell, metrics_cell
from experiments.imports.sheet import written
from experiments.models import Decision, Finding, Task
from experiments.models.fields import OWN, value_of
from experiments.stages import Kind

FIELDS = ("owner", "decider", "labels", "bucket", *dict.fromkeys(name for kind in Kind for name in OWN[kind]))
#: to read, not to import: what was found and decided is made by reporting and deciding only
ENDINGS = ("drop_reason", "outcome", "why", "verdict", "tried", "learned", "next", "created_on", "ended_on")
HEADER = ("ref", "kind", "title", "stage", "description", *FIELDS, *ENDINGS)
LISTS: dict[str, Callable[[Any], str]] = {"labels": labels_cell, "metrics": metrics_cell, "deliverables": deliverables_cell}
AT_ONCE = 500


def exported(by: Membership) -> Iterator[str]:
    """The lines of a CSV file with every present card of the team, in board order."""
    by.must(Act.EXPORT)
    return written(rows(Task.objects.within(by.team).present().in_order()))


def rows(tasks: QuerySet[Any]) -> Iterator[tuple[str, ...]]:
    """The header, then a row a card; a few queries for each five hundred cards."""
    yield HEADER
    related = tasks.select_related("owner", "decider", "comparable_to", "time_box").prefetch_related(
        "labels",
        "metrics",
        "deliverables",
        Prefetch("findings", Finding.objects.order_by("pk")),
        Prefetch("decisions", Decision.objects.filter(standing=True)),
    )
    for task in related.iterator(chunk_size=AT_ONCE):
        yield row(task)


def row(task: Task) -> tuple[str, ...]:
    own = {name: cell(name, value_of(task, name)) for name in ("owner", "decider", "labels", "bucket", *OWN[Kind(task.kind)])}
    finding, decision = next(iter(reversed(task.findings.all())), None), next(iter(task.decisions.all()), None)
    found = {name: getattr(finding, name) for name in ("verdict", "tried", "learned", "next")} if finding else {}
    told = {"outcome": decision.outcome, "why": decision.why} if decision else {}
    ended = {
        "drop_reason": task.drop_reason,
        "created_on": f"{task.created_at:%Y-%m-%d}",
        "ended_on": f"{task.ended_at:%Y-%m-%d}" if task.ended_at else "",
    }
    cells = {"ref": task.ref, "kind": task.kind, "title": task.title, "stage": task.stage, "description": task.description}
    cells |= own | found | told | ended
    return tuple(str(cells.get(name) or "") for name in HEADER)


def cell(name: str, value: Any) -> str:
    """One field as text; a tick is "yes"."""
    if name in LISTS:
        return LISTS[name](value)
    if isinstance(value, float):
        return f"{value:g}"
    return "yes" if value is True else str(value or "")
