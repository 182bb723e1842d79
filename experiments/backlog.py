"""The backlog: everything in its first stage, of both rows, in one order; a page of it in a fixed number of queries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from dsboard.models import Team
from experiments.board import Filters
from experiments.face import Face, faces
from experiments.models import Task
from experiments.search import matching
from experiments.stages import Kind, Lane

A_PAGE = 100
KINDS = list(Kind)
#: the name of each order, and what it sorts by; the first is the one that people give by hand
ORDERS: dict[str, tuple[str, Callable[[Face], Any] | None]] = {
    "order": ("By hand", None),
    "newest": ("Newest", lambda face: -int(face.ref.rpartition("-")[2])),
    "kind": ("Kind", lambda face: KINDS.index(Kind(face.kind))),
    "points": ("Size", lambda face: (not face.points, -float(face.points or 0), not face.hours, -float(face.hours or 0))),
}


@dataclass(frozen=True)
class Backlog:
    """One page of the rows that match, and what they can be filtered and sorted by."""

    page: Page[Face]
    filters: Filters
    menus: list[dict[str, Any]]
    order: str
    count: int
    #: the filters without order and page, for the links to other orders and pages
    query: str

    @property
    def is_by_hand(self) -> bool:
        return self.order == "order"

    @property
    def page_query(self) -> str:
        return "&".join(filter(None, [self.query, "" if self.is_by_hand else f"sort={self.order}"]))

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        return [(name, label, name == self.order) for name, (label, _) in ORDERS.items()]


def backlog(team: Team, asked: QueryDict) -> Backlog:
    """Everything that the page shows."""
    filters = Filters.of(asked)
    order = asked.get("sort", "") if asked.get("sort") in ORDERS else "order"
    tasks = waiting(team)
    every = faces(team, tasks)
    hits = set(matching(tasks, filters.q).values_list("ref", flat=True)) if filters.q else None
    shown = [face for face in every if not filters or filters.show(face, hits)]
    by = ORDERS[order][1]
    if by:
        shown.sort(key=by)
    query = asked.copy()
    for name in ("page", "sort"):
        query.pop(name, None)
    page = Paginator(shown, A_PAGE).get_page(asked.get("page"))
    return Backlog(page, filters, menus(filters, every), order, len(every), query.urlencode())


def waiting(team: Team) -> Any:
    """The cards in their first stage without a seat in the running sprint, in the order that people gave."""
    # A seat is a row of the floor above; the relation's name is enough to leave them out.
    seated = Task.objects.within(team).filter(seats__state="running", seats__removed_at=None).values("pk")
    return Task.objects.within(team).on_boards().filter(lane=Lane.READY).exclude(pk__in=seated).order_by("rank", "pk")


def menus(filters: Filters, every: list[Face]) -> list[dict[str, Any]]:
    """What can be chosen: all four kinds, the people and labels that are there."""
    people = sorted({face.owner.name for face in every if face.owner} | {name for name in filters.person if name != "nobody"})
    labels = sorted({label for face in every for label in face.labels} | set(filters.label), key=str.lower)
    found = {
        "Kind": filters.choices("kind", Kind.choices),
        "Person": filters.choices("person", [*((name, name) for name in people), ("nobody", "Unassigned")]),
        "Label": filters.choices("label", [(name, name) for name in labels]),
    }
    return [{"name": name, "choices": picks, "chosen": [one for one in picks if one.is_on]} for name, picks in found.items() if picks]
