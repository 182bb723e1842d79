"""Sweeps of floor 2: short Celery tasks that take nothing and call a model."""

from celery import shared_task

from dsboard.models import JobRun
from handoffs import rechecking


@shared_task(name="handoffs.recheck", ignore_result=True)
def recheck() -> None:
    """Look again at the handoffs of versions that changed."""
    rechecking.sweep()
    JobRun.note("handoffs.recheck")
