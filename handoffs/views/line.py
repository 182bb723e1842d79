"""A line of a handoff: how it stands, and a side's yes to it."""

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from dsboard.access import TeamRequest
from dsboard.forms import sent
from dsboard.http import onward
from dsboard.models import Membership
from dsboard.roles import Act
from handoffs.contract import BY_SLUG
from handoffs.handoff_forms import LineForm, VerificationForm
from handoffs.models import Line
from handoffs.models.line_checks import check_line
from handoffs.uploads import with_file
from handoffs.views.handoff import handoff_named
from handoffs.views.models import dialog


def line_named(request: TeamRequest, pk: int, slug: str) -> Line:
    """The line of the team's handoff, or 404."""
    handoff = handoff_named(request, pk)
    if slug not in BY_SLUG:
        raise Http404("There is no such line.")
    found: Line = handoff.lines.select_related("owner").get(slug=slug)
    found.handoff = handoff
    return found


@require_http_methods(["GET", "POST"])
def line(request: TeamRequest, pk: int, slug: str) -> HttpResponse:
    """Provide it, return it, block it, set it aside, take it back, or give it to somebody."""
    request.membership.must(Act.HANDOFFS, request.team)
    found = line_named(request, pk, slug)
    members = list(Membership.objects.within(request.team).select_related("user").filter(user__is_active=True))
    form = LineForm(sent(request), request.FILES or None, line=found, by=request.membership, members=members, initial=standing(found))
    put = partial(found.put, by=request.membership)
    if form.attempt(lambda said: with_file(found.handoff.version, request.membership, said, put)):
        return onward(request, f"{found.handoff.get_absolute_url()}#{slug}")
    now = line_named(request, pk, slug)
    return dialog(request, "line", form, line=now, handoff=found.handoff, checks=check_line(now), here="handoffs")


def standing(found: Line) -> dict[str, Any]:
    """The line as its form shows it; what is missing is about to be provided."""
    state = "provided" if found.state in ("missing", "verified", "returned") else found.state
    return {
        "state": state,
        "evidence": found.evidence["value"] if found.evidence else "",
        "owner": found.owner.email if found.owner else "",
        "reason": found.reason,
        "due_on": found.due_on,
        "seen": found.version,
    }


@require_http_methods(["GET", "POST"])
def verification(request: TeamRequest, pk: int, slug: str) -> HttpResponse:
    """Say yes to it for one's own side."""
    request.membership.must(Act.HANDOFFS, request.team)
    found = line_named(request, pk, slug)
    form = VerificationForm(sent(request), initial={"seen": found.version})
    if form.attempt(lambda said: found.verify(request.membership, **said)):
        return onward(request, f"{found.handoff.get_absolute_url()}#{slug}")
    now = line_named(request, pk, slug)
    return dialog(request, "verification", form, line=now, handoff=found.handoff, checks=check_line(now), here="handoffs")
