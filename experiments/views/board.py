"""The two boards of a team."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dsboard.access import TeamRequest
from dsboard.http import unchanged_is_304
from dsboard.roles import Act
from experiments.board import board as board_of
from experiments.field_forms import PRESETS


@require_GET
@unchanged_is_304
def board(request: TeamRequest) -> HttpResponse:
    """The experiment board; `?flow=delivery` is the other one's older address."""
    if request.GET.get("flow") == "delivery":
        return redirect("experiments:delivery", team=request.team.key)
    return shown(request, "experiments")


@require_GET
@unchanged_is_304
def delivery(request: TeamRequest) -> HttpResponse:
    return shown(request, "delivery")


def shown(request: TeamRequest, flow: str) -> HttpResponse:
    found = board_of(request.team, request.membership, flow, request.GET)
    context = {
        "board": found,
        "may_create": request.membership.may(Act.CREATE),
        "here": "board",
        "may_load": request.membership.may(Act.POLICIES),
        "steps": steps(request) if found.is_new else [],
        "presets": PRESETS,
    }
    return render(request, "experiments/board.html", context)


def steps(request: TeamRequest) -> list[dict[str, str]]:
    """What an empty team does first: name, people, guideline."""
    team = request.team
    guide = f"{team.guide_committed} / {team.guide_experiments} / {team.guide_learning} with a tolerance of {team.tolerance}"
    invited = team.memberships.count() > 1
    settings, members = (reverse(name, args=[team.key]) for name in ("team-settings", "team-members"))
    return [
        {"state": "done", "name": "Name the team", "text": f"{team.name}, {team.time_zone} time", "url": "", "act": ""},
        {
            "state": "done" if invited else "now",
            "name": "Invite two people",
            "text": "A decision needs someone other than the author",
            "url": members,
            "act": "Invite",
        },
        {"state": "now" if invited else "", "name": "Check the guide", "text": guide, "url": settings, "act": "Adjust"},
    ]
