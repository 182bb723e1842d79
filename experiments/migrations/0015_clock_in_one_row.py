"""What a clock writes lies on its box: the intervals that are over, whose interval runs, and when the reminders look next."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

AT_ONCE = 500


def gather(apps, schema_editor):
    TimeBox, Reminder = apps.get_model("experiments", "TimeBox"), apps.get_model("experiments", "Reminder")
    pks = list(TimeBox.objects.exclude(started_at=None).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), AT_ONCE):
        boxes = list(TimeBox.objects.filter(pk__in=pks[start : start + AT_ONCE]).prefetch_related("intervals"))
        looks = {one.pk: one for one in Reminder.objects.filter(pk__in=[box.task_id for box in boxes])}
        for box in boxes:
            for ran in sorted(box.intervals.all(), key=lambda ran: ran.pk):
                if ran.stopped_at is None:
                    box.runs_for_id = ran.owner_id
                else:
                    kept = [ran.owner_id, ran.started_at.isoformat(), ran.stopped_at.isoformat(), ran.used.total_seconds()]
                    box.ended_intervals.append(kept)
            if box.task_id in looks:
                box.next_look_at, box.turn = looks[box.task_id].due_at, looks[box.task_id].turn
        TimeBox.objects.bulk_update(boxes, ["ended_intervals", "runs_for", "next_look_at", "turn"])


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0014_trackers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="timebox",
            name="ended_intervals",
            field=models.JSONField(blank=True, default=list, help_text="Those of Interval that are over, the first one first."),
        ),
        migrations.AddField(
            model_name="timebox",
            name="next_look_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="timebox",
            name="runs_for",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="timebox",
            name="turn",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunPython(gather),
    ]
