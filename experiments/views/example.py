"""The example board: loaded into an empty team, removed with one click."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dsboard.access import TeamRequest
from experiments.demo import example as cards


@require_POST
def example(request: TeamRequest) -> HttpResponse:
    """Load it, or remove it again."""
    if "remove" in request.POST:
        count = cards.remove(request.team, request.membership)
        messages.success(request, f"Removed the example, {count} cards")
    else:
        cards.load(request.team, request.membership)
        messages.success(request, "Loaded the example board")
    return redirect("experiments:board", team=request.team.key)
