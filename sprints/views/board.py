"""The sprint's board: its cards in four lanes, by bucket."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dsboard.access import TeamRequest
from sprints.views.sprint import one


@require_GET
def board(request: TeamRequest, number: int) -> HttpResponse:
    return render(request, "sprints/board.html", {"sprint": one(request, number), "here": "sprint"})
