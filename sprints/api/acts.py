"""What a lead does with a whole sprint: start, close, sign off."""

from typing import Any

from ninja import Router

from dsboard.api.shapes import Nothing
from dsboard.api.tokens import ApiRequest
from experiments.api.paths import Key
from sprints.api.shapes import ClosedSprint, SentClosing, SentSignature, SprintNumber
from sprints.api.shapes import Sprint as ToldSprint
from sprints.api.showing import sprint_named, told_sprint

router = Router(tags=["sprints"])


@router.post("/teams/{key}/sprints/{int:n}/start", response={200: ToldSprint}, operation_id="start_sprint")
def start_sprint(request: ApiRequest, key: Key, n: SprintNumber, nothing: Nothing) -> dict[str, Any]:
    """Freeze plan, guideline and rate, and run. One sprint of a team runs at a time."""
    sprint = sprint_named(request, key, n)
    sprint.start(request.membership)
    return told_sprint(request, sprint)


@router.post("/teams/{key}/sprints/{int:n}/close", response={200: ClosedSprint}, operation_id="close_sprint")
def close_sprint(request: ApiRequest, key: Key, n: SprintNumber, sent: SentClosing) -> dict[str, Any]:
    """End it: unfinished tasks are carried over or go back to the top of the backlog, and the actuals freeze."""
    sprint = sprint_named(request, key, n)
    outcome = sprint.close(request.membership, unfinished=sent.unfinished, exceptions=dict(sent.exceptions), earned=dict(sent.earned))
    refs = {name: [task.ref for task in getattr(outcome, name)] for name in ("finished", "carried", "backlog")}
    successor = outcome.successor.number if outcome.successor and outcome.carried else None
    return {**told_sprint(request, sprint), **refs, "successor": successor}


@router.post("/teams/{key}/sprints/{int:n}/sign-off", response={200: ToldSprint}, operation_id="sign_off_sprint")
def sign_off_sprint(request: ApiRequest, key: Key, n: SprintNumber, sent: SentSignature) -> dict[str, Any]:
    """A lead has looked at the figures of a closed sprint: they are kept as they are, with the note."""
    sprint = sprint_named(request, key, n)
    sprint.sign_off(request.membership, sent.note)
    return told_sprint(request, sprint)
