"""Who is in a team, with which role and side."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from dsboard import mail
from dsboard.access import TeamRequest
from dsboard.forms import BoardForm, InviteForm, PlaceForm, answer, sent
from dsboard.models import Membership
from dsboard.roles import Act


def page(request: TeamRequest, sent: BoardForm | None = None, **extra: Any) -> HttpResponse:
    """The list with the form to add somebody; `sent` is the form that came back with something to say."""
    context = {
        "members": Membership.objects.within(request.team).select_related("user", "team"),
        "form": sent or InviteForm(),
        "may_change": request.membership.may(Act.MEMBERS),
        "here": "team-settings",
        **extra,
    }
    return render(request, "team/members.html", context, status=sent.status if sent else 200)


def link_to(request: TeamRequest, token: str) -> str:
    return mail.address_of(reverse("one-time-link", args=[token]), request)


@never_cache
def members(request: TeamRequest) -> HttpResponse:
    """List them; a lead's post adds a person, whose sign-in link is shown this once and mailed."""
    form = InviteForm(sent(request))
    if not form.attempt(lambda cleaned: request.team.invite(request.membership, **cleaned)):
        return page(request, form if form.is_bound else None)
    joined, token = form.result
    address = link_to(request, token) if token else mail.address_of("/", request)
    context = {"person": joined.user, "team": request.team, "by": request.user, "address": address, "is_new": bool(token)}
    mail.later(mail.send, "invitation", joined.user.email, context)
    if token:
        return page(request, joined=joined, address=address)
    messages.success(request, f"{joined.user.name} is in the team")
    return redirect("team-members", request.team.key)


def one_of(request: TeamRequest, pk: int) -> Membership:
    return get_object_or_404(Membership.objects.within(request.team).select_related("user", "team"), pk=pk)


def place(request: TeamRequest, pk: int) -> HttpResponse:
    """Change somebody's role and side."""
    member = one_of(request, pk)
    request.membership.must(Act.MEMBERS, request.team)
    form = PlaceForm(sent(request), initial={"role": member.role, "side": member.side})
    if form.attempt(lambda cleaned: member.change(request.membership, **cleaned)):
        messages.success(request, f"{member.user.name} is {member.get_role_display().lower()}, {member.get_side_display().lower()}")
        return redirect("team-members", request.team.key)
    return answer(request, "team/place.html", form, member=member, here="team-settings")


@require_POST
@never_cache
def link(request: TeamRequest, pk: int) -> HttpResponse:
    """A new sign-in link for somebody who never came in by the first."""
    member = one_of(request, pk)
    token = member.fresh_link(request.membership)
    return page(request, joined=member, address=link_to(request, token))
