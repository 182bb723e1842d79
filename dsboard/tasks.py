"""The sweeps of floor 0."""

from celery import shared_task
from celery.worker import state
from django.contrib.sessions.models import Session

from dsboard import clock, outbox
from dsboard.models import Delivery, JobRun, SignInLink
from dsboard.models.calendars import fill_holidays

BATCH = 500


@shared_task(name="dsboard.sweep")
def sweep() -> None:
    """Drop what nobody can use any more: old sign-in links, ended sessions, old deliveries. Notes that the jobs run."""
    SignInLink.sweep()
    # In batches, because one DELETE over a month of sessions would hold SQLite's only write lock for seconds.
    ended = Session.objects.filter(expire_date__lt=clock.now()).values("pk")[:BATCH]
    Session.objects.filter(pk__in=[row["pk"] for row in ended]).delete()
    Delivery.drop_old(BATCH)
    JobRun.note("dsboard.sweep")


@shared_task(name="dsboard.mail")
def send_mail() -> None:
    """Mail the notices that wait."""
    outbox.sweep()
    JobRun.note("dsboard.mail")


@shared_task(name="dsboard.holidays")
def add_holidays() -> None:
    """Write the holidays of a year that has come near, for every country that somebody's calendar names."""
    fill_holidays()
    JobRun.note("dsboard.holidays")


@shared_task(name="dsboard.deliver")
def deliver() -> None:
    """Send what the webhooks wait for. A worker that is told to stop does not begin another try."""
    Delivery.sweep(leaving=lambda: state.should_stop is not None)
    JobRun.note("dsboard.deliver")
