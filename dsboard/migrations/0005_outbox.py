import dsboard.clock
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dsboard', '0004_calendar'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='about',
            field=models.CharField(blank=True, help_text='What has to stay true until its mail leaves.', max_length=60),
        ),
        migrations.AddField(
            model_name='notice',
            name='actions',
            field=models.JSONField(blank=True, default=list, help_text='Buttons of the mail: pairs of words and address.'),
        ),
        migrations.AddField(
            model_name='notice',
            name='handed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='letter',
            field=models.UUIDField(blank=True, help_text='The mail it went in: several notices may share one.', null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='mail',
            field=models.CharField(choices=[('none', 'No mail wanted'), ('waiting', 'Waiting'), ('sending', 'Being handed over'), ('sent', 'Sent'), ('perhaps', 'Perhaps sent'), ('failed', 'Refused by the mail server'), ('withdrawn', 'Not sent: no longer true')], default='none', max_length=9),
        ),
        # What was written before there was mail is not mailed now.
        migrations.AlterField(
            model_name='notice',
            name='mail',
            field=models.CharField(choices=[('none', 'No mail wanted'), ('waiting', 'Waiting'), ('sending', 'Being handed over'), ('sent', 'Sent'), ('perhaps', 'Perhaps sent'), ('failed', 'Refused by the mail server'), ('withdrawn', 'Not sent: no longer true')], default='waiting', max_length=9),
        ),
        migrations.AddField(
            model_name='notice',
            name='mail_due_at',
            field=models.DateTimeField(default=dsboard.clock.now),
        ),
        migrations.AddField(
            model_name='notice',
            name='mail_error',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='notice',
            name='mail_tries',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='notice',
            name='snoozed_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='why',
            field=models.CharField(blank=True, help_text='Why this person gets it: you own FRAUD-42.', max_length=120),
        ),
        migrations.AddField(
            model_name='user',
            name='digest',
            field=models.BooleanField(default=False, help_text='One mail a day instead of several.', verbose_name='daily summary'),
        ),
        migrations.AddField(
            model_name='user',
            name='mail_off',
            field=models.JSONField(blank=True, default=list, help_text='The topics that are not mailed.', verbose_name='mail switched off'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('mention', 'Mention'), ('assigned', 'Given a card'), ('origin_reversed', 'Origin reversed'), ('box_warning', 'Time box at 80%'), ('box_ended', 'Time box ended'), ('findings_due', 'Findings due'), ('nudge', 'Nudge'), ('box_paused', 'Time box paused for long'), ('box_resumed', 'Time box runs again'), ('decision_waiting', 'Decision waiting')], max_length=30),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('mail', 'waiting')), fields=['mail_due_at'], name='notice_to_mail'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('mail', 'sending')), fields=['handed_at'], name='notice_in_hand'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('mail', 'waiting')), fields=['about'], name='notice_about'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('mail__in', ['none', 'waiting', 'sending', 'sent', 'perhaps', 'failed', 'withdrawn'])), name='notice_mail_known'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('mail', 'sending'), _negated=True), ('letter__isnull', False), _connector='OR'), name='notice_sending_in_a_letter'),
        ),
    ]
