"""The sprints of one card, from its own page: into which it may go, and taking a line of its history back."""

from contextlib import suppress

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.models import Activity
from dsboard.roles import Act
from experiments.card_page import SEATS
from experiments.models.extension import cleaned_hours
from experiments.models.time_box import as_time, hours_in_words
from sprints.allocation import in_days
from sprints.balance import Balance
from sprints.models import Sprint
from sprints.models.undo import take_back
from sprints.states import State
from sprints.views.plan import card


@require_GET
def choices(request: TeamRequest, ref: str) -> HttpResponse:
    """Into which sprint? The planned ones and, for a lead, the one that runs."""
    request.membership.must(Act.SEATS, request.team)
    task, found = card(request, ref), Sprint.objects.within(request.team).filter(state=State.PLANNED)
    if request.membership.may(Act.SCOPE):
        found = found | Sprint.objects.within(request.team).filter(state=State.RUNNING)
    held = set(task.seats.filter(removed_at=None).exclude(state=State.CLOSED).values_list("sprint", flat=True))
    rows = [(sprint, sprint.pk in held) for sprint in found.order_by("starts_on")]
    context = {"task": task, "rows": rows, "here": "sprint", "may_plan": request.membership.may(Act.SPRINTS)}
    return render(request, "sprints/_choices.html" if request.htmx else "sprints/choices.html", context)


@require_POST
def undo(request: TeamRequest, ref: str, pk: int) -> HttpResponse:
    """Take one line of history back: out of the sprint again, or into it."""
    task = card(request, ref)
    activity = get_object_or_404(Activity.objects.within(request.team).of(task), pk=pk, verb__in=SEATS)
    messages.success(request, take_back(task, activity, request.membership))
    return redirect(task)


@never_cache
@require_GET
def extension_effect(request: TeamRequest, ref: str) -> HttpResponse:
    """What more hours would do to the shares of the running sprint, while they are typed; nothing for a card outside of it."""
    task, sprint = card(request, ref), Sprint.objects.within(request.team).running()
    words = ""
    if sprint and sprint.seats.filter(task=task, removed_at=None).exists():
        sprint.team = request.team
        with suppress(Refusal):
            hours = cleaned_hours(hours_in_words(request.GET.get("hours", "")[:20], request.team.hours_per_day))
            words = Balance(sprint).with_more(task, in_days(as_time(hours), request.team.day))
    return render(request, "experiments/_effect.html", {"words": words})
