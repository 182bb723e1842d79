"""The cards of a team as rows of text, in columns that the import knows again."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from dsboard import clock
from dsboard.models import Calendars, Membership, Team
from dsboard.roles import Act
from dsboard.words import HOUR
from dsboard.working_time import WorkingTime
from experiments.imports.cells import deliverables_cell, labels_cell, metrics_cell
from experiments.imports.sheet import written
from experiments.models import Decision, Finding, Task, TimeBox
from experiments.models.fields import OWN, value_of
from experiments.stages import Kind

FIELDS = ("owner", "decider", "labels", "bucket", *dict.fromkeys(name for kind in Kind for name in OWN[kind]))
#: to read, not to import: clocks run on the board only, sprints are planned there, what was found and decided is made by
#: reporting and deciding
CLOCK = ("original_hours", "used_hours", "box", "box_started_at", "box_ends_at", "box_extensions")
SPRINTS = ("sprint", "carried_over")
ENDINGS = ("drop_reason", "outcome", "why", "verdict", "tried", "learned", "next", "created_on", "ended_on")
HEADER = ("ref", "kind", "title", "stage", "description", *FIELDS, *CLOCK, *SPRINTS, *ENDINGS)
LISTS: dict[str, Callable[[Any], str]] = {"labels": labels_cell, "metrics": metrics_cell, "deliverables": deliverables_cell}
AT_ONCE = 500


def exported(by: Membership) -> Iterator[str]:
    """The lines of a CSV file with every present card of the team, in board order."""
    by.must(Act.EXPORT)
    return written(rows(by.team, Task.objects.within(by.team).present().in_order()))


def rows(team: Team, tasks: QuerySet[Any]) -> Iterator[tuple[str, ...]]:
    """The header, then a row a card; a few queries for each five hundred cards."""
    yield HEADER
    related = tasks.select_related("owner", "decider", "comparable_to", "time_box").prefetch_related(
        "labels",
        "metrics",
        "deliverables",
        "time_box__extensions",
        "seats__sprint",
        Prefetch("findings", Finding.objects.order_by("pk")),
        Prefetch("decisions", Decision.objects.filter(standing=True)),
    )
    calendars, now = Calendars.of([team]), clock.now()
    for task in related.iterator(chunk_size=AT_ONCE):
        working = calendars.of_member(team.pk, task.owner_id)
        yield row(task, clock_cells(task.box, working, now) if task.box else {})


def clock_cells(box: TimeBox, working: WorkingTime, now: datetime) -> dict[str, str]:
    """Where a time box stands, its hours as working time of the owner."""
    return {
        "original_hours": f"{float(box.original_hours):g}",
        "used_hours": f"{box.used_at(now, working) / HOUR:.2f}" if box.started_at else "",
        "box": box.state_at(now).value,
        "box_started_at": box.started_at.isoformat(timespec="seconds") if box.started_at else "",
        "box_ends_at": box.ends_at.isoformat(timespec="seconds") if box.ends_at else "",
        "box_extensions": "\n".join(f"{float(one.hours):g}: {one.reason}" for one in box.extensions.all()),
    }


def row(task: Task, box: dict[str, str]) -> tuple[str, ...]:
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
    in_sprints = {"sprint": task.sprint_number, "carried_over": task.carried}
    cells |= own | box | in_sprints | found | told | ended
    return tuple(str(cells.get(name) or "") for name in HEADER)


def cell(name: str, value: Any) -> str:
    """One field as text; a tick is "yes"."""
    if name in LISTS:
        return LISTS[name](value)
    if isinstance(value, float):
        return f"{value:g}"
    return "yes" if value is True else str(value or "")
