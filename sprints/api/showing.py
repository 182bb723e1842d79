"""Sprints, seats and allocations as the API tells them, read in a fixed number of queries."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from django.http import Http404

from dsboard.api.shapes import address
from dsboard.api.tokens import ApiRequest, absolute, team_named
from dsboard.models import Membership, User
from experiments.api.showing import calendars_of
from experiments.models import Task
from sprints.allocation import BUCKETS, Part
from sprints.api.shapes import LARGEST
from sprints.balance import Balance, Seated
from sprints.models import Seat, Sprint
from sprints.models.capacity import ALL, Given, people_of
from sprints.models.seat import earned_before


def sprints_of(request: ApiRequest) -> Any:
    """The team's sprints with all that is told of them, the newest first."""
    return Sprint.objects.within(request.team).select_related("signed_by").prefetch_related("capacities__user")


def sprint_named(request: ApiRequest, key: str, number: int) -> Sprint:
    """The team's sprint of this number; one that never was, or another team's: 404."""
    team = team_named(request, key)
    found: Sprint | None = Sprint.objects.within(team).filter(number=number).first() if 1 <= number <= LARGEST else None
    if found is None:
        raise Http404
    found.team = team
    return found


def told_sprint(request: ApiRequest, sprint: Sprint) -> dict[str, Any]:
    """A sprint as it stands in the database now, after a verb."""
    return show_sprint(request, sprints_of(request).get(pk=sprint.pk))


def show_sprint(request: ApiRequest, sprint: Sprint) -> dict[str, Any]:
    """A sprint from `sprints_of`."""
    sprint.team = request.team
    return {
        "number": sprint.number,
        "goal": sprint.goal,
        "starts_on": sprint.starts_on,
        "ends_on": sprint.ends_on,
        "state": sprint.state,
        "capacity": show_capacity(request, sprint),
        "started_at": sprint.started_at,
        "closed_at": sprint.closed_at,
        "signed": {"by": address(sprint.signed_by), "at": sprint.signed_at, "note": sprint.note} if sprint.signed_at else None,
        "url": absolute(request, sprint.get_absolute_url()),
    }


def show_capacity(request: ApiRequest, sprint: Sprint) -> list[dict[str, Any]]:
    """Everybody's days: as their calendars have them now, or as they froze with the plan."""
    rows = list(sprint.capacities.all())
    if not sprint.is_planned:
        return [{"email": row.user.email, "availability": float(row.availability), "days": float(row.days or 0)} for row in rows]
    people = people_of_request(request)
    given = Given(sprint, calendars_of(request), rows, people)
    return [
        {
            "email": member.user.email,
            "availability": float(given.parts.get(member.user_id, ALL)),
            "days": float(given.of(member.user_id)),
        }
        for member in people
    ]


def people_of_request(request: ApiRequest) -> list[Membership]:
    """Who works in the sprints of the token's team, read once a request."""
    known: list[Membership] | None = getattr(request, "people", None)
    if known is None:
        known = request.people = people_of(request.team)  # type: ignore[attr-defined]
    return known


def show_seats(sprint: Sprint, seated: Iterable[Seated]) -> list[dict[str, Any]]:
    """Seats with their days, and whose they are: the owner's of now while pencilled, as it froze later."""
    rows = [(one, one.seat.owner_id if one.seat.bucket else one.task.owner_id) for one in seated]
    emails = dict(User.objects.filter(pk__in={owner for _, owner in rows if owner}).values_list("pk", "email"))
    return [
        {
            "ref": one.task.ref,
            "bucket": one.bucket,
            "days": float(one.days),
            "owner": emails.get(owner) if owner else None,
            "planned": not one.seat.is_scope_change,
            "sprint": sprint.number,
        }
        for one, owner in rows
    ]


def show_seat(balance: Balance, seat: Seat, task: Task) -> dict[str, Any]:
    """One seat, which may have been taken away a moment ago."""
    seat.task = task
    if seat.days is None:
        balance.earned = earned_before([task.pk])
    [told] = show_seats(balance.sprint, [Seated(seat, task, seat.bucket_now, balance.days_of(seat))])
    return told


def show_allocation(balance: Balance) -> dict[str, Any]:
    """The balance as the contract has it."""
    guide = balance.guide
    return {
        "rate": float(balance.rate),
        "rate_source": balance.rate_source,
        "guideline": {bucket: guide.of(bucket) for bucket in BUCKETS},
        "tolerance": guide.tolerance,
        "buckets": {bucket: show_part(balance.planned[bucket], balance.actual[bucket]) for bucket in BUCKETS},
        "people": [
            {"email": load.person.email, "planned_days": float(load.planned), "capacity_days": float(load.capacity)}
            for load in balance.loads
        ],
        "warnings": [{"code": warn.code, "message": warn.message} for warn in balance.warnings],
    }


def show_part(planned: Part, actual: Part) -> dict[str, Any]:
    return {
        "planned_days": float(planned.days),
        "share": unrounded(planned.share),
        "in_band": planned.in_band,
        "actual_days": float(actual.days),
        "actual_share": unrounded(actual.share),
        "actual_in_band": actual.in_band,
    }


def unrounded(share: Fraction | None) -> float | None:
    return None if share is None else float(share)
