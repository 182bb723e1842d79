"""Words for lines of history."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

from dsboard import clock, words
from experiments.models.metric import BESIDES, besides_words
from experiments.stages import Direction, Outcome, Stage

register = template.Library()
SHORT = 80


@register.filter
def field_words(name: str) -> str:
    """A field's name as people say it."""
    return {"hours": "time box", "owner": "owner", "work": "kind of upkeep", "done_note": "note on what was done"}.get(
        name, name.replace("_", " ")
    )


@register.filter
def is_short(value: Any) -> bool:
    """Fits into a line of history; lists and long texts do not."""
    return not isinstance(value, (list, dict)) and len(str(value)) <= SHORT


@register.filter
def quoted(value: Any) -> str:
    """A value in a sentence: quoted words, plain numbers, "nothing" for none."""
    if value in (None, "", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else f"“{value}”"


@register.filter
def stage_name(value: str) -> str:
    """Active, In progress, …"""
    return Stage(value).label if value in Stage.values else str(value)


@register.filter
def outcome_name(value: str) -> str:
    """Productionize, Abandon, More research."""
    return Outcome(value).label if value in Outcome.values else str(value)


@register.filter
def metric_words(metric: dict[str, Any]) -> str:
    """A success metric as history keeps it: macro-F1 ≥ 0.9."""
    sign, more = ("≥", "+") if metric["direction"] == Direction.HIGHER else ("≤", "−")
    besides = {name: metric[name] for name in BESIDES if name in metric}
    tail = f" {besides_words(**besides)}" if besides else ""
    if metric["target"] is not None:
        return f"{metric['name']} {sign} {metric['target']:g}{tail}"
    return f"{metric['name']} {sign} baseline {more} {metric['better_than_baseline_by']:g}{tail}"


@register.filter
def moment_words(iso: str) -> str:
    """A moment that history keeps as ISO text, in the zone of the page: Tue 17 Mar, 09:00."""
    return words.at(datetime.fromisoformat(iso), clock.now(), timezone.get_current_timezone())
