"""In and out: each attack beside its harmless neighbour."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from dsboard.models import SignInLink, User
from tests.dsboard.conftest import Cast

RIGHT = {"email": "mei@example.org", "password": "a long password"}
WRONG = {**RIGHT, "password": "another password"}


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_by_email_and_password_in_any_case(client: Client, cast: Cast) -> None:
    response = client.post("/sign-in/", {**RIGHT, "email": " Mei@Example.ORG "})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in(client)


def test_the_session_ends_with_the_browser_unless_asked(client: Client, cast: Cast) -> None:
    client.post("/sign-in/", RIGHT)
    assert client.session.get_expire_at_browser_close()
    client.post("/sign-out/")
    client.post("/sign-in/", {**RIGHT, "keep": "on"})
    assert not client.session.get_expire_at_browser_close()


def test_wrong_password_and_unknown_address_get_one_answer(client: Client, cast: Cast) -> None:
    wrong = client.post("/sign-in/", WRONG)
    unknown = client.post("/sign-in/", {**WRONG, "email": "nobody@example.org"})
    sentence = "That email and password do not match."
    assert wrong.status_code == unknown.status_code == 422
    assert sentence in wrong.content.decode() and sentence in unknown.content.decode()
    assert "mei@example.org" in wrong.content.decode()
    assert "another password" not in wrong.content.decode()


def test_an_unknown_address_costs_a_hash_too(client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(User, "set_password", lambda self, raw: hashed.append(raw))
    client.post("/sign-in/", {**WRONG, "email": "nobody@example.org"})
    assert hashed == ["another password"]


def test_the_deactivated_stay_out_and_sessions_of_theirs_end(client: Client, cast: Cast) -> None:
    client.post("/sign-in/", RIGHT)
    assert client.get("/me/settings/").status_code == 200
    User.objects.filter(email="mei@example.org").update(is_active=False)
    assert client.get("/me/settings/")["Location"].startswith("/sign-in/")
    assert Client().post("/sign-in/", RIGHT).status_code == 422


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\/evil.example",
        "javascript:alert(1)",
        "///evil.example",
        "http:///evil",
        "evil",
        " //e.vil",
    ],
)
def test_next_leads_nowhere_else(client: Client, cast: Cast, target: str) -> None:
    assert client.post("/sign-in/", {**RIGHT, "next": target})["Location"] == "/"
    assert client.get("/sign-in/", {"next": target})["Location"] == "/"


def test_next_leads_to_a_page_of_ours(client: Client, cast: Cast) -> None:
    asked = client.get("/t/FRAUD/settings/?a=1")
    assert asked["Location"] == "/sign-in/?next=/t/FRAUD/settings/%3Fa%3D1"
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/t/FRAUD/settings/?a=1"' in page
    assert client.post("/sign-in/", {**RIGHT, "next": "/t/FRAUD/settings/?a=1"})["Location"] == "/t/FRAUD/settings/?a=1"


def test_a_session_is_rotated_and_an_old_one_refused(client: Client, cast: Cast) -> None:
    client.get("/sign-in/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    client.post("/sign-in/", RIGHT)
    mine = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert mine != planted and not Session.objects.filter(session_key=planted).exists()
    client.post("/sign-out/")
    stale = Client()
    stale.cookies[settings.SESSION_COOKIE_NAME] = mine
    assert stale.get("/me/settings/").status_code == 302


def test_an_expired_session_is_refused(client: Client, cast: Cast) -> None:
    client.post("/sign-in/", {**RIGHT, "keep": "on"})
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/me/settings/").status_code == 302


def test_sign_out_is_a_post_with_a_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.lead.user)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 403
    assert signed_in(client)
    client.get("/me/settings/")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    foreign = client.post("/sign-out/", {"csrfmiddlewaretoken": token}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403 and signed_in(client)
    assert client.post("/sign-out/", {"csrfmiddlewaretoken": token}).status_code == 302
    assert not signed_in(client)


def test_signing_in_needs_the_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/sign-in/", RIGHT).status_code == 403


def test_no_header_signs_anybody_in(client: Client, cast: Cast) -> None:
    for header in ("Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Auth-Request-Email"):
        assert client.get("/me/settings/", headers={header: "mei@example.org"}, REMOTE_USER="mei@example.org").status_code == 302


# ── one-time links ──


def test_a_link_works_once_by_get(client: Client, cast: Cast) -> None:
    token = SignInLink.issue(cast.member.user)
    assert client.head(f"/sign-in/{token}/").status_code == 405
    response = client.get(f"/sign-in/{token}/")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "no-store" in response["Cache-Control"] and response["Referrer-Policy"] == "no-referrer"
    assert client.session["_auth_user_id"] == str(cast.member.user_id)
    other = Client()
    assert other.get(f"/sign-in/{token}/").status_code == 410
    assert not signed_in(other)


def test_a_link_lands_on_a_page_that_links_to_the_board(client: Client, cast: Cast) -> None:
    page = client.get(f"/sign-in/{SignInLink.issue(cast.member.user)}/", follow=True)
    assert (page.status_code, page.request["PATH_INFO"]) == (200, "/me/")
    assert 'href="/t/FRAUD/board/"' in page.content.decode()


def test_a_link_lasts_an_hour_and_is_kept_as_a_hash(client: Client, cast: Cast) -> None:
    token = SignInLink.issue(cast.member.user)
    row = SignInLink.objects.get()
    assert token not in repr(row.__dict__)
    assert timedelta(minutes=59) < row.expires_at - timezone.now() <= timedelta(hours=1)
    SignInLink.objects.update(expires_at=timezone.now())
    assert client.get(f"/sign-in/{token}/").status_code == 410


def test_a_link_of_somebody_deactivated_opens_nothing(client: Client, cast: Cast) -> None:
    token = SignInLink.issue(cast.member.user)
    User.objects.filter(pk=cast.member.user_id).update(is_active=False)
    assert client.get(f"/sign-in/{token}/").status_code == 410


def test_a_link_takes_the_place_of_another_session(cast: Cast, as_: Any) -> None:
    client = as_(cast.lead)
    client.get(f"/sign-in/{SignInLink.issue(cast.viewer.user)}/")
    assert client.session["_auth_user_id"] == str(cast.viewer.user_id)


# ── limits ──


def test_guessing_from_one_place_ends_and_nobody_is_locked_out(cast: Cast) -> None:
    guesser, mei = Client(REMOTE_ADDR="203.0.113.9"), Client(REMOTE_ADDR="198.51.100.7")
    assert [guesser.post("/sign-in/", WRONG).status_code for _ in range(21)] == [422] * 20 + [429]
    refused = guesser.post("/sign-in/", RIGHT)
    assert refused.status_code == 429 and 0 < int(refused["Retry-After"]) <= 300
    assert "Too many tries. Wait" in refused.content.decode()
    assert mei.post("/sign-in/", RIGHT).status_code == 302


def test_an_address_has_a_limit_of_its_own_above_that(cast: Cast) -> None:
    guessers = [Client(REMOTE_ADDR=f"203.0.113.{n}") for n in range(6)]
    codes = [guesser.post("/sign-in/", WRONG).status_code for guesser in guessers for _ in range(20)]
    assert codes == [422] * 100 + [429] * 20
    assert guessers[5].post("/sign-in/", {**RIGHT, "email": "arjun@example.org"}).status_code == 302


def test_a_made_up_forwarded_header_counts_for_nothing(cast: Cast) -> None:
    codes = [Client().post("/sign-in/", WRONG, headers={"x-forwarded-for": f"10.0.0.{n}"}).status_code for n in range(21)]
    assert codes[-1] == 429


def test_behind_a_proxy_the_last_hop_counts(cast: Cast, settings: Settings) -> None:
    settings.SECURE = True
    liar = [Client().post("/sign-in/", WRONG, headers={"x-forwarded-for": f"10.0.0.{n}, 203.0.113.9"}).status_code for n in range(21)]
    assert liar[-1] == 429
    assert Client().post("/sign-in/", WRONG, headers={"x-forwarded-for": "203.0.113.9, 198.51.100.7"}).status_code == 422


def test_guessing_links_ends(cast: Cast) -> None:
    client = Client()
    assert [client.get(f"/sign-in/guess-{n}/").status_code for n in range(21)] == [410] * 20 + [429]
    good = SignInLink.issue(cast.lead.user)
    assert client.get(f"/sign-in/{good}/").status_code == 429
    assert Client(REMOTE_ADDR="198.51.100.7").get(f"/sign-in/{good}/").status_code == 302


def test_an_open_page_is_told_and_keeps_what_was_written(client: Client, cast: Cast) -> None:
    response = client.post("/t/FRAUD/settings/", headers={"hx-request": "true"})
    assert (response.status_code, response["HX-Retarget"]) == (401, "#toasts")
    assert "You were signed out." in response.content.decode()
