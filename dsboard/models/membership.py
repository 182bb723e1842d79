"""A person's place in a team: the actor of every verb."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction

from dsboard import floors
from dsboard.errors import Forbidden, Refusal
from dsboard.models.activity import Activity
from dsboard.models.calendar_fields import known_week, known_zone, settle_calendar
from dsboard.models.day_off import DayOff
from dsboard.models.scoped import TeamScoped
from dsboard.models.sign_in_link import SignInLink
from dsboard.roles import LEAST, RANK, Act, Role, Side, allows

if TYPE_CHECKING:
    from dsboard.models.team import Team
    from dsboard.models.user import User

#: a member's country when holidays mean nothing to that person
NO_HOLIDAYS = "-"
#: what may differ from the team's calendar
CALENDAR = ("time_zone", "week", "country", "region")


class Membership(TeamScoped):
    team = models.ForeignKey("dsboard.Team", on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role, default=Role.MEMBER)
    side = models.CharField(max_length=11, choices=Side, default=Side.SCIENCE)
    joined_at = models.DateTimeField(auto_now_add=True)
    # what differs from the team's calendar
    time_zone = models.CharField(max_length=64, blank=True, validators=[known_zone], help_text="Empty: the team's.")
    week = models.CharField("working hours", max_length=300, blank=True, validators=[known_week], help_text="Empty: the team's.")
    country = models.CharField("holidays of", max_length=2, blank=True, help_text="Two letters; empty: the team's; - for none.")
    region = models.CharField(max_length=20, blank=True)
    #: history asks this of every subject; two leads at one place are kept apart by the team's lock
    version = 0

    class Meta:
        ordering = ["user__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(condition=models.Q(side__in=Side.values), name="membership_side_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"

    @property
    def ref(self) -> str:
        return self.user.name[:30]

    @classmethod
    def of_staff(cls, user: "User", team: "Team") -> "Membership":
        """An administrator of the server acting on a team from outside: with a lead's rights, in no list of members."""
        if not user.is_staff:
            raise Forbidden("Only an administrator of this server can do that.")
        return cls(user=user, team=team, role=Role.LEAD)

    def as_history(self) -> dict[str, str]:
        """Role and side, as history keeps them."""
        return {"role": self.role, "side": self.side}

    def may(self, act: Act) -> bool:
        """The one question that every door asks."""
        return allows(self.role, act, deciders=self.team.deciders)

    def must(self, act: Act, team: "Team | int | None" = None) -> None:
        """Raise Forbidden unless this person may do `act`, and may do it in `team` when one is given."""
        team_id = getattr(team, "pk", team)
        if team_id is not None and team_id != self.team_id:
            raise Forbidden("That belongs to another team.")
        if not self.may(act):
            raise Forbidden(self.refusal(act))

    def refusal(self, act: Act) -> str:
        """Why this role may not, in a sentence."""
        if act == Act.DECIDE:
            return "Only a lead can decide this one. Ask in a comment."
        if self.role == Role.VIEWER and LEAST[act] == Role.MEMBER:
            return f"You can read everything here. To {act.label}, ask a lead to make you a member."
        return f"Only a lead can {act.label}. Ask in a comment."

    @transaction.atomic
    def change(self, by: "Membership", *, role: str | None = None, side: str | None = None) -> bool:
        """Give this person another role or side; False if nothing differs. Nobody raises their own role."""
        self.claim(by)
        role, side = role or self.role, side or self.side
        if by.user_id == self.user_id and RANK[Role(role)] > RANK[Role(self.role)]:
            raise Forbidden("Nobody can raise their own role. Ask another lead.")
        if self.role == Role.LEAD != role and self.leads_alone():
            raise Refusal.of({"role": f"{self.user.name} is the only lead. Make somebody else a lead first."})
        before = self.as_history()
        self.role, self.side = role, side
        changed = [name for name, value in self.as_history().items() if value != before[name]]
        self.save(update_fields=changed)
        for name in changed:
            Activity.record(self, "changed", by, field=name, before=before[name], after=getattr(self, name))
        return bool(changed)

    @transaction.atomic
    def remove(self, by: "Membership", *, successor: "Membership | None" = None) -> None:
        """End this person's place in the team; tokens end with it. The only lead hands the lead to `successor` first.

        Each floor may have a module `leaving` of its own: `leave(membership, by, successor)` is called while the place is still
        there, and what `left_behind(membership)` lists is shown before.
        """
        self.claim(by)
        if self.role == Role.LEAD and self.leads_alone():
            if successor is None or successor.pk == self.pk or not successor.user.is_active:
                raise Refusal.of({"successor": f"{self.user.name} is the only lead. Choose who leads the team from now on."})
            successor.change(by, role=Role.LEAD)
        for floor in floors.modules("leaving"):
            floor.leave(self, by, successor)
        Activity.record(self, "left", by, before=self.as_history())
        self.delete()

    @transaction.atomic
    def set_calendar(self, by: "Membership", **settings: str) -> list[str]:
        """Take other days, hours, zone or country than the team; an empty one is the team's. Returns what differs.

        Deadlines that run are moved by whoever calls this: see experiments.models.moving.
        """
        by.must(Act.CALENDAR, self.team_id)
        before = {name: getattr(self, name) for name in CALENDAR}
        changed = settle_calendar(self, settings)
        self.save(update_fields=changed)
        for name in changed:
            Activity.record(self, "changed", by, field=name, before=before[name], after=getattr(self, name))
        if {"country", "region"} & set(changed) and self.country != NO_HOLIDAYS:
            DayOff.objects.fill(self.team, self.country, self.region)
        return changed

    def fresh_link(self, by: "Membership") -> str:
        """The token of a new sign-in link for somebody who was added here, is nowhere else and never signed in."""
        by.must(Act.MEMBERS, self.team_id)
        if self.user.last_login or self.user.is_staff or self.user.memberships.count() > 1:
            raise Forbidden(f"{self.user.name} has signed in or is in another team too. An administrator can make a link.")
        return SignInLink.issue(self.user)

    def claim(self, by: "Membership") -> None:
        """Hold the team and read this place and the actor's again: two leads could take each other's role at once."""
        self.team.lock()
        for place in (by, self):
            if place.pk is None:
                continue
            try:
                place.refresh_from_db(fields=["role", "side"])
            except Membership.DoesNotExist as error:
                raise Refusal("Somebody was removed from the team in the meantime. Load the page again.") from error
        by.must(Act.MEMBERS, self.team_id)

    def leads_alone(self) -> bool:
        """True while no other lead of the team can sign in."""
        others = Membership.objects.filter(team_id=self.team_id, role=Role.LEAD, user__is_active=True).exclude(pk=self.pk)
        return not others.exists()
