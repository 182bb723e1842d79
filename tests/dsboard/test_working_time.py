"""Working time: sums, ends and openings, in any zone, over clock changes and days off; and hours as people write them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from dsboard.working_time import (
    DAYS,
    OFFICE,
    NoWorkingTime,
    Unreadable,
    WorkingTime,
    first_instant,
    hours_in_words,
    hours_of_day,
    week_in_words,
    week_of,
)

#: clocks that change by an hour, by half an hour, at midnight, in the other half of the year, not at all; and one that lost a day
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia")
MINUTE = timedelta(minutes=1)


def office(zone: str = "Europe/Lisbon", week: str = OFFICE, *off: str) -> WorkingTime:
    return WorkingTime(ZoneInfo(zone), week_of(week), frozenset(date.fromisoformat(day) for day in off))


def at(text: str, zone: str = "Europe/Lisbon") -> datetime:
    """A time on the wall of a place."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


# ── by hand ──


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-03-10 09:00", 8, "2026-03-10 17:00"),
        ("2026-03-10 09:00", 24, "2026-03-12 17:00"),
        ("2026-03-10 17:00", 1, "2026-03-11 10:00"),
        ("2026-03-10 20:00", 4, "2026-03-11 13:00"),
        ("2026-03-13 16:00", 2, "2026-03-16 10:00"),
        ("2026-03-14 12:00", 8, "2026-03-16 17:00"),
        ("2026-03-10 06:00", 0.01, "2026-03-10 09:00:36"),
    ],
    ids=["a day", "three days", "from the end of a day", "from the evening", "over a weekend", "from a Saturday", "36 seconds"],
)
def test_a_box_ends_at_the_last_instant_of_its_working_time(start: str, length: float, end: str) -> None:
    assert office().add(at(start), hours(length)) == at(end)


def test_a_holiday_is_skipped() -> None:
    calendar = office("Europe/Lisbon", OFFICE, "2026-04-03")
    assert calendar.add(at("2026-04-02 09:00"), hours(16)) == at("2026-04-06 17:00")
    assert calendar.between(at("2026-04-02 12:00"), at("2026-04-06 12:00")) == hours(8)


def test_a_lunch_break_does_not_count() -> None:
    calendar = office(week="Mon-Fri 09:00-12:00, 13:00-18:00")
    assert calendar.add(at("2026-03-10 09:00"), hours(3)) == at("2026-03-10 12:00")
    assert calendar.add(at("2026-03-10 09:00"), hours(4)) == at("2026-03-10 14:00")


def test_a_part_time_week_stretches_a_box() -> None:
    calendar = office(week="Mon 09:00-13:00; Thu 09:00-13:00")
    assert calendar.add(at("2026-03-09 09:00"), hours(16)) == at("2026-03-19 13:00")


@pytest.mark.parametrize(
    ("zone", "day", "worked"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Africa/Cairo", "2026-04-24", 23),
        ("Asia/Kolkata", "2026-03-29", 24),
    ],
)
def test_a_day_round_the_clock_has_the_hours_that_really_pass(zone: str, day: str, worked: float) -> None:
    calendar = office(zone, "Mon-Sun 00:00-24:00")
    start, end = (first_instant(calendar.zone, date.fromisoformat(day), minute) for minute in (0, 1440))
    assert calendar.between(start, end) == hours(worked)
    assert calendar.add(start, hours(worked)) == end


def test_hours_that_the_clocks_skip_are_nobodys() -> None:
    """On 29 March 2026 Berlin's clocks go from 02:00 to 03:00."""
    night = office("Europe/Berlin", "Sun 01:00-02:30; Mon 09:00-10:00")
    assert night.between(at("2026-03-29 00:00", "Europe/Berlin"), at("2026-03-29 12:00", "Europe/Berlin")) == hours(1)
    assert night.add(at("2026-03-29 00:00", "Europe/Berlin"), hours(1)) == at("2026-03-29 03:00", "Europe/Berlin")
    assert office("Europe/Berlin", "Sun 02:10-02:50").on(date(2026, 3, 29)) == ()


def test_hours_that_come_twice_are_taken_the_first_time() -> None:
    """On 25 October 2026 Berlin's clocks go from 03:00 back to 02:00."""
    night = office("Europe/Berlin", "Sun 02:00-02:30")
    opens = datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert night.on(date(2026, 10, 25)) == ((opens, opens + timedelta(minutes=30)),)


