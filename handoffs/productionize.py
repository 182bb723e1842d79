"""Productionize: the decision that sends an idea on its way to production, in one transaction; and taking a decision back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, Team
from dsboard.roles import Act, Side
from experiments.models import Decision, Finding, Task, outcomes
from experiments.models.fields import value_of
from experiments.models.finding import Result
from experiments.models.link import Rel, TaskLink
from experiments.models.outcomes import link_created, shortened
from experiments.stages import Kind, Outcome, Phase
from handoffs.contract import other
from handoffs.models import Creation, Handoff, MLModel, Version, cleaning
from handoffs.models.creation import Made, of_decision
from handoffs.stages import EvidenceType, LineState, VersionStage

BENCHMARKS = "performance-benchmarks"
#: what the verbs of models call the fields of this one
FIELDS = {"name": "model", "version": "model_version"}


@transaction.atomic
def productionize(
    task: Task,
    by: Membership,
    *,
    why: str,
    title: str = "",
    model: str = "",
    model_version: str = "",
    receiving_side: str = "",
    **decision: Any,
) -> Decision:
    """It works, build it: a development card in the backlog that builds on the decided one.

    With `model`, the slug or the name of one of the team or the name of a new one, also a version at Model Development
    (the next name when `model_version` is empty) and the draft of its handoff, which engineering receives when no side is
    said. Raises as Decision.make, and Refusal at model and model_version.
    """
    if not model.strip() and (model_version.strip() or receiving_side):
        raise Refusal.of({"model": "Name the model that this is a version of."})
    if receiving_side and receiving_side not in Side.values:
        raise Refusal.of({"receiving_side": "The receiving side is science or engineering."})
    made = Decision.make(task, by, Outcome.PRODUCTIONIZE, why=why, **decision)
    card = Task.plan(
        by.team,
        kind=Kind.DEVELOPMENT,
        title=title.strip() or proposed_title(task),
        by=by,
        description=f"{task.ref} was decided Productionize: {why.strip()}",
        labels=value_of(task, "labels"),
    )
    Task.objects.filter(pk=card.pk).update(phase=Phase.PRODUCTIONIZE)
    link_created(made, card)
    TaskLink.objects.create(task=card, rel=Rel.BUILDS_ON, other=task, decision=made)
    if model.strip():
        create(made, by, model, model_version, receiving_side or Side.ENGINEERING)
    return made


def create(made: Decision, by: Membership, named: str, version_name: str, receiver: str) -> Creation:
    """The version with where it comes from, and the draft of its handoff with what the best run shows."""
    task, finding = made.task, made.task.finding
    facts: dict[str, Any] = {
        "origin": task,
        "origin_run": best_run(finding),
        "metrics": measured(finding),
        "starts_at": VersionStage.MODEL_DEVELOPMENT,
    }
    model = find_model(by.team, named)
    with fields_named():
        if model is None:
            first = MLModel.register(by.team, by, name=named, owners=owner_of(task), version=version_name, **facts)
            first.team = by.team
            version, is_new = first.versions.get(), True
            version.model = first
        else:
            version, is_new = Version.add(model, by, name=version_name.strip() or next_name(model), **facts), False
    handoff = Handoff.start(version, by, giver=other(receiver))
    show_benchmarks(handoff, task, finding, by)
    return Creation.keep(made, version, handoff, model_is_new=is_new)


@contextmanager
def fields_named() -> Iterator[None]:
    """A refusal of models and versions under the names of the fields that a decision has for them."""
    try:
        yield
    except Refusal as refusal:
        if not refusal.fields:
            raise
        raise Refusal.of({FIELDS.get(field, field): sentence for field, sentence in refusal.fields.items()}) from refusal


def find_model(team: Team, named: str) -> MLModel | None:
    """The team's model of this slug or name, None for the name of a new one."""
    words = named.replace("\x00", "").strip()
    rows = MLModel.objects.within(team)
    found: MLModel | None = rows.filter(slug=words.lower()).first() or rows.filter(key=cleaning.folded(" ".join(words.split()))).first()
    if found:
        found.team = team
    return found


def next_name(model: MLModel) -> str:
    """The name after that of the newest version: v2.3 becomes v2.4; one that ends in no number begins to count."""
    newest = model.versions.order_by("-sort_key", "-pk").first()
    name = newest.name if newest else "v0"
    digits = len(name) - len(name.rstrip("0123456789"))
    if not digits:
        return f"{name}.1"
    return f"{name[:-digits]}{str(int(name[-digits:]) + 1).zfill(digits)}"


def with_value(finding: Finding | None) -> list[Result]:
    return [result for result in finding.results.all() if result.value is not None] if finding else []


def best_run(finding: Finding | None) -> str:
    """The run of a result that met its target, or else of any; empty when every value was typed."""
    named = sorted((result for result in with_value(finding) if result.run), key=lambda result: not result.is_met)
    return named[0].run if named else ""


def measured(finding: Finding | None) -> dict[str, float]:
    """The results as the metrics of a version."""
    return {result.metric_name: float(result.value) for result in with_value(finding) if result.value is not None}


def owner_of(task: Task) -> list[str]:
    """Who owned the experiment owns the model, as long as that person works here."""
    place = Membership.objects.within(task.team).filter(user=task.owner_id, user__is_active=True).select_related("user").first()
    return [place.user.email] if place and place.may(Act.MODELS) else []


def show_benchmarks(handoff: Handoff, task: Task, finding: Finding | None, by: Membership) -> None:
    """The numbers of the findings are there already; whoever reported them has provided them."""
    said = "; ".join(f"{result.metric_name} {result.number}, target {result.goal}, {result.source}" for result in with_value(finding))
    if not said or finding is None or finding.by_id is None:
        return
    evidence = {"type": EvidenceType.TEXT.value, "value": shortened(f"{task.ref}: {said}", 2000)}
    handoff.lines.filter(slug=BENCHMARKS).update(
        state=LineState.PROVIDED, evidence=evidence, provided_by=finding.by_id, provided_at=finding.at
    )
    Activity.record(handoff, "line", by, field=BENCHMARKS, before=LineState.MISSING, after=LineState.PROVIDED, evidence=evidence)


@dataclass(frozen=True)
class Reversed:
    """What taking a decision back withdrew, and what it left because somebody had touched it: cards, and rows of models."""

    decision: Decision
    withdrawn_cards: list[Task]
    kept_cards: list[Task]
    withdrawn: list[Made]
    kept: list[Made]


@clock.still()
@transaction.atomic
def reverse(task: Task, by: Membership, *, reason: str) -> Reversed:
    """Take the standing decision back with everything that it made; untouched rows go, touched ones stay. Raises as outcomes.reverse."""
    cards = outcomes.reverse(task, by, reason=reason)
    decision = cards.reversal.decision
    creation = of_decision(decision)
    withdrawn, kept = creation.take_back(by) if creation else ([], [])
    return Reversed(decision, cards.withdrawn, cards.kept, withdrawn, kept)


def proposed_title(task: Task) -> str:
    """The title of the development card, until somebody types a better one."""
    return shortened(f"Productionize {task.title}", 200)
