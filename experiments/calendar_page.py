"""The calendar of a team as its page shows it: a month of days, who is away when, and the days off to come."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from dsboard import clock, public_holidays
from dsboard.models import Absence, Calendars, DayOff, Membership, Team
from dsboard.roles import Act, Role
from dsboard.working_time import DAYS, hours_in_words, week_of

#: how far the page can be turned, in months either way
FARTHEST = 36


@dataclass(frozen=True)
class Day:
    """One day of the grid. `works` is whether the team does; `names` say why it is off, `away` who is."""

    day: date
    in_month: bool
    is_today: bool
    works: bool
    names: list[str]
    away: list[str]

    @property
    def words(self) -> str:
        """The whole cell for whoever can't see it."""
        state = "working day" if self.works else "off"
        return ", ".join([f"{self.day.day} {self.day:%B}", state, *self.names, *(f"{name} away" for name in self.away)])


class CalendarPage:
    """Read in a fixed number of queries."""

    def __init__(self, team: Team, viewer: Membership, month: str = "") -> None:
        self.team, self.viewer = team, viewer
        self.today = Calendars.of([team]).of_team(team.pk).day_of(clock.now())
        self.first = month_asked(month, self.today)
        self.may_change = viewer.may(Act.CALENDAR)
        self.may_add_others = viewer.may(Act.ABSENCE_OTHERS)
        self.members = list(Membership.objects.within(team).exclude(role=Role.VIEWER).filter(user__is_active=True).select_related("user"))

    @cached_property
    def week(self) -> list[tuple[str, str]]:
        """Each day of the week with its hours."""
        return [(day, hours_in_words(hours) or "off") for day, hours in zip(DAYS, week_of(self.team.week), strict=True)]

    @property
    def country_name(self) -> str:
        return place_name(self.team.country, self.team.region)

    @cached_property
    def days_off(self) -> list[DayOff]:
        """What is off from today on for anybody here, a year ahead."""
        coming = DayOff.objects.within(self.team).filter(day__gte=self.today, day__lte=self.today + timedelta(days=366))
        return [day for day in coming if day.country == "" or (day.country, day.region) in self.places]

    @cached_property
    def places(self) -> set[tuple[str, str]]:
        """The countries whose holidays count here: the team's and those of members who differ."""
        return {(self.team.country, self.team.region)} | {(m.country, m.region) for m in self.members if m.country}

    @cached_property
    def absences(self) -> list[Absence]:
        """Who is away from today on."""
        return list(
            Absence.objects.within(self.team).filter(last_day__gte=self.today).select_related("membership__user").order_by("first_day")
        )

    def may_remove(self, absence: Absence) -> bool:
        return self.may_add_others or (absence.membership_id == self.viewer.pk and self.viewer.may(Act.ABSENCE))

    @property
    def absence_rows(self) -> list[tuple[Absence, bool]]:
        return [(absence, self.may_remove(absence)) for absence in self.absences]

    @property
    def differing(self) -> list[Membership]:
        """Members whose days, hours, zone or country are not the team's."""
        return [m for m in self.members if m.week or m.country or m.time_zone]

    @cached_property
    def grid(self) -> list[list[Day]]:
        """The weeks of the month, Monday first."""
        weeks = calendar.Calendar().monthdatescalendar(self.first.year, self.first.month)
        start, end = weeks[0][0], weeks[-1][-1]
        working = Calendars.of([self.team], since=start).of_team(self.team.pk)
        names: dict[date, list[str]] = {}
        for day in DayOff.objects.within(self.team).filter(day__range=(start, end)):
            if day.country == "" or (day.country, day.region) in self.places:
                elsewhere = day.country and (day.country, day.region) != (self.team.country, self.team.region)
                names.setdefault(day.day, []).append(f"{day.name} ({day.country})" if elsewhere else day.name)
        away: dict[date, list[str]] = {}
        for absence in Absence.objects.within(self.team).filter(first_day__lte=end, last_day__gte=start).select_related("membership__user"):
            for one in absence.days():
                away.setdefault(one, []).append(absence.membership.user.first_name)
        return [
            [Day(d, d.month == self.first.month, d == self.today, working.works_on(d), names.get(d, []), away.get(d, [])) for d in week]
            for week in weeks
        ]

    @property
    def title(self) -> str:
        return f"{self.first:%B %Y}"

    @property
    def earlier(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def later(self) -> str:
        return f"{self.first + timedelta(days=32):%Y-%m}"


def month_asked(month: str, today: date) -> date:
    """The first day of a month like 2026-12; of this one for anything else, or for one that is years away."""
    this = today.replace(day=1)
    try:
        asked = date.fromisoformat(f"{month}-01")
    except ValueError:
        return this
    return asked if abs((asked - this).days) < FARTHEST * 31 else this


def place_name(country: str, region: str) -> str:
    """Germany, Bayern; or that no holidays count."""
    if country not in public_holidays.countries():
        return "no country"
    named = public_holidays.countries()[country]
    return f"{named}, {public_holidays.regions(country).get(region, region)}" if region else named
