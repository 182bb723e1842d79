import datetime
import django.db.models.deletion
import dsboard.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experiments', '0006_team_index'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=30)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
                ('at', models.DateTimeField(default=dsboard.clock.now)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hours', models.DecimalField(decimal_places=2, max_digits=5)),
                ('reason', models.CharField(max_length=2000)),
                ('at', models.DateTimeField(default=dsboard.clock.now)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Interval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('used', models.DurationField(blank=True, null=True)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('task', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reminder', serialize=False, to='experiments.task')),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('turn', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='timebox',
            name='time_box_has_a_length',
        ),
        migrations.AddField(
            model_name='timebox',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='timebox',
            name='left',
            field=models.DurationField(default=datetime.timedelta),
        ),
        migrations.AddField(
            model_name='timebox',
            name='original_hours',
            field=models.DecimalField(decimal_places=2, default=0, help_text='What adherence is measured against.', max_digits=5),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='timebox',
            name='pause_reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='timebox',
            name='paused_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='timebox',
            name='resumes_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='timebox',
            name='runs_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='timebox',
            name='used',
            field=models.DurationField(default=datetime.timedelta),
        ),
        migrations.AddField(
            model_name='timebox',
            name='warns_at',
            field=models.DateTimeField(blank=True, help_text='When four fifths are used.', null=True),
        ),
        migrations.AlterField(
            model_name='attachment',
            name='at',
            field=models.DateTimeField(default=dsboard.clock.now),
        ),
        migrations.AlterField(
            model_name='comment',
            name='at',
            field=models.DateTimeField(default=dsboard.clock.now),
        ),
        migrations.AlterField(
            model_name='decision',
            name='at',
            field=models.DateTimeField(default=dsboard.clock.now),
        ),
        migrations.AlterField(
            model_name='finding',
            name='at',
            field=models.DateTimeField(default=dsboard.clock.now),
        ),
        migrations.AlterField(
            model_name='reversal',
            name='at',
            field=models.DateTimeField(default=dsboard.clock.now),
        ),
        migrations.AlterField(
            model_name='task',
            name='created_at',
            field=models.DateTimeField(default=dsboard.clock.now),
        ),
        migrations.AlterField(
            model_name='task',
            name='updated_at',
            field=models.DateTimeField(default=dsboard.clock.now),
        ),
        migrations.AlterField(
            model_name='timebox',
            name='hours',
            field=models.DecimalField(decimal_places=2, help_text='Working hours, extensions included.', max_digits=5),
        ),
        migrations.AlterField(
            model_name='upload',
            name='at',
            field=models.DateTimeField(default=dsboard.clock.now),
        ),
        migrations.AddField(
            model_name='amendment',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='amendment',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='amendments', to='experiments.task'),
        ),
        migrations.AddField(
            model_name='extension',
            name='box',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='extensions', to='experiments.timebox'),
        ),
        migrations.AddField(
            model_name='extension',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='interval',
            name='box',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='intervals', to='experiments.timebox'),
        ),
        migrations.AddField(
            model_name='interval',
            name='owner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='reminder_due'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('hours__gt', 0)), name='extension_has_hours'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='extension_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='interval',
            constraint=models.UniqueConstraint(condition=models.Q(('stopped_at', None)), fields=('box',), name='interval_one_runs'),
        ),
        migrations.AddConstraint(
            model_name='interval',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('stopped_at', None), ('used', None)), models.Q(('stopped_at__gte', models.F('started_at')), ('used__gte', datetime.timedelta(0))), _connector='OR'), name='interval_settled_when_it_stops'),
        ),
    ]
