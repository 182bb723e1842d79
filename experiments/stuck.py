"""What does not move by itself any more on this floor: reminders that no sweep has looked at."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse

from dsboard import clock
from dsboard.stuck import Stuck
from experiments.models import TimeBox

OVERDUE = timedelta(minutes=5)


def stuck() -> Iterator[Stuck]:
    late = TimeBox.objects.filter(next_look_at__lt=clock.now() - OVERDUE).count()
    yield Stuck(late, "Cards whose reminders should have been looked at", reverse("admin:dsboard_jobrun_changelist"))
