"""The lines of a handoff on its page: how each looks, and what its viewer may do to it."""

from dataclasses import dataclass
from typing import Any

from dsboard.models import Membership
from dsboard.roles import Act, Side
from handoffs.checks.check import Check
from handoffs.models import Line, Verification
from handoffs.models.evidence import shown
from handoffs.models.line import ON_THE_TABLE
from handoffs.stages import EvidenceType, LineState

#: the style sheet's word, the tag's colour
MARKS = {
    LineState.MISSING: ("no", ""),
    LineState.PROVIDED: ("sub", "tag--info"),
    LineState.VERIFIED: ("ver", "tag--ok"),
    LineState.RETURNED: ("blk", "tag--bad"),
    LineState.BLOCKED: ("blk", "tag--bad"),
    LineState.NOT_NEEDED: ("sub", "tag--info"),
}
PIPS = {"ver": "on", "sub": "half", "blk": "bad", "no": ""}
SHORT = {Side.SCIENCE: "DS", Side.ENGINEERING: "Eng"}


@dataclass(frozen=True)
class Row:
    """A line with what this viewer may do to it."""

    line: Line
    viewer: Membership
    is_before_both: bool
    is_frozen: bool
    checks: tuple[Check, ...] = ()

    @property
    def despite(self) -> str:
        """Why a side said yes although a check had failed."""
        return " ".join(one.despite for one in self.line.yes.values() if one.despite)

    @property
    def mark(self) -> str:
        return "ver" if self.line.is_settled else MARKS[LineState(self.line.state)][0]

    @property
    def tone(self) -> str:
        return "tag--ok" if self.line.is_settled else MARKS[LineState(self.line.state)][1]

    @property
    def words(self) -> str:
        if self.line.state == LineState.NOT_NEEDED:
            return "Not needed" if self.line.is_settled else "Agree?"
        return str(self.line.get_state_display())

    @property
    def pip(self) -> str:
        return PIPS[self.mark]

    @property
    def evidence(self) -> str:
        return shown(self.line.evidence)

    @property
    def is_link(self) -> bool:
        return bool(self.line.evidence and self.line.evidence["type"] == EvidenceType.LINK)

    @property
    def file(self) -> str:
        """The key of the file that shows it, empty for other evidence."""
        is_one = self.line.evidence and self.line.evidence["type"] == EvidenceType.FILE
        return str(self.line.evidence["value"]) if is_one and self.line.evidence else ""

    @property
    def is_card(self) -> bool:
        return bool(self.line.evidence and self.line.evidence["type"] == EvidenceType.TASK)

    @property
    def task(self) -> Any:
        return self.line.task if self.line.task and self.line.task.deleted_at is None else None

    @property
    def yes(self) -> list[tuple[str, Verification | None]]:
        """DS and Eng, with who said yes."""
        return [(SHORT[side], self.line.yes.get(side)) for side in self.line.term.verifiers]

    @property
    def may_give(self) -> bool:
        term = self.line.term
        return not self.is_frozen and self.viewer.may(Act.HANDOFFS) and term.side in (None, self.viewer.side)

    @property
    def may_look(self) -> bool:
        """It lies before the viewer's side."""
        on_table = self.is_before_both and self.line.state in ON_THE_TABLE and self.viewer.may(Act.HANDOFFS)
        return on_table and self.viewer.side in self.line.term.verifiers

    @property
    def may_verify(self) -> bool:
        if not self.may_look or self.viewer.side in self.line.yes:
            return False
        return self.line.term.is_shared or self.line.provided_by_id != self.viewer.user_id


@dataclass(frozen=True)
class Half:
    """What one side gives."""

    side: Side | None
    rows: list[Row]

    @property
    def title(self) -> str:
        return {Side.SCIENCE: "Data Science delivers", Side.ENGINEERING: "Engineering provides", None: "Shared responsibilities"}[self.side]

    @property
    def settled(self) -> int:
        return sum(row.line.is_settled for row in self.rows)