def test_a_calendar_without_working_time_raises_instead_of_looking_for_ever() -> None:
    never = WorkingTime(ZoneInfo("UTC"), ((),) * 7)
    away = office("UTC", "Mon 09:00-10:00", *(f"{date(2026, 1, 5) + timedelta(weeks=n)}" for n in range(400)))
    for calendar in (never, away):
        with pytest.raises(NoWorkingTime):
            calendar.add(at("2026-01-05 09:00", "UTC"), hours(1))
        with pytest.raises(NoWorkingTime):
            calendar.opening(at("2026-01-05 09:00", "UTC"))
        assert calendar.between(at("2026-01-05 09:00", "UTC"), at("2027-01-05 09:00", "UTC")) == timedelta(0)
    with pytest.raises(NoWorkingTime):
        never.days_after(at("2026-01-05 09:00", "UTC"), 1)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-03-10 08:59", "2026-03-10 09:00"),
        ("2026-03-10 09:00", "2026-03-10 09:00"),
        ("2026-03-10 16:59", "2026-03-10 16:59"),
        ("2026-03-10 17:00", "2026-03-10 17:00"),
        ("2026-03-10 17:14:59", "2026-03-10 17:14:59"),
        ("2026-03-10 17:15", "2026-03-11 09:00"),
        ("2026-03-13 17:20", "2026-03-16 09:00"),
    ],
)
def test_a_reminder_may_come_until_a_quarter_past_the_end(moment: str, opening: str) -> None:
    assert office().opening(at(moment), timedelta(minutes=15)) == at(opening)


def test_without_grace_the_end_of_a_day_is_over() -> None:
    assert office().is_open(at("2026-03-10 16:59"))
    assert not office().is_open(at("2026-03-10 17:00"))


def test_working_days_are_counted_without_weekends_and_days_off() -> None:
    calendar = office("Europe/Lisbon", OFFICE, "2026-04-03")
    assert calendar.days_after(at("2026-04-02 17:00"), 1) == date(2026, 4, 6)
    assert calendar.days_after(at("2026-04-04 12:00"), 2) == date(2026, 4, 7)
    assert calendar.start_of(date(2026, 4, 3)) == at("2026-04-06 09:00")


@pytest.mark.parametrize(
    ("moment", "later"),
    [
        ("2026-03-10 15:00", "2026-03-11 15:00"),
        ("2026-03-13 15:00", "2026-03-16 15:00"),
        ("2026-03-14 15:00", "2026-03-16 15:00"),
        ("2026-03-10 22:00", "2026-03-11 17:00"),
        ("2026-03-10 05:00", "2026-03-11 09:00"),
    ],
)
def test_a_working_day_later_is_the_same_time_within_hours(moment: str, later: str) -> None:
    assert office().days_later(at(moment), 1) == at(later)


# ── whatever the calendar ──


@st.composite
def days(draw: Any) -> tuple[tuple[int, int], ...]:
    """The hours of a day: none, one span, or two."""
    marks = sorted(draw(st.lists(st.integers(0, 288), min_size=2, max_size=4, unique=True)))
    return tuple((marks[i] * 5, marks[i + 1] * 5) for i in range(0, len(marks) - 1, 2))


@st.composite
def calendars(draw: Any) -> WorkingTime:
    """A week with working time in a zone, with some days off around the moments that are drawn."""
    week = tuple(draw(st.lists(st.one_of(st.just(()), days()), min_size=7, max_size=7)))
    assume(any(week))
    off = draw(st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=20))
    return WorkingTime(ZoneInfo(draw(st.sampled_from(ZONES))), week, off)


def moments(month: int, day: int, days: int) -> st.SearchStrategy[datetime]:
    """To the microsecond, within some days of 2026."""
    start = datetime(2026, month, day, tzinfo=UTC)
    return st.timedeltas(timedelta(0), timedelta(days=days)).map(lambda since: start + since)


#: around the clock changes of the north and the south, and anywhere in the year
MOMENTS = st.one_of(
    *[moments(month, day, 9) for month, day in ((3, 3), (3, 25), (4, 1), (4, 20), (10, 1), (10, 22), (10, 28))], moments(1, 1, 330)
)
LENGTHS = st.timedeltas(timedelta(0), timedelta(hours=30))
MANY = settings(max_examples=150, deadline=None)


@MANY
@given(calendars(), MOMENTS, LENGTHS, LENGTHS)
def test_adding_twice_is_adding_the_sum(calendar: WorkingTime, start: datetime, first: timedelta, second: timedelta) -> None:
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@MANY
@given(calendars(), MOMENTS, LENGTHS)
def test_what_was_added_lies_between(calendar: WorkingTime, start: datetime, length: timedelta) -> None:
    assert calendar.between(start, calendar.add(start, length)) == length


