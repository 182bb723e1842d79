"""A version of a model: its page, its criteria, its gates, its deployments."""

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.forms import sent
from dsboard.http import onward
from dsboard.roles import Act
from handoffs.checklists import BY_SLUG
from handoffs.model_forms import AnswerForm, BackForm, DeploymentForm, GateForm, VersionDetailsForm
from handoffs.model_page import ModelPage
from handoffs.models import Deployment, Version
from handoffs.proposals import proposals
from handoffs.stages import AnswerState, Environment, VersionStage
from handoffs.uploads import with_file
from handoffs.views.model import model_named
from handoffs.views.models import dialog


def version_named(request: TeamRequest, slug: str, name: str) -> Version:
    """The version of this name, whatever its case, or 404."""
    found = model_named(request, slug).find_version(name)
    if found is None:
        raise Http404("There is no such version here.")
    return found


@require_GET
def version(request: TeamRequest, slug: str, name: str) -> HttpResponse:
    """Its path through the six stages."""
    page = ModelPage(version_named(request, slug, name), request.membership)
    return render(request, "handoffs/model.html", {"page": page, "version": page.version, "model": page.model, "here": "models"})


@require_http_methods(["GET", "POST"])
def details(request: TeamRequest, slug: str, name: str) -> HttpResponse:
    """Its name, where it comes from, what was built."""
    request.membership.must(Act.MODELS, request.team)
    found = version_named(request, slug, name)
    form = VersionDetailsForm(sent(request), initial=as_typed(found))

    def change(said: dict[str, Any]) -> list[str]:
        return found.change(request.membership, edition=said.pop("seen"), **{**said, "origin": found.model.find_origin(said["origin"])})

    if form.attempt(change):
        return onward(request, found.get_absolute_url())
    return dialog(request, "version_details", form, version=version_named(request, slug, name))


def as_typed(version: Version) -> dict[str, Any]:
    """What a version has, as its form shows it."""
    return {
        "name": version.name,
        "origin": version.origin.ref if version.origin else "",
        "origin_run": version.origin_run,
        "artifact": version.artifact,
        "checksum": version.checksum,
        "metrics": "\n".join(f"{name} {number}" for name, number in version.metrics.items()),
        "seen": version.edition,
    }


@require_http_methods(["GET", "POST"])
def answer(request: TeamRequest, slug: str, name: str, criterion: str) -> HttpResponse:
    """How a criterion stands, with what shows it."""
    request.membership.must(Act.CRITERIA, request.team)
    found, known = version_named(request, slug, name), BY_SLUG.get(criterion)
    if known is None:
        raise Http404("There is no such criterion.")
    last = found.standing().get(criterion)
    standing, may_waive = answered(last), request.membership.may(Act.WAIVE)
    form = AnswerForm(sent(request), request.FILES or None, criterion=known, may_waive=may_waive, initial=standing)
    answer_it = partial(found.answer, criterion, request.membership)
    if form.attempt(lambda said: with_file(found, request.membership, said, answer_it)):
        return onward(request, f"{found.get_absolute_url()}#{criterion}")
    return dialog(request, "answer", form, version=version_named(request, slug, name), criterion=known, last=last)


@require_POST
def proposal(request: TeamRequest, slug: str, name: str, criterion: str) -> HttpResponse:
    """Answer a criterion with what the board proposes for it."""
    request.membership.must(Act.CRITERIA, request.team)
    found = version_named(request, slug, name)
    proposed = proposals(found).get(criterion)
    if proposed is None:
        raise Refusal("Nothing is proposed here any more. Look again.")
    found.answer(criterion, request.membership, state=AnswerState.MET, evidence=proposed.evidence)
    return onward(request, f"{found.get_absolute_url()}#{criterion}")


def answered(last: Any) -> dict[str, Any]:
    """The answer that stands, as its form shows it; an open one proposes met."""
    if last is None or last.state == AnswerState.OPEN:
        return {}
    return {"state": last.state, "evidence": last.evidence["value"] if last.evidence else "", "reason": last.reason}


@require_http_methods(["GET", "POST"])
def gate(request: TeamRequest, slug: str, name: str) -> HttpResponse:
    """Through the gate: a deliberate act by a named person."""
    request.membership.must(Act.MODELS, request.team)
    found = version_named(request, slug, name)
    page = ModelPage(found, request.membership)
    following, asks = page.stage.next, page.enters_deployment and not found.has_accepted_handoff
    form = GateForm(sent(request), has_open=bool(page.left), asks_handoff=asks)
    if form.attempt(lambda said: found.advance(following or "", request.membership, **said)):
        return onward(request, found.get_absolute_url(), f"{found} is in {found.get_stage_display()} now")
    return dialog(request, "gate", form, version=version_named(request, slug, name), page=page, following=following)


@require_http_methods(["GET", "POST"])
def back(request: TeamRequest, slug: str, name: str) -> HttpResponse:
    """Back to an earlier stage, with a reason."""
    request.membership.must(Act.MODELS, request.team)
    found = version_named(request, slug, name)
    form = BackForm(sent(request), version=found)
    if form.attempt(lambda said: found.go_back(said["to"], request.membership, reason=said["reason"])):
        return onward(request, found.get_absolute_url(), f"{found} is back in {found.get_stage_display()}")
    return dialog(request, "back", form, version=version_named(request, slug, name))


@require_http_methods(["GET", "POST"])
def deployments(request: TeamRequest, slug: str, name: str) -> HttpResponse:
    """Put the version to work."""
    request.membership.must(Act.DEPLOY, request.team)
    found = version_named(request, slug, name)
    early = VersionStage(found.stage).place < VersionStage.DEPLOYMENT.place
    form = DeploymentForm(sent(request), initial={"environment": Environment.STAGING if early else Environment.PRODUCTION})
    if form.attempt(lambda said: Deployment.deploy(found, request.membership, **said)):
        return onward(request, found.get_absolute_url(), f"{form.result} is live")
    return dialog(request, "deploy", form, version=version_named(request, slug, name))


@require_POST
def retirement(request: TeamRequest, slug: str, name: str, pk: int) -> HttpResponse:
    """Take a deployment down."""
    found = version_named(request, slug, name)
    deployment: Deployment = get_object_or_404(Deployment.objects.within(request.team).filter(version=found), pk=min(pk, 2**63 - 1))
    deployment.version = found
    deployment.retire(request.membership)
    return onward(request, found.get_absolute_url(), f"{deployment} is retired")
