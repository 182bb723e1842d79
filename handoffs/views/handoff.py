"""The handoffs of a team, and one handoff: start, offer, return, withdraw, sign, plan what is missing, export."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.forms import sent
from dsboard.http import onward
from dsboard.roles import Act
from handoffs import document
from handoffs.handoff_forms import ReasonForm, StartForm
from handoffs.handoff_list import page_of
from handoffs.handoff_page import HandoffPage
from handoffs.models import Handoff
from handoffs.models.planning import plan_missing
from handoffs.views.models import dialog
from handoffs.views.version import version_named


def handoff_named(request: TeamRequest, pk: int) -> Handoff:
    """The team's handoff of this number, or 404."""
    rows = Handoff.objects.within(request.team).select_related("version__model", "version__origin")
    found: Handoff = get_object_or_404(rows, pk=min(pk, 2**63 - 1))
    found.version.model.team = request.team
    return found


@require_GET
def handoffs(request: TeamRequest) -> HttpResponse:
    """Every handoff, the open ones first, and those that wait for one's own side."""
    page = page_of(request.team, request.membership, request.GET.get("page"))
    return render(request, "handoffs/handoffs.html", {"page": page, "here": "handoffs"})


@require_http_methods(["GET", "POST"])
def new(request: TeamRequest, slug: str, name: str) -> HttpResponse:
    """A draft for a version, or a new revision of what was accepted."""
    request.membership.must(Act.HANDOFFS, request.team)
    version = version_named(request, slug, name)
    form = StartForm(sent(request))
    if form.attempt(lambda said: Handoff.start(version, request.membership, **said)):
        return onward(request, form.result.get_absolute_url())
    return dialog(request, "handoff_new", form, version=version, here="handoffs")


@require_GET
def handoff(request: TeamRequest, pk: int) -> HttpResponse:
    """The contract."""
    page = HandoffPage(handoff_named(request, pk), request.membership)
    return render(request, "handoffs/handoff.html", {"page": page, "handoff": page.handoff, "version": page.version, "here": "handoffs"})


@require_POST
def offer(request: TeamRequest, pk: int) -> HttpResponse:
    """Lay it before the other side."""
    found = handoff_named(request, pk)
    found.offer(request.membership)
    return onward(request, found.get_absolute_url(), f"{found.version} is offered")


@require_http_methods(["GET", "POST"])
def back(request: TeamRequest, pk: int) -> HttpResponse:
    """The other side returns it."""
    request.membership.must(Act.HANDOFFS, request.team)
    found = handoff_named(request, pk)
    form = ReasonForm(sent(request))
    if form.attempt(lambda said: found.give_back(request.membership, reason=said["reason"])):
        return onward(request, found.get_absolute_url(), "Returned with your reason")
    return dialog(request, "handoff_return", form, handoff=handoff_named(request, pk), here="handoffs")


@require_http_methods(["GET", "POST"])
def withdrawal(request: TeamRequest, pk: int) -> HttpResponse:
    """Who offered it takes it back for good."""
    request.membership.must(Act.HANDOFFS, request.team)
    found = handoff_named(request, pk)
    form = ReasonForm(sent(request))
    if form.attempt(lambda said: found.withdraw(request.membership, reason=said["reason"])):
        return onward(request, found.get_absolute_url(), "Withdrawn")
    return dialog(request, "handoff_withdrawal", form, handoff=handoff_named(request, pk), here="handoffs")


@require_POST
def signature(request: TeamRequest, pk: int) -> HttpResponse:
    """Sign for one's own side."""
    found = handoff_named(request, pk)
    found.sign(request.membership)
    return onward(request, found.get_absolute_url(), f"{found.version} is accepted" if found.accepted_at else "Signed")


@require_POST
def tasks(request: TeamRequest, pk: int) -> HttpResponse:
    """A card for each engineering line that is missing."""
    found = handoff_named(request, pk)
    made = plan_missing(found, request.membership)
    return onward(request, found.get_absolute_url(), f"Planned {', '.join(task.ref for task in made)}")


@require_GET
def export(request: TeamRequest, pk: int, form: str) -> HttpResponse:
    """The document as a file."""
    found = handoff_named(request, pk)
    if form == "md":
        response = HttpResponse(document.markdown(found), content_type="text/markdown; charset=utf-8")
    elif form == "json":
        response = JsonResponse(document.as_json(found), json_dumps_params={"indent": 2, "ensure_ascii": False})
    else:
        raise Http404("A handoff is exported as md or json.")
    response["Content-Disposition"] = f'attachment; filename="handoff-{found.version.model.slug}-{found.pk}.{form}"'
    return response
