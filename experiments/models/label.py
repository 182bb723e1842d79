"""A label of the team: a short word that cards share."""

from collections.abc import Collection

from django.db import models
from django.db.models.functions import Lower

from dsboard.models import Team, TeamScoped


class Label(TeamScoped):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("team", Lower("name"), name="label_once")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def named(cls, team: Team, names: list[str]) -> list["Label"]:
        """The team's labels of these names, made where they are new; case does not tell labels apart."""
        wanted = {name.lower(): name for name in names}
        known = cls.known(team, wanted)
        # Two cards may bring the same new label at once; sorted, so that two such requests never wait for each other.
        new = [cls(team=team, name=wanted[lower]) for lower in sorted(wanted.keys() - known.keys())]
        if new:
            cls.objects.bulk_create(new, ignore_conflicts=True)
            known = cls.known(team, wanted)
        return list(known.values())

    @classmethod
    def known(cls, team: Team, lower_names: Collection[str]) -> dict[str, "Label"]:
        """Those of the team's labels that have one of these names, by it in lower case."""
        return {label.name.lower(): label for label in cls.objects.within(team) if label.name.lower() in lower_names}
