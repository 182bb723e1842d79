"""Planning a sprint: backlog on one side, the three buckets on the other; every act answers with what it changes."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal, Stale
from dsboard.roles import Act
from experiments.models import Task
from experiments.quick_add import lines_of
from experiments.stages import Bucket, Stage
from experiments.views.move import asked_version
from experiments.views.quick import add_all
from sprints.models import Sprint
from sprints.plan import Candidates, PlanPage, unfinished
from sprints.views.answer import changed
from sprints.views.sprint import one

BACKLOG = "backlog"


@require_GET
def plan(request: TeamRequest, number: int) -> HttpResponse:
    """The page or, asked for by its own filter, the backlog in it."""
    sprint = one(request, number)
    page = PlanPage(sprint, request.membership)
    context = {"page": page, "sprint": sprint, "candidates": Candidates(sprint, request.GET), "here": "sprint"}
    part = {"waiting": "sprints/_backlog.html", "more": "sprints/_more.html"}.get(request.GET.get("part", "")) if request.htmx else None
    return render(request, part or "sprints/plan.html", context)


@require_POST
def place(request: TeamRequest, number: int, place: str) -> HttpResponse:
    """A card was dropped on a bucket or on the backlog, or sent there by a button or a key."""
    if place != BACKLOG and place not in Bucket.values:
        raise Http404("There is no such bucket.")
    sprint, task = one(request, number), card(request, request.POST.get("card", ""))
    if place == BACKLOG:
        return to_backlog(request, sprint, task)
    before = task.bucket
    try:
        _, made = sprint.take_in(task, request.membership, place)
    except Stale:
        raise
    except Refusal as refusal:
        if not request.htmx:
            raise
        return changed(request, sprint, [card(request, task.ref)], refusal.status, text=refusal.sentence, bad=True)
    said = f"Added {task.title} to {sprint}" if made else f"{task.title} counts as {Bucket(place).label.lower()} now"
    if not made and before == place:
        return changed(request, sprint, [task])
    undo = undoing(sprint, task, BACKLOG if made else before)
    return changed(request, sprint, [card(request, task.ref)], text=said, **undo)


@require_POST
def seat_default(request: TeamRequest, number: int) -> HttpResponse:
    """The "+" of a card: a seat in the bucket that the card counts for already."""
    return place(request, number, card(request, request.POST.get("card", "")).bucket)


def to_backlog(request: TeamRequest, sprint: Sprint, task: Task) -> HttpResponse:
    """Take the seat away; a card that had none keeps its stage and takes the place where it was dropped."""
    seat = sprint.seats.filter(task=task, removed_at=None).first()
    try:
        if seat is None:
            neighbours = {name: request.POST.get(name, "") for name in ("before", "after")}
            task.move_to(task.stage, request.membership, **neighbours, version=asked_version(request))
            return changed(request, sprint, [task])
        bucket = seat.bucket_now
        sprint.take_out(task, request.membership)
    except Refusal as refusal:
        if not request.htmx:
            raise
        return changed(request, sprint, [card(request, task.ref)], refusal.status, text=refusal.sentence, bad=True)
    return changed(request, sprint, [task], text=f"Took {task.title} out of {sprint}", **undoing(sprint, task, bucket))


def undoing(sprint: Sprint, task: Task, place: str) -> dict[str, Any]:
    """What a toast needs to send the card back to where it was."""
    url = reverse("sprints:place", kwargs={"team": sprint.team.key, "number": sprint.number, "place": place})
    return {"undo_url": url, "undo_fields": {"card": task.ref}}


def card(request: TeamRequest, ref: str) -> Task:
    """The card of this team, or 404."""
    found: Task = get_object_or_404(Task.objects.within(request.team).present().select_related("team", "owner", "time_box"), ref=ref)
    found.team = request.team
    return found


@require_GET
def seat(request: TeamRequest, number: int, ref: str) -> HttpResponse:
    """Move to…: the plain way between the buckets and the backlog."""
    sprint, task = one(request, number), card(request, ref)
    held = sprint.seats.filter(task=task, removed_at=None).first()
    others = Sprint.objects.within(request.team).planned().exclude(pk=sprint.pk)
    context = {"sprint": sprint, "task": task, "seat": held, "buckets": Bucket.choices, "others": others, "here": "sprint"}
    return render(request, "sprints/_move.html" if request.htmx else "sprints/move.html", context)


@require_POST
def carry(request: TeamRequest, number: int) -> HttpResponse:
    """Pencil what is still unfinished in the running sprint into this one."""
    sprint = one(request, number)
    with transaction.atomic():
        tasks = list(unfinished(sprint).select_related("team").order_by("seats__pk"))
        for task in tasks:
            sprint.take_in(task, request.membership)
    return redirect("sprints:plan", request.team.key, sprint.number)


@require_POST
def new_cards(request: TeamRequest, number: int, bucket: str) -> HttpResponse:
    """Each typed line becomes a card with a seat in this bucket, or none does."""
    if bucket not in Bucket.values:
        raise Http404("There is no such bucket.")
    request.membership.must(Act.CREATE, request.team)
    sprint = one(request, number)
    stage = Stage.READY if bucket == Bucket.COMMITTED else Stage.IDEATION
    try:
        with transaction.atomic():
            tasks = add_all(request, stage, lines_of(request.POST.get("text", "")))
            for task in tasks:
                sprint.take_in(task, request.membership, bucket)
    except Refusal as refusal:
        if not request.htmx:
            raise
        context = {"sentence": refusal.sentence, "bucket": bucket}
        return render(request, "sprints/_quick_said.html", context, status=refusal.status)
    return added(request, sprint, bucket, tasks)


def added(request: TeamRequest, sprint: Sprint, bucket: str, tasks: list[Task]) -> HttpResponse:
    """The new rows at the end of their bucket."""
    words = f"Added {tasks[0].title}" if len(tasks) == 1 else f"Added {len(tasks)} cards"
    response = changed(request, sprint, [], text=words)
    if request.htmx:
        page = PlanPage(one(request, sprint.number), request.membership)
        refs = {task.ref for task in tasks}
        rows = [row for group in page.groups for row in group.rows if row.ref in refs]
        context = {"rows": rows, "page": page, "sprint": page.sprint, "bucket": bucket}
        response.write(render(request, "sprints/_added.html", context).content)
    return response
