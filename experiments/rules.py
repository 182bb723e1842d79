"""What each stage asks before a card may enter it: PRODUCT section 1, on one screen.

`missing(task, stage)` names every field that is still needed, with a sentence for each. A stage asks for what the
stages before it asked, so that nothing is skipped by a long jump.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from experiments.stages import LANE_OF, LANES, Kind, Lane, Stage, Verdict

if TYPE_CHECKING:
    from experiments.models import Task

Missing = dict[str, str]


def research_start(task: "Task") -> Missing:
    return {
        **({} if task.statement else {"question": "Write the question before its clock starts."}),
        **({} if task.success else {"success": "Say in a sentence what success would be."}),
        **({} if task.box else {"hours": "Give it a time box before its clock starts."}),
    }


def experiment_start(task: "Task") -> Missing:
    return {
        **({} if task.statement else {"hypothesis": "Write the hypothesis before its clock starts."}),
        **({} if task.success else {"success": "Say in a sentence what success would be."}),
        **({} if task.metrics.exists() else {"metrics": "Name at least one success metric with a number to meet."}),
        **({} if task.box else {"hours": "Give it a time box before its clock starts."}),
    }


def findings(task: "Task") -> Missing:
    return {} if task.finding else {"findings": "Report what you learned first: that is what moves a card to Analysis."}


def development_start(task: "Task") -> Missing:
    return {
        **({} if task.deliverables.exists() else {"deliverables": "Name at least one deliverable before work starts."}),
        **({} if task.points is not None else {"points": "Size it in story points before work starts."}),
    }


def development_end(task: "Task") -> Missing:
    left = [d.text for d in task.deliverables.all() if not d.is_settled]
    if not left:
        return {}
    named = f"“{left[0]}”" if len(left) == 1 else f"{len(left)} deliverables"
    return {"deliverables": f"Tick {named}, or strike with a reason, before it is done."}


def maintenance_start(task: "Task") -> Missing:
    return {
        **({} if task.serves else {"serves": "Name the model or pipeline that this work serves."}),
        **({} if task.work else {"work": "Say what it is: monitoring, retraining, data pipeline, bug fix or improvement."}),
    }


def maintenance_end(task: "Task") -> Missing:
    return {} if task.done_note else {"done_note": "Leave a line on what was done."}


ENTERING: dict[tuple[Kind, Lane], Callable[["Task"], Missing]] = {
    (Kind.RESEARCH, Lane.IN_PROGRESS): research_start,
    (Kind.RESEARCH, Lane.REVIEW): findings,
    (Kind.EXPERIMENT, Lane.IN_PROGRESS): experiment_start,
    (Kind.EXPERIMENT, Lane.REVIEW): findings,
    (Kind.DEVELOPMENT, Lane.IN_PROGRESS): development_start,
    (Kind.DEVELOPMENT, Lane.DONE): development_end,
    (Kind.MAINTENANCE, Lane.IN_PROGRESS): maintenance_start,
    (Kind.MAINTENANCE, Lane.DONE): maintenance_end,
}


def missing(task: "Task", stage: str) -> Missing:
    """Every field that `stage` and the stages before it still ask of this card: {field: sentence}."""
    asked: Missing = {}
    for lane in LANES[: LANES.index(LANE_OF[Stage(stage)]) + 1]:
        rule = ENTERING.get((Kind(task.kind), lane))
        if rule:
            asked.update(rule(task))
    return asked


def report(kind: str, verdict: str, metrics: list[str], results: dict[str, tuple[float | None, str]]) -> Missing:
    """What findings still need: of an experiment a verdict, and for each metric a value or a note why there is none."""
    asked: Missing = {}
    for name in metrics:
        value, note = results.get(name, (None, ""))
        if value is None and not note and (kind == Kind.EXPERIMENT or name in results):
            asked["results"] = f"Give a result for {name}, or leave it empty with a note that says why."
            break
    if kind == Kind.EXPERIMENT and verdict not in Verdict.values:
        asked["verdict"] = "Choose a verdict: supported, refuted or inconclusive."
    return asked
