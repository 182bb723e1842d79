"""Closing a sprint: a walk through what is not finished, on a page of its own, for it may be long."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.forms import answer, sent
from dsboard.roles import Act
from sprints.forms import CloseForm
from sprints.models import Sprint
from sprints.models.closing import Outcome
from sprints.views.sprint import one


@require_http_methods(["GET", "POST"])
def close(request: TeamRequest, number: int) -> HttpResponse:
    """Carry over or send back, say what is earned, and freeze what happened."""
    request.membership.must(Act.SPRINTS, request.team)
    sprint = one(request, number)
    if not sprint.is_running:
        raise Refusal(f"{sprint} is closed already." if sprint.is_closed else f"{sprint} has not started.")
    form = CloseForm(sent(request), sprint=sprint)
    if form.attempt(lambda said: form.close(request.membership, said)):
        messages.success(request, closed_words(sprint, form.result))
        return redirect("sprints:review", request.team.key, sprint.number)
    planned = Sprint.objects.within(request.team).planned().first()
    return answer(request, "sprints/close.html", form, sprint=one(request, number), successor=planned, here="sprint")


def closed_words(sprint: Sprint, outcome: Outcome) -> str:
    """Sprint 24 is closed. 2 cards carried over to Sprint 25, 1 back in the backlog."""
    said = []
    if outcome.carried:
        count = len(outcome.carried)
        said.append(f"{count} card{'s' if count > 1 else ''} carried over to {outcome.successor}")
    if outcome.backlog:
        said.append(f"{len(outcome.backlog)} back in the backlog")
    return f"{sprint} is closed." + (f" {', '.join(said)}." if said else " Everything was finished.")
