"""A team: its key, calendar and policies; everything on a board belongs to one."""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Q

from dsboard.models.membership import Membership
from dsboard.models.user import User
from dsboard.roles import Role, Side


class Deciders(models.TextChoices):
    LEADS = "leads", "Leads"
    MEMBERS = "members", "All members"


class OwnDecision(models.TextChoices):
    AUTO = "auto", "While the team has one lead"
    ALLOWED = "allowed", "Always"
    REFUSED = "refused", "Never"


def known_zone(name: str) -> None:
    """Refuse a time zone that the system does not know."""
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Try Europe/Lisbon.")


class Team(models.Model):
    key = models.CharField(
        max_length=10,
        unique=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9]{1,9}\Z", "A key has 2 to 10 capital letters or digits and starts with a letter, like FRAUD.")],
        help_text="Starts every reference, as in FRAUD-42. It can't change.",
    )
    name = models.CharField(max_length=60)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_zone])
    hours_per_day = models.DecimalField(
        max_digits=4, decimal_places=2, default=8, validators=[MinValueValidator(1), MaxValueValidator(24)], help_text="Working hours in a day: 1 day of a time box."
    )
    deciders = models.CharField(max_length=7, choices=Deciders, default=Deciders.LEADS, help_text="Who may decide.")
    own_decisions = models.CharField(max_length=7, choices=OwnDecision, default=OwnDecision.AUTO, help_text="May an owner decide alone on their own card?")
    limit_active = models.PositiveSmallIntegerField(default=3, help_text="Work-in-progress limit; 0 for none. It warns, it never blocks.")
    limit_analysis = models.PositiveSmallIntegerField(default=4)
    limit_in_progress = models.PositiveSmallIntegerField(default=4)
    limit_review = models.PositiveSmallIntegerField(default=4)
    guide_committed = models.PositiveSmallIntegerField(default=60, help_text="Per cent of a sprint.")
    guide_experiments = models.PositiveSmallIntegerField(default=30)
    guide_learning = models.PositiveSmallIntegerField(default=10)
    tolerance = models.PositiveSmallIntegerField(default=5, validators=[MaxValueValidator(50)], help_text="Points either side of the guideline.")
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
            models.CheckConstraint(condition=Q(hours_per_day__gte=1, hours_per_day__lte=24), name="team_hours_per_day"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def found(cls, *, key: str, name: str, lead: User, time_zone: str = "UTC") -> "Team":
        """A new team with its first lead. Raises ValidationError for a taken or badly formed key."""
        team = cls(key=key.strip().upper(), name=name.strip(), time_zone=time_zone)
        team.full_clean()
        team.save()
        Membership.objects.create(team=team, user=lead, role=Role.LEAD, side=Side.SCIENCE)
        return team

    def lock(self) -> None:
        """Hold this team's order and counters until the transaction ends: one writer at a time.

        On SQLite the IMMEDIATE transaction already holds everything.
        """
        Team.objects.select_for_update(no_key=True).only("pk").get(pk=self.pk)

    def next_number(self) -> int:
        """The number of the next card, never given twice; call it inside a transaction."""
        Team.objects.filter(pk=self.pk).update(last_number=F("last_number") + 1)
        return Team.objects.values_list("last_number", flat=True).get(pk=self.pk)

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
