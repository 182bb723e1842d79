"""Sprints in a person's calendar feed: the days of planned and running ones, in every team of that person."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from dsboard.models import Feed, Membership
from experiments.models.departure import Departure
from sprints.feed import events
from sprints.models import Sprint
from tests.world import World, wall

MONDAY = "2026-03-09 09:00"


@pytest.fixture
def token(world: World) -> str:
    """Mei's."""
    return Feed.issue(world.mei.user)


def text_of(token: str) -> str:
    response = Client().get(f"/calendar/{token}.ics")
    assert response.status_code == 200
    return response.content.decode()


def feed_of(token: str) -> list[Any]:
    return Calendar.from_ical(text_of(token)).events


def test_an_event_of_whole_days_with_the_goal(world: World, token: str) -> None:
    with wall(MONDAY):
        sprint = Sprint.plan(world.team, world.lead, goal="Rank better")
        [event] = feed_of(token)
        assert "DTSTART;VALUE=DATE:20260309\r\nDTEND;VALUE=DATE:20260321\r\n" in text_of(token)
    assert (event.start, event.end) == (date(2026, 3, 9), date(2026, 3, 21))
    assert (event["UID"], event.sequence, event["STATUS"]) == (f"sprint-{sprint.pk}@dsboard", 1, "TENTATIVE")
    assert str(event["SUMMARY"]) == "Sprint 1 of Fraud: Rank better"
    assert event["URL"] == "http://testserver/t/FRAUD/sprints/1/plan/"
    assert str(event["DESCRIPTION"]) == f"It is planned, and its dates may still change.\n{event['URL']}"
    assert event.DTSTAMP == event.LAST_MODIFIED == datetime(2026, 3, 9, 9, tzinfo=UTC)


def test_every_change_is_the_same_event_once_more(world: World, token: str) -> None:
    with wall(MONDAY):
        sprint = Sprint.plan(world.team, world.lead)
        [planned] = feed_of(token)
        unchanged = text_of(token)
    with wall("2026-03-09 15:00"):
        sprint.set_availability(world.lead, {"mei@example.org": 0.5})
        assert text_of(token) == unchanged
        sprint.change(world.lead, ends_on=date(2026, 3, 18))
        [changed] = feed_of(token)
    with wall("2026-03-10 09:00"):
        sprint.start(world.lead)
        [running] = feed_of(token)
    assert planned["UID"] == changed["UID"] == running["UID"]
    assert [event.sequence for event in (planned, changed, running)] == [1, 2, 3]
    assert [event.end for event in (planned, changed, running)] == [date(2026, 3, 21), date(2026, 3, 19), date(2026, 3, 19)]
    assert [event.DTSTAMP.hour for event in (planned, changed, running)] == [9, 15, 9]
    assert (str(running["SUMMARY"]), running["STATUS"]) == ("Sprint 1 of Fraud", "CONFIRMED")
    assert running["URL"] == "http://testserver/t/FRAUD/sprints/1/board/"


def test_closed_and_discarded_sprints_leave_it(world: World, token: str) -> None:
    with wall(MONDAY):
        first, second, third = (Sprint.plan(world.team, world.lead) for _ in range(3))
        assert len(feed_of(token)) == 3
        first.start(world.lead)
        first.close(world.lead)
        third.discard(world.lead)
        assert [str(event["UID"]) for event in feed_of(token)] == [f"sprint-{second.pk}@dsboard"]


def test_every_team_of_a_person_and_no_other(world: World, token: str) -> None:
    with wall(MONDAY):
        ours, theirs = Sprint.plan(world.team, world.lead), Sprint.plan(world.other, world.ivo, starts_on=date(2026, 3, 2))
        uids = {sprint: f"sprint-{sprint.pk}@dsboard" for sprint in (ours, theirs)}
        assert [str(event["UID"]) for event in feed_of(token)] == [uids[ours]]
        assert [str(event["UID"]) for event in feed_of(Feed.issue(world.vera.user))] == [uids[ours]]
        there = Membership.objects.create(team=world.other, user=world.mei.user, role="member", side="science")
        assert [str(event["UID"]) for event in feed_of(token)] == [uids[theirs], uids[ours]]
        Departure(there).settle(world.ivo)
        assert [str(event["UID"]) for event in feed_of(token)] == [uids[ours]]


@pytest.mark.parametrize("goal", ["Commas, semicolons; and back\\slashes", "👩🏽‍🔬 漢字", "é" * 300, "BEGIN:VEVENT"])
def test_any_goal_comes_back_as_it_was(world: World, token: str, goal: str) -> None:
    Sprint.plan(world.team, world.lead, goal=goal)
    [event] = feed_of(token)
    assert str(event["SUMMARY"]) == f"Sprint 1 of Fraud: {goal}"


def test_one_query_for_one_sprint_and_for_thirty(world: World, django_assert_num_queries: Any) -> None:
    Sprint.plan(world.team, world.lead)
    with django_assert_num_queries(1):
        assert len(events(world.mei.user)) == 1
    for _ in range(29):
        Sprint.plan(world.team, world.lead)
    with django_assert_num_queries(1):
        assert len(events(world.mei.user)) == 30
