"""Who of the team is away, and the time boxes that move with it."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from dsboard.api.shapes import Email, Listed, Page, Pk, Sent, address, listed
from dsboard.api.tokens import ApiRequest, team_named
from dsboard.errors import Refusal
from dsboard.models import Absence, Membership
from experiments.api.paths import Key
from experiments.models.moving import Move, moving

router = Router(tags=["calendar"], by_alias=True)


class SentAbsence(Sent):
    """From the first day to the last, both included; members enter their own, leads anybody's."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    email: Email
    first_day: date = Field(alias="from", strict=False)
    last_day: date = Field(alias="to", strict=False)


class Moved(BaseModel):
    """A running time box that ends at another time by this."""

    ref: str
    was: datetime
    ends_at: datetime


class ToldAbsence(BaseModel):
    """An absence; `moved` are the time boxes that this very act moved."""

    model_config = ConfigDict(populate_by_name=True)

    id: int
    email: str
    first_day: date = Field(alias="from")
    last_day: date = Field(alias="to")
    by: str | None
    at: datetime
    moved: list[Moved]


@router.get("/teams/{key}/absences", response=Listed[ToldAbsence], operation_id="list_absences")
def list_absences(request: ApiRequest, key: Key, asked: Query[Page]) -> dict[str, Any]:
    """All absences, the earliest first."""
    rows = Absence.objects.within(team_named(request, key)).select_related("membership__user", "by")
    return listed(request, asked, rows, show_absence)


@router.post("/teams/{key}/absences", response={201: ToldAbsence}, operation_id="add_absence")
def add_absence(request: ApiRequest, key: Key, sent: SentAbsence, response: HttpResponse) -> dict[str, Any]:
    """Somebody is away: the clocks of that person's time boxes stand still meanwhile."""
    team = team_named(request, key)
    member = Membership.objects.within(team).select_related("user", "team").filter(user__email=sent.email.strip().lower()).first()
    if member is None:
        raise Refusal.of({"email": f"Nobody with the address {sent.email} is in this team."})
    absence, moves = moving(
        team, request.membership, lambda: Absence.add(member, request.membership, first_day=sent.first_day, last_day=sent.last_day)
    )
    return show_absence(absence, moves)


@router.delete("/teams/{key}/absences/{id}", response=ToldAbsence, operation_id="remove_absence")
def remove_absence(request: ApiRequest, key: Key, id: Pk) -> dict[str, Any]:
    """There after all."""
    team = team_named(request, key)
    rows = Absence.objects.within(team).select_related("membership__user", "membership__team", "by")
    absence = rows.filter(pk=id).first()
    if absence is None:
        raise Http404
    told = show_absence(absence)
    _, moves = moving(team, request.membership, lambda: absence.remove(request.membership))
    return told | {"moved": [show_move(move) for move in moves]}


def show_absence(absence: Absence, moves: list[Move] | None = None) -> dict[str, Any]:
    return {
        "id": absence.pk,
        "email": absence.membership.user.email,
        "from": absence.first_day,
        "to": absence.last_day,
        "by": address(absence.by),
        "at": absence.at,
        "moved": [show_move(move) for move in moves or []],
    }


def show_move(move: Move) -> dict[str, Any]:
    return {"ref": move.task.ref, "was": move.was, "ends_at": move.becomes}
