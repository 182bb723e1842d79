"""Move to…: the plain way of moving a card, with the fields that the new column still asks for; and its undo."""

import re
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.http import trigger
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from experiments.box_page import BoxPage
from experiments.forms import CardForm, MoveForm
from experiments.models import Task
from experiments.models.undo import UNDOABLE, take_back
from experiments.stages import Stage
from experiments.views import answer


def asked_version(request: TeamRequest) -> int | None:
    """The version that the person saw; None when the form did not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def version_of(task: Task) -> str:
    return str(task.version)


def moved_words(task: Task, activity: Activity | None, by: Membership) -> dict[str, Any]:
    """What the toast says of a move; nothing when only the order changed."""
    if activity is None or activity.field != "stage":
        return {}
    words = f"Moved {task.title} to {task.get_stage_display()}"
    if activity.facts.get("started") and task.box:
        words = started_words(task, by)
    return {"text": words, "undo_url": answer.address("undo", task, pk=activity.pk)}


def started_words(task: Task, by: Membership) -> str:
    """Started the 3-day time box. Ends Tue 17 Mar, 09:00."""
    page = BoxPage(task, by)
    days = re.fullmatch(r"(\d+)d", page.size)
    return f"Started the {f'{days[1]}-day' if days else page.size} time box. Ends {page.ends_words}"


def one(request: TeamRequest, ref: str) -> Task:
    """The card of this team, or 404."""
    found: Task = get_object_or_404(Task.objects.within(request.team).present().select_related("team", "owner", "time_box"), ref=ref)
    return found


def move(request: TeamRequest, ref: str) -> HttpResponse:
    """Choose a column and a position; fields that came along are written first, in the same transaction."""
    task = one(request, ref)
    request.membership.must(Act.MOVE, request.team)
    form = MoveForm(request.POST or None, task=task, initial={"stage": task.stage, "place": "end"})
    if not form.is_bound or not form.is_valid():
        return dialog(request, "experiments/move.html", {"task": task, "form": form}, form.status)
    stage = Stage(form.cleaned_data["stage"])
    place = {
        "before": request.POST.get("before", ""),
        "after": request.POST.get("after", "") or top_of(task, stage, form.cleaned_data["place"]),
    }
    fields = CardForm(request.POST.getlist("with"), request.team, task, request.POST)
    came_from = task.stage
    if not fields.attempt(lambda cleaned: fill_and_move(request, task, stage, place, fields.values())):
        return refused(request, one(request, ref), stage, place, fields)
    return moved_answer(request, task, came_from, fields.result, place["after"])


def fill_and_move(request: TeamRequest, task: Task, stage: Stage, place: dict[str, str], fields: dict[str, Any]) -> Activity | None:
    """One verb for most moves; with fields two, and both or none."""
    if not fields:
        return task.move_to(stage, request.membership, **place, version=asked_version(request))
    with transaction.atomic():
        task.change(request.membership, **fields)
        return task.move_to(stage, request.membership, **place, version=None)


def moved_answer(request: TeamRequest, task: Task, came_from: str, activity: Activity | None, near: str) -> HttpResponse:
    if not request.htmx:
        return redirect(task.get_absolute_url())
    response = answer.moved(request, task, [came_from, task.stage], near, **moved_words(task, activity, request.membership))
    here = request.htmx.current_url or ""
    if "/tasks/" in here:
        response["HX-Redirect"] = task.get_absolute_url()
    elif "/sprints/" in here:
        # Its lanes are other lists, with other figures beside them.
        response["HX-Refresh"] = "true"
    return trigger(response, **{"close-dialog": {}})


def top_of(task: Task, stage: Stage, place: str) -> str:
    """The card to stand above when the top was asked for."""
    if place != "top":
        return ""
    others = Task.objects.within(task.team).placed_in(stage).exclude(pk=task.pk)
    return others.values_list("ref", flat=True).first() or ""


#: where the form is that gets there; a verb's refusal names its way
WAYS = {
    "findings": "experiments:report",
    "extension": "experiments:extension",
    "decision": "handoffs:decision",
    "reversal": "handoffs:reversal",
}


def refused(request: TeamRequest, task: Task, stage: Stage, place: dict[str, str], fields: CardForm) -> HttpResponse:
    """What is missing, with the fields to fill right there; or the form that is the way to that column."""
    refusal = getattr(fields, "refusal", None)
    if refusal and refusal.way in WAYS:
        asked = f"?then={stage}" if refusal.way == "extension" else ""
        return redirect(reverse(WAYS[refusal.way], kwargs={"team": request.team.key, "ref": task.ref}) + asked)
    return show_missing(request, task, stage, place, refusal or Refusal("Look at the fields again."), sent=fields)


def show_missing(
    request: TeamRequest, task: Task, stage: Stage, place: dict[str, str], refusal: Refusal, sent: CardForm | None = None
) -> HttpResponse:
    """A form with exactly the fields that the new column asks for; `sent` is the one that came back."""
    names = [*(sent.names if sent else []), *refusal.fields]
    typed = sent is not None and bool(sent.names)
    form = CardForm(names, request.team, task, request.POST if typed else None)
    if not form.names:
        raise refusal
    if typed and form.is_valid():
        form.refuse(refusal)
    sentences = [] if typed else list(refusal.fields.values())
    context = {"task": task, "form": form, "stage": stage, "place": place, "sentences": sentences, "here": "board"}
    response = dialog(request, "experiments/missing.html", context, refusal.status)
    if request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def dialog(request: TeamRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of its own, or only its fragment for the dialog of another page."""
    name = template.replace("experiments/", "experiments/_") if request.htmx else template
    return render(request, name, context, status=status)


@require_POST
def undo(request: TeamRequest, ref: str, pk: int) -> HttpResponse:
    """Take one line of history back."""
    task: Task = get_object_or_404(Task.objects.within(request.team).select_related("team"), ref=ref)
    activity = get_object_or_404(Activity.objects.within(request.team).of(task), pk=pk, verb__in=UNDOABLE)
    came_from = task.stage
    said = take_back(task, activity, request.membership)
    if not request.htmx:
        return redirect(task.get_absolute_url())
    response = answer.moved(request, task, [came_from, task.stage], text=said)
    if activity.verb in ("dropped", "deleted") or any(part in (request.htmx.current_url or "") for part in ("/tasks/", "/sprints/")):
        response["HX-Refresh"] = "true"
    return response
