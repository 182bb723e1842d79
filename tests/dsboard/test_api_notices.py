"""One's own notices over the API: listed, filtered, marked read."""

import pytest

from dsboard.models import Notice
from tests.caller import Caller
from tests.dsboard.conftest import Cast


def post(cast: Cast, user_id: int, key: str, **more: object) -> None:
    said = {"team_id": cast.team.pk, "kind": "mention", "title": f"Arjun mentioned you: {key}", "text": "Look", "url": "/t/FRAUD/"}
    Notice.objects.post(**(said | {"user_id": user_id, "key": key, "by_id": cast.member.user_id} | more))


@pytest.fixture
def notices(cast: Cast) -> list[int]:
    """Two for the lead and one for the viewer; the lead's, the newest first."""
    for member, key in ((cast.lead, "one"), (cast.viewer, "two"), (cast.lead, "three")):
        post(cast, member.user_id, key)
    return list(Notice.objects.filter(user=cast.lead.user_id).values_list("pk", flat=True))


def listed(caller: Caller, query: str = "") -> list[int]:
    return [notice["id"] for notice in caller.get(f"/me/notices{query}").json()["items"]]


def test_one_is_told_whole(cast: Cast, notices: list[int]) -> None:
    told = Caller(cast.lead).get("/me/notices").json()["items"][0]
    assert told.pop("at")
    assert told == {
        "id": notices[0],
        "kind": "mention",
        "title": "Arjun mentioned you: three",
        "text": "Look",
        "url": told["url"],
        "by": "arjun@example.org",
        "read_at": None,
        "snoozed_until": None,
    }
    assert told["url"].startswith("http://testserver/t/FRAUD/")


def test_read_and_unread(cast: Cast, notices: list[int]) -> None:
    caller = Caller(cast.lead)
    assert listed(caller) == notices
    answer = caller.post(f"/me/notices/{notices[1]}/read")
    assert (answer.status_code, answer.json()["id"]) == (200, notices[1])
    assert answer.json()["read_at"] is not None
    assert (listed(caller, "?unread=true"), listed(caller, "?unread=false")) == ([notices[0]], [notices[1]])


def test_reading_twice_keeps_the_first_time(cast: Cast, notices: list[int]) -> None:
    caller = Caller(cast.lead)
    first, second = [caller.post(f"/me/notices/{notices[0]}/read").json()["read_at"] for _ in range(2)]
    assert first == second


def test_those_of_others_are_not_there(cast: Cast, notices: list[int]) -> None:
    caller = Caller(cast.member)
    assert listed(caller) == []
    assert caller.post(f"/me/notices/{notices[0]}/read").status_code == 404
    assert Notice.objects.filter(read_at=None).count() == 3


def test_those_of_another_team_are_not_there(cast: Cast) -> None:
    """A token acts within one team, also where its owner is in two."""
    post(cast, cast.lead.user_id, "x", team_id=cast.other.pk, by_id=None)
    pk = Notice.objects.get().pk
    caller = Caller(cast.lead)
    assert listed(caller) == []
    assert caller.post(f"/me/notices/{pk}/read").status_code == 404


def test_a_query_that_is_not_known(cast: Cast) -> None:
    assert Caller(cast.lead).get("/me/notices?unread=perhaps").status_code == 422
    assert Caller(cast.lead).get("/me/notices?all=1").status_code == 422
