"""The numbers of a card's model-index, tolerant of what people write: "251.3 +/- 19.9", NaN, lists, missing keys."""

import re
from dataclasses import dataclass
from math import isfinite
from typing import Any

NUMBER = re.compile(r"^\s*([-+]?(?:\d[\d,_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(?:%|±|\+/-|\+-|\(|ms\b|s\b|$)")


@dataclass(frozen=True)
class Shown:
    """One metric of the index: `written` as it stands there, `number` where it is one."""

    name: str
    written: str
    number: float | None
    dataset: str = ""


def number_of(value: Any) -> float | None:
    """The number that a value is, or begins with; None for NaN, lists, words."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if isfinite(number) else None
    if not isinstance(value, str) or len(value) > 200:
        return None
    found = NUMBER.match(value)
    if not found:
        return None
    digits = found.group(1).replace("_", "")
    # 1,234.5 groups thousands; 0,93 is how half of Europe writes 0.93.
    digits = digits.replace(",", "") if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", digits) else digits.replace(",", ".")
    try:
        number = float(digits)
    except ValueError:
        return None
    return number if isfinite(number) else None


def shown(facts: dict[str, Any]) -> list[Shown]:
    """Every metric of every result, whatever else is missing around it."""
    found = []
    for entry in listed(facts.get("model-index")):
        for result in listed(of(entry, "results")):
            dataset = str(of(of(result, "dataset"), "name") or "")
            for metric in listed(of(result, "metrics")):
                value = of(metric, "value")
                name = str(of(metric, "name") or of(metric, "type") or "unnamed")
                found.append(Shown(name[:100], str(value)[:200], number_of(value), dataset[:100]))
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


def of(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
