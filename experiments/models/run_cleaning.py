"""What was told of a run, as it is kept; a Refusal by field for what can't be."""

import re
from typing import Any

from django.db import models

from dsboard.errors import Refusal

MOST_RUNS, MOST_NAMES, MOST_POINTS = 20_000, 500, 20_000
LONGEST_NAME, LONGEST_VALUE, LONGEST_EXTRA = 250, 1_000, 64 * 1024
ODD = ("NaN", "Infinity", "-Infinity")
#: a link that a browser may follow; inside a network hosts have names without a dot
ADDRESS = re.compile(r"https?://[^\s\x00-\x20<>\"\\]+", re.IGNORECASE)

#: points by metric name
Points = dict[str, list[tuple[int, float | str]]]


class RunStatus(models.TextChoices):
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"
    KILLED = "killed", "Stopped"


def clean(said: dict[str, Any]) -> dict[str, Any]:
    """The fields of a run without what was not told; Refusal by field."""
    fields = {name: value for name, value in said.items() if value is not None}
    wrong: dict[str, str] = {}
    if (url := fields.get("url")) and (not ADDRESS.fullmatch(url) or len(url) > 1000):
        wrong["url"] = "An address begins with http:// or https://, and has no blanks."
    if fields.get("status", RunStatus.FINISHED) not in RunStatus.values:
        wrong["status"] = f"A run is one of {', '.join(RunStatus.values)}."
    if "params" in fields:
        fields["params"] = {text(name)[:LONGEST_NAME]: text(value) for name, value in fields["params"].items()}
    if "extra" in fields:
        fields["extra"] = without_null(fields["extra"])
    if wrong:
        raise Refusal.of(wrong)
    return fields


def text(value: Any) -> str:
    """A parameter is text, as every tracker keeps it."""
    return ("" if value is None else str(value)).replace("\x00", "")[:LONGEST_VALUE]


def without_null(value: Any) -> Any:
    """The same without null characters, which PostgreSQL keeps nowhere."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [without_null(one) for one in value]
    if isinstance(value, dict):
        return {without_null(name): without_null(one) for name, one in value.items()}
    return value


def clean_metrics(metrics: dict[str, Any]) -> Points:
    """Points by metric; a single value is the point of step 0. Refusal names the metric."""
    found: Points = {}
    for name, told in metrics.items():
        kept = name.replace("\x00", "").strip()
        if not kept or len(kept) > LONGEST_NAME:
            raise Refusal.of({"metrics": f"The name of a metric has 1 to {LONGEST_NAME} characters."})
        pairs = told if isinstance(told, list) else [[0, told]]
        if not pairs:
            continue
        try:
            found[kept] = list({step_of(step): number_of(value) for step, value in pairs}.items())
        except (TypeError, ValueError, OverflowError) as error:
            wanted = "a number, “NaN”, or a list of pairs [step, number]"
            raise Refusal.of({"metrics": f"{kept[:60]} is {wanted}."}) from error
    return found


def step_of(step: Any) -> int:
    if isinstance(step, bool) or not isinstance(step, int) or abs(step) >= 2**63:
        raise ValueError("not a step")
    return step


def number_of(value: Any) -> float | str:
    """The number, or the name of what is none; a text is a number only when it is one of those names."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("not a number")
    if isinstance(value, str):
        if value not in ODD:
            raise ValueError("not a number")
        return value
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        return ODD[0] if number != number else ODD[1] if number > 0 else ODD[2]
    return number
