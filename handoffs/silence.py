"""Metrics of models in operation that are told no more: the commonest way in which monitoring fails."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max

from dsboard import clock
from experiments.models.metric import plain
from handoffs.models import Alarm, Series, Version
from handoffs.models.watching import tell


def sweep() -> int:
    """Raise an alarm for every stream that has had no value for two of its cadences while its version serves; returns how many."""
    count = 0
    for series, version, last in silent(clock.now()):
        due = f"one was due every {plain(series.cadence_hours)} hours"
        words = f"{series.name} of {version} has had no value since {last:%-d %B, %H:%M} UTC; {due}."
        if one := Alarm.raise_silent(series, version, last, words):
            tell(one, f"{series.name} of {series.model} is silent")
            count += 1
    return count


def silent(now: datetime) -> Iterator[tuple[Series, Version, datetime]]:
    """Series with a cadence, each with a version that serves and whose last value is older than two cadences, and when that was."""
    serving = {"deployments__retired_at": None, "deployments__isnull": False}
    rows = Series.objects.exclude(cadence_hours=None).filter(**{f"model__{name}": value for name, value in serving.items()})
    for series in rows.select_related("model__team").distinct():
        versions = {one.pk: one for one in series.model.versions.filter(**serving)}
        lasts = series.points.filter(version__in=versions).order_by().values_list("version").annotate(last=Max("at"))
        for pk, last in lasts:
            if now - last > 2 * timedelta(hours=series.cadence_hours or 0):
                versions[pk].model = series.model
                yield series, versions[pk], last
