"""Cards: list, make, read, change, move, archive, delete to the bin."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import or_
from typing import Annotated, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router
from pydantic import Field

from dsboard.api.problems import MAY_BE_STALE
from dsboard.api.shapes import Email, Listed, Page, listed
from dsboard.api.shapes import Query as Words
from dsboard.api.tokens import ApiRequest, team_named
from dsboard.errors import Stale
from experiments.api.bodies import ChangedTask, LabelName, Move, NewTask, Reason
from experiments.api.paths import Key, Ref
from experiments.api.shapes import Kind, Lane, Stage
from experiments.api.shapes import Task as ToldTask
from experiments.api.showing import card, show_task, told, whole
from experiments.models import Label, Task
from experiments.search import matching

router = Router(tags=["tasks"], by_alias=True)


class TaskFilter(Page):
    """Each may be given several times: any of them. Dropped cards and the bin are left out."""

    kind: list[Kind] = []
    stage: list[Stage] = []
    lane: list[Lane] = []
    owner: list[Email] = Field([], description="By address; empty for cards that nobody owns.")
    sprint: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = Field([], description="By number: cards that have a seat in it.")
    label: list[LabelName] = []
    q: Words = Field("", description="Every word, the last one perhaps only begun.")


@contextmanager
def current_when_stale(request: ApiRequest, task: Task) -> Iterator[None]:
    """A stale write is answered with the card as it is now."""
    try:
        yield
    except Stale as stale:
        stale.current = told(request, task)
        raise


@router.get("/teams/{key}/tasks", response=Listed[ToldTask], operation_id="list_tasks")
def list_tasks(request: ApiRequest, key: Key, asked: Query[TaskFilter]) -> dict[str, Any]:
    """The team's cards in lane, then rank order."""
    team = team_named(request, key)
    tasks = filtered(Task.objects.within(team).present().filter(dropped_at=None), asked)
    return listed(request, asked, whole(tasks.in_order()), lambda task: show_task(request, task))


def filtered(tasks: Any, asked: TaskFilter) -> Any:
    """The tasks that pass every filter that was given."""
    for name in ("kind", "stage", "lane"):
        if getattr(asked, name):
            tasks = tasks.filter(**{f"{name}__in": getattr(asked, name)})
    if asked.owner:
        owned = Q(owner__email__in=[email.strip().lower() for email in asked.owner])
        tasks = tasks.filter(owned | Q(owner=None) if "" in asked.owner else owned)
    if asked.label:
        tasks = tasks.filter(Exists(labelled(asked.label)))
    if asked.sprint:
        seated = Task.objects.filter(seats__sprint__number__in=asked.sprint, seats__removed_at=None, pk=OuterRef("pk"))
        tasks = tasks.filter(Exists(seated))
    return matching(tasks, asked.q)


def labelled(names: list[str]) -> QuerySet[Label]:
    """The outer card's labels of these names; case does not tell labels apart."""
    return Label.objects.filter(reduce(or_, [Q(name__iexact=name) for name in names]), tasks=OuterRef("pk"))


@router.post("/teams/{key}/tasks", response={201: ToldTask}, operation_id="make_task")
def make_task(request: ApiRequest, key: Key, new: NewTask, response: HttpResponse) -> dict[str, Any]:
    """A new card at the end of its first lane."""
    fields = new.model_dump(exclude_unset=True)
    task = Task.plan(team_named(request, key), by=request.membership, **fields)
    response["Location"] = reverse("api:read_task", kwargs={"ref": task.ref})
    return told(request, task)


@router.get("/tasks/{ref}", response=ToldTask, operation_id="read_task", url_name="read_task")
def read_task(request: ApiRequest, ref: Ref) -> dict[str, Any]:
    """One card; a dropped one too, not one in the bin."""
    return told(request, card(request, ref))


@router.patch("/tasks/{ref}", response=ToldTask, operation_id="change_task", openapi_extra=MAY_BE_STALE)
def change_task(request: ApiRequest, ref: Ref, changed: ChangedTask) -> dict[str, Any]:
    """Change fields; what others changed since `version` merges, unless it is the same field."""
    task = card(request, ref)
    with current_when_stale(request, task):
        task.change(request.membership, **changed.model_dump(exclude_unset=True))
    return told(request, task)


@router.delete("/tasks/{ref}", response=ToldTask, operation_id="delete_task")
def delete_task(request: ApiRequest, ref: Ref) -> dict[str, Any]:
    """Into the bin, from where a person can restore it for 30 days."""
    task = card(request, ref)
    task.delete_to_bin(request.membership)
    return told(request, task)


@router.post("/tasks/{ref}/move", response={200: ToldTask}, operation_id="move_task", openapi_extra=MAY_BE_STALE)
def move_task(request: ApiRequest, ref: Ref, move: Move) -> dict[str, Any]:
    """To a stage of its own row, between its new neighbours."""
    task = card(request, ref)
    with current_when_stale(request, task):
        before, after = (name.upper() if name else "" for name in (move.before, move.after))
        task.move_to(move.stage, request.membership, before=before, after=after, version=move.version)
    return told(request, task)


@router.post("/tasks/{ref}/archive", response={200: ToldTask}, operation_id="archive_task")
def archive_task(request: ApiRequest, ref: Ref, archive: Reason) -> dict[str, Any]:
    """Drop the card with a reason: neither done nor carried over."""
    task = card(request, ref)
    task.drop(request.membership, archive.reason)
    return told(request, task)
