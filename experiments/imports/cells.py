"""Lists in one cell, one line each, as people write them: labels, metrics, deliverables, results; out and in again."""

import re
from collections.abc import Callable
from typing import Any

from experiments.models.cleaning import No
from experiments.models.metric import besides_words
from experiments.stages import Direction

# The last sign of a line is the sign: a name may hold one itself, as in "share > 30 >= 0.5". So a name is as long as can be.
NUMBER = r"[-+]?(?:\d[\d_]*)?\.?\d+(?:[eE][-+]?\d+)?"
TARGET = re.compile(rf"(?P<name>.+)\s*(?P<sign>>=|<=|≥|≤)\s*(?P<target>{NUMBER})(?:\s+\(baseline (?P<baseline>{NUMBER})\))?")
MARGIN = re.compile(rf"(?P<name>.+)\s*(?P<sign>[<>])\s*baseline(?:\s+(?P<baseline>{NUMBER}))?\s+[-+]\s+(?P<margin>{NUMBER})")
BESIDES = re.compile(
    r"(?P<line>.+) \[(?:(?P<best>best step)(?:; |(?=\])))?(?:(?P<guardrail>guardrail)(?:; |(?=\])))?"
    r"(?:(?P<runs>[0-9]{1,4}) runs(?:; |(?=\])))?(?:on (?P<data>.+))?\]"
)
TICK = re.compile(r"\[(?P<mark>[ xX-])\]\s+(?P<text>.*)")
BECAUSE = "    because: "


def labels_cell(labels: list[str]) -> str:
    """One a line; a last line break says so when a single label holds a comma."""
    return "\n".join(labels) + ("\n" if len(labels) == 1 and re.search("[,;]", labels[0]) else "")


def labels_of(cell: str) -> list[str]:
    """One a line, else split by comma or semicolon."""
    return [part.strip() for part in (cell.split("\n") if "\n" in cell else re.split("[,;]", cell)) if part.strip()]


def metrics_cell(metrics: list[dict[str, Any]]) -> str:
    """ "macro-F1 >= 0.9 (baseline 0.86)", or "latency < baseline 310.0 - 20.0" for a margin."""
    return "\n".join(metric_line(**metric) for metric in metrics)


def metric_line(
    name: str, direction: str, target: float | None, better_than_baseline_by: float | None, baseline: float | None, **besides: Any
) -> str:
    higher = direction == Direction.HIGHER
    if besides:
        return f"{metric_line(name, direction, target, better_than_baseline_by, baseline)} {besides_words(**besides)}"
    if target is not None:
        return f"{name} {'>=' if higher else '<='} {target!r}" + ("" if baseline is None else f" (baseline {baseline!r})")
    known = "" if baseline is None else f" {baseline!r}"
    return f"{name} {'>' if higher else '<'} baseline{known} {'+' if higher else '-'} {better_than_baseline_by!r}"


def metrics_of(cell: str) -> list[dict[str, Any]]:
    """Raises No for a line that names no number to meet."""
    return [metric_of(line.strip()) for line in cell.split("\n") if line.strip()]


def metric_of(line: str) -> dict[str, Any]:
    beside = BESIDES.fullmatch(line)
    if beside and (TARGET.fullmatch(beside["line"]) or MARGIN.fullmatch(beside["line"])):
        words = {name: value for name, value in beside.groupdict().items() if name != "line" and value}
        return metric_of(beside["line"]) | {
            "aggregation": "best" if "best" in words else "last",
            "guardrail": "guardrail" in words,
            "least_runs": int(words.get("runs", 1)),
            "data": words.get("data", ""),
        }
    found = TARGET.fullmatch(line) or MARGIN.fullmatch(line)
    if found is None:
        raise No(f"“{line[:60]}” is not a metric. Write it like “macro-F1 >= 0.9”.")
    named = found.groupdict()
    direction = Direction.HIGHER if named["sign"] in (">=", "≥", ">") else Direction.LOWER
    return {
        "name": named["name"].strip(),
        "direction": str(direction),
        "target": named.get("target"),
        "better_than_baseline_by": named.get("margin"),
        "baseline": named["baseline"],
    }


def deliverables_cell(deliverables: list[dict[str, Any]]) -> str:
    """ "[ ] open", "[x] done", "[-] struck" with the reason on a line of its own."""
    return "\n".join(deliverable_lines(**one) for one in deliverables)


def deliverable_lines(text: str, done: bool, struck_reason: str) -> str:
    mark = "x" if done else "-" if struck_reason else " "
    return f"[{mark}] {text}" + (f"\n{BECAUSE}{struck_reason}" if struck_reason else "")


def deliverables_of(cell: str) -> list[dict[str, Any]]:
    """A line without a mark is an open one. Raises No for one that is struck without a reason."""
    found: list[dict[str, Any]] = []
    for line in filter(str.strip, cell.split("\n")):
        if line.startswith(BECAUSE) and found:
            found[-1]["struck_reason"] = line.removeprefix(BECAUSE).strip()
            continue
        ticked = TICK.fullmatch(line.strip())
        mark = ticked["mark"].lower() if ticked else " "
        text = ticked["text"] if ticked else line.strip(" \t*-•")
        found.append({"text": text, "done": mark == "x", "struck_reason": "", "mark": mark})
    for one in found:
        if one.pop("mark") == "-" and not one["struck_reason"]:
            raise No(f"“{one['text'][:60]}” is struck without a reason. Write it on the next line: “{BECAUSE}…”.")
    return found


def yes(cell: str) -> bool:
    """A tick in a cell."""
    return cell.strip().lower() in ("yes", "true", "x", "1", "✓")


#: how each field that is not plain text is read from its cell
READERS: dict[str, Callable[[str], Any]] = {
    "labels": labels_of,
    "metrics": metrics_of,
    "deliverables": deliverables_of,
    "requirements_clear": yes,
    "technology_known": yes,
}
