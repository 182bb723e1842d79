"""The sprints of a team: the list of them, and the way to the one that counts now."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from dsboard.access import TeamRequest
from dsboard.roles import Act
from sprints.models import Sprint


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
