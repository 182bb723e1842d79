"""The calendar feed in one's own settings: made and shown once, replaced, stopped."""

import re
from typing import Any

from django.test import Client
from pytest_django import Settings

from dsboard.models import Feed
from dsboard.roles import Role
from tests.dsboard.conftest import Cast
from tests.dsboard.test_feed import codes


def shown(response: Any) -> str:
    found = re.search(r'<input class="input mono" id="feed-address" value="([^"]+)" readonly>', response.content.decode())
    assert found
    return found[1]


def test_the_address_is_shown_once(cast: Cast, as_: Any) -> None:
    client = as_(cast.member)
    page = client.get("/me/settings/").content.decode()
    assert "Make an address" in page and "Stop the feed" not in page and "feed-address" not in page
    assert "when your running time boxes end" in page and "the days of planned and running sprints" in page
    response = client.post("/me/settings/feed/")
    assert response.status_code == 200 and "no-store" in response["Cache-Control"]
    made = shown(response)
    assert re.fullmatch(r"http://testserver/calendar/[\w-]{43}\.ics", made)
    assert Client().get(made).status_code == 200
    page = client.get("/me/settings/").content.decode()
    assert "feed-address" not in page and made not in page and Feed.objects.get().digest not in page
    assert "A new address stops this one at once" in page and "Stop the feed" in page and "Make a new address" in page


def test_the_address_is_the_public_one(cast: Cast, as_: Any, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://board.example"
    response = as_(cast.member).post("/me/settings/feed/", headers={"host": "localhost"})
    assert shown(response).startswith("https://board.example/calendar/")


def test_another_address_and_none(cast: Cast, as_: Any) -> None:
    client = as_(cast.member)
    old, new = (shown(client.post("/me/settings/feed/")) for _ in range(2))
    assert [client.get(made).status_code for made in (old, new)] == [404, 200]
    assert "last read" in client.get("/me/settings/").content.decode()
    assert client.post("/me/settings/feed/revocation/")["Location"] == "/me/settings/"
    page = client.get("/me/settings/").content.decode()
    assert "Calendar feed stopped" in page and "Make an address" in page
    assert [client.get(made).status_code for made in (old, new)] == [404, 404]
    assert client.post("/me/settings/feed/revocation/").status_code == 302


def test_only_ones_own_feed_is_touched(cast: Cast, as_: Any) -> None:
    token = Feed.issue(cast.lead.user)
    client = as_(cast.member)
    assert client.post("/me/settings/feed/revocation/", {"user": cast.lead.user_id, "pk": Feed.objects.get().pk}).status_code == 302
    client.post("/me/settings/feed/", {"user": cast.lead.user_id})
    assert codes(token) == [200]


def test_making_and_stopping_are_posted_by_whoever_is_signed_in(cast: Cast, as_: Any) -> None:
    paths = ("/me/settings/feed/", "/me/settings/feed/revocation/")
    token = Feed.issue(cast.member.user)
    assert [as_(cast.member).get(path).status_code for path in paths] == [405, 405]
    assert [Client().post(path).status_code for path in paths] == [302, 302]
    assert codes(token) == [200]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.member.user)
    assert [strict.post(path).status_code for path in paths] == [403, 403]
    assert codes(token) == [200]


def test_the_address_opens_nothing_else(cast: Cast, as_: Any) -> None:
    token = Feed.issue(cast.lead.user)
    bearer = Client(headers={"authorization": f"Bearer {token}"})
    assert bearer.get("/api/v1/teams").status_code == 401
    assert bearer.get("/me/settings/").status_code == 302
    assert Client().get(f"/sign-in/{token}/").status_code == 410


def test_a_viewer_has_one_too(cast: Cast, as_: Any) -> None:
    assert cast.viewer.role == Role.VIEWER
    assert Client().get(shown(as_(cast.viewer).post("/me/settings/feed/"))).status_code == 200
