"""What one person can give to a sprint: the working days that it has for them, less absences, times their availability."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Calendars, Membership, Team, TeamScoped, User
from dsboard.roles import Role
from dsboard.working_time import WorkingTime
from sprints.allocation import in_days
from sprints.states import State

if TYPE_CHECKING:
    from sprints.models.sprint import Sprint

ALL = Decimal(1)


class Capacity(TeamScoped):
    """While the sprint is planned only the availability counts and the days follow from the calendars of now.

    `days` freeze with the plan. `available` is what it was in the end: absences that came up count, and so does leaving.
    """

    team_path = "sprint__team"
    sprint = models.ForeignKey("sprints.Sprint", on_delete=models.CASCADE, related_name="capacities")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    availability = models.DecimalField(max_digits=3, decimal_places=2, default=1, help_text="The part of their time, 0 to 1.")
    days = models.DecimalField(max_digits=8, decimal_places=4, null=True, blank=True)
    available = models.DecimalField(max_digits=8, decimal_places=4, null=True, blank=True)
    left_on = models.DateField(null=True, blank=True, help_text="The person left the team on this day.")

    class Meta:
        verbose_name_plural = "capacities"
        ordering = ["user__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sprint", "user"], name="capacity_once"),
            models.CheckConstraint(condition=Q(availability__gte=0, availability__lte=1), name="capacity_part_of_a_whole"),
            models.CheckConstraint(condition=Q(days=None) | Q(days__gte=0), name="capacity_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.user.name}, {self.availability:.0%}"

    @classmethod
    def inherit(cls, sprint: "Sprint") -> None:
        """A new sprint begins with the availability of the one before it."""
        before = type(sprint).objects.within(sprint.team).filter(starts_on__lt=sprint.starts_on).order_by("-starts_on").first()
        if before:
            known = before.capacities.exclude(availability=1).filter(user__memberships__team=sprint.team_id)
            cls.objects.bulk_create(cls(sprint=sprint, user_id=one.user_id, availability=one.availability) for one in known)

    @classmethod
    def settle(cls, sprint: "Sprint", user: User, availability: Decimal, by: Membership) -> bool:
        """Write one person's availability; False if it was so already."""
        row, made = cls.objects.get_or_create(sprint=sprint, user=user)
        before = ALL if made else row.availability
        if before == availability:
            return False
        row.availability = availability
        row.save(update_fields=["availability"])
        Activity.record(sprint, "changed", by, field="availability", before=float(before), after=float(availability), who=user.name)
        return True


def people_of(team: Team) -> list[Membership]:
    """Who works in sprints: every member who can sign in, but viewers."""
    members = Membership.objects.within(team).exclude(role=Role.VIEWER).filter(user__is_active=True)
    return list(members.select_related("user").order_by("user__name", "pk"))


def given_days(working: WorkingTime, first: date, last: date, team: Team, availability: Decimal) -> Fraction:
    """Person-days between two dates, both included. A working day counts by its hours, so that half a day is half."""
    return in_days(working.during(first, last), team.day) * Fraction(availability)


def cleaned_availability(team: Team, sent: dict[str, Any]) -> dict[User, Decimal]:
    """Addresses as people of the team, parts as numbers from 0 to 1. Raises Refusal."""
    people = {m.user.email: m.user for m in people_of(team)}
    found = {}
    for email, part in sent.items():
        user = people.get(email.strip().lower())
        if user is None:
            raise Refusal.of({"capacity": f"Nobody with the address {email} works on cards in this team."})
        try:
            found[user] = round(Decimal(str(part)), 2)
        except ArithmeticError as error:
            raise Refusal.of({"capacity": f"The availability of {user.first_name} is a number from 0 to 1."}) from error
        if not (found[user].is_finite() and 0 <= found[user] <= 1):
            raise Refusal.of({"capacity": f"The availability of {user.first_name} is a number from 0 to 1."})
    return found


class Given:
    """What everybody can give to one sprint, for as long as it is planned."""

    def __init__(self, sprint: "Sprint", calendars: Calendars, rows: Iterable[Capacity], people: Iterable[Membership]) -> None:
        self.sprint, self.calendars, self.people = sprint, calendars, list(people)
        self.parts = {row.user_id: row.availability for row in rows}

    def of(self, user_id: int) -> Fraction:
        """Working days less absences, times availability."""
        working = self.calendars.of_member(self.sprint.team_id, user_id)
        return given_days(working, self.sprint.starts_on, self.sprint.ends_on, self.sprint.team, self.parts.get(user_id, ALL))

    def away(self, user_id: int) -> Fraction:
        """The days that absences take out of it."""
        there = self.calendars.of_member(self.sprint.team_id, user_id)
        always = self.calendars.without_absences(self.sprint.team_id, user_id)
        first, last = self.sprint.starts_on, self.sprint.ends_on
        return in_days(always.during(first, last) - there.during(first, last), self.sprint.team.day)


def freeze(sprint: "Sprint") -> None:
    """The plan freezes: everybody's days as they are now."""
    people = people_of(sprint.team)
    rows = {row.user_id: row for row in sprint.capacities.all()}
    given = Given(sprint, Calendars.of([sprint.team], sprint.starts_on), rows.values(), people)
    for member in people:
        row = rows.get(member.user_id) or Capacity(sprint=sprint, user_id=member.user_id)
        row.days = as_decimal(given.of(member.user_id))
        row.save()


def settle_available(sprint: "Sprint") -> None:
    """The sprint is over: what everybody could give in the end, absences that came up left out, who joined from that day on."""
    people = {member.user_id: member for member in people_of(sprint.team)}
    rows = {row.user_id: row for row in sprint.capacities.all()}
    calendars = Calendars.of([sprint.team], sprint.starts_on)
    for user_id, member in people.items():
        row = rows.get(user_id)
        if row is None or row.left_on:
            row = row or Capacity(sprint=sprint, user_id=user_id, days=0)
            first = max(sprint.starts_on, calendars.of_team(sprint.team_id).day_of(member.joined_at))
        else:
            first = sprint.starts_on
        working = calendars.of_member(sprint.team_id, user_id)
        row.available = as_decimal(given_days(working, first, sprint.ends_on, sprint.team, row.availability)) + (row.available or 0)
        row.save()
    for row in rows.values():
        if row.user_id not in people and row.available is None:
            row.available = row.days or Decimal(0)
            row.save(update_fields=["available"])


def leave(membership: Membership) -> None:
    """A person leaves the team: capacity in the running sprint ends today, in planned ones it goes."""
    rows = Capacity.objects.filter(sprint__team_id=membership.team_id, user_id=membership.user_id).select_related("sprint__team")
    rows.filter(sprint__state=State.PLANNED).delete()
    row = rows.filter(sprint__state=State.RUNNING).first()
    if row:
        team = row.sprint.team
        working = Calendars.of([team], row.sprint.starts_on).of_member(team.pk, membership.user_id)
        row.left_on = working.day_of(clock.now())
        last = min(row.left_on, row.sprint.ends_on)
        row.days = row.available = as_decimal(given_days(working, row.sprint.starts_on, last, team, row.availability))
        row.save()


def as_decimal(days: Fraction) -> Decimal:
    """Days as a row keeps them."""
    return round(Decimal(days.numerator) / Decimal(days.denominator), 4)
