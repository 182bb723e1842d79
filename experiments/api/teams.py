"""The token's team: its people, calendar and policies."""

from datetime import date, timedelta
from typing import Any, Literal

from django.db.models import Q
from ninja import Query, Router
from pydantic import BaseModel, Field

from dsboard import clock, models
from dsboard.api.shapes import Listed, Page, listed
from dsboard.api.tokens import ApiRequest, absolute, team_named
from dsboard.models import Membership, Team
from experiments.api.paths import Key

router = Router(tags=["teams"])
RateSource = Literal["assumed", "set", "measured"]


class Member(BaseModel):
    email: str
    name: str
    role: Literal["viewer", "member", "lead"]
    side: Literal["science", "engineering"]


class DayOff(BaseModel):
    day: date
    name: str
    country: str | None


class Calendar(BaseModel):
    """Working time; a day of a time box has `hours_per_day`."""

    time_zone: str
    hours_per_day: float
    week: str = Field(examples=["Mon-Fri 09:00-17:00"])
    country: str | None
    region: str | None
    days_off: list[DayOff] = Field(description="From today on, for a year; `country` is null for the team's own.")


class Guideline(BaseModel):
    """Per cent of a sprint."""

    committed: int
    experiments: int
    learning: int


class Policies(BaseModel):
    """`limits` warn of too much work in a stage; 0 is none. `rate` is how many days a story point counts as."""

    deciders: Literal["leads", "members"]
    own_decisions: Literal["auto", "allowed", "refused"]
    limits: dict[str, int]
    guideline: Guideline
    tolerance: int
    sprint_weeks: int
    rate: float
    rate_source: RateSource


class ToldTeam(BaseModel):
    key: str = Field(examples=["FRAUD"])
    name: str
    members: list[Member]
    calendar: Calendar
    policies: Policies
    url: str


@router.get("/teams", response=Listed[ToldTeam], operation_id="list_teams")
def list_teams(request: ApiRequest, asked: Query[Page]) -> dict[str, Any]:
    """The team of the token: a token opens one."""
    return listed(request, asked, [request.team], lambda team: show_team(request, team))


@router.get("/teams/{key}", response=ToldTeam, operation_id="read_team")
def read_team(request: ApiRequest, key: Key) -> dict[str, Any]:
    """A team with its members, calendar and policies."""
    return show_team(request, team_named(request, key))


def show_team(request: ApiRequest, team: Team) -> dict[str, Any]:
    members = Membership.objects.within(team).filter(user__is_active=True).select_related("user")
    return {
        "key": team.key,
        "name": team.name,
        "members": [{"email": m.user.email, "name": m.user.name, "role": m.role, "side": m.side} for m in members],
        "calendar": show_calendar(team),
        "policies": {
            "deciders": team.deciders,
            "own_decisions": team.own_decisions,
            "limits": team.limits(),
            "guideline": {"committed": team.guide_committed, "experiments": team.guide_experiments, "learning": team.guide_learning},
            "tolerance": team.tolerance,
            "sprint_weeks": team.sprint_weeks,
            "rate": float(team.days_per_point),
            "rate_source": team.rate_source,
        },
        "url": absolute(request, f"/t/{team.key}/board/"),
    }


def show_calendar(team: Team) -> dict[str, Any]:
    today = clock.now().date()
    coming = models.DayOff.objects.within(team).filter(day__gte=today, day__lte=today + timedelta(days=366))
    own = coming.filter(Q(country="") | Q(country=team.country, region=team.region))
    return {
        "time_zone": team.time_zone,
        "hours_per_day": float(team.hours_per_day),
        "week": team.week,
        "country": team.country or None,
        "region": team.region or None,
        "days_off": [{"day": off.day, "name": off.name, "country": off.country or None} for off in own],
    }
