"""The page of a handoff: two halves, what both share, two signatures; and the list of a team's handoffs."""

from dataclasses import dataclass
from functools import cached_property

from dsboard.models import Activity, Membership
from dsboard.roles import Act, Side
from handoffs.contract import other
from handoffs.handoff_rows import Half, Row
from handoffs.history import HandoffLine
from handoffs.models import Handoff, Line, Signature
from handoffs.models.line_checks import checks_of
from handoffs.models.planning import plannable
from handoffs.stages import BEFORE_BOTH, FROZEN, HandoffState, LineState

LINES = 40


@dataclass(frozen=True)
class Place:
    """Where one side signs: the signature that counts, and those that were given for an earlier version."""

    side: Side
    signature: Signature | None
    earlier: list[Signature]
    may_sign: bool


class HandoffPage:
    """Read in a fixed number of queries."""

    def __init__(self, handoff: Handoff, viewer: Membership) -> None:
        self.handoff, self.version, self.viewer = handoff, handoff.version, viewer
        self.lines = handoff.read_lines()
        self.is_frozen, self.is_before_both = handoff.state in FROZEN, handoff.state in BEFORE_BOTH
        self.may_work = viewer.may(Act.HANDOFFS)

    @cached_property
    def halves(self) -> list[Half]:
        found = checks_of(self.version, self.lines)
        rows = [Row(line, self.viewer, self.is_before_both, self.is_frozen, tuple(found.get(line.slug, ()))) for line in self.lines]
        return [Half(side, [row for row in rows if row.line.term.side == side]) for side in (Side.SCIENCE, Side.ENGINEERING, None)]

    @property
    def science(self) -> Half:
        return self.halves[0]

    @property
    def engineering(self) -> Half:
        return self.halves[1]

    @property
    def shared(self) -> Half:
        return self.halves[2]

    @property
    def verified(self) -> int:
        """Of the ten that one side gives the other."""
        return self.science.settled + self.engineering.settled

    @property
    def blocked(self) -> list[Line]:
        return [line for line in self.lines if line.state == LineState.BLOCKED]

    @property
    def missing(self) -> list[str]:
        """The lines that keep both from signing."""
        return [line.term.label for line in self.lines if not line.is_settled]

    @cached_property
    def signatures(self) -> list[Signature]:
        return list(self.handoff.signatures.select_related("by"))

    @property
    def places(self) -> list[Place]:
        found = []
        for side in Side:
            mine = [one for one in self.signatures if one.side == side]
            valid = [one for one in mine if one.is_valid]
            may = self.may_work and self.is_before_both and self.viewer.side == side and not valid
            found.append(Place(side, valid[-1] if valid else None, [one for one in mine if not one.is_valid], may))
        return found

    @property
    def may_offer(self) -> bool:
        if not self.may_work:
            return False
        state, mine = self.handoff.state, self.handoff.offered_side in ("", self.viewer.side)
        return state in (HandoffState.DRAFT, HandoffState.RETURNED) and mine

    @property
    def may_return(self) -> bool:
        return self.may_work and self.is_before_both and self.handoff.offered_side != self.viewer.side

    @property
    def may_withdraw(self) -> bool:
        return self.may_work and not self.is_frozen and self.handoff.offered_side in ("", self.viewer.side)

    @property
    def may_revise(self) -> bool:
        return self.may_work and self.handoff.state == HandoffState.ACCEPTED and not self.newer

    @property
    def may_plan(self) -> bool:
        return self.may_work and not self.is_frozen and bool(plannable(self.lines))

    @cached_property
    def newer(self) -> Handoff | None:
        """The revision that came after it."""
        found: Handoff | None = (
            Handoff.objects.filter(version=self.version, revision__gt=self.handoff.revision).order_by("revision").first()
        )
        if found:
            found.version = self.version
        return found

    @property
    def standing(self) -> str:
        """Whose turn it is, in a sentence."""
        handoff = self.handoff
        giver = Side(handoff.offered_side).label if handoff.offered_side else ""
        match handoff.state:
            case HandoffState.DRAFT:
                offers = f"{giver} offers it to {other(handoff.offered_side).label}" if giver else "one side offers it to the other"
                return f"A draft: each side gives its lines, then {offers}."
            case HandoffState.OFFERED:
                return f"{giver} offers it. {other(handoff.offered_side).label} verifies line by line, or returns it."
            case HandoffState.IN_REVIEW:
                return "Both sides verify what the other gives. When every line is verified or agreed not needed, both sign."
            case HandoffState.RETURNED:
                return f"Returned to {giver.lower()}: {handoff.reason}"
            case HandoffState.ACCEPTED:
                return "Both sides have signed. It is frozen, and opens the gate into Deployment for this version."
            case _:
                return f"Withdrawn: {handoff.reason}"

    @property
    def addresses(self) -> list[str]:
        """The links of the evidence, for paper."""
        return [f"{row.line.term.label}: {row.evidence}" for half in self.halves for row in half.rows if row.is_link]

    @cached_property
    def history(self) -> list[HandoffLine]:
        return [HandoffLine(row) for row in Activity.objects.of(self.handoff).select_related("actor").order_by("-pk")[:LINES]]
