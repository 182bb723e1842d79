"""The words and the shape of a clock: by hand, and at every minute of a week with a clock change and a holiday."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from dsboard import words
from dsboard.models import Absence, DayOff
from dsboard.working_time import WorkingTime, week_of
from experiments.clock import left_words, read
from experiments.face import Clocks, face_of, html
from experiments.models import Task, TimeBox
from experiments.models.pauses import pause
from experiments.stages import Stage
from tests.world import World, lisbon, wall

DAY, MINUTE, LISBON = timedelta(hours=8), timedelta(minutes=1), ZoneInfo("Europe/Lisbon")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ("24:00", "3d left"),
        ("23:59", "2d 7h left"),
        ("12:00", "1d 4h left"),
        ("08:00", "1d left"),
        ("07:59", "7h left"),
        ("03:00", "3h left"),
        ("02:59", "2h 59m left"),
        ("02:00", "2h left"),
        ("00:50", "50m left"),
        ("00:01", "1m left"),
        ("00:00:59", "ending now"),
    ],
)
def test_what_is_left(left: str, said: str) -> None:
    hours, minutes, seconds = (*map(int, left.split(":")), 0)[:3]
    assert left_words(timedelta(hours=hours, minutes=minutes, seconds=seconds), DAY) == said


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-03-10 15:00", "just now"),
        ("2026-03-10 15:00:59", "just now"),
        ("2026-03-10 15:01", "1 min ago"),
        ("2026-03-10 15:59", "59 min ago"),
        ("2026-03-10 18:30", "3 h ago"),
        ("2026-03-11 00:10", "yesterday, 15:00"),
        ("2026-03-12 09:00", "Tue 10 Mar"),
        ("2027-01-02 09:00", "10 Mar 2026"),
    ],
)
def test_how_long_ago(now: str, said: str) -> None:
    assert words.ago(lisbon("2026-03-10 15:00"), lisbon(now), LISBON) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-03-10 17:00", "today, 17:00"),
        ("2026-03-11 12:30", "tomorrow, 12:30"),
        ("2026-03-09 09:00", "yesterday, 09:00"),
        ("2026-03-17 09:00", "Tue 17 Mar, 09:00"),
        ("2027-03-17 09:00", "Wed 17 Mar 2027, 09:00"),
    ],
)
def test_when(moment: str, said: str) -> None:
    assert words.at(lisbon(moment), lisbon("2026-03-10 15:00"), LISBON) == said


def on_the_card(task: Task) -> tuple[str, str, int]:
    """Shape, words with what they are measured against, and the share, as the board shows them now."""
    face = face_of(Task.objects.select_related("team").get(pk=task.pk))
    assert face.clock
    drawn = html(face)
    assert f'data-s="{face.clock.shape}"' in drawn and face.clock.words in drawn
    assert ("Findings due" in drawn) is (face.clock.shape == "over")
    return face.clock.shape, f"{face.clock.words} {face.clock.of}".strip(), face.clock.share


def test_the_six_shapes(world: World) -> None:
    task = world.experiment()
    assert on_the_card(task) == ("idle", "3d box · not started", 0)
    with wall("2026-03-10 09:00"):
        task.move_to(Stage.ACTIVE, world.mei)
        assert on_the_card(task) == ("calm", "3d left of 3d", 0)
    with wall("2026-03-12 11:00"):
        assert on_the_card(task) == ("calm", "6h left of 3d", 75)
    with wall("2026-03-12 12:12"):
        assert on_the_card(task) == ("warn", "4h left of 3d", 80)
    with wall("2026-03-12 14:10"):
        assert on_the_card(task) == ("warn", "2h 50m left of 3d", 88)
        pause(task, world.mei, reason="Labels.")
        assert on_the_card(task) == ("paused", "Paused, 2h 50m left of 3d", 88)
        task.move_to(Stage.IDEATION, world.mei)
        task.move_to(Stage.ACTIVE, world.mei)
    with wall("2026-03-12 16:59:30"):
        assert on_the_card(task) == ("warn", "ending now of 3d", 99)
    with wall("2026-03-12 17:20"):
        assert on_the_card(task) == ("over", "Ended 20 min ago", 100)
    with wall("2026-03-13 10:00"):
        assert on_the_card(task) == ("over", "Ended yesterday, 17:00", 100)
        world.report(task)
        assert on_the_card(task) == ("done", "Reported in 3d 1h", 100)


def test_the_page_says_the_same(world: World, client: Any) -> None:
    task = world.experiment()
    with wall("2026-03-10 09:00"):
        task.move_to(Stage.ACTIVE, world.mei)
        client.force_login(world.mei.user)
    with wall("2026-03-12 14:10"):
        page = client.get(task.get_absolute_url()).content.decode()
        fragment = client.get(f"{task.get_absolute_url()}time-box/").content.decode()
        board = client.get("/t/fraud/board/").content.decode()
        clocks = client.get("/t/fraud/clocks/").content.decode()
    for text in (page, fragment, board, clocks):
        assert "2h 50m left" in text
    assert f'id="tb-{task.ref}" hx-swap-oob="true"' in clocks
    assert "Tue 10 Mar, 09:00" in page and "today, 17:00" in page
    assert 'aria-label="2d 5h of 3d used"' in page


# ── every minute of a week ──

#: the clocks go forward on Sunday, 29 March, at one o'clock; Friday, 27 March, is a day off
WEEK = [datetime(2026, 3, 24, tzinfo=UTC) + step * MINUTE for step in range(7 * 24 * 60)]
WEEKS = {
    "office hours": "Mon-Fri 09:00-17:00",
    "with a break, at night, on Sundays": "Tue 22:00-24:00; Wed-Thu 08:30-12:00, 13:15-17:45; Sun 00:00-06:30",
}


def minutes_worked(week: str) -> Iterator[tuple[datetime, bool]]:
    """Each minute of the week, and whether the wall shows one that is worked: no arithmetic, only looking."""
    hours = week_of(week)
    for minute in WEEK:
        wall_clock = minute.astimezone(LISBON)
        shown = wall_clock.hour * 60 + wall_clock.minute
        is_off = wall_clock.day == 27 or (wall_clock.day == 25 and week == WEEKS["office hours"])
        yield minute, not is_off and any(start <= shown < end for start, end in hours[wall_clock.weekday()])


def said_of(left: int) -> str:
    """Minutes that are left in the words of DESIGN 4.7, written down once more."""
    if left < 1:
        return "ending now"
    if left < 180:
        return " ".join(part for part in (f"{left // 60}h" * (left >= 60), f"{left % 60}m" * (left % 60 > 0)) if part) + " left"
    if left < 480:
        return f"{left // 60}h left"
    return f"{left // 480}d" + f" {left % 480 // 60}h" * (left % 480 >= 60) + " left"


@pytest.mark.parametrize("week", WEEKS.values(), ids=WEEKS)
@pytest.mark.parametrize("hours", [4, 16, 20])
def test_the_card_says_what_the_wall_counts_at_every_minute(world: World, week: str, hours: int) -> None:
    with time_machine.travel(WEEK[0], tick=False):
        world.team.set_calendar(world.lead, week=week)
        DayOff.add(world.team, world.lead, day=WEEK[0].date() + timedelta(days=3), name="Company day")
        if week == WEEKS["office hours"]:
            Absence.add(world.mei, world.mei, first_day=WEEK[0].date() + timedelta(days=1), last_day=WEEK[0].date() + timedelta(days=1))
        task = world.experiment(hours=hours)
        task.move_to(Stage.ACTIVE, world.mei)
        clocks = Clocks(world.team)
        assert clocks.calendars
    box, left, ended = TimeBox.objects.get(task=task), hours * 60, None
    columns = [getattr(box, name) for name in ("hours", "started_at", "runs_since", "used", "left", "ends_at", "paused_at", "closed_at")]
    seen = set()
    for minute, works in minutes_worked(week):
        clocks.now = minute
        clock = clocks.of(world.mei.user_id, *columns)
        if left > 0:
            expected = ("warn" if left <= hours * 12 else "calm", said_of(left))
        else:
            ended = ended or minute
            expected = ("over", f"Ended {words.ago(ended, minute, LISBON)}")
        assert clock and (clock.shape, clock.words) == expected, minute
        seen.add(clock.shape)
        left -= works
    assert seen == {"calm", "warn", "over"}
    for minute in WEEK[::997]:
        with time_machine.travel(minute, tick=False):
            clocks.now = minute
            clock = clocks.of(world.mei.user_id, *columns)
            assert clock and on_the_card(task)[:2] == (clock.shape, f"{clock.words} {clock.of}".strip())


def test_reading_a_box_asks_no_calendar_while_no_clock_runs() -> None:
    never = WorkingTime(LISBON, ((),) * 7)
    idle = TimeBox(hours=4, original_hours=4)
    assert read(idle, "4h", lisbon("2026-03-10 09:00"), never, DAY, LISBON).shape == "idle"
