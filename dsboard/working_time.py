"""Working time: pure arithmetic over a week of hours, a time zone and days off (PRODUCT section 3).

A span is half-open and in UTC, so its length is elapsed time also where the clocks change. What is added to an instant
ends at the last instant that it needs: eight hours from nine o'clock end at five, not at nine of the next day.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from dsboard.errors import Refusal

#: a start and an end on one day, in minutes from midnight by the clock on the wall; 1440 is the midnight that ends the day
Hours = tuple[int, int]
#: the hours of Monday to Sunday
Week = tuple[tuple[Hours, ...], ...]
Span = tuple[datetime, datetime]

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
OFFICE = "Mon-Fri 09:00-17:00"
#: a calendar that has no working time for this long has none
HORIZON = 3 * 366
NONE = timedelta(0)
HOURS = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.h](\d{2}))?")
RUN = re.compile(r"([A-Za-z]{3})(?:\s*[-–—]\s*([A-Za-z]{3}))?\s+(.+)")


class NoWorkingTime(Refusal):
    """A calendar without working time: a box in it would never end."""


class Unreadable(ValueError):
    """Working hours that can't be read; the text is the sentence for whoever typed them."""


# ── hours as people write them ──


def hours_of_day(text: str) -> tuple[Hours, ...]:
    """`09:00-12:30, 13:15-17:00` as minutes; nothing typed is a day without work. Raises Unreadable."""
    found: list[Hours] = []
    for part in re.split(r"[,;&+]|\band\b|(?<=\d)\s+(?=\d)", text.strip()):
        if not part.strip():
            continue
        match = HOURS.fullmatch(part.strip())
        if match is None:
            raise Unreadable(f"“{part.strip()[:40]}” is not working hours. Write them like 09:00-17:00.")
        start, end = (minutes(match[hour], match[hour + 1], part.strip()) for hour in (1, 3))
        if end <= start:
            raise Unreadable(f"“{part.strip()}” ends before it starts. Night work goes to midnight on one day, on from 00:00 on the next.")
        found.append((start, end))
    found.sort()
    for (_, end), (start, _) in pairwise(found):
        if start < end:
            raise Unreadable(f"“{text.strip()}” overlaps. Write each hour once.")
    return tuple(found)


def minutes(hour: str, minute: str | None, said: str) -> int:
    """Minutes from midnight; 24:00 is the end of the day."""
    found = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or found > 1440:
        raise Unreadable(f"“{said}” is not a time of day.")
    return found


def hours_in_words(day: tuple[Hours, ...]) -> str:
    """The way back: `09:00-12:30, 13:15-17:00`."""
    return ", ".join(f"{s // 60:02}:{s % 60:02}-{e // 60:02}:{e % 60:02}" for s, e in day)


@lru_cache(500)
def week_of(text: str) -> Week:
    """`Mon-Thu 09:00-17:00; Fri 09:00-13:00` as hours for each day. Raises Unreadable, also for a week without any."""
    week: list[tuple[Hours, ...]] = [()] * 7
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = RUN.fullmatch(part)
        names = [name.title() for name in (match[1], match[2] or match[1])] if match else []
        if match is None or not set(names) <= set(DAYS):
            raise Unreadable(f"“{part[:60]}” is not a day with hours. Write it like Mon-Fri 09:00-17:00.")
        first, last = (DAYS.index(name) for name in names)
        if last < first:
            raise Unreadable(f"“{part[:60]}” runs backwards: a week goes from Mon to Sun.")
        for day in range(first, last + 1):
            if week[day]:
                raise Unreadable(f"{DAYS[day]} is there twice.")
            week[day] = hours_of_day(match[3])
    if not any(week):
        raise Unreadable("A week needs working hours on one day at least.")
    return tuple(week)


def week_in_words(week: Week) -> str:
    """The way back, days of equal hours together."""
    runs: list[tuple[int, int]] = []
    for day, hours in enumerate(week):
        if runs and runs[-1][1] == day - 1 and week[runs[-1][0]] == hours:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    named = [(DAYS[a] if a == b else f"{DAYS[a]}-{DAYS[b]}", week[a]) for a, b in runs if week[a]]
    return "; ".join(f"{days} {hours_in_words(hours)}" for days, hours in named)


# ── from the clock on the wall to instants ──


