"""Giving a task a seat, another bucket, and taking the seat away: pencil in a planned sprint, scope change in a running one."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from dsboard import clock
from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from experiments.models import Task, running
from experiments.stages import Bucket
from sprints.models.capacity import as_decimal
from sprints.models.seat import Seat, earned_before, held_days
from sprints.states import State

if TYPE_CHECKING:
    from sprints.models.sprint import Sprint


@clock.still()
@transaction.atomic
def take_in(sprint: "Sprint", task: Task, by: Membership, bucket: str = "") -> tuple[Seat, bool]:
    """Members plan; once a sprint runs its scope is changed by a lead. A task has one pencilled and one running seat at most.

    A pencil mark in another planned sprint moves here. Raises Forbidden, and Refusal for a task that has ended.
    """
    hold(sprint, task, by)
    if bucket and bucket not in Bucket.values:
        raise Refusal.of({"bucket": "A card counts as committed, experiments or learning."})
    refuse_ended(task)
    said = bool(bucket) and bucket != task.bucket
    if said:
        task.change(by, bucket=bucket)
    seat = sprint.seats.filter(task=task, removed_at=None).first()
    if seat:
        if seat.bucket and bucket and seat.bucket != bucket:
            if not said:
                Activity.record(task, "edited", by, field="bucket", before=seat.bucket, after=bucket, sprint=sprint.number)
            seat.bucket = bucket
            seat.save(update_fields=["bucket"])
        return seat, False
    before = task.seats.filter(state=State.PLANNED).select_related("sprint").first() if sprint.is_planned else None
    if before:
        before.delete()
    seat = sprint.seats.filter(task=task).first() or Seat(sprint=sprint, task=task)
    seat.state, seat.added_at, seat.added_by_id, seat.removed_at, seat.removed_by = State(sprint.state), clock.now(), by.user_id, None, None
    if sprint.is_running and seat.planned_bucket:
        # It comes back to its place in the plan, which froze when the sprint started.
        seat.bucket = task.bucket
    elif sprint.is_running:
        freeze(seat)
    seat.save()
    Activity.record(task, "seated", by, field="sprint", before=before and before.sprint.number, after=sprint.number, bucket=task.bucket)
    return seat, True


@clock.still()
@transaction.atomic
def take_out(sprint: "Sprint", task: Task, by: Membership) -> Seat:
    """Rub the pencil out or, in a running sprint, take the task out of its scope: what was planned stays on record.

    What has ended in a running sprint stays in it. Raises Refusal for a task without a seat.
    """
    hold(sprint, task, by)
    seat = sprint.seats.filter(task=task, removed_at=None).first()
    if seat is None:
        raise Refusal.of({"ref": f"{task.ref} is not in {sprint}."})
    if sprint.is_running and task.ended_at and not task.is_off_boards:
        raise Refusal(f"{task.ref} ended in {sprint}, so it stays there.")
    if sprint.is_planned:
        seat.delete()
    else:
        seat.removed_at, seat.removed_by_id = clock.now(), by.user_id
        seat.save(update_fields=["removed_at", "removed_by"])
    Activity.record(task, "unseated", by, field="sprint", before=sprint.number, after=None, bucket=seat.bucket_now)
    return seat


def hold(sprint: "Sprint", task: Task, by: Membership) -> None:
    """Ask the role, hold the team, and read both again."""
    by.must(Act.SEATS, sprint.team_id)
    by.must(Act.SEATS, task.team_id)
    sprint.hold()
    sprint.refuse_closed()
    if sprint.is_running and not by.may(Act.SCOPE):
        raise Forbidden(f"{sprint} is running, and only a lead can change its scope. Ask in a comment.")
    task.hold()


def refuse_ended(task: Task) -> None:
    """Only what is still to be done is planned."""
    if task.deleted_at:
        raise Refusal.of({"ref": f"{task.ref} is in the bin. Restore it first."})
    if task.dropped_at:
        raise Refusal.of({"ref": f"{task.ref} was dropped. Restore it first."})
    if task.ended_at:
        raise Refusal.of({"ref": f"{task.ref} has ended, so there is nothing left to plan."})


def freeze(seat: Seat, planned: bool = False, earned: Decimal | None = None) -> None:
    """What the seat holds as of now; `planned` when the plan freezes, not for what comes later."""
    task, sprint = seat.task, seat.sprint
    known = earned_before([task.pk]).get(task.pk, Decimal(0)) if earned is None else earned
    seat.days = as_decimal(held_days(task, running.working_time_of(task), sprint.days_per_point, known))
    seat.bucket, seat.owner_id = task.bucket, task.owner_id
    if planned:
        seat.planned_bucket = task.bucket
