"""Sprints: list, plan, read, change, and their balance."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router

from dsboard.api.shapes import Listed, Page, listed
from dsboard.api.tokens import ApiRequest, team_named
from dsboard.errors import Refusal
from experiments.api.paths import Key
from sprints.api.shapes import Allocation, SentCapacity, SentSprint, SprintNumber
from sprints.api.shapes import Sprint as ToldSprint
from sprints.api.showing import show_allocation, show_sprint, sprint_named, sprints_of, told_sprint
from sprints.balance import Balance
from sprints.models import Sprint

router = Router(tags=["sprints"])


@router.get("/teams/{key}/sprints", response=Listed[ToldSprint], operation_id="list_sprints")
def list_sprints(request: ApiRequest, key: Key, asked: Query[Page]) -> dict[str, Any]:
    """The team's sprints, the newest first."""
    team_named(request, key)
    return listed(request, asked, sprints_of(request), lambda sprint: show_sprint(request, sprint))


@router.post("/teams/{key}/sprints", response={201: ToldSprint}, operation_id="plan_sprint")
def plan_sprint(request: ApiRequest, key: Key, sent: SentSprint, response: HttpResponse) -> dict[str, Any]:
    """The next sprint; dates that are not given follow the last one."""
    team = team_named(request, key)
    sprint = Sprint.plan(
        team,
        request.membership,
        goal=sent.goal or "",
        starts_on=sent.starts_on,
        ends_on=sent.ends_on,
        availability=availability(sent.capacity),
    )
    response["Location"] = reverse("api:read_sprint", kwargs={"key": team.key, "n": sprint.number})
    return told_sprint(request, sprint)


@router.get("/teams/{key}/sprints/{int:n}", response=ToldSprint, operation_id="read_sprint", url_name="read_sprint")
def read_sprint(request: ApiRequest, key: Key, n: SprintNumber) -> dict[str, Any]:
    """One sprint."""
    return told_sprint(request, sprint_named(request, key, n))


@router.patch("/teams/{key}/sprints/{int:n}", response=ToldSprint, operation_id="change_sprint")
def change_sprint(request: ApiRequest, key: Key, n: SprintNumber, sent: SentSprint) -> dict[str, Any]:
    """Another goal, other dates; other availability while it is planned."""
    sprint = sprint_named(request, key, n)
    sprint.change(
        request.membership,
        goal=sent.goal,
        starts_on=sent.starts_on,
        ends_on=sent.ends_on,
        availability=availability(sent.capacity),
    )
    return told_sprint(request, sprint)


@router.get("/teams/{key}/sprints/{int:n}/allocation", response=Allocation, operation_id="read_allocation")
def read_allocation(request: ApiRequest, key: Key, n: SprintNumber) -> dict[str, Any]:
    """Planned and actual days of each bucket beside the guideline, everybody's load, and what to look at."""
    return show_allocation(Balance(sprint_named(request, key, n)))


def availability(rows: list[SentCapacity] | None) -> dict[str, Any] | None:
    """The part of their time by address; who is named twice is refused."""
    if rows is None:
        return None
    parts = {row.email.strip().lower(): row.availability for row in rows}
    if len(parts) < len(rows):
        raise Refusal.of({"capacity": "Name each person once."})
    return parts
