"""Cards that left the boards: the archive of what ended, and the bin."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dsboard import clock
from dsboard.access import TeamRequest
from dsboard.roles import Act
from experiments.models import Decision, Task
from experiments.search import matching
from experiments.stages import DAYS_ON_BOARD, DAYS_TO_UNDO, Kind, Outcome

A_PAGE = 50
#: how a card can have ended, beside the outcomes of a decision
ENDINGS = {"done": "Done", "dropped": "Dropped", **dict(Outcome.choices)}


@require_GET
def archive(request: TeamRequest) -> HttpResponse:
    """What was decided, done or dropped and is not on a board any more: searched, by kind and by how it ended."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    kind, ending = (request.GET.get(name, "") for name in ("kind", "ending"))
    cards = matching(off_boards(request), text) if text else off_boards(request)
    if kind in Kind.values:
        cards = cards.filter(kind=kind)
    if ending in ENDINGS:
        cards = ended_as(cards, ending)
    page = Paginator(cards, A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {"page": page, "q": text, "kind": kind, "ending": ending, "kinds": Kind.choices, "endings": ENDINGS.items()}
    return render(request, "experiments/archive.html", {**context, "query": query.urlencode(), "here": "board", "days": DAYS_ON_BOARD})


def off_boards(request: TeamRequest) -> QuerySet[Any]:
    """Ended and off the boards, newest first, with the standing outcome beside it."""
    standing = Decision.objects.filter(task=OuterRef("pk"), standing=True)
    cards = Task.objects.within(request.team).present().exclude(ended_at=None)
    on_boards = Task.objects.within(request.team).on_boards().values("pk")
    outcome = Subquery(standing.values("outcome")[:1])
    return cards.exclude(pk__in=on_boards).annotate(how=outcome).select_related("owner").order_by("-ended_at", "-pk")


def ended_as(cards: QuerySet[Any], ending: str) -> QuerySet[Any]:
    if ending == "dropped":
        return cards.exclude(dropped_at=None)
    if ending == "done":
        return cards.filter(dropped_at=None, lane="done", how=None)
    return cards.filter(how=ending)


@require_GET
def bin_page(request: TeamRequest) -> HttpResponse:
    """What was deleted, by whom and when; each can be restored for a month."""
    cutoff = clock.now() - timedelta(days=DAYS_TO_UNDO)
    cards = Task.objects.within(request.team).filter(deleted_at__gte=cutoff).select_related("deleted_by").order_by("-deleted_at", "-pk")
    page = Paginator(cards, A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "days": DAYS_TO_UNDO, "may_restore": request.membership.may(Act.DROP), "here": "backlog"}
    return render(request, "experiments/bin.html", context)
