"""What the planning page gets back after an act: the row in its new shape and place, and every figure that changed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string

from dsboard.access import TeamRequest
from dsboard.http import trigger
from experiments.models import Task
from experiments.views.answer import toast
from sprints.models import Sprint
from sprints.plan import Candidates, PlanPage
from sprints.rows import Row, waiting_row
from sprints.views.sprint import one


def changed(request: TeamRequest, sprint: Sprint, tasks: list[Task], status: int = 200, **said: Any) -> HttpResponse:
    """Answer an act on some cards: to htmx their rows and the figures, else the planning page."""
    if not request.htmx:
        return redirect("sprints:plan", request.team.key, sprint.number)
    if "/tasks/" in (request.htmx.current_url or ""):
        return on_the_card(request, status, said.get("text", ""))
    page = PlanPage(one(request, sprint.number), request.membership)
    found = {row.ref: (group.bucket, row) for group in page.groups for row in group.rows}
    rows = [found.get(task.ref) or ("backlog", waiting_row(task)) for task in tasks]
    context = {"page": page, "sprint": page.sprint, "candidates": Candidates(page.sprint, request.GET), "oob": True}
    parts = [row_html(request, page, place, row) for place, row in rows]
    parts += [render_to_string("sprints/_figures.html", context, request), toast(request, **said) if said else ""]
    response = HttpResponse("".join(parts), status=status)
    trigger(response, **{"close-dialog": {}})
    if len(rows) != 1:
        return response
    place, row = rows[0]
    return trigger(response, placed={"card": f"task-{row.ref}", "list": f"list-{place}", "before": below(page, str(place), tasks[0])})


def on_the_card(request: TeamRequest, status: int, sentence: str) -> HttpResponse:
    """The card's own page again, which says in which sprint it is."""
    if status >= 400:
        return HttpResponse(toast(request, text=sentence, bad=True), status=status)
    messages.success(request, sentence)
    return HttpResponse(headers={"HX-Refresh": "true"})


def row_html(request: TeamRequest, page: PlanPage, place: str, row: Row) -> str:
    """One row, drawn to replace itself wherever it stands."""
    name = "sprints/_waiting.html" if place == "backlog" else "sprints/_seat.html"
    return render_to_string(name, {"row": row, "page": page, "sprint": page.sprint, "oob": True}, request)


def below(page: PlanPage, place: str, task: Task) -> str:
    """The element that a row stands above: in the backlog by rank, in a bucket by when it got its seat."""
    if place == "backlog":
        after = Candidates(page.sprint, QueryDict()).every.filter(rank__gt=task.rank or 0).values_list("ref", flat=True).first()
        return f"task-{after}" if after else ""
    refs = [row.ref for group in page.groups if group.bucket == place for row in group.rows]
    at = refs.index(task.ref) + 1
    return f"task-{refs[at]}" if at < len(refs) else ""
