"""Editing a field of a card in place or in a dialog; who comes second sees both versions and loses nothing."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dsboard import clock, words
from dsboard.access import TeamRequest
from dsboard.errors import Refusal, Stale
from dsboard.forms import sent
from experiments.field_forms import FieldsForm, metric_rows, metrics_typed
from experiments.models import Task
from experiments.models.fields import fields_of, value_of
from experiments.stages import Kind
from experiments.views.task import answer, card

#: what is edited together: the name in the address, its fields, its heading
GROUPS: dict[str, tuple[tuple[str, ...], str]] = {
    "size": (("points", "confidence", "requirements_clear", "technology_known", "comparable_to"), "Size"),
    "box": (("hours",), "Time box"),
    "upkeep": (("serves", "work", "done_note"), "Upkeep"),
    "people": (("owner", "decider"), "People"),
    "details": (("labels", "bucket", "kind"), "Details"),
}
#: single fields that are edited in place
IN_PLACE = {"title", "question", "hypothesis", "success"}


@require_http_methods(["GET", "POST"])
def field(request: TeamRequest, ref: str, name: str) -> HttpResponse:
    """Show or save one field, or a group of them."""
    found = card(request, ref)
    if name == "deliverables":
        return deliverables(request, found)
    if name == "metrics":
        return metrics(request, found)
    names, heading = names_of(found, name)
    form = FieldsForm(names, request.team, found, data=sent(request))
    version = seen(request.POST)
    if form.attempt(lambda cleaned: found.change(request.membership, version=version, **form.changed())):
        return (
            in_place(request, found, name)
            if name in IN_PLACE and request.htmx and "_dialog" not in request.POST
            else answer(request, found)
        )
    return dialog(request, found, name, form=form, heading=heading, conflict=conflict(form, found, names))


def names_of(task: Task, name: str) -> tuple[tuple[str, ...], str]:
    """The fields behind a name, only those of the card's kind; 404 for any other word."""
    own = {*fields_of(Kind(task.kind)), "kind"}
    names, heading = GROUPS.get(name, ((name,), name.replace("_", " ").capitalize()))
    kept = tuple(n for n in names if n in own)
    if not kept:
        raise Http404("There is no such field on this card.")
    return kept, heading


def seen(post: QueryDict) -> int | None:
    """The version that the page showed."""
    version = post.get("version", "")
    return int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None


def conflict(form: FieldsForm, task: Task, names: tuple[str, ...]) -> dict[str, Any] | None:
    """Somebody came first: what stands there now, beside what was typed."""
    refusal = getattr(form, "refusal", None)
    if not isinstance(refusal, Stale):
        return None
    task.refresh_from_db()
    since = refusal.since
    when = words.ago(since.at, clock.now(), ZoneInfo(task.team.time_zone)) if since else ""
    return {
        "sentence": f"{since.actor.first_name if since.actor else 'Somebody'} changed this {when}." if since else refusal.sentence,
        "theirs": [(form[name].label, value_of(task, name)) for name in names if name in form.changed_data],
    }


def in_place(request: TeamRequest, task: Task, name: str) -> HttpResponse:
    """The one element again, with its new version."""
    part = "statement" if name in ("question", "hypothesis") else name
    return render(request, f"experiments/_task_{part}.html", {"task": task, "may_edit": True})


def dialog(request: TeamRequest, task: Task, name: str, *, status: int = 0, **words: Any) -> HttpResponse:
    """The fields in the dialog, or on a page of their own."""
    form = words.get("form")
    status = status or (form.status if form else 200)
    own = "deliverables" if name == "deliverables" else "field"
    template = f"experiments/_{own}_dialog.html" if request.htmx else f"experiments/{own}.html"
    response = render(request, template, {"task": task, "name": name, "here": "board", **words}, status=status)
    if status >= 400 and request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def metrics(request: TeamRequest, task: Task) -> HttpResponse:
    """The success metrics, as rows."""
    if "metrics" not in fields_of(Kind(task.kind)):
        raise Http404("This kind of card has no metrics.")
    words: dict[str, Any] = {"heading": "Success metrics", "rows": metric_rows(value_of(task, "metrics"))}
    if request.method == "GET":
        return dialog(request, task, "metrics", **words)
    typed = metrics_typed(request.POST)
    refused = tried(lambda: task.change(request.membership, version=seen(request.POST), metrics=typed))
    if refused is None:
        return answer(request, task)
    words |= {"rows": metric_rows(typed), "error": refused.fields.get("metrics", refused.sentence)}
    return dialog(request, task, "metrics", status=refused.status, **words)


def deliverables(request: TeamRequest, task: Task) -> HttpResponse:
    """Tick, untick, strike with a reason, add or take away one deliverable."""
    if task.kind != Kind.DEVELOPMENT:
        raise Http404("This kind of card has no deliverables.")
    rows = value_of(task, "deliverables")
    if request.method == "GET":
        return dialog(request, task, "deliverables", deliverable_rows=rows)
    refused = tried(lambda: task.change(request.membership, version=seen(request.POST), deliverables=with_one_changed(rows, request.POST)))
    if refused is None:
        return answer(request, task)
    words = {"error": refused.fields.get("deliverables", refused.sentence), "deliverable_rows": rows}
    return dialog(request, task, "deliverables", status=refused.status, typed=request.POST.get("text", ""), **words)


def with_one_changed(rows: list[dict[str, Any]], post: QueryDict) -> list[dict[str, Any]]:
    """The deliverables after one small act; raises Refusal for a row that is not there."""
    act, at = post.get("act", ""), post.get("at", "")
    if act == "add":
        return [*rows, *[{"text": line} for line in post.get("text", "").splitlines() if line.strip()]]
    if not (at.isascii() and at.isdecimal()) or int(at) >= len(rows):
        raise Refusal.of({"deliverables": "That deliverable is no longer there. Look again."})
    row = rows[int(at)]
    if row["text"] != post.get("text", row["text"]):
        raise Refusal.of({"deliverables": f"“{post.get('text', '')}” is no longer there. Look again."})
    changed = {
        "tick": {"done": True, "struck_reason": ""},
        "untick": {"done": False, "struck_reason": ""},
        "strike": {"done": False, "struck_reason": post.get("reason", "").strip()},
    }
    if act == "remove":
        return rows[: int(at)] + rows[int(at) + 1 :]
    if act not in changed or (act == "strike" and not changed["strike"]["struck_reason"]):
        raise Refusal.of({"deliverables": "Say why it is struck."})
    return [*rows[: int(at)], {**row, **changed[act]}, *rows[int(at) + 1 :]]


def tried(verb: Any) -> Refusal | None:
    """The refusal of a verb, None when it went through."""
    try:
        verb()
    except Refusal as refusal:
        return refusal
    return None
