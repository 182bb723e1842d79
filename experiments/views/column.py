"""A column of a board: a card is dropped on it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal, Stale
from experiments.models import Task
from experiments.stages import Stage
from experiments.views import answer
from experiments.views.move import asked_version, moved_words, show_missing, version_of
from experiments.views.task import card
from experiments.views.time_box import ask_for_time


def known_stage(stage: str) -> Stage:
    if stage not in Stage.values:
        raise Http404("There is no such column.")
    return Stage(stage)


@require_POST
def column(request: TeamRequest, stage: str) -> HttpResponse:
    """A card was dropped here, between two neighbours."""
    target = known_stage(stage)
    task = card(request, request.POST.get("card", ""))
    came_from, near = task.stage, request.POST.get("after", "")
    place = {"before": request.POST.get("before", ""), "after": near}
    try:
        activity = task.move_to(target, request.membership, **place, version=asked_version(request))
    except Stale as stale:
        return stale_answer(request, task, came_from, target, place, stale)
    except Refusal as refusal:
        if refusal.way == "extension" and request.htmx:
            return ask_for_time(request, task.ref, target)
        if refusal.fields and not refusal.way and request.htmx:
            return show_missing(request, task, target, place, refusal)
        raise
    if not request.htmx:
        return redirect("experiments:board" if task.is_boxed else "experiments:delivery", team=request.team.key)
    return answer.moved(request, task, [came_from, target], near, **moved_words(task, activity, request.membership))


def stale_answer(request: TeamRequest, task: Task, came_from: str, target: Stage, place: dict[str, str], stale: Stale) -> HttpResponse:
    """The card goes to its true place; the move is offered again without the version that was overtaken."""
    if not request.htmx:
        raise stale
    task.refresh_from_db()
    again: dict[str, Any] = {
        "bad": True,
        "text": stale.sentence,
        "action_url": request.path,
        "action_label": "Move it anyway",
        "action_fields": {"card": task.ref, **({} if task.stage == target else place), "version": version_of(task)},
    }
    return answer.moved(request, task, [came_from, task.stage, target], status=409, **again)
