"""What a board gets back after a card changed: the card, the two column heads, a toast, and where the card belongs."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from dsboard.access import TeamRequest
from dsboard.http import trigger
from dsboard.models import Activity
from experiments.board import below, heads
from experiments.face import face_of, html, swapped
from experiments.models import Task


def address(name: str, task: Task, **kwargs: Any) -> str:
    return reverse(f"experiments:{name}", kwargs={"team": task.ref.rpartition("-")[0], "ref": task.ref, **kwargs})


def toast(request: TeamRequest, **said: Any) -> str:
    return render_to_string("dsboard/_toast_oob.html", {"toast": said}, request)


def column_heads(request: TeamRequest, stages: Iterable[str]) -> str:
    columns = heads(request.team, dict.fromkeys(stages), request.membership)
    return "".join(render_to_string("experiments/_column_head.html", {"column": column, "oob": True}) for column in columns)


def moved(request: TeamRequest, task: Task, stages: Iterable[str], near: str = "", status: int = 200, **said: Any) -> HttpResponse:
    """The card where it is now, the heads of the named columns, and a toast if there is something to say."""
    parts = [swapped(face_of(task)), column_heads(request, stages), toast(request, **said) if said else ""]
    response = HttpResponse("".join(parts), status=status)
    beneath = below(task, near) if task.rank is not None else ""
    place = {"card": f"task-{task.ref}", "list": f"list-{task.stage}", "before": f"task-{beneath}" if beneath else ""}
    return trigger(response, placed=place)


def gone(request: TeamRequest, task: Task, activity: Activity, **said: Any) -> HttpResponse:
    """The card left the boards: it goes, its column counts again."""
    undo = address("undo", task, pk=activity.pk)
    response = HttpResponse(column_heads(request, [task.stage]) + toast(request, undo_url=undo, **said))
    return trigger(response, placed={"card": f"task-{task.ref}", "list": "", "before": ""}, **{"close-dialog": {}})


def added(request: TeamRequest, tasks: list[Task], **said: Any) -> HttpResponse:
    """New cards at the end of their columns."""
    items = [f'<div hx-swap-oob="beforeend:#list-{task.stage}"><li data-card>{html(face_of(task))}</li></div>' for task in tasks]
    heading = column_heads(request, [task.stage for task in tasks]) if tasks else ""
    return HttpResponse("".join(items) + heading + toast(request, **said))


def card_link(task: Task) -> str:
    return format_html('<a href="{}">{}</a>', task.get_absolute_url(), task.ref)
