"""The models of a team: by stage, what is live beside what is under research, and a new one."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from dsboard.access import TeamRequest
from dsboard.forms import BoardForm, sent
from dsboard.http import onward
from dsboard.roles import Act
from handoffs.model_forms import ModelForm
from handoffs.models import MLModel
from handoffs.pipeline import Pipeline, Today


@require_GET
def models(request: TeamRequest) -> HttpResponse:
    """Every model, by the stage of its newest open version."""
    pipeline = Pipeline(request.team, request.GET.get("q", ""))
    context = {"pipeline": pipeline, "may_register": request.membership.may(Act.MODELS), "view": "pipeline", "here": "models"}
    return render(request, "handoffs/models.html", context)


@require_GET
def today(request: TeamRequest) -> HttpResponse:
    """Everything in production beside everything under research."""
    return render(request, "handoffs/today.html", {"today": Today(request.team), "view": "today", "here": "models"})


@require_http_methods(["GET", "POST"])
def new(request: TeamRequest) -> HttpResponse:
    """A new model with its first version."""
    request.membership.must(Act.MODELS, request.team)
    form = ModelForm(sent(request))
    if form.attempt(lambda said: MLModel.register(request.team, request.membership, **said)):
        return onward(request, form.result.get_absolute_url())
    return dialog(request, "model_new", form)


def dialog(request: TeamRequest, name: str, form: BoardForm, **context: Any) -> HttpResponse:
    """A form in the dialog, or on a page of its own."""
    template = f"handoffs/_{name}.html" if request.htmx else f"handoffs/{name}.html"
    return render(request, template, {"form": form, "here": "models", **context}, status=form.status)