@MANY
@given(calendars(), MOMENTS, LENGTHS)
@example(office(), at("2026-03-10 09:00"), hours(8))
def test_it_never_ends_outside_working_time(calendar: WorkingTime, start: datetime, length: timedelta) -> None:
    """The last moment before the end is worked on, and belongs to the hours on the wall of a day that is not off."""
    assume(length > timedelta(0))
    last = calendar.add(start, length) - timedelta(microseconds=1)
    assert calendar.is_open(last)
    wall = last.astimezone(calendar.zone)
    minute = wall.hour * 60 + wall.minute
    assert wall.date() not in calendar.off
    assert any(opens <= minute < closes for opens, closes in calendar.week[wall.weekday()])


@MANY
@given(calendars(), MOMENTS, MOMENTS, MOMENTS)
def test_stretches_add_up(calendar: WorkingTime, one: datetime, two: datetime, three: datetime) -> None:
    start, middle, end = sorted((one, two, three))
    assert calendar.between(start, middle) + calendar.between(middle, end) == calendar.between(start, end)
    assert calendar.between(end, start) == timedelta(0)


@settings(max_examples=40, deadline=None)
@given(calendars(), MOMENTS)
def test_it_is_what_a_clock_on_the_wall_counts(calendar: WorkingTime, start: datetime) -> None:
    """Two days, minute by minute, by what the wall shows; an hour that comes twice is worked the first time only."""
    start = start.replace(second=0, microsecond=0)
    counted, latest = 0, date.min.isoformat()
    for step in range(-24 * 60, 48 * 60):
        wall = (start + step * MINUTE).astimezone(calendar.zone)
        shown = wall.isoformat()[:16]
        again, latest = shown <= latest, max(shown, latest)
        minute = wall.hour * 60 + wall.minute
        works = any(opens <= minute < closes for opens, closes in calendar.week[wall.weekday()]) and wall.date() not in calendar.off
        counted += step >= 0 and works and not again
    exact = calendar.between(start, start + timedelta(days=2))
    # A span that contains the whole repeated hour is worked twice as long; the count by the wall takes it once.
    repeated = max((start + timedelta(days=2)).astimezone(calendar.zone).utcoffset() or timedelta(0), timedelta(0)) - max(
        start.astimezone(calendar.zone).utcoffset() or timedelta(0), timedelta(0)
    )
    assert timedelta(0) <= exact - counted * MINUTE <= abs(repeated)


@MANY
@given(calendars(), MOMENTS, st.integers(0, 12))
def test_days_later_is_within_the_hours_of_that_day(calendar: WorkingTime, moment: datetime, count: int) -> None:
    assume(count or calendar.works_on(calendar.day_of(moment)))
    later = calendar.days_later(moment, count)
    opens, closes = calendar.on(calendar.days_after(moment, count))[0][0], calendar.on(calendar.days_after(moment, count))[-1][1]
    assert opens <= later <= closes


# ── hours as people write them ──


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("09:00-17:00", "09:00-17:00"),
        (" 9 – 17 ", "09:00-17:00"),
        ("9.30-12, 13:15-24:00", "09:30-12:00, 13:15-24:00"),
        ("13:00-17:00 09:00-12:00", "09:00-12:00, 13:00-17:00"),
        ("9-12 and 13-17", "09:00-12:00, 13:00-17:00"),
        ("", ""),
    ],
)
def test_hours_are_read_as_people_type_them(typed: str, kept: str) -> None:
    assert hours_in_words(hours_of_day(typed)) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nine to five", "“nine to five” is not working hours. Write them like 09:00-17:00."),
        ("17:00-09:00", "“17:00-09:00” ends before it starts. Night work goes to midnight on one day, on from 00:00 on the next."),
        ("09:00-25:00", "“09:00-25:00” is not a time of day."),
        ("09:60-10:00", "“09:60-10:00” is not a time of day."),
        ("09:00-12:00, 11:00-13:00", "“09:00-12:00, 11:00-13:00” overlaps. Write each hour once."),
    ],
)
def test_hours_that_cannot_be_say_why(typed: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as caught:
        hours_of_day(typed)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "A week needs working hours on one day at least."),
        ("Someday 9-17", "“Someday 9-17” is not a day with hours. Write it like Mon-Fri 09:00-17:00."),
        ("Fri-Mon 9-17", "“Fri-Mon 9-17” runs backwards: a week goes from Mon to Sun."),
        ("Mon-Fri 9-17; Wed 9-12", "Wed is there twice."),
    ],
)
def test_a_week_that_cannot_be_says_why(typed: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as caught:
        week_of(typed)
    assert str(caught.value) == sentence


@MANY
@given(st.lists(st.one_of(st.just(()), days()), min_size=7, max_size=7).filter(any))
def test_a_week_is_read_as_it_was_written(week: list[Any]) -> None:
    assert week_of(week_in_words(tuple(week))) == tuple(week)
    assert len(DAYS) == 7
