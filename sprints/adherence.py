"""How time boxes were kept, against their original length (PRODUCT 3). Pure: boxes in, counts and words out."""

from dataclasses import dataclass
from functools import cached_property
from statistics import median

from dsboard.models import Team
from sprints.charts import widths
from sprints.models.flow import AGAIN, EXTENDED, INSIDE, KEPT, LATE, NOTHING, Box

#: below this many, a count is shown and no per cent
FEW = 5
LABELS = {
    INSIDE: "Reported inside the box",
    EXTENDED: "Reported after one extension",
    AGAIN: "Extended twice or more",
    LATE: "Expired, reported late",
    NOTHING: "Expired, nothing reported",
}
COLOURS = {INSIDE: "ok", EXTENDED: "ok", AGAIN: "warn", LATE: "warn", NOTHING: "bad"}
#: how many references fit into a cell
NAMED = 2


@dataclass(frozen=True)
class Row:
    """One way in which boxes ended: how many, a bar in per cent of all, and what is typical of them."""

    kept: str
    boxes: list[Box]
    width: float

    @property
    def label(self) -> str:
        return LABELS[self.kept]

    @property
    def colour(self) -> str:
        return COLOURS[self.kept]

    @property
    def count(self) -> int:
        return len(self.boxes)

    @property
    def typical(self) -> str:
        """The median of what was used, of the days over the original, or of the days late; of nothing the cards."""
        if not self.boxes:
            return ""
        if self.kept == INSIDE and self.count >= FEW:
            return f"median {round(median(box.used * 100 / box.original for box in self.boxes))}% used"
        if self.kept == INSIDE:
            return f"median {median(box.used for box in self.boxes):.1f} d used"
        if self.kept in (EXTENDED, AGAIN):
            return f"+{median(box.used - box.original for box in self.boxes):.1f} d"
        return f"{median(box.late for box in self.boxes):.1f} d late" if self.kept == LATE else self.named

    @property
    def named(self) -> str:
        """FRAUD-9, FRAUD-12; FRAUD-9 and 4 more."""
        refs = [box.ref for box in self.boxes]
        return ", ".join(refs) if len(refs) <= NAMED else f"{refs[0]} and {len(refs) - 1} more"


class Adherence:
    """Boxes that ended, each once."""

    def __init__(self, boxes: list[Box], team: Team) -> None:
        self.boxes, self.hours_per_day = boxes, float(team.hours_per_day)

    @cached_property
    def rows(self) -> list[Row]:
        by_kept = {kept: [box for box in self.boxes if box.kept == kept] for kept in KEPT}
        bars = widths([len(boxes) for boxes in by_kept.values()], len(self.boxes))
        return [Row(kept, boxes, width) for (kept, boxes), width in zip(by_kept.items(), bars, strict=True)]

    @property
    def inside(self) -> int:
        return sum(box.kept == INSIDE for box in self.boxes)

    @property
    def share_words(self) -> str:
        """79%, or 3 of 4 where they are few."""
        return share_of(self.boxes)

    @property
    def share_said(self) -> str:
        if not self.boxes:
            return "no box has ended yet"
        if len(self.boxes) < FEW:
            return "reported inside the original box"
        return f"{self.inside} of {len(self.boxes)} reported inside the original box"

    @property
    def by_size(self) -> str:
        """Which sizes of box are kept: the presets of PRODUCT 3, and what lies between them."""
        spikes = [box for box in self.boxes if box.original * self.hours_per_day <= 4]
        deep = [box for box in self.boxes if box.original >= 5]
        between = [box for box in self.boxes if box not in spikes and box not in deep]
        groups = {"quick spikes (up to 4 h)": spikes, "standard boxes": between, "deep research (a week or more)": deep}
        said = [f"{name} {share_of(boxes)}" for name, boxes in groups.items() if boxes]
        return f"Kept, by size: {'; '.join(said)}." if said else ""


def share_of(boxes: list[Box]) -> str:
    """How many were reported inside their original box."""
    inside = sum(box.kept == INSIDE for box in boxes)
    if not boxes:
        return "–"
    return f"{round(inside * 100 / len(boxes))}%" if len(boxes) >= FEW else f"{inside} of {len(boxes)}"
