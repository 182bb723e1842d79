"""Which column of a foreign file means which field here: by name, wherever it stands, however often it is there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dsboard.errors import Refusal
from experiments.imports.sheet import Line, Sheet

#: the names under which other trackers and our own export know each field, in lower case without punctuation
NAMES: dict[str, tuple[str, ...]] = {
    "key": ("ref", "reference", "issue key", "key"),
    "title": ("title", "summary", "name"),
    "kind": ("kind", "issue type", "issuetype", "type"),
    "stage": ("stage", "status", "column", "list", "state"),
    "stage_group": ("status category", "lane"),
    "description": ("description", "body", "notes"),
    "owner": ("owner", "assignee", "assigned to"),
    "decider": ("decider",),
    "labels": ("labels", "label", "tags"),
    "bucket": ("bucket",),
    "question": ("question", "research question"),
    "hypothesis": ("hypothesis",),
    "success": ("success", "success criteria", "success sentence"),
    "hours": ("hours", "time box", "timebox", "box"),
    "estimate": ("original estimate",),
    "metrics": ("metrics", "metric", "success metric", "success metrics"),
    "deliverables": ("deliverables", "deliverable"),
    "points": ("points", "story points", "story point estimate"),
    "confidence": ("confidence",),
    "requirements_clear": ("requirements clear",),
    "technology_known": ("technology known",),
    "comparable_to": ("comparable to",),
    "serves": ("serves", "model or pipeline"),
    "work": ("work", "kind of upkeep"),
    "done_note": ("done note", "resolution note"),
    "acceptance": ("acceptance criteria",),
    "components": ("component s", "components", "component"),
    "drop_reason": ("drop reason",),
    "created": ("created", "created at"),
    "reporter": ("reporter", "creator"),
    "comments": ("comment", "comments"),
}
FIELD_OF = {name: field for field, names in NAMES.items() for name in names}
#: fields of which every column counts; of the others the first one that is filled
MANY = dict.fromkeys(("labels", "deliverables", "metrics", "components"), "\n")
#: between two comments, which hold line breaks themselves
NEXT = "\x1e"
CUSTOM = re.compile(r"custom field \((.+)\)", re.IGNORECASE)


def plain_name(header: str) -> str:
    """ "Custom field (Story Points)" and "story_points" are one name."""
    inner = CUSTOM.fullmatch(header.strip())
    return " ".join(re.findall(r"[^\W_]+", (inner[1] if inner else header).lower()))


@dataclass(frozen=True)
class Columns:
    """Where each field stands in a sheet: its columns in the order of preference; and the names that mean nothing here."""

    places: dict[str, list[int]]
    unknown: list[str]

    @classmethod
    def of(cls, sheet: Sheet) -> "Columns":
        """Raises Refusal for a sheet without a title column."""
        places: dict[str, list[int]] = {}
        unknown: dict[str, None] = {}
        names = [plain_name(header) for header in sheet.header]
        for place, name in enumerate(names):
            if name in FIELD_OF:
                places.setdefault(FIELD_OF[name], []).append(place)
            elif name:
                unknown[sheet.header[place]] = None
        for field, found in places.items():
            found.sort(key=lambda place: (NAMES[field].index(names[place]), place))
        if "title" not in places:
            raise Refusal(f"No column says what the cards are called. Name one of them Title or Summary. Found: {shortly(sheet.header)}.")
        return cls(places, list(unknown))

    def cells(self, line: Line) -> dict[str, str]:
        """What a line says about each field, as text."""
        found: dict[str, str] = {}
        for field, places in self.places.items():
            filled = [line.cells[place] for place in places if line.cells[place].strip()]
            if filled:
                found[field] = joined(field, filled)
        return found


def joined(field: str, cells: list[str]) -> str:
    """Several columns of one name: all of them, one a line, or the first that is filled."""
    if field == "comments":
        return NEXT.join(cells)
    return MANY[field].join(cells) if field in MANY else cells[0]


def shortly(names: Sequence[str]) -> str:
    """The first names of a header, for a sentence."""
    return ", ".join(name or "(no name)" for name in names[:6])[:200] + (", …" if len(names) > 6 else "")
