"""A team of three with somebody outside it, for files that come in and go out."""

from dataclasses import dataclass

import pytest

from dsboard.models import Membership, Team, User
from dsboard.roles import Role, Side


@dataclass
class Cast:
    team: Team
    lead: Membership
    member: Membership
    viewer: Membership
    other: Team
    outsider: Membership


@pytest.fixture
def cast(db: None) -> Cast:
    mei = User.objects.create_user("mei@example.org", "Mei Tanaka")
    arjun = User.objects.create_user("arjun@example.org", "Arjun Patel")
    sofia = User.objects.create_user("sofia@example.org", "Sofia Rossi")
    ines = User.objects.create_user("ines@example.org", "Inês Duarte")
    team = Team.found(key="FRAUD", name="Fraud", lead=mei)
    other = Team.found(key="OTHER", name="Pricing", lead=ines)
    return Cast(
        team=team,
        lead=team.memberships.get(),
        member=Membership.objects.create(team=team, user=arjun, role=Role.MEMBER, side=Side.SCIENCE),
        viewer=Membership.objects.create(team=team, user=sofia, role=Role.VIEWER),
        other=other,
        outsider=other.memberships.get(),
    )
