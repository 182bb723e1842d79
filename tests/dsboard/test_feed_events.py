"""What is written at the address of a calendar feed: the events that the floors bring, whatever their words."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar
from pytest_django import Settings

from dsboard import feed, floors
from dsboard.models import Feed
from tests.dsboard.conftest import Cast
from tests.dsboard.test_feed import NINE, address

HOSTILE = [
    'Commas, semicolons; colons: quotes " and back\\slashes \\n \\, \\;',
    "Two\nlines",
    "👩🏽‍🔬 measures 漢字, naïvely",
    "x" * 1_000,
    "é👩🏽‍🔬" * 100,
    "END:VEVENT\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:somebody@example.org",
    "<script>alert(1)</script>",
    "a b\u0085c",
]


def event(**changed: Any) -> feed.Event:
    """An ordinary one."""
    usual: dict[str, Any] = {"uid": "thing-1", "sequence": 3, "changed_at": NINE, "start": NINE, "end": NINE + timedelta(minutes=15)}
    return feed.Event(**(usual | {"title": "A thing", "text": "What it is.", "path": "/t/FRAUD/"} | changed))


@pytest.fixture
def brings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the floors bring these events, to anybody: brings(event(), event())."""

    def bring(*events: feed.Event) -> None:
        monkeypatch.setattr(floors, "modules", lambda name: [SimpleNamespace(events=lambda user: list(events))])

    return bring


def read(token: str) -> Calendar:
    response = Client().get(address(token))
    assert response.status_code == 200
    return Calendar.from_ical(response.content)


def test_an_empty_feed_is_a_calendar_too(cast: Cast) -> None:
    calendar = read(Feed.issue(cast.member.user))
    assert calendar.events == []
    assert (calendar["VERSION"], calendar["X-WR-CALNAME"], calendar["PRODID"]) == ("2.0", "dsboard", "-//dsboard//dsboard//EN")


def test_it_asks_to_be_read_every_hour(cast: Cast) -> None:
    text = Client().get(address(Feed.issue(cast.member.user))).content.decode()
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text and "X-PUBLISHED-TTL:PT1H\r\n" in text


def test_an_event_says_everything(cast: Cast, brings: Any) -> None:
    lisbon = datetime.fromisoformat("2026-07-01T17:00:00+01:00")
    brings(event(start=lisbon - timedelta(minutes=15), end=lisbon))
    [one] = read(Feed.issue(cast.member.user)).events
    assert (one["UID"], one.sequence, str(one["SUMMARY"]), one["STATUS"]) == ("thing-1@dsboard", 3, "A thing", "CONFIRMED")
    assert (one.start, one.end) == (datetime(2026, 7, 1, 15, 45, tzinfo=UTC), datetime(2026, 7, 1, 16, tzinfo=UTC))
    assert one["DTEND"].to_ical() == b"20260701T160000Z"
    assert (one.DTSTAMP, one.LAST_MODIFIED) == (NINE, NINE)
    assert one["TRANSP"] == "TRANSPARENT"
    assert (one["URL"], str(one["DESCRIPTION"])) == ("http://testserver/t/FRAUD/", "What it is.\nhttp://testserver/t/FRAUD/")


def test_an_event_of_whole_days(cast: Cast, brings: Any) -> None:
    brings(event(start=date(2026, 3, 2), end=date(2026, 3, 14)))
    token = Feed.issue(cast.member.user)
    [one] = read(token).events
    assert (one.start, one.end) == (date(2026, 3, 2), date(2026, 3, 14))
    assert b"DTSTART;VALUE=DATE:20260302\r\n" in Client().get(address(token)).content


def test_names_and_links_come_from_the_public_address(cast: Cast, brings: Any, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://board.example:8443/dsboard"
    brings(event())
    [one] = read(Feed.issue(cast.member.user)).events
    assert (one["UID"], one["URL"]) == ("thing-1@board.example", "https://board.example:8443/dsboard/t/FRAUD/")


@pytest.mark.parametrize("words", HOSTILE)
def test_any_words_come_back_as_they_were(cast: Cast, brings: Any, words: str) -> None:
    brings(event(title=words, text=words), event(uid="thing-2"))
    token = Feed.issue(cast.member.user)
    events = read(token).events
    assert [str(one["UID"]) for one in events] == ["thing-1@dsboard", "thing-2@dsboard"]
    assert str(events[0]["SUMMARY"]) == words.replace("\r\n", "\n")
    assert str(events[0]["DESCRIPTION"]).startswith(words.replace("\r\n", "\n"))
    assert "ATTENDEE" not in events[0]
    lines = Client().get(address(token)).content.split(b"\r\n")
    assert max(map(len, lines)) <= 75 and not any(b"\n" in line for line in lines)


def test_what_no_calendar_may_hold_is_left_out(cast: Cast, brings: Any) -> None:
    brings(event(title="a\x00b\x07c\x1b[31md\x7fe", text="\x08\x0b\x0c"))
    response = Client().get(address(Feed.issue(cast.member.user)))
    assert re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", response.content) is None
    [one] = Calendar.from_ical(response.content).events
    assert str(one["SUMMARY"]) == "abc[31mde"


def test_the_floors_are_found_by_name() -> None:
    assert "experiments.feed" in [module.__name__ for module in floors.modules("feed")]
    demos = [module.__name__ for module in floors.modules("demo")]
    assert demos.index("experiments.demo") < demos.index("handoffs.demo")
    assert "dsboard.demo" not in demos
    assert floors.modules("no_such_module") == []


def test_nothing_changed_is_said_in_a_word(cast: Cast, brings: Any) -> None:
    brings(event())
    token = Feed.issue(cast.member.user)
    first = Client().get(address(token))
    again = Client().get(address(token), headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (again["Cache-Control"], again["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    packed = Client().get(address(token), headers={"if-none-match": f"W/{first['ETag']}", "accept-encoding": "gzip"})
    assert packed.status_code == 304
    brings(event(sequence=4))
    assert Client().get(address(token), headers={"if-none-match": first["ETag"]}).status_code == 200
