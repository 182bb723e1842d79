"""Boxes that were started before there was a clock: it ran from their start, by the office hours of their team's zone."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import F
from django.utils import timezone

from dsboard.working_time import OFFICE, WorkingTime, week_of

BACK = "Back in Ideation."
MOVED = "The board got a clock."


def settle(apps, schema_editor):
    TimeBox, Interval, Reminder = (apps.get_model("experiments", name) for name in ("TimeBox", "Interval", "Reminder"))
    now = timezone.now()
    TimeBox.objects.update(original_hours=F("hours"))
    for box in TimeBox.objects.filter(started_at__isnull=False).select_related("task__team").iterator():
        task, working = box.task, WorkingTime(ZoneInfo(box.task.team.time_zone), week_of(OFFICE))
        length = timedelta(seconds=round(float(box.hours) * 3600))
        runs = box.closed_at is None and task.stage == "active" and not task.deleted_at and not task.dropped_at
        if runs:
            box.runs_since, box.left = box.started_at, length
            box.ends_at = working.add(box.started_at, length)
            box.warns_at = working.add(box.started_at, length * 80 / 100)
            Interval.objects.create(box=box, owner=task.owner, started_at=box.started_at)
        else:
            stopped = box.closed_at or now
            box.used = working.between(box.started_at, stopped)
            box.left = max(timedelta(0), length - box.used)
            if box.closed_at is None:
                box.paused_at, box.pause_reason = now, BACK if task.stage == "ideation" else MOVED
            Interval.objects.create(box=box, owner=task.owner, started_at=box.started_at, stopped_at=stopped, used=box.used)
        box.save()
        if runs or task.stage == "analysis":
            Reminder.objects.create(task=task, due_at=now)


class Migration(migrations.Migration):

    dependencies = [
        ("experiments", "0007_clock"),
        ("dsboard", "0004_calendar"),
    ]

    operations = [migrations.RunPython(settle, migrations.RunPython.noop)]
