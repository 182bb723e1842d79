"""The settings and members of a team, seen by everybody who may and may not."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from dsboard.forms import TeamForm
from dsboard.models import Activity, Membership, SignInLink, Team, User
from dsboard.roles import Role
from tests.dsboard.conftest import Cast

PAGES = ["settings/", "settings/members/", "settings/members/{pk}/"]


def typed(cast: Cast, **changes: Any) -> dict[str, Any]:
    """What a browser sends back: every field and what its reader saw."""
    form = TeamForm(team=Team.objects.get(pk=cast.team.pk), by=cast.lead)
    sent = {name: str(value) for name, value in form.initial.items()}
    seen = {form[name].html_initial_name: str(value) for name, value in form.initial.items()}
    return {**sent, **seen, **{name: str(value) for name, value in changes.items()}}


# ── who gets in ──


@pytest.mark.parametrize("page", PAGES)
def test_outside_the_team_nothing_exists(cast: Cast, as_: Any, page: str) -> None:
    path = page.format(pk=cast.member.pk)
    stranger, nowhere = as_(cast.outsider).get(f"/t/FRAUD/{path}"), as_(cast.outsider).get(f"/t/NOSUCH/{path}")
    assert stranger.status_code == nowhere.status_code == 404
    assert "Fraud" not in stranger.content.decode()
    assert as_(cast.outsider).post(f"/t/FRAUD/{path}", {"name": "x"}).status_code == 404
    assert Client().get(f"/t/FRAUD/{path}").status_code == 302


def test_a_member_of_another_team_does_not_exist_here(cast: Cast, as_: Any) -> None:
    for path in ("", "link/"):
        url = f"/t/FRAUD/settings/members/{cast.outsider.pk}/{path}"
        assert as_(cast.lead).post(url, {"role": "viewer", "side": "science"}).status_code == 404
    cast.outsider.refresh_from_db()
    assert cast.outsider.role == Role.LEAD


@pytest.mark.parametrize("who", ["member", "viewer"])
def test_everybody_in_the_team_reads(cast: Cast, as_: Any, who: str) -> None:
    settings = as_(getattr(cast, who)).get("/t/FRAUD/settings/")
    assert settings.status_code == 200
    assert "Only a lead can change them" in settings.content.decode() and ">Save<" not in settings.content.decode()
    members = as_(getattr(cast, who)).get("/t/FRAUD/settings/members/").content.decode()
    assert "Mei Tanaka" in members and "Add to the team" not in members


@pytest.mark.parametrize("who", ["member", "viewer"])
def test_only_leads_write(cast: Cast, as_: Any, who: str) -> None:
    client = as_(getattr(cast, who))
    me = getattr(cast, who).pk
    assert client.post("/t/FRAUD/settings/", typed(cast, name="Mine")).status_code == 403
    assert (
        client.post("/t/FRAUD/settings/members/", {"name": "E", "email": "e@example.org", "role": "lead", "side": "science"}).status_code
        == 403
    )
    assert client.post(f"/t/FRAUD/settings/members/{me}/", {"role": "lead", "side": "science"}).status_code == 403
    assert client.get(f"/t/FRAUD/settings/members/{me}/").status_code == 403
    assert client.post(f"/t/FRAUD/settings/members/{cast.lead.pk}/link/").status_code == 403
    assert Activity.objects.count() == 0
    assert not User.objects.filter(email="e@example.org").exists()


def test_removed_from_the_team_all_of_it_is_gone_at_once(cast: Cast, as_: Any) -> None:
    client = as_(cast.member)
    assert client.get("/t/FRAUD/settings/").status_code == 200
    cast.member.remove(cast.lead)
    assert client.get("/t/FRAUD/settings/").status_code == 404
    assert client.get("/me/settings/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/t/%00/settings/", "/t/FRAUD%00/settings/", "/t/FRAUD/settings/?q=%00", "/sign-in/%00/", "/password/%00/%00/"]
)
def test_a_null_byte_names_nothing(cast: Cast, as_: Any, path: str) -> None:
    assert as_(cast.lead).get(path).status_code == 404


@pytest.mark.parametrize("name", ["x\x00y", "\u202e" * 100])
def test_a_strange_name_is_refused_or_kept(cast: Cast, as_: Any, name: str) -> None:
    assert invite(as_(cast.lead), name=name).status_code in (200, 422)


# ── settings ──


def test_a_lead_saves_what_differs(cast: Cast, as_: Any) -> None:
    client = as_(cast.lead)
    response = client.post("/t/FRAUD/settings/", typed(cast, name="Fraud & abuse", limit_active=5))
    assert response["Location"] == "/t/FRAUD/settings/"
    assert sorted(a.field for a in Activity.objects.of(cast.team)) == ["limit_active", "name"]
    page = client.get("/t/FRAUD/settings/").content.decode()
    assert "changed limit active from 3 to 5" in re.sub(r"\s+", " ", page)
    assert "Fraud &amp; abuse" in page


def test_unknown_fields_change_nothing(cast: Cast, as_: Any) -> None:
    as_(cast.lead).post("/t/FRAUD/settings/", typed(cast, key="EVIL", last_number=0, id=cast.other.pk, team="OTHER"))
    assert Team.objects.get(pk=cast.team.pk).key == "FRAUD"
    assert Team.objects.get(pk=cast.other.pk).name == "Pricing"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("hours_per_day", "0", "greater than or equal to 1"),
        ("limit_active", "-1", "greater than or equal to 0"),
        ("guide_committed", "70", "must add up to 100"),
        ("deciders", "nobody", "Select a valid choice"),
        ("name", "", "This field is required"),
    ],
)
def test_bad_settings_get_a_sentence_and_keep_what_was_typed(cast: Cast, as_: Any, field: str, value: str, words: str) -> None:
    response = as_(cast.lead).post("/t/FRAUD/settings/", typed(cast, **{field: value, "tolerance": 7}))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert 'name="tolerance" value="7"' in response.content.decode()
    assert Activity.objects.count() == 0


def test_two_leads_at_once_lose_nothing(cast: Cast, as_: Any) -> None:
    cast.member.change(cast.lead, role="lead")
    mine, theirs = typed(cast, limit_active=5), typed(cast, limit_active=2, limit_review=6)
    other_field = typed(cast, tolerance=8)
    assert as_(cast.lead).post("/t/FRAUD/settings/", mine).status_code == 302
    assert as_(cast.member).post("/t/FRAUD/settings/", other_field).status_code == 302
    response = as_(cast.member).post("/t/FRAUD/settings/", theirs)
    assert response.status_code == 409
    page = response.content.decode()
    assert "Somebody set this to 5 in the meantime. Save again to keep yours." in page
    assert 'name="limit_active" value="2"' in page and 'name="initial-limit_active" value="5"' in page
    team = Team.objects.get(pk=cast.team.pk)
    assert (team.limit_active, team.limit_review, team.tolerance) == (5, 4, 8)
    assert as_(cast.member).post("/t/FRAUD/settings/", {**theirs, "initial-limit_active": "5"}).status_code == 302
    assert Team.objects.get(pk=cast.team.pk).limits() == {"active": 2, "analysis": 4, "in_progress": 4, "review": 6}


# ── members ──


def invite(client: Client, **fields: str) -> Any:
    return client.post(
        "/t/FRAUD/settings/members/", {"name": "Tomás Silva", "email": "tomas@example.org", "role": "member", "side": "science", **fields}
    )


def test_adding_somebody_new_shows_a_link_once_and_mails_it(cast: Cast, as_: Any) -> None:
    client = as_(cast.lead)
    response = invite(client)
    assert "no-store" in response["Cache-Control"]
    found = re.search(r'value="http://testserver(/sign-in/[\w-]+/)"', response.content.decode())
    assert found
    assert mail.outbox[0].to == ["tomas@example.org"] and found[1] in mail.outbox[0].body
    assert found[1] not in client.get("/t/FRAUD/settings/members/").content.decode()
    new = Client()
    assert new.get(found[1]).status_code == 302
    assert new.get("/t/FRAUD/settings/").status_code == 200


def test_adding_somebody_known_gives_no_way_into_their_account(cast: Cast, as_: Any) -> None:
    response = invite(as_(cast.lead), email="ines@example.org", name="Whatever")
    assert response.status_code == 302
    assert not SignInLink.objects.exists()
    assert "/sign-in/" not in mail.outbox[0].body
    assert User.objects.get(email="ines@example.org").name == "Inês Duarte"
    pk = Membership.objects.get(team=cast.team, user=cast.outsider.user).pk
    assert as_(cast.lead).post(f"/t/FRAUD/settings/members/{pk}/link/").status_code == 403


def test_a_name_makes_no_second_header_in_the_mail(cast: Cast, as_: Any) -> None:
    invite(as_(cast.lead), name="<b>Tomás</b>\r\nBcc: evil@example.org")
    assert mail.outbox[0].recipients() == ["tomas@example.org"]
    assert mail.outbox[0].subject == "Mei Tanaka added you to Fraud on dsboard"
    page = as_(cast.lead).get("/t/FRAUD/settings/members/").content.decode()
    assert "<b>Tomás" not in page and "&lt;b&gt;Tomás" in page


@pytest.mark.parametrize(
    "fields", [{"email": "nonsense"}, {"role": "owner"}, {"side": "both"}, {"name": ""}, {"email": "arjun@example.org"}]
)
def test_bad_invitations_get_a_sentence(cast: Cast, as_: Any, fields: dict[str, str]) -> None:
    response = invite(as_(cast.lead), **fields)
    assert response.status_code == 422
    assert 'class="err"' in response.content.decode()
    assert Membership.objects.filter(team=cast.team).count() == 3


def test_unknown_fields_of_an_invitation_change_nothing(cast: Cast, as_: Any) -> None:
    invite(as_(cast.lead), is_staff="on", is_superuser="on", team="OTHER", user=str(cast.outsider.user_id), password="known to me")
    user = User.objects.get(email="tomas@example.org")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (False, False, False)
    assert [m.team for m in user.memberships.all()] == [cast.team]


def test_changing_role_and_side(cast: Cast, as_: Any) -> None:
    response = as_(cast.lead).post(f"/t/FRAUD/settings/members/{cast.viewer.pk}/", {"role": "member", "side": "engineering"})
    assert response.status_code == 302
    cast.viewer.refresh_from_db()
    assert (cast.viewer.role, cast.viewer.side) == ("member", "engineering")
    refused = as_(cast.lead).post(f"/t/FRAUD/settings/members/{cast.lead.pk}/", {"role": "viewer", "side": "science"})
    assert refused.status_code == 422 and "is the only lead" in refused.content.decode()


def test_as_many_queries_for_thirty_members_as_for_three(cast: Cast, as_: Any, django_assert_num_queries: Any) -> None:
    client = as_(cast.lead)
    with django_assert_num_queries(5):
        client.get("/t/FRAUD/settings/members/")
    for n in range(27):
        cast.team.invite(cast.lead, email=f"p{n}@example.org", name=f"Person {n}")
    with django_assert_num_queries(5):
        client.get("/t/FRAUD/settings/members/")
