"""Time boxes in a person's calendar feed: the ends of one's own, while their clocks run."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from dsboard.models import Absence, Feed, Membership
from experiments.feed import events
from experiments.models import Task, extension, pauses
from experiments.models.departure import Departure
from experiments.models.moving import moving
from experiments.models.undo import take_back
from experiments.stages import Stage
from tests.world import World, wall


@pytest.fixture
def token(world: World) -> str:
    """Mei's."""
    return Feed.issue(world.mei.user)


def feed_of(token: str) -> list[Any]:
    response = Client().get(f"/calendar/{token}.ics")
    assert response.status_code == 200
    return Calendar.from_ical(response.content).events


def uids(token: str) -> list[str]:
    return [str(event["UID"]) for event in feed_of(token)]


def names(*tasks: Task) -> list[str]:
    return [f"box-{task.pk}@dsboard" for task in tasks]


def shared(world: World, name: str = "mei") -> Membership:
    """Mei's place in Ivo's team."""
    return Membership.objects.create(team=world.other, user=getattr(world, name).user, role="member", side="science")


def test_the_end_of_a_running_box(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
        [event] = feed_of(token)
    assert str(event["SUMMARY"]) == "Time box ends: BERT vs GPT comparison"
    assert event.end == datetime(2026, 3, 12, 17, tzinfo=UTC)
    assert event.end - event.start == timedelta(minutes=15)
    assert str(event["DESCRIPTION"]).splitlines() == [
        f"{task.ref} in Fraud, a 3d time box.",
        "Findings are due then: report what you learned, or extend the box with a reason. Not finding it counts too.",
        f"http://testserver/t/FRAUD/tasks/{task.ref}/",
    ]
    assert event["URL"] == f"http://testserver/t/FRAUD/tasks/{task.ref}/"
    assert Client().get(event["URL"]).status_code == 302
    assert (event["UID"], event.sequence) == (f"box-{task.pk}@dsboard", task.version)
    assert event.LAST_MODIFIED == event.DTSTAMP == datetime(2026, 3, 10, 9, tzinfo=UTC)


def test_in_utc_also_where_summer_has_come(world: World, token: str) -> None:
    with wall("2026-07-07 09:00"):
        world.started(world.research())
        [event] = feed_of(token)
    assert event["DTEND"].to_ical() == b"20260707T160000Z"


def test_an_extension_moves_the_same_event(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
        [before] = feed_of(token)
    with wall("2026-03-11 09:00"):
        extension.extend(task, world.mei, hours=8, reason="One more seed.")
        [after] = feed_of(token)
    assert after["UID"] == before["UID"]
    assert after.sequence > before.sequence
    assert (before.end, after.end) == (datetime(2026, 3, 12, 17, tzinfo=UTC), datetime(2026, 3, 13, 17, tzinfo=UTC))
    assert after.LAST_MODIFIED > before.LAST_MODIFIED


def test_an_absence_moves_it_too(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        world.started(world.experiment())
        [before] = feed_of(token)
        moving(world.team, world.mei, lambda: Absence.add(world.mei, world.mei, first_day=date(2026, 3, 12), last_day=date(2026, 3, 12)))
        [after] = feed_of(token)
    assert after.sequence > before.sequence
    assert after.end == before.end + timedelta(days=1)


def test_a_pause_takes_it_away_until_the_clock_runs_on(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
        [before] = feed_of(token)
    with wall("2026-03-11 09:00"):
        pauses.pause(task, world.mei, reason="Waiting for labels.")
        assert uids(token) == []
    with wall("2026-03-16 09:00"):
        pauses.resume(task, world.mei)
        [after] = feed_of(token)
    assert (after["UID"], after.sequence > before.sequence) == (before["UID"], True)
    assert after.end == datetime(2026, 3, 17, 17, tzinfo=UTC)


def test_it_stays_after_its_end_until_findings_are_reported(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
    with wall("2026-03-20 09:00"):
        assert uids(token) == names(task)
        world.report(task)
        assert uids(token) == []


def test_a_box_that_is_idle_has_no_end_yet(world: World, token: str) -> None:
    world.experiment(owner="mei@example.org")
    world.started(world.development())
    assert uids(token) == []


def test_undoing_a_start_takes_it_away(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        task = world.experiment()
        moved = task.move_to(Stage.ACTIVE, world.mei)
        assert moved is not None and uids(token) == names(task)
        take_back(task, moved, world.mei)
        assert uids(token) == []


@pytest.mark.parametrize("end", ["drop", "bin"])
def test_dropped_and_deleted_cards_leave_it(world: World, token: str, end: str) -> None:
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
        task.drop(world.mei, "The labels are gone.") if end == "drop" else task.delete_to_bin(world.mei)
        assert uids(token) == []


@pytest.mark.parametrize("fields", [{"dropped_at", "ended_at"}, {"deleted_at"}])
def test_they_do_so_whatever_their_clock_says(world: World, token: str, fields: set[str]) -> None:
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
        now = datetime(2026, 3, 10, 10, tzinfo=UTC)
        Task.objects.filter(pk=task.pk).update(rank=None, drop_reason="Gone.", **dict.fromkeys(fields, now))
        assert uids(token) == []


def test_other_peoples_boxes_are_never_in_it(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        watched = world.started(world.experiment(by=world.omar), world.omar)
        watched.watch(world.mei, on=True)
        world.started(world.research(by=world.ivo), world.ivo)
        mine = world.started(world.experiment())
        assert uids(token) == names(mine)
        assert uids(Feed.issue(world.omar.user)) == names(watched)
        assert uids(Feed.issue(world.lead.user)) == []


def test_another_owner_takes_it_along(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
        task.change(world.lead, owner="omar@example.org")
        assert uids(token) == []
        assert uids(Feed.issue(world.omar.user)) == names(task)
        task.change(world.lead, owner=None)
        assert uids(Feed.issue(world.omar.user)) == []


def test_all_of_ones_teams_are_in_it_in_the_order_of_time(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        there = shared(world)
        later, sooner = world.started(world.experiment()), world.started(world.research(by=there), there)
        assert uids(token) == names(sooner, later)
        assert "in Pricing, a 1d time box." in str(feed_of(token)[0]["DESCRIPTION"])


def test_leaving_a_team_takes_its_events_at_once(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        there = shared(world)
        gone, stays = world.started(world.research(by=there), there), world.started(world.experiment())
        Departure(there).settle(world.ivo)
        assert uids(token) == names(stays)
        assert gone.ref not in str(Client().get(f"/calendar/{token}.ics").content)


def test_even_while_the_cards_still_name_the_one_who_left(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        there = shared(world)
        world.started(world.research(by=there), there)
        stays = world.started(world.experiment())
        there.remove(world.ivo)
        assert uids(token) == names(stays)
        shared(world)
        assert len(uids(token)) == 2


def test_somebody_deactivated_has_no_feed(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        world.started(world.experiment())
        world.mei.user.deactivate(world.lead.user)
        answer = Client().get(f"/calendar/{token}.ics")
    assert answer.status_code == 404 and "BERT" not in answer.content.decode()


@pytest.mark.parametrize("title", ["Commas, semicolons; and back\\slashes", "👩🏽‍🔬 漢字", "<b>bold</b> & more", "é" * 200, "BEGIN:VEVENT"])
def test_any_title_comes_back_as_it_was(world: World, token: str, title: str) -> None:
    with wall("2026-03-10 09:00"):
        world.started(world.experiment(title=title))
        [event] = feed_of(token)
    assert str(event["SUMMARY"]) == f"Time box ends: {title}"


def test_the_mark_changes_with_the_box_only(world: World, token: str) -> None:
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
        mark = Client().get(f"/calendar/{token}.ics")["ETag"]
    with wall("2026-03-10 15:00"):
        known = {"if-none-match": mark}
        assert Client().get(f"/calendar/{token}.ics", headers=known).status_code == 304
        extension.extend(task, world.mei, hours=8, reason="One more seed.")
        assert Client().get(f"/calendar/{token}.ics", headers=known).status_code == 200


def test_as_many_queries_for_thirty_boxes_as_for_one(world: World, token: str, django_assert_num_queries: Any) -> None:
    world.started(world.experiment())
    feed_of(token)
    with CaptureQueriesContext(connection) as one:
        assert len(feed_of(token)) == 1
    # Whose feed it is, the boxes, the sprints.
    assert len(one) == 3
    there = shared(world)
    for place in (world.mei, there) * 14 + (there,):
        world.started(world.experiment(by=place), place)
    with django_assert_num_queries(3):
        assert len(feed_of(token)) == 30
    with django_assert_num_queries(1):
        assert len(events(world.mei.user)) == 30
