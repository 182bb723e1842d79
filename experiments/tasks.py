"""Sweeps of floor 1: short Celery tasks that take nothing and call a model."""

from celery import shared_task
from celery.worker import state

from dsboard.models import JobRun
from experiments import reminding
from experiments.models.bin import empty_bins
from experiments.tracking import sync


@shared_task(name="experiments.empty_bins", ignore_result=True)
def empty_bins_task() -> None:
    """Purge what has been in the bin for over 30 days."""
    empty_bins()
    JobRun.note("experiments.empty_bins")


@shared_task(name="experiments.remind", ignore_result=True)
def remind() -> None:
    """Tell what is due: boxes that end, findings, decisions, pauses."""
    reminding.sweep()
    JobRun.note("experiments.remind")


@shared_task(name="experiments.track", ignore_result=True)
def track() -> None:
    """Read the tracking servers that are due. A worker that is told to stop begins no further one."""
    sync.sweep(leaving=lambda: state.should_stop is not None)
    JobRun.note("experiments.track")
