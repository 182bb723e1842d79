"""The calendar of a team and of its members: what may be entered, what it becomes, how it is read."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dsboard import public_holidays
from dsboard.errors import Refusal
from dsboard.models import Absence, Activity, Calendars, DayOff, Membership, Team, User
from dsboard.working_time import OFFICE, week_of
from tests.dsboard.conftest import Cast

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


def refused(act: Any) -> dict[str, str]:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.fields


class TestTheTeam:
    def test_it_begins_with_office_hours_and_no_holidays(self, cast: Cast) -> None:
        team = Team.objects.get(pk=cast.team.pk)
        assert (team.week, team.country, team.days_off.count()) == (OFFICE, "", 0)

    def test_a_week_is_kept_in_one_way_of_writing(self, cast: Cast) -> None:
        assert cast.team.set_calendar(cast.lead, week="mon – Thu  9-17;fri 9.00–13") == ["week"]
        assert Team.objects.get(pk=cast.team.pk).week == "Mon-Thu 09:00-17:00; Fri 09:00-13:00"
        assert cast.team.set_calendar(cast.lead, week="Mon-Thu 09:00-17:00; Fri 09:00-13:00") == []

    @pytest.mark.parametrize(
        ("settings", "field", "sentence"),
        [
            ({"week": ""}, "week", "A week needs working hours on one day at least."),
            ({"week": "Mon 17:00-09:00"}, "week", "“17:00-09:00” ends before it starts."),
            ({"week": "sometimes"}, "week", "“sometimes” is not a day with hours."),
            ({"time_zone": "Mars/Olympus"}, "time_zone", "“Mars/Olympus” is not a time zone."),
            ({"time_zone": ""}, "time_zone", "“” is not a time zone."),
            ({"country": "XX"}, "country", "“XX” is not a country of the calendar."),
            ({"country": "DE", "region": "ZZ"}, "region", "Germany has no region “ZZ” with holidays of its own."),
            ({"region": "BY"}, "region", "No country has no region “BY” with holidays of its own."),
        ],
    )
    def test_what_cannot_be_is_refused_with_a_sentence(self, cast: Cast, settings: dict[str, str], field: str, sentence: str) -> None:
        assert refused(lambda: cast.team.set_calendar(cast.lead, **settings))[field].startswith(sentence)
        assert Team.objects.get(pk=cast.team.pk).week == OFFICE

    def test_each_change_is_a_line_of_history(self, cast: Cast) -> None:
        cast.team.set_calendar(cast.lead, week="Mon 09:00-17:00", country="PT")
        lines = {line.field: (line.before, line.after) for line in Activity.objects.filter(subject_type="team")}
        assert lines == {"week": (OFFICE, "Mon 09:00-17:00"), "country": ("", "PT")}

    def test_another_country_has_none_of_the_regions_of_the_one_before(self, cast: Cast) -> None:
        cast.team.set_calendar(cast.lead, country="DE", region="BY")
        cast.team.set_calendar(cast.lead, country="PT")
        assert (cast.team.country, cast.team.region) == ("PT", "")

    def test_the_database_holds_it_to_hours(self, cast: Cast) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Team.objects.filter(pk=cast.team.pk).update(week="")


class TestTheHolidays:
    @time_machine.travel("2026-03-10 09:00")
    def test_they_are_written_for_four_years_and_are_the_teams_own_from_then_on(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        cast.team.set_calendar(cast.lead, country="DE", region="BY")
        days = DayOff.objects.within(cast.team)
        assert sorted({day.day.year for day in days}) == [2025, 2026, 2027, 2028]
        assert days.get(day=date(2026, 1, 6)).name == "Epiphany"
        known = days.count()
        monkeypatch.setattr(public_holidays, "of", lambda *args: {date(2026, 7, 7): "Invented by an update"})
        assert DayOff.objects.fill(cast.team, "DE", "BY") == 0
        assert days.count() == known

    def test_a_new_year_is_added_when_it_comes_near(self, cast: Cast) -> None:
        with time_machine.travel("2026-03-10 09:00"):
            cast.team.set_calendar(cast.lead, country="PT")
        with time_machine.travel("2027-01-02 09:00"):
            assert DayOff.objects.fill(cast.team, "PT", "") > 10
        assert DayOff.objects.within(cast.team).filter(day__year=2029).exists()

    def test_every_country_can_be_read(self) -> None:
        """Some have none, none breaks; names are words."""
        assert len(public_holidays.countries()) > 200
        for country, name in public_holidays.countries().items():
            assert len(country) == 2 and name
            assert all(isinstance(day, date) and said for day, said in public_holidays.of(country, "", 2026).items())


class TestADayOff:
    @pytest.mark.parametrize(
        ("values", "field", "sentence"),
        [
            ({"name": " "}, "name", "Give the day a name of at most 100 characters, such as Company day."),
            ({"name": "x" * 101}, "name", "Give the day a name of at most 100 characters, such as Company day."),
            ({"day": date(1999, 1, 1)}, "day", "1999-01-01 is over five years away. Look at the year again."),
            ({"day": date(2026, 12, 24)}, "day", "24 December 2026 is off already."),
        ],
    )
    @time_machine.travel("2026-03-10 09:00")
    def test_what_cannot_be(self, cast: Cast, values: dict[str, Any], field: str, sentence: str) -> None:
        DayOff.add(cast.team, cast.lead, day=date(2026, 12, 24), name="Christmas Eve")
        wanted = {"day": date(2026, 12, 31), "name": "New Year's Eve"} | values
        assert refused(lambda: DayOff.add(cast.team, cast.lead, **wanted)) == {field: sentence}


class TestAnAbsence:
    @pytest.mark.parametrize(
        ("first", "last", "field", "sentence"),
        [
            (date(2026, 4, 2), date(2026, 4, 1), "to", "The last day is before the first."),
            (
                date(2026, 4, 2),
                date(2027, 4, 3),
                "to",
                "An absence is at most a year. Who is away for longer leaves the team and comes back.",
            ),
            (date(2030, 4, 2), date(2030, 4, 3), "from", "2030-04-02 is over three years away. Look at the year again."),
            (date(2026, 5, 1), date(2026, 5, 4), "from", "Arjun is away from 2026-05-04 to 2026-05-08 already."),
        ],
    )
    @time_machine.travel("2026-03-10 09:00")
    def test_what_cannot_be(self, cast: Cast, first: date, last: date, field: str, sentence: str) -> None:
        Absence.add(cast.member, cast.lead, first_day=date(2026, 5, 4), last_day=date(2026, 5, 8))
        assert refused(lambda: Absence.add(cast.member, cast.lead, first_day=first, last_day=last)) == {field: sentence}

    def test_it_ends_with_the_membership(self, cast: Cast) -> None:
        Absence.add(cast.member, cast.member, first_day=TODAY, last_day=TODAY)
        cast.member.remove(cast.lead)
        assert Absence.objects.count() == 0


class TestReading:
    def test_a_member_differs_in_what_is_said_and_is_like_the_team_in_the_rest(self, cast: Cast) -> None:
        cast.team.set_calendar(cast.lead, country="PT", week="Mon-Fri 08:00-16:00")
        cast.member.set_calendar(cast.lead, week="Mon-Wed 09:00-15:00", time_zone="Asia/Kolkata")
        DayOff.add(cast.team, cast.lead, day=TODAY, name="Company day")
        Absence.add(cast.member, cast.member, first_day=TODAY, last_day=TODAY)
        calendars = Calendars.of([cast.team])
        team, mine = calendars.of_team(cast.team.pk), calendars.of_member(cast.team.pk, cast.member.user_id)
        assert (mine.week, mine.zone.key) == (week_of("Mon-Wed 09:00-15:00"), "Asia/Kolkata")
        assert (team.week, team.zone.key) == (week_of("Mon-Fri 08:00-16:00"), "UTC")
        assert team.off == mine.off, "holidays and days off are the same, and the absence lies on one"

    def test_nobody_and_strangers_work_like_the_team(self, cast: Cast) -> None:
        calendars = Calendars.of([cast.team])
        assert calendars.of_member(cast.team.pk, None) == calendars.of_team(cast.team.pk)
        assert calendars.of_member(cast.team.pk, cast.outsider.user_id) == calendars.of_team(cast.team.pk)

    @pytest.mark.parametrize("people", [1, 30])
    def test_three_queries_for_one_member_as_for_thirty(self, cast: Cast, people: int) -> None:
        for number in range(people):
            user = User.objects.create_user(f"p{number}@example.org", f"P {number}")
            Absence.objects.create(membership=Membership.objects.create(team=cast.team, user=user), first_day=TODAY, last_day=TODAY)
        with CaptureQueriesContext(connection) as queries:
            calendars = Calendars.of([cast.team, cast.other])
            for team_id, user_id in list(calendars.members):
                calendars.of_member(team_id, user_id)
        assert len(queries) == 3
