"""An absence: the days on which a member is away. The clock of a time box is its owner's, so it stands still meanwhile."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models.activity import Activity
from dsboard.models.scoped import TeamScoped
from dsboard.roles import Act

if TYPE_CHECKING:
    from dsboard.models.membership import Membership

LONGEST = timedelta(days=366)


class Absence(TeamScoped):
    """From the first day to the last, both included, by the calendar of the member's own zone."""

    team_path = "membership__team"
    membership = models.ForeignKey("dsboard.Membership", on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["first_day", "pk"]
        constraints = [models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_it_starts")]
        indexes = [models.Index(fields=["membership", "last_day"], name="absence_of_member")]

    def __str__(self) -> str:
        return f"{self.first_day} to {self.last_day}" if self.last_day != self.first_day else str(self.first_day)

    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first_day + timedelta(days=step) for step in range((self.last_day - self.first_day).days + 1)]

    @classmethod
    @transaction.atomic
    def add(cls, membership: "Membership", by: "Membership", *, first_day: date, last_day: date) -> "Absence":
        """Members add their own, leads anybody's. Raises Refusal for days that don't fit or are taken already."""
        by.must(Act.ABSENCE if by.user_id == membership.user_id else Act.ABSENCE_OTHERS, membership.team_id)
        membership.team.lock()
        if last_day < first_day:
            raise Refusal.of({"to": "The last day is before the first."})
        if last_day - first_day >= LONGEST:
            raise Refusal.of({"to": "An absence is at most a year. Who is away for longer leaves the team and comes back."})
        if abs((first_day - clock.now().date()).days) > 3 * 366:
            raise Refusal.of({"from": f"{first_day} is over three years away. Look at the year again."})
        known = membership.absences.filter(first_day__lte=last_day, last_day__gte=first_day).first()
        if known:
            raise Refusal.of({"from": f"{membership.user.first_name} is away from {known} already."})
        made = cls.objects.create(membership=membership, first_day=first_day, last_day=last_day, by_id=by.user_id)
        Activity.record(membership, "changed", by, field="absence", before=None, after=str(made))
        return made

    @transaction.atomic
    def remove(self, by: "Membership") -> None:
        """Be there after all."""
        by.must(Act.ABSENCE if by.user_id == self.membership.user_id else Act.ABSENCE_OTHERS, self.membership.team_id)
        Activity.record(self.membership, "changed", by, field="absence", before=str(self), after=None)
        self.delete()
