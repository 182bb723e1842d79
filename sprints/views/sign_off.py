"""Signing a sprint off: a note by a lead, and the figures are kept as they are."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dsboard.access import TeamRequest
from sprints.views.review import SignOffForm, answer
from sprints.views.sprint import one


@require_POST
def sign_off(request: TeamRequest, number: int) -> HttpResponse:
    """Sign; what was typed stays in the form when it is refused."""
    sprint, form = one(request, number), SignOffForm(request.POST)
    if form.attempt(lambda said: sprint.sign_off(request.membership, said["note"])):
        messages.success(request, f"Signed {sprint} off. Its figures are kept as they are.")
        return redirect("sprints:review", team=request.team.key, number=number)
    return answer(request, sprint, form)
