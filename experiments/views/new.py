"""A new card: a form per kind, the similar past ones beside it, and the first experiment of an empty team."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.http import trigger
from dsboard.roles import Act
from experiments.field_forms import hours_of
from experiments.forms import CardForm, new_form
from experiments.models import Task
from experiments.models.outcomes import shortened
from experiments.quick_add import parse
from experiments.search import similar as similar_to
from experiments.stages import DELIVERY_STAGES, Kind
from experiments.views import answer

SIMILAR = 3
LONG_WEEK = 5


def kind_asked(request: TeamRequest) -> Kind:
    """The kind that is switched to, or was chosen, or fits the column that New stood in."""
    wanted = request.POST.get("switch") or request.POST.get("kind") or request.GET.get("kind", "")
    if wanted in Kind.values:
        return Kind(wanted)
    return Kind.DEVELOPMENT if request.GET.get("stage", "") in DELIVERY_STAGES else Kind.EXPERIMENT


@require_http_methods(["GET", "POST"])
def new(request: TeamRequest) -> HttpResponse:
    """Ask, switch the kind and keep what was typed, or make the card."""
    request.membership.must(Act.CREATE, request.team)
    kind = kind_asked(request)
    if "switch" in request.POST or request.method == "GET":
        form = new_form(None, request.team, kind, initial=typed_so_far(request, kind))
        form.metrics = new_form(request.POST, request.team, kind).metrics if request.POST else []
        return asked(request, kind, form)
    form = new_form(request.POST, request.team, kind)
    if not form.attempt(lambda cleaned: Task.plan(request.team, kind=kind, by=request.membership, **form.values())):
        return asked(request, kind, form)
    return made(request, form.result)


def typed_so_far(request: TeamRequest, kind: Kind) -> dict[str, Any]:
    """What the form of the other kind held; a question becomes the hypothesis and back."""
    form = new_form(request.POST, request.team, kind) if request.POST else None
    if form is None:
        return {}
    held = {name: form[name].data for name in form.fields if name in request.POST and name != "hours"}
    statement = request.POST.get("hypothesis") or request.POST.get("question") or ""
    hours: Any = form.fields.get("hours")
    size = hours.widget.value_from_datadict(request.POST, {}, "hours") if hours else None
    return held | {"question": statement, "hypothesis": statement} | ({"hours": hours.compress(size)} if size and size[0] else {})


def asked(request: TeamRequest, kind: Kind, form: CardForm) -> HttpResponse:
    for name in ("question", "hypothesis"):
        if name in form.fields:
            form.fields[name].widget.attrs |= {
                "hx-get": reverse("experiments:similar", args=[request.team.key]),
                "hx-trigger": "input changed delay:400ms",
                "hx-target": "#similar",
                "hx-swap": "innerHTML",
                "hx-sync": "this:replace",
            }
    context = {"form": form, "kind": kind, "kinds": list(Kind), "here": "board"}
    return render(request, "experiments/_new.html" if request.htmx else "experiments/new.html", context, status=form.status)


def made(request: TeamRequest, task: Task) -> HttpResponse:
    """On its board at once, with a word about a box of over a week."""
    if not request.htmx:
        return redirect(task.get_absolute_url())
    long = task.hours and task.hours > request.team.hours_per_day * LONG_WEEK
    words = format_html('Added <a href="{}">{}</a> {}', task.get_absolute_url(), task.ref, task.title)
    said = format_html("{}. Its box is over a week: think of splitting it.", words) if long else words
    return trigger(answer.added(request, [task], html=said), **{"close-dialog": {}})


@require_GET
def similar(request: TeamRequest) -> HttpResponse:
    """We tried this: the most similar past cards with their outcome."""
    typed = request.GET.get("question") or request.GET.get("hypothesis") or ""
    cards = similar_to(request.team, typed[:2000], SIMILAR) if len(typed.strip()) > 3 else []
    return render(request, "experiments/_similar.html", {"cards": cards})


@require_POST
def first(request: TeamRequest) -> HttpResponse:
    """The first experiment of an empty team, from one sentence."""
    request.membership.must(Act.CREATE, request.team)
    hypothesis, metric = request.POST.get("hypothesis", ""), request.POST.get("metrics", "").strip()
    found = parse(metric.replace(" ", "")).metrics if metric else ()
    if metric and not found:
        raise Refusal.of({"metrics": f"“{metric[:60]}” needs a name and a number. Try “macro-F1 ≥ 0.90”."})
    preset = request.POST.get("hours", "")
    if preset not in ("4h", "2d", "3d", "5d"):
        raise Refusal.of({"hours": "Choose a time box."})
    Task.plan(
        request.team,
        kind=Kind.EXPERIMENT,
        by=request.membership,
        title=shortened(hypothesis),
        hypothesis=hypothesis,
        hours=hours_of(preset, request.team.hours_per_day),
        metrics=[{"name": name, "direction": direction, "target": target} for name, direction, target in found],
    )
    return redirect("experiments:board", team=request.team.key)
