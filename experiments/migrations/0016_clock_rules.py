"""The rules of a clock in one row; the rows that it had before are gone. After 0015, since PostgreSQL does not alter what it has just written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experiments", "0015_clock_in_one_row")]

    operations = [
        migrations.AddIndex(
            model_name="timebox",
            index=models.Index(condition=models.Q(("next_look_at__isnull", False)), fields=["next_look_at"], name="time_box_to_look_at"),
        ),
        migrations.AddConstraint(
            model_name="timebox",
            constraint=models.CheckConstraint(
                condition=models.Q(("runs_for", None), ("runs_since__isnull", False), _connector="OR"), name="time_box_runs_for_somebody"
            ),
        ),
        migrations.DeleteModel(name="Interval"),
        migrations.DeleteModel(name="Reminder"),
    ]
