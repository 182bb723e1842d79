"""Cards that had ended before there were sprints leave the boards a fortnight after their end, dropped ones at once."""

from datetime import timedelta

from django.db import migrations
from django.db.models import F

FORTNIGHT = timedelta(days=14)


def settle(apps, schema_editor):
    ended = apps.get_model("experiments", "Task").objects.filter(ended_at__isnull=False)
    ended.filter(dropped_at=None).update(shown_until=F("ended_at") + FORTNIGHT)
    ended.exclude(dropped_at=None).update(shown_until=F("ended_at"))


class Migration(migrations.Migration):

    dependencies = [("experiments", "0010_shown_until")]

    operations = [migrations.RunPython(settle, migrations.RunPython.noop)]
