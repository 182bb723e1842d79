"""The backlog: a list in one order, sorted by hand, added to by lines of text."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal, Stale
from dsboard.http import trigger
from dsboard.roles import Act
from experiments import backlog as read
from experiments.face import face_of
from experiments.models import Task
from experiments.quick_add import lines_of
from experiments.stages import Kind, Stage
from experiments.views.answer import toast
from experiments.views.move import asked_version
from experiments.views.quick import add_all


@require_http_methods(["GET", "POST"])
def backlog(request: TeamRequest) -> HttpResponse:
    """Show a page of it; a post adds a card for each line, or says why not and keeps the text."""
    refusal = None
    if request.method == "POST":
        try:
            added = add_all(request, first_stage(request), lines_of(request.POST.get("text", "")))
        except Refusal as no:
            refusal = no
        else:
            messages.success(request, f"Added {added[0].title}" if len(added) == 1 else f"Added {len(added)} cards")
            return redirect(request.get_full_path())
    context = {
        "backlog": read.backlog(request.team, request.GET),
        "may_move": request.membership.may(Act.MOVE),
        "may_create": request.membership.may(Act.CREATE),
        "may_import": request.membership.may(Act.IMPORT),
        "refusal": refusal,
        "kinds": Kind.choices,
        "here": "backlog",
    }
    return render(request, "experiments/backlog.html", context, status=refusal.status if refusal else 200)


def first_stage(request: TeamRequest) -> Stage:
    """Where a card of the chosen kind begins; without a choice it is an idea."""
    request.membership.must(Act.CREATE, request.team)
    return Stage.READY if request.POST.get("kind") in (Kind.DEVELOPMENT, Kind.MAINTENANCE) else Stage.IDEATION


@require_POST
def order(request: TeamRequest) -> HttpResponse:
    """A row was dropped between two neighbours: it keeps its stage and takes the place."""
    task = get_object_or_404(Task.objects.within(request.team).present().select_related("team"), ref=request.POST.get("card", ""))
    place = {name: request.POST.get(name, "") for name in ("before", "after")}
    try:
        task.move_to(task.stage, request.membership, **place, version=asked_version(request))
    except Stale as stale:
        return placed(request, Task.objects.within(request.team).select_related("team").get(pk=task.pk), 409, bad=True, text=stale.sentence)
    if not request.htmx:
        return redirect("experiments:backlog", team=request.team.key)
    return placed(request, task, 200)


def placed(request: TeamRequest, task: Task, status: int, **said: Any) -> HttpResponse:
    """The row as it is now, and where it belongs."""
    row = render_to_string("experiments/_backlog_row.html", {"task": face_of(task), "may_move": True, "oob": True}, request)
    below = read.waiting(request.team).filter(rank__gt=task.rank or 0).values_list("ref", flat=True).first()
    place = {"card": f"task-{task.ref}", "list": "list-backlog", "before": f"task-{below}" if below else ""}
    return trigger(HttpResponse(row + (toast(request, **said) if said else ""), status=status), placed=place)
