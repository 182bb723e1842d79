"""The sweeps of floor 0."""

from celery import shared_task
from django.contrib.sessions.models import Session

from dsboard import clock
from dsboard.models import JobRun, SignInLink

BATCH = 500


@shared_task(name="dsboard.sweep")
def sweep() -> None:
    """Drop what nobody can use any more: old sign-in links, ended sessions. Notes that the jobs run."""
    SignInLink.sweep()
    # In batches, because one DELETE over a month of sessions would hold SQLite's only write lock for seconds.
    ended = Session.objects.filter(expire_date__lt=clock.now()).values("pk")[:BATCH]
    Session.objects.filter(pk__in=[row["pk"] for row in ended]).delete()
    JobRun.note("dsboard.sweep")
