"""A team's settings: leads change them, everybody in the team reads them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from dsboard.access import TeamRequest
from dsboard.errors import Stale
from dsboard.forms import TeamForm, answer, sent
from dsboard.models import Activity
from dsboard.roles import Act

HISTORY = 20


def settings(request: TeamRequest) -> HttpResponse:
    """Show the settings and their history; a lead's post changes what differs."""
    team, by = request.team, request.membership
    form = TeamForm(sent(request), team=team, by=by)
    if form.attempt(lambda _: team.change(by, seen=form.seen(), **form.differing())):
        messages.success(request, "Saved" if form.result else "Nothing to save: all as it was")
        return redirect("team-settings", team.key)
    if isinstance(refusal := getattr(form, "refusal", None), Stale):
        form.catch_up(refusal.current)
    history = Activity.objects.within(team).filter(subject_type__in=("team", "membership")).select_related("actor")[:HISTORY]
    return answer(request, "team/settings.html", form, may_change=by.may(Act.POLICIES), history=history, here="team-settings")
