"""Removing a member: first what they leave behind, then to whom."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from dsboard import floors
from dsboard.access import TeamRequest
from dsboard.forms import BoardForm, answer, sent
from dsboard.models import Membership
from dsboard.roles import Act
from experiments.models.departure import Departure


class DepartureForm(BoardForm):
    """Who takes over; nobody is an answer too."""

    successor = forms.ChoiceField(label="Who takes it over", required=False)

    def __init__(self, *args: Any, departure: Departure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(member.pk): member for member in departure.successors()}
        choices = [("", "Nobody: leave it unassigned"), *((pk, member.user.name) for pk, member in self.members.items())]
        self.fields["successor"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> Membership | None:
        return self.members.get(self.cleaned_data["successor"])


def departure(request: TeamRequest, pk: int) -> HttpResponse:
    """Show what stays behind; a lead's post hands it over and ends the membership."""
    member = get_object_or_404(Membership.objects.within(request.team).select_related("user", "team"), pk=pk)
    request.membership.must(Act.MEMBERS, request.team)
    leaving = Departure(member)
    form = DepartureForm(sent(request), departure=leaving)
    if form.attempt(lambda _: leaving.settle(request.membership, successor=form.chosen())):
        messages.success(request, f"{member.user.name} left the team")
        if member.user_id == request.user.pk:
            return redirect("home")
        return redirect("team-members", request.team.key)
    parts = [part for floor in floors.modules("leaving") for part in floor.left_behind(member)]
    return answer(request, "experiments/departure.html", form, departure=leaving, parts=parts, member=member, here="team-settings")
