"""When the people of some teams work: read once, in three queries, for as many people as a page or a sweep asks about."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from dsboard import clock
from dsboard.models.absence import Absence
from dsboard.models.day_off import DayOff
from dsboard.models.membership import NO_HOLIDAYS, Membership
from dsboard.models.team import Team
from dsboard.working_time import WorkingTime, week_of

#: how far back a calendar is read unless somebody asks for more: the longest box, in part time, with an absence
BACK = timedelta(days=200)


class Calendars:
    """`of_member` and `of_team` give each their WorkingTime; people who are in no team that was read have its team's."""

    def __init__(self, memberships: Iterable[Membership], teams: Iterable[Team] = (), since: date | None = None) -> None:
        """`memberships` have their teams loaded; `since` is the first day that matters, by default 200 days ago."""
        since = since or (clock.now() - BACK).date()
        self.members = {(m.team_id, m.user_id): m for m in memberships}
        self.teams = {m.team_id: m.team for m in self.members.values()} | {team.pk: team for team in teams}
        self.days: dict[tuple[int, str, str], set[date]] = defaultdict(set)
        rows = DayOff.objects.filter(team__in=self.teams, day__gte=since).values_list("team_id", "country", "region", "day")
        for team_id, country, region, day in rows:
            self.days[team_id, country, region].add(day)
        self.away: dict[int, set[date]] = defaultdict(set)
        for absence in Absence.objects.filter(membership__in=[m.pk for m in self.members.values() if m.pk], last_day__gte=since):
            self.away[absence.membership_id].update(absence.days())
        self.known: dict[tuple[int, int | None], WorkingTime] = {}

    @classmethod
    def of(cls, teams: Iterable[Team], since: date | None = None) -> "Calendars":
        """Everybody of these teams."""
        named = {team.pk: team for team in teams}
        places = list(Membership.objects.filter(team__in=named))
        for place in places:
            place.team = named[place.team_id]
        return cls(places, named.values(), since)

    def of_team(self, team_id: int) -> WorkingTime:
        return self.of_member(team_id, None)

    def of_member(self, team_id: int, user_id: int | None) -> WorkingTime:
        """The working time of one person in one team; the team's own for nobody, and for who is not in it."""
        key = (team_id, user_id if (team_id, user_id) in self.members else None)
        if key not in self.known:
            self.known[key] = self.make(self.teams[team_id], self.members.get((team_id, user_id or 0)))
        return self.known[key]

    def without_absences(self, team_id: int, user_id: int) -> WorkingTime:
        """When a person would work if nothing came up."""
        return self.make(self.teams[team_id], self.members.get((team_id, user_id)), absences=False)

    def make(self, team: Team, member: Membership | None, absences: bool = True) -> WorkingTime:
        zone, week = (member and member.time_zone) or team.time_zone, (member and member.week) or team.week
        place = (member.country, member.region) if member and member.country else (team.country, team.region)
        holidays = self.days[team.pk, *place] if place[0] not in ("", NO_HOLIDAYS) else set()
        away = self.away[member.pk] if member and absences else set()
        return WorkingTime(ZoneInfo(zone), week_of(week), frozenset(self.days[team.pk, "", ""] | holidays | away))


def fill_holidays() -> None:
    """Write the holidays of a year that has come near, for every country that a team or one of its members goes by."""
    for team in Team.objects.all():
        places = set(team.memberships.exclude(country__in=("", NO_HOLIDAYS)).values_list("country", "region"))
        for country, region in sorted(places | {(team.country, team.region)}):
            DayOff.objects.fill(team, country, region)
