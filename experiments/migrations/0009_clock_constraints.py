import datetime

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experiments', '0008_running_boxes'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='timebox',
            constraint=models.CheckConstraint(condition=models.Q(('hours__gt', 0), ('hours__lte', 480)), name='time_box_has_a_length'),
        ),
        migrations.AddConstraint(
            model_name='timebox',
            constraint=models.CheckConstraint(condition=models.Q(('original_hours__gt', 0), ('original_hours__lte', models.F('hours'))), name='time_box_only_grows'),
        ),
        migrations.AddConstraint(
            model_name='timebox',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('paused_at', None), ('runs_since', None), ('started_at', None)), models.Q(('closed_at', None), ('ends_at__isnull', False), ('paused_at', None), ('runs_since__isnull', False), ('started_at__isnull', False)), models.Q(('closed_at', None), ('paused_at__isnull', False), ('runs_since', None), ('started_at__isnull', False)), models.Q(('closed_at__isnull', False), ('paused_at', None), ('runs_since', None), ('started_at__isnull', False)), _connector='OR'), name='time_box_in_one_state'),
        ),
        migrations.AddConstraint(
            model_name='timebox',
            constraint=models.CheckConstraint(condition=models.Q(('paused_at', None), models.Q(('pause_reason', ''), _negated=True), _connector='OR'), name='time_box_paused_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='timebox',
            constraint=models.CheckConstraint(condition=models.Q(('left__gte', datetime.timedelta(0)), ('used__gte', datetime.timedelta(0))), name='time_box_no_negative_time'),
        ),
    ]
