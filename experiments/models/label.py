"""A label of the team: a short word that cards share."""

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
        known = {label.name.lower(): label for label in cls.objects.within(team)}
        found = []
        for name in names:
            label = known.get(name.lower()) or cls.objects.create(team=team, name=name)
            known[name.lower()] = label
            found.append(label)
        return found
