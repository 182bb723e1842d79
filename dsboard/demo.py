"""The demo: a team of believable people, and three months of their work, told in the order of time.

Each floor has a demo module of its own with `stories(cast)`: generators that yield when their next step happens and
then take it through the verbs. Here the steps of all stories are put in order, and each is taken as of its own moment.
"""

import heapq
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from dsboard import clock, floors
from dsboard.models import DayOff, Membership, Notice, Team, User
from dsboard.models.notice import MailState
from dsboard.roles import Role, Side

Story = Generator[datetime, None, Any]

#: the name before the @, name, role, side
PEOPLE = (
    ("lead", "Inês Duarte", Role.LEAD, Side.SCIENCE),
    ("scientist", "Mei Tanaka", Role.MEMBER, Side.SCIENCE),
    ("engineer", "Omar Haddad", Role.MEMBER, Side.ENGINEERING),
    ("viewer", "Helena Brandt", Role.VIEWER, Side.SCIENCE),
    ("arjun", "Arjun Patel", Role.MEMBER, Side.SCIENCE),
    ("sofia", "Sofia Rossi", Role.MEMBER, Side.SCIENCE),
    ("tomas", "Tomás Rey", Role.MEMBER, Side.SCIENCE),
    ("lena", "Lena Fischer", Role.MEMBER, Side.ENGINEERING),
    ("kofi", "Kofi Mensah", Role.MEMBER, Side.ENGINEERING),
)
OUTSIDER = ("outsider", "Ivo Petrov")
WEEKS = 14


@dataclass(frozen=True)
class Cast:
    """A team, its people by the name before the @, and its calendar."""

    team: Team
    people: dict[str, Membership]
    now: datetime
    off: frozenset[date] = frozenset()

    def ago(self, working_days: float) -> datetime:
        """That many working days before today: whole days, and the part of one as the hour between 9 and 17."""
        days, part = divmod(working_days, 1)
        zone = ZoneInfo(self.team.time_zone)
        day = self.now.astimezone(zone).date()
        while days > 0 or not self.works_on(day):
            day -= timedelta(days=1)
            days -= self.works_on(day)
        moment = datetime.combine(day, time(9), zone) + timedelta(hours=8 * part)
        return min(moment, self.now - timedelta(minutes=5))

    def works_on(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.off


@transaction.atomic
def fill(key: str = "DEMO") -> bool:
    """Make the team `key` and the team OTHER with all their stories; False when the team is there already."""
    if Team.objects.filter(key=key).exists():
        return False
    now = clock.now()
    team = found_team(key, "Applied ML", PEOPLE)
    people = {m.user.email.partition("@")[0]: m for m in team.memberships.select_related("team", "user")}
    with clock.at(team.created_at):
        team.set_calendar(people["lead"], country="PT")
        people["lena"].set_calendar(people["lead"], country="DE", region="BE", time_zone="Europe/Berlin", week="Mon-Thu 08:30-17:00")
    days_off = DayOff.objects.within(team).filter(country="PT", region="").values_list("day", flat=True)
    cast = Cast(team, people, now, frozenset(days_off))
    tell((story for floor in floors.modules("demo") for story in floor.stories(cast)), cast.team, now)
    if not Team.objects.filter(key="OTHER").exists():
        other = found_team("OTHER", "Pricing", ((*OUTSIDER, Role.LEAD, Side.SCIENCE),))
        outsider = Cast(other, {"outsider": other.memberships.select_related("team", "user").get()}, now)
        tell((story for floor in floors.modules("demo") for story in floor.other_stories(outsider)), other, now)
    return True


def grow(key: str, size: int) -> int:
    """Add finished work of the past until the team has `size` cards; returns how many were added."""
    found = Team.objects.get(key=key)
    return sum(floor.history(found, size) for floor in floors.modules("demo") if hasattr(floor, "history"))


def found_team(key: str, name: str, people: Iterable[tuple[str, str, str, str]]) -> Team:
    """A team of 8-hour days in Lisbon, founded before its stories begin."""
    members = [(person(handle, called), role, side) for handle, called, role, side in people]
    made = Team.found(key=key, name=name, lead=members[0][0], time_zone="Europe/Lisbon")
    for user, role, side in members[1:]:
        Membership.objects.create(team=made, user=user, role=role, side=side)
    founded = clock.now() - timedelta(weeks=WEEKS)
    made.created_at = founded
    made.limit_active = made.limit_analysis = 5
    made.save(update_fields=["created_at", "limit_active", "limit_analysis"])
    made.memberships.update(joined_at=founded)
    return made


def person(handle: str, name: str) -> User:
    """Somebody who signs in by links only."""
    email = f"{handle}@demo.example"
    return User.objects.filter(email=email).first() or User.objects.create_user(email, name)


def tell(stories: Iterable[Story], team: Team, now: datetime) -> None:
    """Take every step of every story in the order of time, each at its own moment."""
    waiting = [(next(story), place, story) for place, story in enumerate(stories)]
    heapq.heapify(waiting)
    while waiting:
        moment, place, story = heapq.heappop(waiting)
        with clock.at(moment):
            following = next(story, None)
        if following is not None:
            heapq.heappush(waiting, (max(following, moment), place, story))
    told = Notice.objects.within(team)
    told.filter(at__lt=now - timedelta(days=4)).update(read_at=F("at"))
    told.update(mail=MailState.NONE)
