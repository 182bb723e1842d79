"""Deciding on a card, and reversing a decision."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_GET, require_http_methods

from dsboard.access import TeamRequest
from dsboard.forms import sent
from dsboard.roles import Act
from experiments.models import Decision, Task
from experiments.models.decision import needs_override
from experiments.stages import Stage
from experiments.views.done import done
from handoffs import preview
from handoffs.forms import DecisionForm, ReversalForm
from handoffs.models.creation import Made, made_beside
from handoffs.productionize import Reversed


def found(request: TeamRequest, ref: str) -> Task:
    """The card, or 404."""
    cards = Task.objects.within(request.team).present().filter(dropped_at=None)
    return get_object_or_404(cards.select_related("team", "owner", "decider", "time_box"), ref=ref)


@require_http_methods(["GET", "POST"])
def decision(request: TeamRequest, ref: str) -> HttpResponse:
    """Productionize, abandon or more research: the form with what each would create, or the decision as it stands."""
    task = found(request, ref)
    form = DecisionForm(sent(request), task=task, initial=preview.proposed(task))
    if request.method == "POST" and form.record(request.membership):
        return done(request, form.task, Stage.ANALYSIS, recorded(form.result), form.result.created)
    task = form.task
    context = {
        "task": task,
        "form": form,
        "choices": preview.choices(task, form.way),
        "obstacle": preview.obstacle(task, request.membership),
        "override": preview.override(task, request.membership),
        "must_override": needs_override(task),
        "made": task.decision,
        "may_reverse": request.membership.may(Act.REVERSE),
    }
    template = "handoffs/_decision.html" if request.htmx else "handoffs/decision.html"
    return render(request, template, context, status=form.status)


@require_GET
def effects(request: TeamRequest, ref: str) -> HttpResponse:
    """What Productionize would make, as the form stands now: read again while somebody types."""
    task = found(request, ref)
    form = DecisionForm(request.GET, task=task)
    return render(request, "handoffs/_effects.html", {"task": task, "choice": preview.choices(task, form.way)[0]})


@require_http_methods(["GET", "POST"])
def reversal(request: TeamRequest, ref: str) -> HttpResponse:
    """Take a decision back: the form names what would be withdrawn and what would stay."""
    task = found(request, ref)
    form = ReversalForm(sent(request))
    if request.method == "POST" and form.reverse(task, request.membership):
        return done(request, task, Stage.DECISION, reversed_(task, form.result))
    task = found(request, ref)
    would = preview.withdrawal(task.decision) if task.decision else None
    context = {"task": task, "form": form, "made": task.decision, "would": would, "may_reverse": request.membership.may(Act.REVERSE)}
    template = "handoffs/_reversal.html" if request.htmx else "handoffs/reversal.html"
    return render(request, template, context, status=form.status)


def recorded(made: Decision) -> str:
    """The toast: what was decided, and a link to each card, model, version and handoff that it created."""
    cards = [*made.created, *made_beside(made)]
    if not cards:
        return format_html("Recorded {}: the findings of {} stay searchable.", made.get_outcome_display(), made.task.ref)
    return format_html("Recorded {}: created {}", made.get_outcome_display(), linked(cards))


def reversed_(task: Task, done: Reversed) -> str:
    """The toast: where the card is, what went and what stayed."""
    parts = [format_html("Reversed. {} is back in {}.", task.ref, Stage.ANALYSIS.label)]
    if gone := [*(card.ref for card in done.withdrawn_cards), *(row.label for row in done.withdrawn)]:
        parts.append(format_html("Withdrawn: {}.", ", ".join(gone)))
    if kept := [*done.kept_cards, *done.kept]:
        parts.append(format_html("Kept: {}.", linked(kept)))
    return format_html_join(" ", "{}", ((part,) for part in parts))


def linked(rows: list[Any]) -> str:
    """Cards by their reference, what belongs to models by its name."""
    shown = ((row.url, row.label) if isinstance(row, Made) else (row.get_absolute_url(), row.ref) for row in rows)
    return format_html_join(", ", '<a href="{}">{}</a>', shown)
