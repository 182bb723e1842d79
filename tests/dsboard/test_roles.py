"""The one table of roles, against the matrix of the contract, spelled out."""

import pytest

from dsboard.errors import Forbidden
from dsboard.roles import LEAST, Act, Role, allows
from tests.dsboard.conftest import Cast

EVERYBODY = {Act.READ, Act.EXPORT}
MEMBERS = EVERYBODY | {
    Act.CREATE,
    Act.EDIT,
    Act.MOVE,
    Act.COMMENT,
    Act.REPORT,
    Act.RUNS,
    Act.IMPORT,
    Act.DROP,
    Act.PAUSE,
    Act.EXTEND,
    Act.ABSENCE,
}
MEMBERS |= {Act.SEATS, Act.MODELS, Act.CRITERIA, Act.DEPLOY, Act.HANDOFFS}
LEADS = MEMBERS | {Act.DECIDE, Act.REVERSE, Act.OVERRIDE, Act.POLICIES, Act.MEMBERS, Act.DROP_OTHERS}
LEADS |= {Act.EXTEND_AGAIN, Act.NUDGE, Act.CALENDAR, Act.WEBHOOKS, Act.TRACKERS, Act.ABSENCE_OTHERS, Act.SCOPE, Act.SPRINTS, Act.SIGN_OFF}
LEADS |= {Act.WAIVE, Act.PASS_WITH_EXCEPTIONS}
MATRIX = {Role.VIEWER: EVERYBODY, Role.MEMBER: MEMBERS, Role.LEAD: LEADS}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", Role)
def test_the_table_is_the_matrix(role: Role, act: Act) -> None:
    assert allows(role, act) is (act in MATRIX[role])


def test_every_act_has_a_least_role() -> None:
    assert set(LEAST) == set(Act)


@pytest.mark.parametrize(("role", "may"), [(Role.VIEWER, False), (Role.MEMBER, True), (Role.LEAD, True)])
def test_members_decide_where_the_policy_says_so(role: Role, may: bool) -> None:
    assert allows(role, Act.DECIDE, deciders="members") is may


@pytest.mark.parametrize("act", sorted(LEADS - MEMBERS - {Act.DECIDE}))
def test_the_policy_lowers_nothing_else(act: Act) -> None:
    assert not allows(Role.MEMBER, act, deciders="members")


def test_a_role_counts_in_its_own_team_only(cast: Cast) -> None:
    cast.lead.must(Act.MEMBERS, cast.team)
    with pytest.raises(Forbidden):
        cast.lead.must(Act.READ, cast.other)


def test_being_staff_gives_no_role(cast: Cast) -> None:
    cast.viewer.user.is_staff = cast.viewer.user.is_superuser = True
    assert not cast.viewer.may(Act.EDIT)
