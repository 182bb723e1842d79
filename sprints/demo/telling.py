"""How the sprints of the demo went by: planned, started, changed, closed and signed off by the lead."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dsboard.demo import Cast, Story
from experiments.models import Task
from sprints.demo.plans import CLOSED, LENGTH, NEXT, RUNNING, USUAL, Plan
from sprints.models import Sprint
from sprints.models.rate import proposal


def three_months(cast: Cast) -> Story:
    """One sprint after the other; the rate is set by hand at first, and measured when there is something to measure."""
    lead, team = cast.people["lead"], cast.team
    yield cast.ago(56.3)
    team.change(lead, days_per_point=Decimal("1.00"))
    before: tuple[Plan, Sprint] | None = None
    for plan in (*CLOSED, RUNNING):
        yield cast.ago(plan.first + 1.6)
        sprint = planned(cast, plan, first=cast.ago(plan.first).date())
        if before:
            yield from closed(cast, *before)
        yield cast.ago(plan.first + 0.05)
        sprint.start(lead)
        yield from changed(cast, plan, sprint)
        before = plan, sprint
    yield cast.ago(1.5)
    measured = proposal(team)
    if measured:
        team.take_rate(lead, measured.rate)
    yield cast.ago(1.1)
    planned(cast, NEXT)


def planned(cast: Cast, plan: Plan, first: date | None = None) -> Sprint:
    """Ten working days from `first`, or what follows the last sprint, with its cards pencilled in."""
    lead, parts = cast.people["lead"], USUAL | plan.availability
    availability = {cast.people[who].user.email: part for who, part in parts.items()}
    ends_on = cast.ago(plan.first - LENGTH).date() if plan.first > LENGTH else None
    sprint = Sprint.plan(cast.team, lead, goal=plan.goal, starts_on=first, ends_on=ends_on, availability=availability)
    for title in plan.cards:
        sprint.take_in(called(cast, title), lead)
    return sprint


def changed(cast: Cast, plan: Plan, sprint: Sprint) -> Iterator[datetime]:
    """What came into a running sprint and what left it."""
    lead = cast.people["lead"]
    verbs: list[tuple[float, str, Callable[..., Any]]] = [
        *((ago, title, sprint.take_in) for ago, title in plan.added),
        *((ago, title, sprint.take_out) for ago, title in plan.removed),
    ]
    for ago, title, verb in sorted(verbs, key=lambda act: -act[0]):
        yield cast.ago(ago)
        verb(called(cast, title), lead)


def closed(cast: Cast, plan: Plan, sprint: Sprint) -> Iterator[datetime]:
    """In the afternoon of its last day; signed off the next day where there is a note."""
    lead = cast.people["lead"]
    yield cast.ago(plan.first - LENGTH + 0.95)
    back = {called(cast, title).ref: "backlog" for title in plan.back}
    earned = {called(cast, title).ref: share for title, share in plan.earned.items()}
    sprint.close(lead, exceptions=back, earned=earned)
    if plan.note:
        yield cast.ago(plan.first - LENGTH - 1 + 0.02)
        sprint.sign_off(lead, plan.note)


def called(cast: Cast, title: str) -> Task:
    """The open card of this title; of a chain whose cards share it, the newest."""
    return Task.objects.within(cast.team).open().filter(title=title).order_by("-number")[0]


def one_sprint(cast: Cast) -> Story:
    alone = cast.people["outsider"]
    yield cast.ago(4.4)
    sprint = Sprint.plan(cast.team, alone, goal="A feed that partners can trust", starts_on=cast.ago(2).date())
    for title in ("Price feed for partners", "Competitor prices"):
        sprint.take_in(called(cast, title), alone)
    yield cast.ago(2.1)
    sprint.start(alone)
