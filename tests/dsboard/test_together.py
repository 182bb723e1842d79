"""Two people at once: a team keeps a lead, a server gets one first person, a link opens once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from dsboard.errors import Refusal
from dsboard.models import Membership, SignInLink, Team, User, first_run
from dsboard.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Start all at the same moment; what each returned, or the refusal it met."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait(10)
            return call()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [job.result(30) for job in [threads.submit(run, call) for call in calls]]


def place_of(user: User) -> Membership:
    return Membership.objects.select_related("team", "user").get(user=user)


def test_two_leads_who_demote_each_other_leave_one() -> None:
    mei, arjun = (User.objects.create_user(f"{n}@example.org", n) for n in ("mei", "arjun"))
    team = Team.found(key="FRAUD", name="Fraud", lead=mei)
    Membership.objects.create(team=team, user=arjun, role=Role.LEAD)

    def demote(victim: User, by: User) -> Callable[[], Any]:
        target, actor = place_of(victim), place_of(by)
        return lambda: target.change(actor, role=Role.MEMBER)

    results = at_once(demote(mei, arjun), demote(arjun, mei))
    assert sum(result is True for result in results) == 1
    assert Membership.objects.filter(team=team, role=Role.LEAD).count() == 1


def test_two_leads_who_step_down_leave_one() -> None:
    mei, arjun = (User.objects.create_user(f"{n}@example.org", n) for n in ("mei", "arjun"))
    team = Team.found(key="FRAUD", name="Fraud", lead=mei)
    Membership.objects.create(team=team, user=arjun, role=Role.LEAD)

    def step_down(user: User) -> Callable[[], Any]:
        target, actor = place_of(user), place_of(user)
        return lambda: target.change(actor, role=Role.MEMBER)

    at_once(step_down(mei), step_down(arjun))
    assert Membership.objects.filter(team=team, role=Role.LEAD).count() == 1


def test_one_first_person() -> None:
    SignInLink.issue(None)
    results = at_once(
        *[lambda n=n: first_run.begin(email=f"p{n}@example.org", name=f"P {n}", team=f"Team {n}", key=f"T{n}") for n in range(4)]
    )
    assert sum(isinstance(result, User) for result in results) == 1
    assert User.objects.count() == Team.objects.count() == 1


def test_a_link_opens_once() -> None:
    token = SignInLink.issue(User.objects.create_user("mei@example.org", "Mei"))
    results = at_once(*[lambda: SignInLink.redeem(token)] * 4)
    assert sum(result is not None for result in results) == 1
