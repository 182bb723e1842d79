"""Quick add: each typed line becomes a card at the end of its column."""

from contextlib import nullcontext
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_GET, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.roles import Act
from experiments.models import Task
from experiments.quick_add import Quick, kind_for, lines_of, parse
from experiments.stages import DELIVERY_STAGES, Kind, Stage
from experiments.views import answer
from experiments.views.column import known_stage


def quick_kind(request: TeamRequest, stage: Stage, line: Quick) -> Kind:
    """The kind that was chosen, else the one that the line means."""
    wanted = request.POST.get("kind", "")
    fits = wanted in Kind.values and Kind(wanted).is_boxed == (stage not in DELIVERY_STAGES)
    return Kind(wanted) if fits else kind_for(stage in DELIVERY_STAGES, line)


@require_POST
def quick(request: TeamRequest, stage: str) -> HttpResponse:
    """Each line becomes a card, or none does: a line that is refused says why and the text stays."""
    target = known_stage(stage)
    request.membership.must(Act.CREATE, request.team)
    typed = lines_of(request.POST.get("text", ""))
    try:
        tasks = add_all(request, target, typed)
    except Refusal as refusal:
        if not request.htmx:
            raise
        return said(request, target, refusal)
    if not request.htmx:
        return redirect("experiments:board" if target not in DELIVERY_STAGES else "experiments:delivery", team=request.team.key)
    words = f"Added {tasks[0].title}" if len(tasks) == 1 else f"Added {len(tasks)} cards"
    response = answer.added(request, tasks, text=words)
    response.write(f'<div id="quick-{target}-said" hx-swap-oob="true"></div>')
    return response


def add_all(request: TeamRequest, stage: Stage, typed: list[str]) -> list[Task]:
    """All lines or none; the refusal names the line."""
    if not typed:
        raise Refusal("Write what the card is about first.")
    members = SimpleLazyObject(lambda: list(request.team.members.filter(is_active=True)))
    # One card is one transaction by itself.
    with transaction.atomic() if len(typed) > 1 else nullcontext():
        return [
            add_one(request, stage, members, text, f"Line {number}: " if len(typed) > 1 else "") for number, text in enumerate(typed, 1)
        ]


def add_one(request: TeamRequest, stage: Stage, members: Any, text: str, which: str) -> Task:
    """One line as a card; `which` stands before what is wrong with it."""
    line = parse(text, request.team.hours_per_day)
    kind = quick_kind(request, stage, line)
    try:
        return Task.plan(request.team, kind=kind, by=request.membership, **statement(kind, line.fields(kind, members)))
    except Refusal as refusal:
        raise Refusal(f"{which}{refusal.sentence}") from refusal


def statement(kind: Kind, fields: dict[str, Any]) -> dict[str, Any]:
    """A line that asks is a research card's question as well as its title."""
    return fields | ({"question": fields["title"]} if kind == Kind.RESEARCH and fields["title"].endswith("?") else {})


def said(request: TeamRequest, stage: Stage, refusal: Refusal) -> HttpResponse:
    """Why nothing was added, beside the text."""
    response = render(request, "experiments/_quick_said.html", {"sentence": refusal.sentence, "stage": stage}, status=refusal.status)
    response["HX-Retarget"] = f"#quick-{stage}-said"
    response["HX-Reswap"] = "outerHTML"
    return response


@require_GET
def hints(request: TeamRequest, stage: str) -> HttpResponse:
    """What was understood of the line so far."""
    known_stage(stage)
    typed = lines_of(request.GET.get("text", "")[:10_000])
    members = list(request.team.members.filter(is_active=True)) if "@" in "".join(typed) else []
    chips = parse(typed[0], request.team.hours_per_day).chips(request.team.hours_per_day, members) if typed else []
    return render(request, "experiments/_chips.html", {"chips": chips, "more": len(typed) - 1})
