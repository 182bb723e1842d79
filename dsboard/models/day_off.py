"""A day on which a team, or everybody of one country in it, does not work."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Q

from dsboard import clock, public_holidays
from dsboard.errors import Refusal
from dsboard.models.activity import Activity
from dsboard.models.scoped import TeamQuerySet, TeamScoped
from dsboard.roles import Act

if TYPE_CHECKING:
    from dsboard.models.membership import Membership
    from dsboard.models.team import Team

#: holidays are kept from the last year to the one after the next
YEARS = range(-1, 3)


class DayOffQuerySet(TeamQuerySet):
    def fill(self, team: "Team", country: str, region: str) -> int:
        """Write the holidays of a country for the years that the team has none of yet; returns how many days.

        Once written they are the team's own: an update of the library moves no deadline, and a day that a lead
        took away does not come back.
        """
        if not country:
            return 0
        this_year = clock.now().year
        mine = self.within(team).filter(country=country, region=region)
        known = set(mine.values_list("day__year", flat=True))
        missing = [this_year + step for step in YEARS if this_year + step not in known]
        days = [
            self.model(team=team, day=day, name=name[:100], country=country, region=region)
            for year in missing
            for day, name in public_holidays.of(country, region, year).items()
        ]
        self.bulk_create(days, ignore_conflicts=True)
        return len(days)


class DayOff(TeamScoped):
    """A holiday has the country (and region) whose people are off; a day off of the team's own has none."""

    team = models.ForeignKey("dsboard.Team", on_delete=models.CASCADE, related_name="days_off")
    day = models.DateField()
    name = models.CharField(max_length=100)
    country = models.CharField(max_length=2, blank=True, help_text="Whose holiday it is; empty: the team's own day off.")
    region = models.CharField(max_length=20, blank=True)

    objects = DayOffQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "days off"
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "country", "region", "day"], name="day_off_once"),
            models.CheckConstraint(condition=~Q(name=""), name="day_off_has_a_name"),
            models.CheckConstraint(condition=~Q(country="") | Q(region=""), name="day_off_region_of_a_country"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"

    @classmethod
    @transaction.atomic
    def add(cls, team: "Team", by: "Membership", *, day: date, name: str) -> "DayOff":
        """A day off of the team's own. Raises Refusal for one that is there already or has no name."""
        by.must(Act.CALENDAR, team)
        name = " ".join(name.replace("\x00", "").split())
        if not name or len(name) > 100:
            raise Refusal.of({"name": "Give the day a name of at most 100 characters, such as Company day."})
        if abs((day - clock.now().date()).days) > 5 * 366:
            raise Refusal.of({"day": f"{day} is over five years away. Look at the year again."})
        if cls.objects.within(team).filter(day=day, country="").exists():
            raise Refusal.of({"day": f"{day.day} {day:%B %Y} is off already."})
        made = cls.objects.create(team=team, day=day, name=name)
        Activity.record(team, "changed", by, field="day_off", before=None, after=str(made))
        return made

    @transaction.atomic
    def remove(self, by: "Membership") -> None:
        """Work on this day after all; a holiday of a country can be worked on too."""
        by.must(Act.CALENDAR, self.team_id)
        Activity.record(self.team, "changed", by, field="day_off", before=str(self), after=None)
        self.delete()
