"""Sweeps of floor 1: short Celery tasks that take nothing and call a model."""

from celery import shared_task

from dsboard.models import JobRun
from experiments.models.bin import empty_bins


@shared_task(name="experiments.empty_bins", ignore_result=True)
def empty_bins_task() -> None:
    """Purge what has been in the bin for over 30 days."""
    empty_bins()
    JobRun.note("experiments.empty_bins")
