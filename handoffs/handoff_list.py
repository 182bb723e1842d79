"""The handoffs of a team, and those that wait for a person's side."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, Value, When

from dsboard.models import Membership, Team
from dsboard.roles import Act
from handoffs.models import Handoff, Line
from handoffs.stages import FROZEN, HandoffState

A_PAGE = 50


def page_of(team: Team, viewer: Membership, number: str | None) -> Any:
    """One page of a team's handoffs: the open ones first, then the newest, with how far each is and whose turn it is."""
    is_over = Case(When(state__in=FROZEN, then=Value(1)), default=Value(0))
    rows = Handoff.objects.within(team).select_related("version__model").prefetch_related("lines__verifications", "signatures")
    page = Paginator(rows.order_by(is_over, "-pk"), A_PAGE).get_page(number)
    for handoff in page:
        handoff.version.model.team = team
        lines = list(handoff.lines.all())
        handoff.settled = sum(line.is_settled for line in lines)
        handoff.waits = waits_for(handoff, lines, viewer)
    return page


def waits_for(handoff: Handoff, lines: list[Line], viewer: Membership) -> bool:
    """Whether the viewer's side has something to do that the other side waits for: verify, sign, or mend what was returned."""
    if not viewer.may(Act.HANDOFFS) or handoff.state in FROZEN or handoff.state == HandoffState.DRAFT:
        return False
    if handoff.state == HandoffState.RETURNED:
        return bool(handoff.offered_side == viewer.side)
    if asked_of(lines, viewer):
        return True
    signed = {one.side for one in handoff.signatures.all() if one.is_valid}
    return all(line.is_settled for line in lines) and viewer.side not in signed


def asked_of(lines: list[Line], viewer: Membership) -> list[Line]:
    """The lines to which the viewer's side has not said yes yet, and could."""
    return [line for line in lines if line.is_on_the_table and viewer.side in line.term.verifiers and viewer.side not in line.yes]
