"""A person's place in a team: the actor of every verb."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from dsboard.errors import Forbidden
from dsboard.models.scoped import TeamScoped
from dsboard.roles import Act, Role, Side, allows

if TYPE_CHECKING:
    from dsboard.models.team import Team


class Membership(TeamScoped):
    team = models.ForeignKey("dsboard.Team", on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role, default=Role.MEMBER)
    side = models.CharField(max_length=11, choices=Side, default=Side.SCIENCE)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["user__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(condition=models.Q(side__in=Side.values), name="membership_side_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"

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
        if self.role == Role.VIEWER:
            return f"You can read everything here. To {act.label}, ask a lead to make you a member."
        return f"Only a lead can {act.label}. Ask in a comment."
