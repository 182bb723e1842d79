"""When each job last ran: what /readyz tells."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models

from dsboard import clock

#: no job is late before this
PATIENCE = timedelta(seconds=90)
STARTED = time.monotonic()


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
    def late(cls) -> dict[str, timedelta]:
        """The jobs of the schedule that should have run since this process started, with how long they have not.

        A job may miss two of its turns: a sweep of another process, a restart and a slow minute are no news.
        """
        running = timedelta(seconds=time.monotonic() - STARTED)
        ran: dict[str, datetime] = dict(cls.objects.values_list("name", "ran_at"))
        late: dict[str, timedelta] = {}
        schedule: Any = settings.CELERY["beat_schedule"]
        for entry in schedule.values():
            name, patience = entry["task"], max(PATIENCE, timedelta(seconds=3 * entry["schedule"]))
            silence = min(clock.now() - ran[name], running) if name in ran else running
            if silence > patience:
                late[name] = silence
        return late

    @classmethod
    def last(cls) -> datetime | None:
        """When any job last ran; None before the first."""
        return cls.objects.aggregate(last=models.Max("ran_at"))["last"]
