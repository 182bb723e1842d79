"""Starting a sprint, after a last look at what its plan warns of."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.http import onward
from dsboard.roles import Act
from sprints.models import Sprint
from sprints.plan import PlanPage
from sprints.views.sprint import one


@require_http_methods(["GET", "POST"])
def start(request: TeamRequest, number: int) -> HttpResponse:
    """Freeze the plan and run; a refusal stands in the dialog."""
    sprint, refusal = one(request, number), None
    request.membership.must(Act.SPRINTS, request.team)
    if request.method == "POST":
        try:
            sprint.start(request.membership)
        except Refusal as no:
            sprint, refusal = one(request, number), no
        else:
            return started(request, sprint)
    running = Sprint.objects.within(request.team).running()
    context = {"sprint": sprint, "page": PlanPage(sprint, request.membership), "running": running, "refusal": refusal, "here": "sprint"}
    return render(
        request, "sprints/_start.html" if request.htmx else "sprints/start.html", context, status=refusal.status if refusal else 200
    )


def started(request: TeamRequest, sprint: Sprint) -> HttpResponse:
    """On to the board of the sprint."""
    until = f"{sprint.ends_on:%a} {sprint.ends_on.day} {sprint.ends_on:%b}"
    return onward(request, sprint.address("board"), f"{sprint} runs until {until}")
