"""Planning a sprint: backlog on one side, the three buckets on the other; every act answers with what it changes."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dsboard.access import TeamRequest
from sprints.views.sprint import one


@require_GET
def plan(request: TeamRequest, number: int) -> HttpResponse:
    return render(request, "sprints/plan.html", {"sprint": one(request, number), "here": "sprint"})
