"""A small cast for people and teams, and what must not leak from test to test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from dsboard import mail
from dsboard.models import Membership, Team, User
from dsboard.roles import Role, Side


@dataclass
class Cast:
    """A team of three, and somebody of another team."""

    team: Team
    lead: Membership
    member: Membership
    viewer: Membership
    other: Team
    outsider: Membership


@pytest.fixture(autouse=True)
def mail_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail goes out before the answer does."""

    def now(work: Callable[..., None], *args: Any) -> None:
        work(*args)

    monkeypatch.setattr(mail, "later", now)


@pytest.fixture
def cast(db: None) -> Cast:
    mei = User.objects.create_user("mei@example.org", "Mei Tanaka", "a long password")
    team = Team.found(key="FRAUD", name="Fraud", lead=mei)
    arjun = User.objects.create_user("arjun@example.org", "Arjun Patel", "a long password")
    sofia = User.objects.create_user("sofia@example.org", "Sofia Rossi", "a long password")
    ines = User.objects.create_user("ines@example.org", "Inês Duarte", "a long password")
    other = Team.found(key="OTHER", name="Pricing", lead=ines)
    return Cast(
        team=team,
        lead=team.memberships.get(),
        member=Membership.objects.create(team=team, user=arjun, role=Role.MEMBER, side=Side.ENGINEERING),
        viewer=Membership.objects.create(team=team, user=sofia, role=Role.VIEWER, side=Side.SCIENCE),
        other=other,
        outsider=other.memberships.get(),
    )


@pytest.fixture
def as_(cast: Cast) -> Callable[[Membership | User], Client]:
    """A browser in which somebody is signed in: as_(cast.lead)."""

    def browser(who: Membership | User) -> Client:
        client = Client()
        client.force_login(who.user if isinstance(who, Membership) else who)
        return client

    return browser
