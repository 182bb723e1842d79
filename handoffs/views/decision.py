"""Deciding on a card, and reversing a decision."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_http_methods

from dsboard.access import TeamRequest
from dsboard.forms import sent
from dsboard.roles import Act
from experiments.models import Decision, Task
from experiments.models.decision import needs_override
from experiments.models.outcomes import Consequences
from experiments.stages import Stage
from experiments.views.done import done
from handoffs import preview
from handoffs.forms import DecisionForm, ReversalForm


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
        "choices": preview.choices(task),
        "obstacle": preview.obstacle(task, request.membership),
        "override": preview.override(task, request.membership),
        "must_override": needs_override(task),
        "made": task.decision,
        "may_reverse": request.membership.may(Act.REVERSE),
    }
    template = "handoffs/_decision.html" if request.htmx else "handoffs/decision.html"
    return render(request, template, context, status=form.status)


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
    """The toast: what was decided, and a link to each card that it created."""
    cards = made.created
    if not cards:
        return format_html("Recorded {}: the findings of {} stay searchable.", made.get_outcome_display(), made.task.ref)
    return format_html("Recorded {}: created {}", made.get_outcome_display(), linked(cards))


def reversed_(task: Task, consequences: Consequences) -> str:
    """The toast: where the card is, what went and what stayed."""
    parts = [format_html("Reversed. {} is back in {}.", task.ref, Stage.ANALYSIS.label)]
    if consequences.withdrawn:
        parts.append(format_html("Withdrawn: {}.", ", ".join(card.ref for card in consequences.withdrawn)))
    if consequences.kept:
        parts.append(format_html("Kept: {}.", linked(consequences.kept)))
    return format_html_join(" ", "{}", ((part,) for part in parts))


def linked(cards: list[Task]) -> str:
    return format_html_join(", ", '<a href="{}">{}</a>', ((card.get_absolute_url(), card.ref) for card in cards))
