"""Evidence that the board proposes by itself for a criterion, each with where it is from; a person still answers."""

from dataclasses import dataclass
from typing import Any

from experiments.models import Decision, Finding, Task
from experiments.models.outcomes import shortened
from experiments.stages import Kind, Outcome
from handoffs.models import CardEdition, Deployment, Line, RetrainingPlan, Series, Version
from handoffs.models.evidence import shown
from handoffs.stages import AnswerState, HandoffState, LineState, VersionStage

#: the line of an accepted or running handoff that shows a criterion, once it is verified
BY_LINE = {
    "integration": "integration-testing",
    "monitoring-set-up": "monitoring-and-alerting",
    "ab-test": "ab-testing-framework",
    "tested-and-validated": "performance-benchmarks",
    "features-identified": "feature-requirements",
    "documented": "model-card",
    "performance-tracked": "monitoring-and-alerting",
}


@dataclass(frozen=True)
class Proposal:
    """Evidence as an answer takes it, and its source in words."""

    evidence: dict[str, Any]
    source: str

    @property
    def words(self) -> str:
        return shown(self.evidence)


def proposals(version: Version) -> dict[str, Proposal]:
    """What the board knows for criteria that are not answered yet, by slug; ten queries at most."""
    standing = version.standing()
    found = {**of_lines(version), **of_experiment(version), **of_version(version)}
    return {slug: one for slug, one in found.items() if slug not in standing or standing[slug].state == AnswerState.OPEN}


def of_version(version: Version) -> dict[str, Proposal]:
    """Its purpose, its card, where it serves."""
    found: dict[str, Proposal] = {}
    if version.model.purpose.strip():
        found["business-problem-clear"] = text(version.model.purpose, "the model’s purpose")
    edition = CardEdition.newest(version)
    if edition and {one.state for one in edition.verdicts} == {"verified"}:
        link = f"Edition {edition.number} of the model card: {edition.verdicts[0].reason}"
        found["documented"] = text(link, f"edition {edition.number} of the model card")
    live = Deployment.objects.live().filter(version=version).order_by("-environment", "-pk").first()
    if live:
        live.version = version
        found["integration"] = text(f"It serves: {live}.", "its deployments")
    return {**found, **of_operation(version)}


def of_operation(version: Version) -> dict[str, Proposal]:
    """What is watched of the model, and when it is trained again."""
    found: dict[str, Proposal] = {}
    if version.stage not in (VersionStage.DEPLOYMENT, VersionStage.MONITORING):
        return found
    watched = list(Series.objects.filter(model=version.model, points__isnull=False).distinct())
    if watched:
        names = ", ".join(f"{one.name} {one.goal}".strip() for one in watched)
        found["performance-tracked"] = text(f"Its metrics in operation are told: {names}.", "its monitoring")
    if rules := [one.name for one in watched if one.drift]:
        found["drift-detection"] = text(f"Watched for drift: {', '.join(rules)}.", "its monitoring")
    if plan := RetrainingPlan.objects.filter(model=version.model).first():
        found["retraining-planned"] = text(f"{plan.words}.", "its retraining plan")
    return found


def of_experiment(version: Version) -> dict[str, Proposal]:
    """What the card that it comes from asked, measured and led to."""
    task: Task | None = version.origin if version.origin and not version.origin.deleted_at else None
    if task is None:
        return {}
    metrics, found = list(task.metrics.all()), {}
    finding: Finding | None = task.finding
    if metrics:
        goals = "; ".join(f"{one.name} {one.goal}" for one in metrics)
        found["success-metrics-defined"] = text(goals, f"the success metrics of {task.ref}")
    if baselines := [f"{one.name} {one.baseline:g}" for one in metrics if one.baseline is not None]:
        found["baseline-established"] = text("; ".join(baselines), f"the baselines of {task.ref}")
    if finding:
        runs = sorted({result.run for result in finding.results.all() if result.run})
        if runs:
            found["experiments-tracked"] = Proposal({"type": "run", "value": runs[0]}, f"the findings of {task.ref}")
    tried = tried_beside(task)
    if len(tried) > 1:
        found["several-approaches-tried"] = text(", ".join(tried), f"experiments that {task.ref} builds on or follows")
    decision: Decision | None = task.decision
    if decision and decision.outcome == Outcome.PRODUCTIONIZE:
        found["best-performer-selected"] = Proposal({"type": "task", "value": task.ref}, f"the decision on {task.ref}")
    return found


def tried_beside(task: Task) -> list[str]:
    """The card and the experiments with findings that it is linked with, by reference."""
    linked = Task.objects.within(task.team).present().filter(links__other=task) | Task.objects.within(task.team).present().filter(
        links_here__task=task
    )
    rows = linked.filter(kind=Kind.EXPERIMENT, findings__isnull=False).distinct().order_by("pk")
    return [task.ref, *rows.values_list("ref", flat=True)]


def of_lines(version: Version) -> dict[str, Proposal]:
    """Lines of its handoff that the other side has verified."""
    rows = Line.objects.filter(handoff__version=version, state=LineState.VERIFIED).exclude(handoff__state=HandoffState.WITHDRAWN)
    verified = {line.slug: line for line in rows.order_by("handoff__revision")}
    return {
        slug: Proposal(line.evidence, f"the handoff’s line {line.term.label}")
        for slug, name in BY_LINE.items()
        if (line := verified.get(name)) and line.evidence
    }


def text(words: str, source: str) -> Proposal:
    return Proposal({"type": "text", "value": shortened(words, 2000)}, source)
