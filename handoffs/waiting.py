"""Handoffs that wait for a person's side: what My work lists and the side bar counts."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from dsboard import clock, words
from dsboard.models import Membership, User
from dsboard.roles import Act, Side
from experiments.awaited import Section, Waiting
from handoffs.handoff_list import asked_of, waits_for
from handoffs.models import Handoff, Line
from handoffs.stages import FROZEN, HandoffState, LineState

MOST = 100


def section(user: User, places: Mapping[int, Membership]) -> Section:
    """One query where nothing waits, four where something does, however many handoffs."""
    working = {team_id: place for team_id, place in places.items() if place.may(Act.HANDOFFS)}
    rows = [row for handoff in laid_out(working) if (row := waiting(handoff, working[handoff.team_id]))]
    sides = {Side(working[row.team_id].side).label for row in rows}
    return Section(
        key="handoffs",
        title="Handoffs waiting for your side",
        noun="handoff",
        icon="handoff",
        hint=f"you sign for {' and '.join(sorted(sides))}" if sides else "",
        rows=rows,
    )


def laid_out(places: Mapping[int, Membership]) -> list[Handoff]:
    """The handoffs of these teams that one side has laid before the other, the longest first."""
    held = Handoff.objects.filter(version__model__team__in=list(places)).exclude(state__in=(*FROZEN, HandoffState.DRAFT))
    read = held.select_related("version__model__team").prefetch_related("lines__verifications", "lines__owner", "signatures")
    return list(read.order_by("offered_at", "pk")[:MOST])


def waiting(handoff: Handoff, viewer: Membership) -> Waiting | None:
    """The row of a handoff, None when the other side has the next act."""
    lines = list(handoff.lines.all())
    if not waits_for(handoff, lines, viewer):
        return None
    parts = [needed(handoff, lines, viewer), *(held_up(line, handoff) for line in lines if line.state == LineState.BLOCKED)]
    settled = sum(line.is_settled for line in lines)
    return Waiting(handoff.team_id, str(handoff.version), " ".join(parts), f"{settled} of {len(lines)}", handoff.get_absolute_url())


def needed(handoff: Handoff, lines: list[Line], viewer: Membership) -> str:
    """What this side has to do, in a sentence."""
    if handoff.state == HandoffState.RETURNED:
        return f"Returned: {handoff.reason}"
    asked = [line.term.label for line in asked_of(lines, viewer)]
    if not asked:
        return "Every line is verified. Your side has not signed."
    more = f" and {len(asked) - 2} more" if len(asked) > 2 else ""
    return f"To verify: {', '.join(asked[:2])}{more}."


def held_up(line: Line, handoff: Handoff) -> str:
    """Blocked: A/B testing framework. Omar expects Wed 18 Mar."""
    zone = ZoneInfo(handoff.version.model.team.time_zone)
    until = words.day(line.due_on, clock.now().astimezone(zone).date()) if line.due_on else "nothing yet"
    return f"Blocked: {line.term.label}. {line.owner.first_name if line.owner else 'Nobody'} expects {until}."
