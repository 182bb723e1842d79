"""One model: the way to the version that counts now, its name, purpose and owners, and a further version."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods

from dsboard.access import TeamRequest
from dsboard.forms import sent
from dsboard.http import onward
from dsboard.models import Membership
from dsboard.roles import Act, Role
from handoffs.model_forms import ModelDetailsForm, VersionForm
from handoffs.models import MLModel, Version
from handoffs.pipeline import current
from handoffs.views.models import dialog


def model_named(request: TeamRequest, slug: str) -> MLModel:
    """The team's model at this address, or 404."""
    found: MLModel = get_object_or_404(MLModel.objects.within(request.team), slug=slug.lower())
    found.team = request.team
    return found


@require_GET
def model(request: TeamRequest, slug: str) -> HttpResponse:
    """To the newest version that is still on its way, or the newest."""
    found = model_named(request, slug)
    version = current(request.team).get(model=found)
    version.model = found
    return redirect(version)


@require_http_methods(["GET", "POST"])
def details(request: TeamRequest, slug: str) -> HttpResponse:
    """Name, purpose, owners."""
    request.membership.must(Act.MODELS, request.team)
    found = model_named(request, slug)
    members = list(Membership.objects.within(request.team).exclude(role=Role.VIEWER).select_related("user").order_by("user__name"))
    initial = {"name": found.name, "purpose": found.purpose, "owners": found.owner_emails(), "seen": found.version}
    form = ModelDetailsForm(sent(request), members=members, initial=initial)
    if form.attempt(lambda said: found.change(request.membership, version=said.pop("seen"), **said)):
        return onward(request, found.get_absolute_url())
    return dialog(request, "model_details", form, model=model_named(request, slug))


@require_http_methods(["GET", "POST"])
def version_new(request: TeamRequest, slug: str) -> HttpResponse:
    """The next version of a model."""
    request.membership.must(Act.MODELS, request.team)
    found = model_named(request, slug)
    versions = list(found.versions.order_by("-sort_key", "-pk"))
    form = VersionForm(sent(request), versions=versions)

    def add(said: dict[str, Any]) -> Version:
        retrains = next((one for one in versions if one.name == said["retrains"]), None)
        return Version.add(found, request.membership, name=said["version"], starts_at=said["starts_at"], retrains=retrains)

    if form.attempt(add):
        return onward(request, form.result.get_absolute_url())
    return dialog(request, "version_new", form, model=found)
