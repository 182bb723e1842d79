"""One's own settings, tokens and sessions."""

import re
from typing import Any

import pytest
from django.test import Client

from dsboard.models import ApiToken, User
from tests.dsboard.conftest import Cast


def made(response: Any) -> str:
    found = re.search(r'value="(dsb_[\w-]+)"', response.content.decode())
    assert found
    return found[1]


def test_name_theme_and_keys(cast: Cast, as_: Any) -> None:
    client = as_(cast.member)
    response = client.post("/me/settings/", {"name": " Arjun  P. ", "theme": "dark"})
    assert response["Location"] == "/me/settings/"
    user = User.objects.get(email="arjun@example.org")
    assert (user.name, user.theme, user.single_keys) == ("Arjun P.", "dark", False)
    page = client.get("/me/settings/").content.decode()
    assert '<html lang="en" data-theme="dark">' in page and "data-single-keys" not in page


def test_nothing_else_of_oneself_can_be_changed(cast: Cast, as_: Any) -> None:
    extra = {"is_staff": "on", "is_superuser": "on", "email": "mei@example.org", "role": "lead", "is_active": "", "sessions_ended": "9"}
    before = User.objects.values().get(pk=cast.viewer.user_id)
    as_(cast.viewer).post("/me/settings/", {"name": "Sofia Rossi", "theme": "system", "single_keys": "on", **extra})
    after = User.objects.values().get(pk=cast.viewer.user_id)
    assert {name for name in after if after[name] != before[name]} <= {"last_login"}
    cast.viewer.refresh_from_db()
    assert cast.viewer.role == "viewer"


@pytest.mark.parametrize("fields", [{"name": "", "theme": "dark"}, {"name": "A" * 81, "theme": "dark"}, {"name": "A", "theme": "pink"}])
def test_bad_input_gets_a_sentence(cast: Cast, as_: Any, fields: dict[str, str]) -> None:
    response = as_(cast.member).post("/me/settings/", fields)
    assert response.status_code == 422
    assert 'class="err"' in response.content.decode()


def test_a_new_password_ends_the_other_sessions(cast: Cast, as_: Any) -> None:
    here, there = as_(cast.member), as_(cast.member)
    assert here.post("/me/settings/password/", {"current": "wrong", "new": "quite another one"}).status_code == 422
    assert here.post("/me/settings/password/", {"current": "a long password", "new": "short"}).status_code == 422
    assert here.post("/me/settings/password/", {"current": "a long password", "new": "quite another one"}).status_code == 302
    assert here.get("/me/settings/").status_code == 200
    assert there.get("/me/settings/").status_code == 302


def test_whoever_has_none_sets_one_without_the_old(cast: Cast, as_: Any) -> None:
    place, _ = cast.team.invite(cast.lead, email="new@example.org", name="Tomás Silva")
    client = as_(place)
    assert 'name="current"' not in client.get("/me/settings/").content.decode()
    assert client.post("/me/settings/password/", {"new": "quite another one"}).status_code == 302
    assert client.post("/me/settings/password/", {"new": "and a third one"}).status_code == 422


def test_signing_out_everywhere_else(cast: Cast, as_: Any) -> None:
    here, there, somebody = as_(cast.member), as_(cast.member), as_(cast.viewer)
    assert here.post("/me/settings/sessions/").status_code == 302
    assert [c.get("/me/settings/").status_code for c in (here, there, somebody)] == [200, 302, 200]


def test_a_token_is_shown_once_and_kept_as_a_hash(cast: Cast, as_: Any) -> None:
    client = as_(cast.member)
    response = client.post("/me/settings/tokens/", {"team": "FRAUD", "name": "Notebook", "scope": "runs"})
    token = made(response)
    assert "no-store" in response["Cache-Control"]
    held = ApiToken.holder(token)
    assert held is not None
    assert (held.membership, held.scope, held.name) == (cast.member, "runs", "Notebook")
    assert token not in repr(ApiToken.objects.values().get())
    page = client.get("/me/settings/").content.decode()
    assert token not in page and held.digest not in page and token[:10] in page


def test_a_token_for_ones_own_teams_only(cast: Cast, as_: Any) -> None:
    response = as_(cast.member).post("/me/settings/tokens/", {"team": "OTHER", "name": "x", "scope": "read"})
    assert response.status_code == 422
    assert not ApiToken.objects.exists()
    assert "Pricing" not in response.content.decode()


def test_revoking_ones_own_tokens_only(cast: Cast, as_: Any) -> None:
    token = ApiToken.issue(cast.member)
    held = ApiToken.holder(token)
    assert held is not None
    assert as_(cast.lead).post(f"/me/settings/tokens/{held.pk}/revocation/").status_code == 404
    assert ApiToken.holder(token) is not None
    assert as_(cast.member).post(f"/me/settings/tokens/{held.pk}/revocation/").status_code == 302
    assert ApiToken.holder(token) is None


def test_a_token_makes_no_token(cast: Cast) -> None:
    token = ApiToken.issue(cast.lead)
    bearer = Client(headers={"authorization": f"Bearer {token}"})
    assert bearer.get("/me/settings/").status_code == 302
    assert bearer.post("/me/settings/tokens/", {"team": "FRAUD", "name": "x", "scope": "write"}).status_code == 302
    assert ApiToken.objects.count() == 1


def test_as_many_queries_for_thirty_tokens_as_for_one(cast: Cast, as_: Any, django_assert_num_queries: Any) -> None:
    client = as_(cast.member)
    ApiToken.issue(cast.member)
    with django_assert_num_queries(7):
        client.get("/me/settings/")
    for _ in range(29):
        ApiToken.issue(cast.member)
    with django_assert_num_queries(7):
        client.get("/me/settings/")
