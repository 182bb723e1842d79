"""Deciding over the HTTP API, and taking a decision back."""

from typing import Any

from ninja import Router
from pydantic import BaseModel

from dsboard.api.problems import MAY_BE_STALE
from dsboard.api.shapes import Number, Sent, Text, Version
from dsboard.api.tokens import ApiRequest, absolute
from dsboard.errors import Refusal
from experiments.api.bodies import Reason, Statement, Title
from experiments.api.cards import current_when_stale
from experiments.api.paths import Ref
from experiments.api.shapes import Decision, Made, Outcome, Sureness
from experiments.api.showing import card, show_decision, show_made
from experiments.models import outcomes
from handoffs.api.handoff_shapes import Side
from handoffs.models.creation import Made as MadeBeside
from handoffs.models.creation import made_beside
from handoffs.productionize import productionize, reverse

router = Router(tags=["decisions"])
VERBS = {"productionize": productionize, "abandon": outcomes.abandon, "more_research": outcomes.more_research}
#: what only a way into production needs
OF_MODELS = ("model", "model_version", "receiving_side")
#: what only a follow-up card needs
OF_A_FOLLOW_UP = ("question", "hypothesis", "hours")


class SentDecision(Sent):
    """More research needs a question or a hypothesis, and hours; a lead may override unmet metrics with a reason.

    Productionize with a model (the slug or name of one of the team, or the name of a new one) makes a version of it and the
    draft of its handoff too.
    """

    outcome: Outcome
    why: Text
    confidence: Sureness | None = None
    override_reason: Text | None = None
    question: Statement | None = None
    hypothesis: Statement | None = None
    hours: Number | None = None
    version: Version | None = None
    model: Title | None = None
    model_version: Title | None = None
    receiving_side: Side | None = None


class Decided(BaseModel):
    """The decision and what it created."""

    decision: Decision
    created: list[Made]


class Reversed(BaseModel):
    """What the decision had created: withdrawn where nobody had touched it, else kept."""

    withdrawn: list[Made]
    kept: list[Made]


@router.post("/tasks/{ref}/decision", response={201: Decided}, operation_id="decide", openapi_extra=MAY_BE_STALE)
def decide(request: ApiRequest, ref: Ref, sent: SentDecision) -> dict[str, Any]:
    """Productionize, abandon, or more research; in one transaction with all that it creates."""
    task = card(request, ref)
    said = {name: value for name, value in sent.model_dump(exclude={"outcome"}).items() if value is not None}
    refuse_unfitting(sent.outcome, said)
    with current_when_stale(request, task):
        decision = VERBS[sent.outcome](task, request.membership, **said)
    beside = [show_beside(request, made) for made in made_beside(decision)]
    return {"decision": show_decision(decision), "created": [*(show_made(request, made) for made in decision.created), *beside]}


def show_beside(request: ApiRequest, made: MadeBeside) -> dict[str, Any]:
    return {"type": made.type, "ref": made.ref, "url": absolute(request, made.url)}


def refuse_unfitting(outcome: str, said: dict[str, Any]) -> None:
    """A field that this outcome has no use for is refused, never quietly dropped."""
    wrong: dict[str, str] = {}
    for name in said:
        if name in OF_MODELS and outcome != "productionize":
            wrong[name] = f"Only productionize makes a version of a model. Leave {name} out."
        elif name == "model" and not said[name].strip():
            wrong[name] = "Name a model, or leave model out."
        elif name in OF_A_FOLLOW_UP and outcome != "more_research":
            wrong[name] = f"Only more research makes a follow-up card. Leave {name} out."
    if wrong:
        raise Refusal.of(wrong)


@router.post("/tasks/{ref}/decision/reversal", response={201: Reversed}, operation_id="reverse_decision")
def reverse_decision(request: ApiRequest, ref: Ref, reversal: Reason) -> dict[str, Any]:
    """Take the standing decision back: the card returns to Analysis."""
    done = reverse(card(request, ref), request.membership, reason=reversal.reason)
    return {
        "withdrawn": [*(show_made(request, one) for one in done.withdrawn_cards), *(show_beside(request, one) for one in done.withdrawn)],
        "kept": [*(show_made(request, one) for one in done.kept_cards), *(show_beside(request, one) for one in done.kept)],
    }
