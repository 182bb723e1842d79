"""The calendar feed: a secret address for one person, which opens that person's events and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from dsboard.models import Feed, User
from tests.dsboard.conftest import Cast
from tests.world import every_row

NINE = datetime(2026, 3, 10, 9, tzinfo=UTC)


def address(token: str) -> str:
    return f"/calendar/{token}.ics"


def codes(*tokens: str) -> list[int]:
    return [Client().get(address(token)).status_code for token in tokens]


def test_the_feed_needs_no_session_and_is_kept_by_nobody(cast: Cast) -> None:
    response = Client().get(address(Feed.issue(cast.member.user)))
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    assert not response.cookies


def test_a_new_address_stops_the_old_one(cast: Cast) -> None:
    old, others = Feed.issue(cast.member.user), Feed.issue(cast.lead.user)
    new = Feed.issue(cast.member.user)
    assert codes(old, new, others) == [404, 200, 200]
    assert Feed.objects.count() == 2


def test_a_revoked_one_stops(cast: Cast) -> None:
    mine, others = Feed.issue(cast.member.user), Feed.issue(cast.lead.user)
    cast.member.user.feed.revoke()
    assert codes(mine, others) == [404, 200]


def test_the_feed_of_somebody_deactivated_stops(cast: Cast) -> None:
    token = Feed.issue(cast.member.user)
    cast.member.user.deactivate(cast.lead.user)
    assert codes(token) == [404]
    assert Feed.holder(token) is None


def test_whatever_is_wrong_the_answer_is_the_same(cast: Cast, as_: Any) -> None:
    replaced, revoked, closed = Feed.issue(cast.lead.user), Feed.issue(cast.viewer.user), Feed.issue(cast.member.user)
    Feed.issue(cast.lead.user)
    cast.viewer.user.feed.revoke()
    User.objects.filter(pk=cast.member.user_id).update(is_active=False)
    wrong = [replaced, revoked, closed, closed + "x", closed.swapcase(), "guess", "a" * 3_000, "%ff%fe", "..", "' OR 1=1 --"]
    answers = [client.get(address(token)) for client in (Client(), as_(cast.lead)) for token in wrong]
    told = {(a.status_code, a.content, tuple(sorted((k, v) for k, v in a.items()))) for a in answers}
    assert len(told) == 1
    assert answers[0].status_code == 404 and answers[0]["Content-Type"] == "text/plain; charset=utf-8"
    assert answers[0].content.decode() == (
        "There is no calendar feed at this address. If it was yours, make a new address in your settings.\n"
    )
    assert (answers[0]["Cache-Control"], answers[0]["Referrer-Policy"]) == ("private, no-store", "no-referrer")


@pytest.mark.parametrize(
    "path", ["/calendar/%00.ics", "/calendar/a%00b.ics", "/calendar/", "/calendar/.ics", "/calendar/x", "/calendar/a/b.ics"]
)
def test_what_is_no_address_at_all_is_not_found_either(cast: Cast, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_a_null_byte_behind_the_question_mark(cast: Cast) -> None:
    assert Client().get(address(Feed.issue(cast.member.user)) + "?a=%00").status_code == 404


def test_it_is_only_read(cast: Cast) -> None:
    token = Feed.issue(cast.member.user)
    client = Client()
    asked = client.get(address(token))
    before = every_row()
    head = client.head(address(token))
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", asked["ETag"])
    assert [method(address(token)).status_code for method in (client.post, client.put, client.patch, client.delete)] == [405] * 4
    assert Client(enforce_csrf_checks=True).post(address(token)).status_code == 403
    assert every_row() == before


def test_only_a_hash_is_kept(cast: Cast) -> None:
    token = Feed.issue(cast.member.user)
    Client().get(address(token))
    assert len(token) >= 43
    assert token not in repr(every_row())


def test_its_use_is_noted_once_an_hour(cast: Cast, django_assert_num_queries: Any) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        token = Feed.issue(cast.member.user)
        assert Feed.objects.get().last_used_at is None
        for minutes, noted in ((0, NINE), (30, NINE), (31, NINE + timedelta(minutes=61)), (59, NINE + timedelta(minutes=61))):
            clock.shift(timedelta(minutes=minutes))
            codes(token)
            assert Feed.objects.get().last_used_at == noted
        with django_assert_num_queries(1):
            Feed.holder(token)
        Feed.issue(cast.member.user)
        assert Feed.objects.get().last_used_at is None


def test_a_known_mark_opens_nothing(cast: Cast) -> None:
    token = Feed.issue(cast.member.user)
    mark = Client().get(address(token))["ETag"]
    cast.member.user.feed.revoke()
    assert [Client().get(address(token), headers={"if-none-match": m}).status_code for m in (mark, "*")] == [404, 404]


def test_guessing_ends_and_good_addresses_go_on(cast: Cast) -> None:
    token = Feed.issue(cast.member.user)
    client = Client(REMOTE_ADDR="203.0.113.9")
    assert [client.get(address(f"guess-{n}")).status_code for n in range(22)] == [404] * 20 + [429] * 2
    refused = client.get(address("guess"))
    assert 0 < int(refused["Retry-After"]) <= 300 and "Too many tries. Wait" in refused.content.decode()
    assert client.get(address(token)).status_code == 200
    assert Client(REMOTE_ADDR="198.51.100.7").get(address("guess")).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_new_addresses_at_once_leave_one(cast: Cast) -> None:
    def issue(_: int) -> str:
        try:
            return Feed.issue(cast.member.user)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(issue, range(8)))
    assert [Feed.holder(token) is not None for token in tokens].count(True) == 1
    assert Feed.objects.count() == 1
