"""Where a model stands in a tracking server's registry."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.forms import BoardForm, answer, sent
from dsboard.roles import Act
from experiments.models import Tracker
from handoffs.models import RegistryLink
from handoffs.models.registry import LONGEST_NAME
from handoffs.registry_page import registered
from handoffs.views.model import model_named


class RegistryForm(BoardForm):
    tracker = forms.ModelChoiceField(label="Tracking server", queryset=Tracker.objects.none(), empty_label=None)
    name = forms.CharField(label="Registered model", max_length=LONGEST_NAME, help_text="Its name in MLflow.")


@require_http_methods(["GET", "POST"])
def registry(request: TeamRequest, slug: str) -> HttpResponse:
    """What the registry has of it; a post links one more registered model."""
    model, by = model_named(request, slug), request.membership
    form = RegistryForm(sent(request))
    form.fields["tracker"].queryset = Tracker.objects.within(request.team)  # type: ignore[attr-defined]
    if request.method == "POST":
        by.must(Act.MODELS, request.team)
    if form.attempt(lambda said: RegistryLink.link(model, by, said["tracker"], said["name"])):
        messages.success(request, f"Linked {form.result}. Its versions come within the next seconds.")
        return redirect("handoffs:registry", request.team.key, model.slug)
    context = {"model": model, "links": registered(model), "may_change": by.may(Act.MODELS), "may_connect": by.may(Act.TRACKERS)}
    return answer(request, "handoffs/registry.html", form, here="models", **context)


@require_POST
def removal(request: TeamRequest, slug: str, pk: int) -> HttpResponse:
    """Read it no more."""
    model = model_named(request, slug)
    found: RegistryLink = get_object_or_404(RegistryLink.objects.within(request.team).select_related("tracker"), model=model, pk=pk)
    found.model = model
    found.unlink(request.membership)
    messages.success(request, f"Took the link to {found} away")
    return redirect("handoffs:registry", request.team.key, model.slug)
