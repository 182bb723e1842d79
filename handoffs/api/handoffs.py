"""Handoffs: list, start, read, offer, return, withdraw, sign; their lines: put and verify."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router

from dsboard.api.problems import MAY_BE_STALE
from dsboard.api.shapes import Listed, Nothing, Page, Pk, listed
from dsboard.api.tokens import ApiRequest, team_named
from dsboard.errors import Refusal
from experiments.api.paths import Key
from handoffs.api.handoff_shapes import Handoff as ToldHandoff
from handoffs.api.handoff_shapes import (
    HandoffLine,
    HandoffPlanned,
    HandoffState,
    LineSlug,
    NewHandoff,
    SentHandoffLine,
    SentHandoffReason,
    SentVerification,
)
from handoffs.api.handoff_showing import handoff_named, line_named, show_handoff, told_handoff, told_line, whole
from handoffs.api.showing import current_when_stale
from handoffs.models import Handoff, MLModel, Version
from handoffs.models.planning import plan_missing

router = Router(tags=["handoffs"])


class Filter(Page):
    """Which handoffs; all of them when nothing is said."""

    state: HandoffState | None = None


@router.get("/teams/{key}/handoffs", response=Listed[ToldHandoff], operation_id="list_handoffs")
def list_handoffs(request: ApiRequest, key: Key, asked: Query[Filter]) -> dict[str, Any]:
    """The team's handoffs, the newest first."""
    rows = Handoff.objects.within(team_named(request, key))
    if asked.state:
        rows = rows.filter(state=asked.state)
    return listed(request, asked, whole(rows), lambda one: show_handoff(request, one))


@router.post("/teams/{key}/handoffs", response={201: ToldHandoff}, operation_id="start_handoff")
def start_handoff(request: ApiRequest, key: Key, new: NewHandoff, response: HttpResponse) -> dict[str, Any]:
    """A draft with its fourteen lines; after an accepted one a new revision, which has what was verified."""
    team_named(request, key)
    handoff = Handoff.start(version_of(request, new), request.membership, due_on=new.due_on)
    response["Location"] = reverse("api:read_handoff", kwargs={"key": request.team.key, "id": handoff.pk})
    return told_handoff(request, handoff)


def version_of(request: ApiRequest, new: NewHandoff) -> Version:
    """The version that was named; one that is not there is a refusal at its field."""
    model: MLModel | None = MLModel.objects.within(request.team).filter(slug=new.model.lower().replace("\x00", "")).first()
    if model is None:
        raise Refusal.of({"model": f"There is no model {new.model} in this team."})
    model.team = request.team
    version = model.find_version(new.version)
    if version is None:
        raise Refusal.of({"version": f"{model} has no version {new.version}."})
    return version


@router.get("/teams/{key}/handoffs/{id}", response=ToldHandoff, operation_id="read_handoff", url_name="read_handoff")
def read_handoff(request: ApiRequest, key: Key, id: Pk) -> dict[str, Any]:
    """One handoff with its lines in their order, and its signatures, void ones too."""
    return told_handoff(request, handoff_named(request, key, id))


@router.post("/teams/{key}/handoffs/{id}/offer", response=ToldHandoff, operation_id="offer_handoff")
def offer_handoff(request: ApiRequest, key: Key, id: Pk, sent: Nothing) -> dict[str, Any]:
    """Lay it before the other side."""
    handoff = handoff_named(request, key, id)
    handoff.offer(request.membership)
    return told_handoff(request, handoff)


@router.post("/teams/{key}/handoffs/{id}/return", response=ToldHandoff, operation_id="return_handoff")
def return_handoff(request: ApiRequest, key: Key, id: Pk, sent: SentHandoffReason) -> dict[str, Any]:
    """The other side gives it back with a reason; signatures are void."""
    handoff = handoff_named(request, key, id)
    handoff.give_back(request.membership, reason=sent.reason)
    return told_handoff(request, handoff)


@router.post("/teams/{key}/handoffs/{id}/withdrawal", response=ToldHandoff, operation_id="withdraw_handoff")
def withdraw_handoff(request: ApiRequest, key: Key, id: Pk, sent: SentHandoffReason) -> dict[str, Any]:
    """Who offered it takes it back for good."""
    handoff = handoff_named(request, key, id)
    handoff.withdraw(request.membership, reason=sent.reason)
    return told_handoff(request, handoff)


@router.post("/teams/{key}/handoffs/{id}/signature", response=ToldHandoff, operation_id="sign_handoff")
def sign_handoff(request: ApiRequest, key: Key, id: Pk, sent: Nothing) -> dict[str, Any]:
    """Sign for one's own side; the second signature accepts it. Again changes nothing."""
    handoff = handoff_named(request, key, id)
    handoff.sign(request.membership)
    return told_handoff(request, handoff)


@router.post("/teams/{key}/handoffs/{id}/tasks", response={201: HandoffPlanned}, operation_id="plan_handoff_lines")
def plan_handoff_lines(request: ApiRequest, key: Key, id: Pk, sent: Nothing) -> dict[str, Any]:
    """A development card for each engineering line that is missing."""
    return {"created": [task.ref for task in plan_missing(handoff_named(request, key, id), request.membership)]}


@router.put("/teams/{key}/handoffs/{id}/lines/{line}", response=HandoffLine, operation_id="put_handoff_line", openapi_extra=MAY_BE_STALE)
def put_handoff_line(request: ApiRequest, key: Key, id: Pk, line: LineSlug, sent: SentHandoffLine) -> dict[str, Any]:
    """Provide a line, return it, block it, set it aside or take it back."""
    found = line_named(request, key, id, line)
    said = sent.model_dump(exclude_none=True)
    with current_when_stale(told_line, request, found):
        found.put(said.pop("state"), request.membership, seen=said.pop("version", None), **said)
    return told_line(request, found)


@router.post(
    "/teams/{key}/handoffs/{id}/lines/{line}/verification",
    response=HandoffLine,
    operation_id="verify_handoff_line",
    openapi_extra=MAY_BE_STALE,
)
def verify_handoff_line(request: ApiRequest, key: Key, id: Pk, line: LineSlug, sent: SentVerification) -> dict[str, Any]:
    """Say yes to a line for one's own side; to one that is not needed, agree. Again changes nothing."""
    found = line_named(request, key, id, line)
    with current_when_stale(told_line, request, found):
        found.verify(request.membership, reason=sent.reason or "", seen=sent.version)
    return told_line(request, found)
