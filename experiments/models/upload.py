"""A file on its way in: kept by the server between looking at its plan and importing it, for the person who sent it."""

from datetime import timedelta

from django.conf import settings
from django.db import models

from dsboard import clock
from dsboard.models import Membership, Team, TeamScoped
from dsboard.roles import Act


class Upload(TeamScoped):
    """One a person and team: a new file takes the place of the one before."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "by"], name="upload_one_a_person")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def keep(cls, by: Membership, name: str, content: bytes) -> "Upload":
        """Keep a file until its owner imports it, sends another one, or a day has passed."""
        by.must(Act.IMPORT)
        cls.objects.within(by.team).filter(by_id=by.user_id).delete()
        return cls.objects.create(team_id=by.team_id, by_id=by.user_id, name=name[:200], content=content)

    @classmethod
    def forget_old(cls) -> None:
        """Delete what nobody came back for."""
        cls.objects.filter(at__lt=clock.now() - timedelta(days=1)).delete()
