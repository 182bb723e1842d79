"""A team's tracking servers: leads connect and try them; everybody sees which there are and how fresh they are."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.forms import answer, sent
from dsboard.roles import Act
from experiments.models import Task, Tracker
from experiments.tracker_forms import TrackerForm
from experiments.tracking.trying import try_out


def mine(request: TeamRequest, pk: int, act: Act = Act.TRACKERS) -> Tracker:
    """One of the team's for who may do this; 404 where there is none."""
    request.membership.must(act, request.team)
    found: Tracker = get_object_or_404(Tracker.objects.within(request.team).select_related("team"), pk=pk)
    return found


@never_cache
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
def trackers(request: TeamRequest) -> HttpResponse:
    """All of them; a lead's post connects one."""
    form = TrackerForm(sent(request))
    if request.method == "POST":
        request.membership.must(Act.TRACKERS, request.team)
        if form.attempt(lambda said: Tracker.connect(request.team, request.membership, **said)):
            messages.success(request, f"Connected {form.result.name}. Try it below.")
            return redirect("experiments:tracker", request.team.key, form.result.pk)
    rows = Tracker.objects.within(request.team)
    may_change = request.membership.may(Act.TRACKERS)
    return answer(request, "experiments/trackers.html", form, trackers=rows, may_change=may_change, here="team-settings")


@never_cache
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
def tracker(request: TeamRequest, pk: int) -> HttpResponse:
    """One of them: its form, and the cards that are linked."""
    one = mine(request, pk)
    form = TrackerForm(sent(request), tracker=one)
    if form.attempt(lambda said: one.change(request.membership, **said)):
        messages.success(request, "Saved" if form.result else "Nothing to save: all as it was")
        return redirect("experiments:tracker", request.team.key, pk)
    return answer(request, "experiments/tracker.html", form, **about(one))


def about(one: Tracker) -> dict[str, Any]:
    links = one.links.filter(task__deleted_at=None).select_related("task__team").order_by("-task__pk")
    return {"tracker": one, "links": links, "here": "team-settings"}


@never_cache
@require_POST
def trial(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask it now, and say what answered; a refusal is the page with its sentence."""
    one = mine(request, pk)
    context = {"form": TrackerForm(tracker=one), **about(one)}
    try:
        found = try_out(one, request.membership)
    except Refusal as refusal:
        return render(request, "experiments/tracker.html", {"trouble": refusal.sentence, **context}, status=422)
    return render(request, "experiments/tracker.html", {"found": found, **context})


@require_POST
def sync(request: TeamRequest, pk: int) -> HttpResponse:
    """Have it read at the next beat; back to where it was asked for."""
    one = mine(request, pk, Act.RUNS)
    one.ask_now(request.membership)
    if request.htmx:
        return state(request, pk)
    messages.success(request, f"{one.name} is read within the next seconds")
    task = Task.objects.within(request.team).present().filter(ref=request.POST.get("card", "")[:30]).first()
    return redirect(f"{task.get_absolute_url()}#runs" if task else "experiments:trackers", *([] if task else [request.team.key]))


@require_GET
def synced(request: TeamRequest, pk: int) -> HttpResponse:
    """How its reading stands, asked for again while it goes on."""
    return state(request, pk)


def state(request: TeamRequest, pk: int) -> HttpResponse:
    one = mine(request, pk, Act.READ)
    return render(request, "experiments/_tracker_state.html", {"tracker": one, "may_ask": request.membership.may(Act.RUNS)})


@never_cache
@require_http_methods(["GET", "POST"])
def removal(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask, then remove it; the runs that it told stay."""
    one = mine(request, pk)
    if request.method == "GET":
        return render(request, "experiments/tracker_removal.html", {**about(one), "count": one.runs.count()})
    one.remove(request.membership)
    messages.success(request, f"Removed {one.name}")
    return redirect("experiments:trackers", request.team.key)
