"""Sweeps of floor 2: short Celery tasks that take nothing and call a model."""

from celery import shared_task

from dsboard.models import JobRun
from handoffs import rechecking, silence
from handoffs.models import retraining


@shared_task(name="handoffs.recheck", ignore_result=True)
def recheck() -> None:
    """Look again at the handoffs of versions that changed."""
    rechecking.sweep()
    JobRun.note("handoffs.recheck")


@shared_task(name="handoffs.monitor", ignore_result=True)
def monitor() -> None:
    """Raise alarms of silence, and make the tasks of retraining plans whose day has come."""
    silence.sweep()
    retraining.sweep()
    JobRun.note("handoffs.monitor")
