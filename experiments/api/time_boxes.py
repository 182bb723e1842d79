"""The time box of a card: its length until the clock starts, then extensions, pauses and what is used."""

from datetime import date
from typing import Annotated, Any

from ninja import Router
from pydantic import Field, StringConstraints

from dsboard.api.shapes import NO_NULL, Nothing, Number, Sent
from dsboard.api.tokens import ApiRequest
from dsboard.errors import Refusal
from experiments.api.bodies import Statement
from experiments.api.paths import Ref
from experiments.api.shapes import TimeBox
from experiments.api.showing import card, show_box, whole
from experiments.models import Task
from experiments.models.extension import extend
from experiments.models.nudge import nudge
from experiments.models.pauses import pause, resume

router = Router(tags=["time boxes"], by_alias=True)
Line = Annotated[str, StringConstraints(max_length=500, pattern=NO_NULL)]


class Length(Sent):
    """Working hours; at most ten days."""

    hours: Number


class SentExtension(Sent):
    """The owner once, by at most half of the original; after that a lead, up to twenty days in all."""

    hours: Number
    reason: Statement


class SentPause(Sent):
    """On the morning of `until` the clock runs on by itself."""

    reason: Line
    until: date | None = Field(None, strict=False)


@router.get("/tasks/{ref}/time-box", response=TimeBox, operation_id="read_time_box")
def read_time_box(request: ApiRequest, ref: Ref) -> dict[str, Any]:
    """The box and its clock as it stands now."""
    return told_box(request, card(request, ref))


@router.put("/tasks/{ref}/time-box", response=TimeBox, operation_id="size_time_box")
def size_time_box(request: ApiRequest, ref: Ref, length: Length) -> dict[str, Any]:
    """Give the card a box, or another length until its clock first starts."""
    task = card(request, ref)
    task.change(request.membership, hours=length.hours)
    return told_box(request, task)


@router.post("/tasks/{ref}/time-box/extension", response={200: TimeBox}, operation_id="extend_time_box")
def extend_time_box(request: ApiRequest, ref: Ref, extension: SentExtension) -> dict[str, Any]:
    """More hours, with a reason."""
    task = card(request, ref)
    extend(task, request.membership, hours=extension.hours, reason=extension.reason)
    return told_box(request, task)


@router.post("/tasks/{ref}/time-box/pause", response={200: TimeBox}, operation_id="pause_time_box")
def pause_time_box(request: ApiRequest, ref: Ref, sent: SentPause) -> dict[str, Any]:
    """Let the clock stand still."""
    task = card(request, ref)
    pause(task, request.membership, reason=sent.reason, until=sent.until)
    return told_box(request, task)


@router.post("/tasks/{ref}/time-box/resume", response={200: TimeBox}, operation_id="resume_time_box")
def resume_time_box(request: ApiRequest, ref: Ref, nothing: Nothing) -> dict[str, Any]:
    """Let the clock run on."""
    task = card(request, ref)
    resume(task, request.membership)
    return told_box(request, task)


@router.post("/tasks/{ref}/time-box/nudge", response={200: TimeBox}, operation_id="nudge_owner")
def nudge_owner(request: ApiRequest, ref: Ref, nothing: Nothing) -> dict[str, Any]:
    """A lead reminds the owner of findings that are due; once a day is enough."""
    task = card(request, ref)
    nudge(task, request.membership)
    return told_box(request, task)


def told_box(request: ApiRequest, task: Task) -> dict[str, Any]:
    """The box as the database has it now; a refusal for a kind that has none."""
    fresh = whole(Task.objects.within(request.team)).get(pk=task.pk)
    box = show_box(request, fresh)
    if box is None:
        what = "It is sized in story points." if not fresh.is_boxed else "Give it hours first."
        raise Refusal.of({"hours": f"{fresh.ref} has no time box. {what}"})
    return box
