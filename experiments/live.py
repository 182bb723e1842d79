"""What an open board is told of a change: the cards that changed, each with its place, and the heads of the columns."""

from typing import Any

from django.template.loader import render_to_string

from dsboard.models import Membership, Team
from dsboard.models.pulse import EVERYTHING
from dsboard.roles import Role
from experiments.board import column_of
from experiments.kept import APART, FLOWS, Shown, shown


def parts(team: Team, view: str, subjects: set[str]) -> dict[str, Any] | None:
    """For the views that are boards: cards by the ids of their elements in the order in which to place them, the lowest first; None else.

    A card that is not on this board any more has no text. Whatever is more than cards makes the page look at itself again.
    """
    if view not in FLOWS:
        return None
    touched = {one for one in subjects if one.partition(":")[0] not in APART}
    if EVERYTHING in touched or not all(one.startswith("task:") for one in touched):
        return {"whole": True}
    cards = shown(team, view)
    refs = {one.removeprefix("task:") for one in touched}
    there = [face for face in reversed(cards.faces) if face.ref in refs]
    gone = sorted(refs - {face.ref for face in there})
    return {
        "cards": [[element(face.ref), cards.drawn[face.ref], f"list-{face.stage}", element(cards.below(face))] for face in there]
        + [[element(ref), "", "", ""] for ref in gone],
        "heads": heads_of(team, view, cards) if refs else "",
    }


def element(ref: str) -> str:
    """The id of a card's element."""
    return f"task-{ref}" if ref else ""


def heads_of(team: Team, view: str, cards: Shown) -> str:
    """The heads of all columns with what they add up to now; nobody's rights are in them."""
    anybody = Membership(team=team, role=Role.VIEWER)
    drawn = []
    for stage in FLOWS[view]:
        column = column_of(team, stage, anybody)
        column.count, column.hours, column.points = cards.totals.get(stage, (0, column.hours, column.points))
        drawn.append(render_to_string("experiments/_column_head.html", {"column": column}))
    return "".join(drawn)
