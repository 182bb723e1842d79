"""The sprint's board: its cards in four lanes, by bucket, and what dropping a card on one of its cells does."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal, Stale
from dsboard.http import trigger
from dsboard.models import Activity
from experiments.face import face_of, swapped
from experiments.models import Task
from experiments.stages import LANES, Bucket, Lane
from experiments.views.answer import toast
from experiments.views.move import WAYS, asked_version, moved_words, show_missing, version_of
from experiments.views.time_box import ask_for_time
from sprints.board import SprintBoard, below, cell_of
from sprints.models import Sprint
from sprints.views.plan import card
from sprints.views.sprint import one


@require_GET
def board(request: TeamRequest, number: int) -> HttpResponse:
    """The whole page; before the start it says where planning is."""
    sprint = one(request, number)
    return render(request, "sprints/board.html", {"board": SprintBoard(sprint, request.membership), "sprint": sprint, "here": "sprint"})


@require_POST
def cell(request: TeamRequest, number: int, lane: str, bucket: str) -> HttpResponse:
    """A card of the sprint was dropped here: its stage in this lane, and this bucket."""
    if lane not in Lane.values or bucket not in Bucket.values:
        raise Http404("There is no such column.")
    sprint, task = one(request, number), card(request, request.POST.get("card", ""))
    stage = task.stages[LANES.index(Lane(lane))]
    place = {name: request.POST.get(name, "") for name in ("before", "after")}
    try:
        activity = move(request, sprint, task, stage, bucket, place)
    except Stale as stale:
        return overtaken(request, sprint, task, place, stale)
    except Refusal as refusal:
        if not request.htmx or not (refusal.fields or refusal.way):
            raise
        return ask_first(request, task, stage, place, refusal)
    if not request.htmx:
        return redirect("sprints:board", request.team.key, number)
    return moved(request, sprint, task, **moved_words(task, activity, request.membership))


@transaction.atomic
def move(request: TeamRequest, sprint: Sprint, task: Task, stage: str, bucket: str, place: dict[str, str]) -> Activity | None:
    """Both or neither: another bucket is a change of scope, which only a lead makes."""
    seat = sprint.seats.filter(task=task, removed_at=None).first()
    if seat is None:
        raise Refusal(f"{task.ref} is not in {sprint} any more. Load the page again.")
    version = asked_version(request)
    if seat.bucket != bucket:
        sprint.take_in(task, request.membership, bucket)
        version = None
    return task.move_to(stage, request.membership, **place, version=version)


def ask_first(request: TeamRequest, task: Task, stage: Any, place: dict[str, str], refusal: Refusal) -> HttpResponse:
    """The fields or the form that the lane asks for: the card waits in its old place until it is answered."""
    if refusal.way == "extension":
        return ask_for_time(request, task.ref, stage)
    if refusal.way in WAYS:
        url = reverse(WAYS[refusal.way], kwargs={"team": request.team.key, "ref": task.ref})
        return trigger(HttpResponse(status=refusal.status), **{"open-dialog": {"url": url}})
    return show_missing(request, card(request, task.ref), stage, place, refusal)


def overtaken(request: TeamRequest, sprint: Sprint, task: Task, place: dict[str, str], stale: Stale) -> HttpResponse:
    """Somebody moved it first: it goes to its true place, and the move is offered again."""
    if not request.htmx:
        raise stale
    task = card(request, task.ref)
    again: dict[str, Any] = {
        "bad": True,
        "text": stale.sentence,
        "action_url": request.path,
        "action_label": "Move it anyway",
        "action_fields": {"card": task.ref, **place, "version": version_of(task)},
    }
    return moved(request, sprint, task, status=409, **again)


def moved(request: TeamRequest, sprint: Sprint, task: Task, status: int = 200, **said: Any) -> HttpResponse:
    """The card where it is now, and the heads of lanes and buckets."""
    shown = SprintBoard(one(request, sprint.number), request.membership)
    heads = render_to_string("sprints/_board_heads.html", {"board": shown, "sprint": sprint, "oob": True}, request)
    response = HttpResponse("".join([swapped(face_of(task)), heads, toast(request, **said) if said else ""]), status=status)
    key, beneath = cell_of(sprint, task), below(sprint, task)
    return trigger(response, placed={"card": f"task-{task.ref}", "list": f"list-{key}", "before": f"task-{beneath}" if beneath else ""})
