"""A card for others: the Hugging Face layout, with the version's numbers as a model-index; and a draft of what the board knows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from handoffs.model_card.reading import read
from handoffs.model_card.sections import of_kind

INDEX = re.compile(r"""["']?model-index["']?\s*:""")


def export(words: str, name: str, metrics: dict[str, float]) -> str:
    """The card with a model-index, where it has none and there are numbers; otherwise as it is. Exported again it is the same."""
    card = read(words)
    if not metrics or card.trouble or "model-index" in card.facts:
        return card.text
    index = {"model-index": [{"name": name, "results": [{"metrics": [metric(one, value) for one, value in metrics.items()]}]}]}
    head = card.head or ""
    gap = "" if head else "\n"
    made = f"---\n{head}{dumped(index)}---\n{gap}{card.body}"
    # A head in braces, or one that is indented, has no place for another line.
    return card.text if read(made).trouble else made


def as_of(words: str, before: str, name: str, metrics: dict[str, float]) -> str:
    """The card of the version before as the draft of the next: its numbers are asked for again, where they stand."""
    card = read(without_index(words))
    asked = f"{NEEDED} What follows is of {before}."
    lines = card.body.split("\n")
    for section in of_kind(card.body, "performance")[:1]:
        lines[section.under : section.under] = ["", asked]
    body = "\n".join(lines)
    head = "" if card.head is None else f"---\n{card.head}---\n"
    return export(f"{head}{body}", name, metrics)


def without_index(words: str) -> str:
    """The card without the model-index of its front matter; the rest as it was written."""
    card = read(words)
    if card.trouble or "model-index" not in card.facts:
        return card.text
    kept, inside = [], False
    for line in (card.head or "").splitlines(keepends=True):
        # What belongs to a name at the margin is indented, or is an item of its list.
        inside = INDEX.match(line) is not None or (inside and line[:1] in " \t-\n#")
        if not inside:
            kept.append(line)
    made = f"---\n{''.join(kept)}---\n{card.body}"
    rest = {name: value for name, value in card.facts.items() if name != "model-index"}
    return made if read(made).facts == rest else card.text


def metric(name: str, value: float) -> dict[str, Any]:
    return {"type": name.lower(), "name": name, "value": value}


def dumped(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)


@dataclass(frozen=True)
class Known:
    """What the board knows of a version; texts as people wrote them."""

    name: str
    version: str
    purpose: str = ""
    owners: list[str] = field(default_factory=list)
    origin: str = ""
    hypothesis: str = ""
    goals: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    tried: str = ""
    learned: str = ""
    next: str = ""
    decision: str = ""
    run: str = ""
    artifact: str = ""
    checksum: str = ""
    metrics: dict[str, float] = field(default_factory=dict)


NEEDED = "[More Information Needed]"


def draft(known: Known) -> str:
    """A card to go on writing from; what the board does not know is asked for where it belongs."""
    built = [
        f"- {label}: {value}" for label, value in (("Run", known.run), ("Artifact", known.artifact), ("Checksum", known.checksum)) if value
    ]
    numbers = known.results or [f"- {name}: {value:g}" for name, value in known.metrics.items()]
    parts = [
        ("Model details", [known.purpose or NEEDED, *([f"Owned by {', '.join(known.owners)}."] if known.owners else []), *lines(built)]),
        ("Intended use", [NEEDED]),
        ("Training data", [known.tried or NEEDED]),
        ("Evaluation", [*said("What was asked", known.hypothesis), *lines(known.goals), *lines(numbers), known.learned or NEEDED]),
        ("Limitations", [known.next or NEEDED, *([] if not known.next else [NEEDED])]),
        ("Decision", [f"{known.origin}: {known.decision}" if known.decision else NEEDED]),
    ]
    body = "".join(f"## {title}\n\n" + "\n\n".join(part for part in said_parts if part) + "\n\n" for title, said_parts in parts)
    return export(f"# {known.name} {known.version}\n\n{body.rstrip()}\n", f"{known.name} {known.version}", known.metrics)


def lines(rows: Iterable[str]) -> list[str]:
    """A list as one paragraph."""
    text = "\n".join(rows)
    return [text] if text else []


def said(what: str, words: str) -> list[str]:
    return [f"{what}: {words}"] if words else []
