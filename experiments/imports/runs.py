"""Runs out of and into a CSV file: one row a run, as MLflow's search_runs writes them, or with plain names.

`params.x`, `metrics.x` and `tags.x` are what they say; a column named as a success metric of the card is that metric. Of the others
one that holds numbers alone is a metric, and all else is a parameter.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dsboard.errors import Refusal
from dsboard.models import Membership
from dsboard.roles import Act
from experiments.imports.sheet import Sheet
from experiments.models import Run, Task
from experiments.models.metric import folded, plain
from experiments.models.run import Source
from experiments.models.run_cleaning import ODD, RunStatus

#: what a column means, by its name without case and marks
KNOWN = {
    "externalid": "external_id", "runid": "external_id", "id": "external_id", "run": "external_id",
    "name": "name", "runname": "name", "status": "status", "state": "status",
    "startedat": "started_at", "starttime": "started_at", "started": "started_at",
    "endedat": "ended_at", "endtime": "ended_at", "ended": "ended_at",
    "url": "url", "notes": "notes", "dataset": "dataset.name", "datasetdigest": "dataset.digest",
}  # fmt: skip
#: columns of MLflow that say nothing here
LEFT_OUT = {"source", "experimentid", "artifacturi", "duration", "sourcetype", "sourcename", "sourceversion"}
STATUS = {
    "running": RunStatus.RUNNING, "scheduled": RunStatus.RUNNING, "finished": RunStatus.FINISHED, "completed": RunStatus.FINISHED,
    "failed": RunStatus.FAILED, "crashed": RunStatus.FAILED, "killed": RunStatus.KILLED, "stopped": RunStatus.KILLED,
}  # fmt: skip
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
NONE = {"", "nan", "none", "null", "na", "n/a"}


@dataclass
class Told:
    """What a file brought: how many runs, how many of them new or changed, and which columns were taken for what."""

    runs: int = 0
    changed: int = 0
    metrics: list[str] = field(default_factory=list)
    params: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        runs = f"{self.runs} run{'' if self.runs == 1 else 's'}, {self.changed} new or changed."
        metrics = f" Metrics: {', '.join(self.metrics)}." if self.metrics else " No column is a metric."
        return runs + metrics + (f" Parameters: {', '.join(self.params)}." if self.params else "")


def imported(task: Task, by: Membership, content: bytes) -> Told:
    """Keep every row of a file as a run of the card, all or none; the same file again changes nothing. Raises Refusal with the line."""
    by.must(Act.RUNS, task.team_id)
    sheet = Sheet.read(content)
    goals = {folded(metric.name): metric.name for metric in task.metrics.all()}
    columns = [meaning(name, [line.cells[place] for line in sheet.lines], goals) for place, name in enumerate(sheet.header)]
    if ("field", "external_id") not in columns:
        raise Refusal("A column has to name each run: call it run_id, id or external_id.")
    told: dict[str, dict[str, Any]] = {}
    for line in sheet.lines:
        if line.problem:
            raise Refusal(f"Line {line.number}: {line.problem}")
        try:
            run_id, said = run_of(columns, line.cells)
        except ValueError as error:
            raise Refusal(f"Line {line.number}: {error}") from error
        if run_id in told:
            raise Refusal(f"Line {line.number}: there are two runs named {run_id[:60]}.")
        told[run_id] = said
    changed = Run.keep_all(task, None, told, source=Source.CSV, by=by)
    named = {kind: [name for what, name in columns if what == kind] for kind in ("metrics", "params")}
    return Told(len(told), changed, named["metrics"], named["params"])


def meaning(name: str, cells: list[str], goals: dict[str, str]) -> tuple[str, str]:
    """What a column is, and its name there: field, metrics, params, extra, or nothing."""
    kind, dot, rest = name.partition(".")
    if dot and rest and kind in ("metrics", "params", "tags"):
        return ("extra" if kind == "tags" else kind), rest
    key = folded(name)
    if not name or key in LEFT_OUT:
        return "", name
    if key in KNOWN:
        return "field", KNOWN[key]
    if key in goals:
        return "metrics", goals[key]
    filled = [cell.strip() for cell in cells if cell.strip().lower() not in NONE]
    return ("metrics" if filled and all(NUMBER.fullmatch(cell) for cell in filled) else "params"), name


def run_of(columns: list[tuple[str, str]], cells: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """One row as Run.keep_all takes it. Raises ValueError with a sentence."""
    said: dict[str, Any] = {"metrics": {}, "params": {}, "extra": {}, "dataset": {}}
    for (kind, name), cell in zip(columns, cells, strict=True):
        value = cell.strip()
        if kind == "metrics" and value.lower() not in NONE - {"nan"}:
            said["metrics"][name] = [[0, number(name, value)]]
        elif kind in ("params", "extra") and value:
            said[kind][name] = value[:1000]
        elif kind == "field" and value:
            part, _, inner = name.partition(".")
            if inner:
                said[part][inner] = value[:250]
            else:
                said[part] = FIELDS.get(part, str)(value)
    run_id = said.pop("external_id", "")
    if not 0 < len(run_id) <= 200:
        raise ValueError("the run has no id of at most 200 characters.")
    begun, ended = said.get("started_at"), said.get("ended_at")
    if begun and ended and ended < begun:
        raise ValueError("it ends before it starts.")
    said["name"], said["notes"] = str(said.get("name", ""))[:250], str(said.get("notes", ""))[:10_000]
    said["digest"] = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
    return run_id, {"status": RunStatus.FINISHED, "url": "", "started_at": None, "ended_at": None} | said


def number(name: str, value: str) -> float | str:
    odd = {"nan": ODD[0], "inf": ODD[1], "infinity": ODD[1], "-inf": ODD[2], "-infinity": ODD[2]}.get(value.lower())
    if odd:
        return odd
    # Where a comma is the decimal mark, the file has no thousands in it.
    text = value.replace(",", ".") if value.count(",") == 1 and "." not in value else value
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{name} is “{value[:40]}”, which is no number.")
    return float(text)


def status(value: str) -> str:
    found = STATUS.get(value.lower())
    if found is None:
        raise ValueError(f"the status is one of {', '.join(RunStatus.values)}, not “{value[:40]}”.")
    return found


def instant(value: str) -> datetime:
    """An instant; without an offset it is UTC, as MLflow writes it."""
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"“{value[:40]}” is no instant such as 2026-03-10T09:12:00Z.") from error


FIELDS: dict[str, Callable[[str], Any]] = {"status": status, "started_at": instant, "ended_at": instant}


# ── and out again ──


def exported(task: Task) -> Iterator[tuple[str, ...]]:
    """The card's runs, one a row, which the import takes again."""
    rows = list(Run.objects.filter(task=task).prefetch_related("metrics").order_by("pk"))
    params = sorted({name for run in rows for name in run.params})
    metrics = sorted({one.name for run in rows for one in run.metrics.all()})
    heads = ("run_id", "source", "name", "status", "started_at", "ended_at", "url", "dataset", "dataset_digest", "notes")
    yield (*heads, *(f"metrics.{name}" for name in metrics), *(f"params.{name}" for name in params))
    for run in rows:
        told = {one.name: one.odd or plain(one.last) for one in run.metrics.all()}
        own = (run.external_id, run.source, run.name, run.status, stamp(run.started_at), stamp(run.ended_at), run.url)
        data = (run.dataset.get("name", ""), run.dataset.get("digest", ""), run.notes)
        yield (*own, *data, *(told.get(name, "") for name in metrics), *(run.params.get(name, "") for name in params))


def stamp(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else ""
