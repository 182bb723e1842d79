"""Search or jump to: cards, places and actions that match what is typed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dsboard.access import MyRequest, TeamRequest
from dsboard.roles import Act
from experiments.models import Task
from experiments.search import found

MOST = 8


@require_GET
def jump(request: TeamRequest) -> HttpResponse:
    """The list under the field, or a page of its own without script."""
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    cards = list(cards_for(request, typed)[:MOST])
    context = {"q": typed, "cards": cards, "places": named(places(request), typed), "actions": named(actions(request), typed)}
    return render(request, "experiments/_jump.html" if request.htmx else "experiments/jump.html", context)


@require_GET
def short(request: MyRequest, ref: str) -> HttpResponse:
    """The short link: to the card, if it is in one of the person's teams."""
    card = get_object_or_404(Task.objects.filter(team__memberships__user=request.user).select_related("team"), ref=ref)
    return redirect(card.get_absolute_url())


def cards_for(request: TeamRequest, typed: str) -> Any:
    """A full reference finds its card, words find all that hold them; nothing typed, what changed last."""
    mine = Task.objects.within(request.team).present()
    exact = mine.filter(ref=typed.upper().lstrip("#"))
    if typed and exact.exists():
        return exact
    return found(request.team, typed)


def places(request: TeamRequest) -> list[tuple[str, str, str]]:
    """Icon, words and address."""
    key = request.team.key
    return [
        ("board", "Board", reverse("experiments:board", args=[key])),
        ("development", "Delivery", reverse("experiments:delivery", args=[key])),
        ("sprint", "Sprint", reverse("sprints:current", args=[key])),
        ("sprint", "All sprints", reverse("sprints:sprints", args=[key])),
        ("model", "Models", reverse("handoffs:models", args=[key])),
        ("model", "In production and under research", reverse("handoffs:today", args=[key])),
        ("handoff", "Handoffs", reverse("handoffs:handoffs", args=[key])),
        ("chart", "Reports", reverse("sprints:allocation", args=[key])),
        ("backlog", "Backlog", reverse("experiments:backlog", args=[key])),
        ("book", "Findings", reverse("experiments:findings", args=[key])),
        ("tray", "My work", reverse("my-work")),
        ("calendar", "Working time and absences", reverse("experiments:calendar", args=[key])),
        ("sliders", "Settings", reverse("team-settings", args=[key])),
        ("users", "Members", reverse("team-members", args=[key])),
    ]


def actions(request: TeamRequest) -> list[tuple[str, str, str]]:
    if not request.membership.may(Act.CREATE):
        return []
    new = reverse("experiments:new", args=[request.team.key])
    kinds = [
        ("experiment", "New experiment"),
        ("research", "New research"),
        ("development", "New development"),
        ("maintenance", "New maintenance"),
    ]
    return [(kind, words, f"{new}?kind={kind}") for kind, words in kinds]


def named(rows: list[tuple[str, str, str]], typed: str) -> list[tuple[str, str, str]]:
    return [row for row in rows if typed.lower() in row[1].lower()]
