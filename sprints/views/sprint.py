"""The sprints of a team: the list, the way to the one that counts now, and a sprint's own goal, dates and capacity."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.forms import BoardForm, sent
from dsboard.http import onward
from dsboard.roles import Act
from sprints.forms import CapacityForm, SprintForm
from sprints.models import Sprint, dates
from sprints.models.rate import proposal
from sprints.plan import PlanPage


def one(request: TeamRequest, number: int) -> Sprint:
    """The team's sprint of this number, or 404."""
    if number >= 2**31:
        raise Http404("There is no such sprint here.")
    found: Sprint = get_object_or_404(Sprint.objects.within(request.team), number=number)
    found.team = request.team
    return found


@require_GET
def sprints(request: TeamRequest) -> HttpResponse:
    """Every sprint, the newest first."""
    found = list(Sprint.objects.within(request.team))
    for sprint in found:
        sprint.team = request.team
    context = {"sprints": found, "may_plan": request.membership.may(Act.SPRINTS), "here": "sprint"}
    return render(request, "sprints/sprints.html", context)


@require_GET
def current(request: TeamRequest) -> HttpResponse:
    """The running sprint or, when none runs, the next planned one; else the list."""
    found = Sprint.objects.within(request.team)
    sprint = found.running() or found.planned().first()
    if sprint is None:
        return redirect("sprints:sprints", team=request.team.key)
    sprint.team = request.team
    return redirect(sprint)


def dialog(request: TeamRequest, name: str, form: BoardForm, **context: Any) -> HttpResponse:
    """A form in the dialog, or on a page of its own."""
    template = f"sprints/_{name}.html" if request.htmx else f"sprints/{name}.html"
    return render(request, template, {"form": form, "here": "sprint", **context}, status=form.status)


@require_http_methods(["GET", "POST"])
def new(request: TeamRequest) -> HttpResponse:
    """The next sprint; its dates follow the last one."""
    request.membership.must(Act.SPRINTS, request.team)
    starts_on = dates.next_start(request.team)
    form = SprintForm(sent(request), initial={"starts_on": starts_on, "ends_on": dates.usual_end(request.team, starts_on)})
    if form.attempt(lambda said: Sprint.plan(request.team, request.membership, **without(said, "version"))):
        return onward(request, form.result.address("plan"))
    return dialog(request, "new", form)


@require_http_methods(["GET", "POST"])
def details(request: TeamRequest, number: int) -> HttpResponse:
    """Another goal or other dates."""
    request.membership.must(Act.SPRINTS, request.team)
    sprint = one(request, number)
    initial = {name: getattr(sprint, name) for name in ("goal", "starts_on", "ends_on", "version")}
    form = SprintForm(sent(request), sprint=sprint, initial=initial)
    if form.attempt(lambda said: sprint.change(request.membership, **said)):
        return onward(request, sprint.address("plan"))
    return dialog(request, "details", form, sprint=one(request, number))


def without(said: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key != name}


@require_POST
def goal(request: TeamRequest, number: int) -> HttpResponse:
    """The goal, written where it stands; answers with it."""
    sprint = one(request, number)
    version = request.POST.get("version", "")
    sprint.change(request.membership, goal=request.POST.get("goal", ""), version=int(version) if version.isdecimal() else None)
    if not request.htmx:
        return redirect("sprints:plan", request.team.key, number)
    return render(request, "sprints/_goal.html", {"sprint": sprint, "page": PlanPage(sprint, request.membership)})


@require_http_methods(["GET", "POST"])
def capacity(request: TeamRequest, number: int) -> HttpResponse:
    """How much of their time people can give."""
    request.membership.must(Act.SPRINTS, request.team)
    sprint = one(request, number)
    form = CapacityForm(sent(request), page=PlanPage(sprint, request.membership))
    if form.attempt(lambda said: sprint.set_availability(request.membership, form.availability())):
        return onward(request, sprint.address("plan"))
    return dialog(request, "capacity", form, sprint=sprint)


@require_POST
def rate(request: TeamRequest, number: int) -> HttpResponse:
    """Take the days per point that the last closed sprints were measured at."""
    sprint, found = one(request, number), proposal(request.team)
    request.membership.must(Act.POLICIES, request.team)
    if found is None:
        raise Refusal("No closed sprint has finished points yet, so there is nothing to measure.")
    request.team.take_rate(request.membership, found.rate)
    messages.success(request, f"A point counts as {found.rate.normalize():f} days now, measured on {found.words}")
    return redirect("sprints:plan", request.team.key, sprint.number)


@require_http_methods(["GET", "POST"])
def removal(request: TeamRequest, number: int) -> HttpResponse:
    """A planned sprint that will not be."""
    request.membership.must(Act.SPRINTS, request.team)
    sprint, form = one(request, number), BoardForm(sent(request))
    if form.attempt(lambda said: sprint.discard(request.membership)):
        return onward(request, f"/t/{request.team.key}/sprints/", f"{sprint} is discarded. Its cards are where they were.")
    return dialog(request, "removal", form, sprint=sprint)
