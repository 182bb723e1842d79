"""The time box of a card: its clock as a fragment that refreshes, extending it, pausing it and letting it run on."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.forms import BoardForm, sent
from dsboard.models import Membership
from dsboard.roles import Act
from experiments.box_page import BoxPage
from experiments.face import faces
from experiments.models import Task
from experiments.models.extension import cleaned_hours, extend
from experiments.models.pauses import pause as pause_box
from experiments.models.pauses import resume as resume_box
from experiments.models.time_box import hours_in_words, length_in_words
from experiments.stages import Stage
from experiments.views.done import done
from experiments.views.task import card


@never_cache
@require_GET
def time_box(request: TeamRequest, ref: str) -> HttpResponse:
    """The clock of one card, for its page to ask again each minute."""
    task = card(request, ref)
    return render(request, "experiments/_task_box.html", {"task": task, "box": BoxPage(task, request.membership), "strip": True})


@never_cache
@require_GET
def clocks(request: TeamRequest) -> HttpResponse:
    """Every clock of the team that runs: each label, and the strip where findings are due, to take their places on a board."""
    running = Task.objects.within(request.team).open().filter(stage=Stage.ACTIVE, time_box__runs_since__isnull=False)
    return render(request, "experiments/_clocks.html", {"cards": faces(request.team, running)})


class ExtensionForm(BoardForm):
    hours = forms.CharField(
        label="How much more?",
        max_length=20,
        help_text="4h, 1d or 1d 4h of working time.",
        error_messages={"required": "Say how many hours."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "4h"}),
    )
    reason = forms.CharField(
        label="Why, and what do you know so far?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why it needs more time, and what you know so far."},
    )
    then = forms.ChoiceField(choices=[("", ""), (Stage.ACTIVE, "")], required=False, widget=forms.HiddenInput)

    @transaction.atomic
    def extend(self, task: Task, by: Membership, *, hours: str, reason: str, then: str) -> None:
        """Extend the box and, where it was a move that asked for hours, move the card too."""
        extend(task, by, hours=hours_in_words(hours, by.team.hours_per_day), reason=reason)
        if then:
            task.move_to(then, by)


@require_http_methods(["GET", "POST"])
def extension(request: TeamRequest, ref: str) -> HttpResponse:
    """More hours with a reason; the form says when the box would end."""
    request.membership.must(Act.EXTEND, request.team)
    task = card(request, ref)
    came_from = task.stage
    form = ExtensionForm(sent(request), initial={"then": request.GET.get("then", "")})
    if form.attempt(lambda cleaned: form.extend(task, request.membership, **cleaned)):
        task = card(request, ref)
        size = length_in_words(task.box.hours, request.team.hours_per_day)
        return done(request, task, came_from, f"The time box of {task.title} is {size} now. {ends_in_words(task, request.membership)}")
    return dialog(request, card(request, ref), form, "extension")


def ask_for_time(request: TeamRequest, ref: str, then: Stage) -> HttpResponse:
    """The form of an extension for a card that was dropped on Active with no time left."""
    response = dialog(request, card(request, ref), ExtensionForm(initial={"then": then}), "extension")
    response.status_code = Refusal.status
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


@never_cache
@require_GET
def effect(request: TeamRequest, ref: str) -> HttpResponse:
    """What an extension would do, while its hours are typed."""
    task = card(request, ref)
    page = BoxPage(task, request.membership)
    try:
        hours = cleaned_hours(hours_in_words(request.GET.get("hours", "")[:20], request.team.hours_per_day))
        words = page.effect_of(hours) if task.box and task.box.started_at else ""
    except Refusal:
        words = ""
    return render(request, "experiments/_effect.html", {"words": words, "typed": request.GET.get("hours", "")[:20], "ref": task.ref})


class PauseForm(BoardForm):
    reason = forms.CharField(
        label="What is it waiting for?", max_length=500, error_messages={"required": "Say why the clock stands still."}
    )
    until = forms.DateField(
        label="Until",
        required=False,
        help_text="On that morning the clock runs on by itself and tells the owner. Empty: somebody lets it run on.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write the day like 2026-03-17."},
    )


@require_http_methods(["GET", "POST"])
def pause(request: TeamRequest, ref: str) -> HttpResponse:
    """Let the clock stand still, with a reason and perhaps a date."""
    request.membership.must(Act.PAUSE, request.team)
    task = card(request, ref)
    form = PauseForm(sent(request))
    if form.attempt(lambda cleaned: pause_box(task, request.membership, **cleaned)):
        return done(request, card(request, ref), task.stage, f"Paused the clock of {task.title}")
    return dialog(request, card(request, ref), form, "pause")


@require_POST
def resume(request: TeamRequest, ref: str) -> HttpResponse:
    """Let the clock run on."""
    task = card(request, ref)
    resume_box(task, request.membership)
    task = card(request, ref)
    return done(request, task, task.stage, f"The clock of {task.title} runs on. {ends_in_words(task, request.membership)}")


def ends_in_words(task: Task, viewer: Membership) -> str:
    """When the box ends, for a toast; empty while its clock stands still."""
    page = BoxPage(task, viewer)
    return f"Ends {page.ends_words}." if task.box and task.box.runs_since else ""


def dialog(request: TeamRequest, task: Task, form: BoardForm, name: str, **words: Any) -> HttpResponse:
    """The form in the dialog, or on a page of its own."""
    template = f"experiments/_{name}.html" if request.htmx else f"experiments/{name}.html"
    context = {"task": task, "form": form, "box": BoxPage(task, request.membership), "here": "board", **words}
    response = render(request, template, context, status=form.status)
    if form.status >= 400 and request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
