"""When each job last ran: what /readyz tells."""

from datetime import datetime

from django.db import models

from dsboard import clock


class JobRun(models.Model):
    name = models.CharField(max_length=60, unique=True)
    ran_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def note(cls, name: str) -> None:
        """The job `name` ran just now."""
        cls.objects.update_or_create(name=name, defaults={"ran_at": clock.now()})

    @classmethod
    def last(cls) -> datetime | None:
        """When any job last ran; None before the first."""
        return cls.objects.aggregate(last=models.Max("ran_at"))["last"]
