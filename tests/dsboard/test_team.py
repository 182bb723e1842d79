"""The verbs of a team: settings and who is in it."""

from decimal import Decimal
from typing import Any

import pytest

from dsboard.errors import Forbidden, Refusal, Stale
from dsboard.models import Activity, ApiToken, Membership, SignInLink, Team, User
from dsboard.roles import Role, Side
from tests.dsboard.conftest import Cast


def lines(subject: Any) -> list[tuple[str, str, Any, Any]]:
    return [(a.verb, a.field, a.before, a.after) for a in Activity.objects.of(subject)]


def test_a_lead_changes_settings_and_history_tells(cast: Cast) -> None:
    changed = cast.team.change(cast.lead, name="Fraud", hours_per_day=Decimal("7.5"), deciders="members")
    assert changed == ["hours_per_day", "deciders"]
    assert lines(cast.team) == [("changed", "hours_per_day", "8", "7.5"), ("changed", "deciders", "leads", "members")]
    assert Team.objects.get(key="FRAUD").hours_per_day == Decimal("7.5")


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_nobody_else_changes_settings(cast: Cast, role: str) -> None:
    with pytest.raises(Forbidden):
        cast.team.change(getattr(cast, role), name="Mine")
    with pytest.raises(Forbidden):
        cast.team.change(cast.outsider, name="Mine")
    assert lines(cast.team) == []


def test_the_guideline_adds_up_to_a_hundred(cast: Cast) -> None:
    with pytest.raises(Refusal, match="add up to 100"):
        cast.team.change(cast.lead, guide_learning=20)
    assert cast.team.change(cast.lead, guide_learning=20, guide_committed=50) == ["guide_learning", "guide_committed"]


@pytest.mark.parametrize("field", ["key", "last_number", "members", "pk"])
def test_only_settings_can_be_changed(cast: Cast, field: str) -> None:
    with pytest.raises(Refusal) as caught:
        cast.team.change(cast.lead, **{field: 9})
    assert list(caught.value.fields) == [field]


def test_a_stale_setting_is_refused_and_another_merges(cast: Cast) -> None:
    seen = {"limit_active": 3, "limit_review": 4}
    cast.team.change(cast.lead, seen=seen, limit_active=5)
    late = Team.objects.get(pk=cast.team.pk)
    with pytest.raises(Stale) as caught:
        late.change(cast.lead, seen=seen, limit_active=2)
    assert caught.value.current == {"limit_active": 5}
    assert late.change(cast.lead, seen=seen, limit_review=2) == ["limit_review"]
    assert Team.objects.get(pk=cast.team.pk).limits() == {"active": 5, "analysis": 4, "in_progress": 4, "review": 2}


def test_inviting_makes_a_person_and_a_link_for_a_new_one_only(cast: Cast) -> None:
    place, token = cast.team.invite(cast.lead, email="New@Example.org", name="Tomás Silva", role="viewer", side="engineering")
    assert (place.user.email, place.role, place.side) == ("new@example.org", Role.VIEWER, Side.ENGINEERING)
    link = SignInLink.redeem(token)
    assert link is not None and link.user == place.user
    assert lines(place) == [("joined", "", None, {"role": "viewer", "side": "engineering"})]
    known, none = cast.team.invite(cast.lead, email="ines@example.org")
    assert (known.user, none) == (cast.outsider.user, "")


def test_nobody_is_invited_twice_or_in_spite_of_the_administrator(cast: Cast) -> None:
    with pytest.raises(Refusal, match="in this team already"):
        cast.team.invite(cast.lead, email="arjun@example.org")
    User.objects.filter(pk=cast.outsider.user_id).update(is_active=False)
    with pytest.raises(Refusal, match="can't sign in"):
        cast.team.invite(cast.lead, email="ines@example.org")


@pytest.mark.parametrize("role", ["member", "viewer", "outsider"])
def test_only_a_lead_of_the_team_invites(cast: Cast, role: str) -> None:
    with pytest.raises(Forbidden):
        cast.team.invite(getattr(cast, role), email="evil@example.org", name="Evil", role="lead")
    assert not User.objects.filter(email="evil@example.org").exists()


def test_a_lead_changes_role_and_side(cast: Cast) -> None:
    assert cast.member.change(cast.lead, role="lead", side="science") is True
    assert cast.member.change(cast.lead, role="lead") is False
    assert lines(cast.member) == [("changed", "role", "member", "lead"), ("changed", "side", "engineering", "science")]


@pytest.mark.parametrize("who", ["member", "viewer", "outsider"])
@pytest.mark.parametrize("target", ["member", "viewer", "lead"])
def test_nobody_below_a_lead_changes_a_role(cast: Cast, who: str, target: str) -> None:
    """Boards have asked the role of the one who is changed instead of the one who changes."""
    with pytest.raises(Forbidden):
        getattr(cast, target).change(getattr(cast, who), role="lead")
    assert Membership.objects.filter(team=cast.team, role=Role.LEAD).count() == 1


def test_a_role_taken_away_meanwhile_counts(cast: Cast) -> None:
    cast.member.change(cast.lead, role="lead")
    before = Membership.objects.select_related("team", "user").get(pk=cast.member.pk)
    cast.member.change(cast.lead, role="member")
    with pytest.raises(Forbidden):
        cast.viewer.change(before, role="lead")


def test_the_only_lead_stays_until_there_is_another(cast: Cast) -> None:
    with pytest.raises(Refusal, match="only lead"):
        cast.lead.change(cast.lead, role="member")
    with pytest.raises(Refusal, match="only lead"):
        cast.lead.remove(cast.lead)
    cast.lead.remove(cast.lead, successor=cast.member)
    assert [m.role for m in Membership.objects.filter(team=cast.team).order_by("pk")] == [Role.LEAD, Role.VIEWER]


def test_a_lead_who_cannot_sign_in_is_no_lead(cast: Cast) -> None:
    cast.member.change(cast.lead, role="lead")
    User.objects.filter(pk=cast.member.user_id).update(is_active=False)
    with pytest.raises(Refusal, match="only lead"):
        cast.lead.change(cast.lead, role="member")


def test_removing_ends_tokens_and_keeps_the_name(cast: Cast) -> None:
    token = ApiToken.issue(cast.member)
    assert ApiToken.holder(token) is not None
    pk = cast.member.pk
    cast.member.remove(cast.lead)
    assert ApiToken.holder(token) is None
    line = Activity.objects.get(subject_type="membership", subject_id=pk)
    assert (line.verb, line.subject_ref, line.actor) == ("left", "Arjun Patel", cast.lead.user)
    assert User.objects.filter(email="arjun@example.org").exists()


def test_a_second_link_is_for_those_who_never_came(cast: Cast) -> None:
    place, _ = cast.team.invite(cast.lead, email="new@example.org", name="Tomás Silva")
    assert SignInLink.redeem(place.fresh_link(cast.lead)) is not None
    with pytest.raises(Forbidden):
        place.fresh_link(cast.member)
    cast.other.invite(cast.outsider, email="new@example.org")
    with pytest.raises(Forbidden, match="another team"):
        place.fresh_link(cast.lead)
    Membership.objects.filter(team=cast.other, user=place.user).delete()
    User.objects.filter(pk=place.user_id).update(last_login="2026-01-01T00:00Z")
    place.user.refresh_from_db()
    with pytest.raises(Forbidden, match="has signed in"):
        place.fresh_link(cast.lead)