def first_instant(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """The first instant, in UTC, at which the wall shows `minute` of `day` or later: once, also where clocks change."""
    wall = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
    # Early and late reading of a time that clocks skip: the change itself lies between the two.
    late, early = wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if late <= early:
        return late
    naive = wall.replace(tzinfo=None)
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        early, late = (early, middle) if middle.astimezone(zone).replace(tzinfo=None) >= naive else (middle, late)
    return late.replace(microsecond=0)


@lru_cache(20_000)
def spans_on(zone: ZoneInfo, hours: tuple[Hours, ...], day: date) -> tuple[Span, ...]:
    """The spans of one day as instants; hours that the clocks skip are none."""
    ends = [(first_instant(zone, day, start), first_instant(zone, day, end)) for start, end in hours]
    return tuple((start, end) for start, end in ends if start < end)


@dataclass(frozen=True)
class WorkingTime:
    """When one person, or a whole team, works: the hours of a week in a zone, but for the days that are off."""

    zone: ZoneInfo
    week: Week
    off: frozenset[date] = field(default_factory=frozenset)

    def on(self, day: date) -> tuple[Span, ...]:
        """The spans of a day; none when it is off."""
        return () if day in self.off else spans_on(self.zone, self.week[day.weekday()], day)

    def works_on(self, day: date) -> bool:
        return bool(self.on(day))

    def during(self, first: date, last: date) -> timedelta:
        """How much working time the days from `first` to `last` have, both included."""
        days = ((first + timedelta(days=step)) for step in range((last - first).days + 1))
        return sum((closes - opens for day in days for opens, closes in self.on(day)), NONE)

    def first_on(self, day: date) -> date:
        """The day itself when somebody works on it, else the next one that is worked on."""
        return self.day_of(self.start_of(day))

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def spans(self, start: datetime) -> Iterator[Span]:
        """What is left of the first span that is not over at `start`, then the following ones. Ends after HORIZON empty days."""
        # The day before too: where clocks go back over midnight, a date comes twice.
        day, empty = self.day_of(start) - timedelta(days=1), 0
        while empty < HORIZON:
            empty += 1
            for opens, closes in self.on(day):
                if closes > start:
                    empty = 0
                    yield max(opens, start), closes
            day += timedelta(days=1)

    def add(self, start: datetime, length: timedelta) -> datetime:
        """The earliest instant by which `length` of working time has passed since `start`; `start` itself when there is none to pass.

        add(add(t, a), b) is add(t, a + b). Raises NoWorkingTime where the calendar has none in three years.
        """
        if length <= NONE:
            return start
        for opens, closes in self.spans(start.astimezone(UTC)):
            if length <= closes - opens:
                return opens + length
            length -= closes - opens
        raise NoWorkingTime("This calendar has no working time.")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two instants; none when `end` is not after `start`."""
        total = NONE
        for opens, closes in self.spans(start.astimezone(UTC)):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def is_open(self, moment: datetime, grace: timedelta = NONE) -> bool:
        """Whether somebody works at this instant, or stopped less than `grace` ago; the end of a span is over."""
        return self.opening(moment, grace) == moment

    def opening(self, moment: datetime, grace: timedelta = NONE) -> datetime:
        """The first instant, `moment` or later, at which somebody works or stopped less than `grace` ago."""
        found = next(self.spans(moment.astimezone(UTC) - grace), None)
        if found is None:
            raise NoWorkingTime("This calendar has no working time.")
        return max(found[0], moment)

    def days_after(self, moment: datetime, count: int) -> date:
        """The date of the `count`-th working day after the one that `moment` lies on."""
        day, start = self.day_of(moment), self.day_of(moment)
        while count > 0:
            day += timedelta(days=1)
            if (day - start).days > HORIZON:
                raise NoWorkingTime("This calendar has no working time.")
            count -= self.works_on(day)
        return day

    def start_of(self, day: date) -> datetime:
        """When work begins on a day or, if that is off, on the next one that isn't."""
        return self.opening(first_instant(self.zone, day, 0))

    def days_later(self, moment: datetime, count: int) -> datetime:
        """The same time of day `count` working days later, within the hours of that day."""
        day = self.days_after(moment, count)
        wall = moment.astimezone(self.zone)
        wanted = first_instant(self.zone, day, wall.hour * 60 + wall.minute)
        return next((max(opens, wanted) for opens, closes in self.on(day) if wanted < closes), self.on(day)[-1][1])
