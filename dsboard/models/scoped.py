"""Access is a query: every row of a team is reached through within(team)."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models

if TYPE_CHECKING:
    from dsboard.models.team import Team


class TeamQuerySet(models.QuerySet[Any]):
    def within(self, team: "Team") -> Self:
        """Only this team's rows; what is not here does not exist for its members."""
        return self.filter(**{self.model.team_path: team})


class TeamScoped(models.Model):
    """A row that belongs to a team along `team_path` (a look-up from this model)."""

    team_path: ClassVar[str] = "team"
    objects = TeamQuerySet.as_manager()

    class Meta:
        abstract = True
