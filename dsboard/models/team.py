"""A team: its key, calendar and policies; everything on a board belongs to one."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Q, QuerySet

from dsboard.errors import Refusal, Stale
from dsboard.models.activity import Activity
from dsboard.models.calendar_fields import known_week, known_zone, settle_calendar
from dsboard.models.day_off import DayOff
from dsboard.models.membership import Membership
from dsboard.models.pulse import Pulse
from dsboard.models.sign_in_link import SignInLink
from dsboard.models.user import User
from dsboard.prepared import prepared
from dsboard.roles import Act, Role, Side
from dsboard.working_time import OFFICE


class Deciders(models.TextChoices):
    LEADS = "leads", "Leads"
    MEMBERS = "members", "All members"


class RateSource(models.TextChoices):
    """Where the days per point come from."""

    ASSUMED = "assumed", "Assumed"
    SET = "set", "Set by hand"
    MEASURED = "measured", "Measured"


class OwnDecision(models.TextChoices):
    AUTO = "auto", "While the team has one lead"
    ALLOWED = "allowed", "Always"
    REFUSED = "refused", "Never"


def plain(value: Any) -> Any:
    """A setting as history keeps it."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class Team(models.Model):
    #: what a lead may change; the key stays, because every reference starts with it
    SETTINGS = (
        "name",
        "hours_per_day",
        "deciders",
        "own_decisions",
        "limit_active",
        "limit_analysis",
        "limit_in_progress",
        "limit_review",
        "guide_committed",
        "guide_experiments",
        "guide_learning",
        "tolerance",
        "sprint_weeks",
        "days_per_point",
    )
    #: what decides when people work; a change moves deadlines, so it has a door of its own
    CALENDAR = ("time_zone", "week", "country", "region")
    #: history asks this of every subject; a stale setting is found by its value, so nothing counts versions
    version = 0

    key = models.CharField(
        max_length=10,
        unique=True,
        validators=[
            RegexValidator(r"^[A-Z][A-Z0-9]{1,9}\Z", "A key has 2 to 10 capital letters or digits and starts with a letter, like FRAUD.")
        ],
        help_text="Starts every reference, as in FRAUD-42. It can't change.",
    )
    name = models.CharField(max_length=60)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_zone])
    week = models.CharField(
        "working hours", max_length=300, default=OFFICE, validators=[known_week], help_text="Like Mon-Thu 09:00-17:00; Fri 09:00-13:00."
    )
    country = models.CharField("holidays of", max_length=2, blank=True, help_text="Two letters; empty: none.")
    region = models.CharField(max_length=20, blank=True)
    hours_per_day = models.DecimalField(
        max_digits=4,
        decimal_places=2,
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
        help_text="Working hours in a day: 1 day of a time box.",
    )
    deciders = models.CharField(max_length=7, choices=Deciders, default=Deciders.LEADS, help_text="Who may decide.")
    own_decisions = models.CharField(
        max_length=7, choices=OwnDecision, default=OwnDecision.AUTO, help_text="May an owner decide alone on their own card?"
    )
    limit_active = models.PositiveSmallIntegerField(default=3, help_text="Work-in-progress limit; 0 for none. It warns, it never blocks.")
    limit_analysis = models.PositiveSmallIntegerField(default=4)
    limit_in_progress = models.PositiveSmallIntegerField(default=4)
    limit_review = models.PositiveSmallIntegerField(default=4)
    guide_committed = models.PositiveSmallIntegerField(default=60, help_text="Per cent of a sprint.")
    guide_experiments = models.PositiveSmallIntegerField(default=30)
    guide_learning = models.PositiveSmallIntegerField(default=10)
    tolerance = models.PositiveSmallIntegerField(
        default=5, validators=[MaxValueValidator(50)], help_text="Points either side of the guideline."
    )
    sprint_weeks = models.PositiveSmallIntegerField(
        default=2, validators=[MinValueValidator(1), MaxValueValidator(12)], help_text="How many weeks a sprint has."
    )
    days_per_point = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=Decimal("0.5"),
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(20)],
        help_text="Person-days that a story point counts as in a sprint.",
    )
    rate_source = models.CharField(max_length=8, choices=RateSource, default=RateSource.ASSUMED, editable=False)
    last_number = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through=Membership, related_name="teams")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(guide_committed=100 - F("guide_experiments") - F("guide_learning")),
                name="team_guideline_is_100",
                violation_error_message="Committed, experiments and learning must add up to 100.",
            ),
            models.CheckConstraint(condition=~Q(week=""), name="team_has_working_hours"),
            models.CheckConstraint(condition=~Q(country="") | Q(region=""), name="team_region_of_a_country"),
            models.CheckConstraint(condition=Q(hours_per_day__gte=1, hours_per_day__lte=24), name="team_hours_per_day"),
            models.CheckConstraint(condition=Q(days_per_point__gt=0), name="team_rate_is_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        # One line: the name stands in the subject of mails.
        self.name = " ".join(self.name.split())

    @classmethod
    @transaction.atomic
    def found(cls, *, key: str, name: str, lead: User, time_zone: str = "UTC") -> "Team":
        """A new team with its first lead. Raises ValidationError for a taken or badly formed key."""
        team = cls(key=key.strip().upper(), name=name.strip(), time_zone=time_zone)
        team.full_clean()
        team.save()
        Pulse.objects.create(team=team)
        Membership.objects.create(team=team, user=lead, role=Role.LEAD, side=Side.SCIENCE)
        return team

    @property
    def team_id(self) -> int:
        return self.pk

    @property
    def ref(self) -> str:
        return self.key

    @transaction.atomic
    def change(self, by: Membership, *, seen: dict[str, Any] | None = None, **settings: Any) -> list[str]:
        """Change some of SETTINGS and return the names that differ; each is a line of history.

        `seen` is what the person had before them: a setting that somebody changed since is refused (Stale), the others merge.
        """
        by.must(Act.POLICIES, self)
        if unknown := set(settings) - set(self.SETTINGS):
            raise Refusal.of({name: f"A team has no setting “{name}” that could change." for name in sorted(unknown)})
        self.lock()
        self.refresh_from_db()
        before = {name: getattr(self, name) for name in settings}
        changed = [name for name in settings if settings[name] != before[name]]
        gone = [name for name in changed if name in (seen or {}) and (seen or {})[name] != before[name]]
        if gone:
            sentences = {name: f"Somebody set this to {plain(before[name])} in the meantime. Save again to keep yours." for name in gone}
            raise Stale(" ".join(sentences.values()), current={name: before[name] for name in gone}, fields=sentences)
        for name in changed:
            setattr(self, name, settings[name])
        if "days_per_point" in changed:
            self.rate_source = RateSource.SET
        self.vet()
        self.save(update_fields=[*changed, "rate_source"])
        for name in changed:
            Activity.record(self, "changed", by, field=name, before=plain(before[name]), after=plain(settings[name]))
        return changed

    @transaction.atomic
    def take_rate(self, by: Membership, rate: Decimal) -> None:
        """Take the days per point that closed sprints were measured at."""
        by.must(Act.POLICIES, self)
        self.lock()
        self.refresh_from_db()
        before, self.days_per_point, self.rate_source = self.days_per_point, rate, RateSource.MEASURED
        self.vet()
        self.save(update_fields=["days_per_point", "rate_source"])
        Activity.record(self, "changed", by, field="days_per_point", before=plain(before), after=plain(rate), source=self.rate_source)

    @transaction.atomic
    def set_calendar(self, by: Membership, **settings: str) -> list[str]:
        """Change the zone, the hours of the week, the country or its region; returns what differs.

        Deadlines that run are moved by whoever calls this: see experiments.models.moving.
        """
        by.must(Act.CALENDAR, self)
        self.lock()
        before = {name: getattr(self, name) for name in self.CALENDAR}
        changed = settle_calendar(self, settings)
        self.vet()
        self.save(update_fields=changed)
        for name in changed:
            Activity.record(self, "changed", by, field=name, before=before[name], after=getattr(self, name))
        DayOff.objects.fill(self, self.country, self.region)
        return changed

    def vet(self) -> None:
        """Raise a Refusal with a sentence for each setting that can't be."""
        try:
            self.full_clean()
        except ValidationError as error:
            raise Refusal.unclean(error) from error

    @transaction.atomic
    def invite(
        self, by: Membership, *, email: str, name: str = "", role: str = Role.MEMBER, side: str = Side.SCIENCE
    ) -> tuple[Membership, str]:
        """Add a person, made if new. Returns the place and, for a new person, the token of a sign-in link.

        Whoever has an account gets no link: it would be a way for a lead into other people's accounts.
        """
        by.must(Act.MEMBERS, self)
        self.lock()
        user = User.objects.filter(email=email.strip().lower()).first()
        if user and not user.is_active:
            raise Refusal.of({"email": f"{user.name} can't sign in on this server any more. Ask an administrator."})
        if user and self.memberships.filter(user=user).exists():
            raise Refusal.of({"email": f"{user.name} is in this team already."})
        token = ""
        if user is None:
            try:
                user = User.objects.create_user(email, name)
            except ValidationError as error:
                raise Refusal.unclean(error) from error
            token = SignInLink.issue(user)
        membership = Membership.objects.create(team=self, user=user, role=role, side=side)
        Activity.record(membership, "joined", by, after=membership.as_history())
        return membership, token

    def lock(self) -> None:
        """Hold this team's order and counters until the transaction ends: one writer at a time.

        On SQLite the IMMEDIATE transaction already holds everything.
        """
        (self.last_number,) = held(self.pk)

    def next_number(self) -> int:
        """The number of the next card, never given twice; call it under the lock."""
        self.last_number += 1
        Team.objects.filter(pk=self.pk).update(last_number=self.last_number)
        return self.last_number

    @property
    def day(self) -> timedelta:
        """How long one day of a time box is."""
        return timedelta(seconds=round(float(self.hours_per_day) * 3600))

    def one_lead(self) -> bool:
        return self.memberships.filter(role=Role.LEAD, user__is_active=True).count() == 1

    def limits(self) -> dict[str, int]:
        """The work-in-progress limit of each stage that has one."""
        return {
            "active": self.limit_active,
            "analysis": self.limit_analysis,
            "in_progress": self.limit_in_progress,
            "review": self.limit_review,
        }


@prepared
def held(team: int) -> QuerySet[Any, int]:
    """The last number of a team, whose row is locked."""
    return Team.objects.select_for_update(no_key=True).filter(pk=team).values_list("last_number", flat=True)
