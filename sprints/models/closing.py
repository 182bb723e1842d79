"""A sprint closes: every unfinished task is carried over or goes back to the backlog, the actuals freeze, nothing is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Sum

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from experiments.models import Task
from experiments.stages import Lane, Stage
from sprints.allocation import PROPOSED_EARNED, earned_points, earned_share
from sprints.models import actuals, capacity, dates
from sprints.models.capacity import as_decimal
from sprints.models.seat import Seat, earned_before
from sprints.states import End, State

if TYPE_CHECKING:
    from sprints.models.sprint import Sprint

#: what becomes of an unfinished task, by the words of the API
CHOICES = {"carry": End.CARRIED, "backlog": End.BACKLOG}


@dataclass(frozen=True)
class Unfinished:
    """One task to walk through: what is proposed as earned, and the least that earlier sprints have earned, in per cent."""

    seat: Seat
    least: int

    @property
    def task(self) -> Task:
        return self.seat.task

    @property
    def asks_earned(self) -> bool:
        return self.task.points is not None

    @property
    def proposed(self) -> int:
        """By its lane, but never less than what it had earned before."""
        return max(self.least, PROPOSED_EARNED[Lane(self.task.lane)])


@dataclass
class Outcome:
    """What closing did: how many finished, and which tasks went where. `successor` is the sprint they were carried to."""

    finished: list[Task] = field(default_factory=list)
    carried: list[Task] = field(default_factory=list)
    backlog: list[Task] = field(default_factory=list)
    successor: "Sprint | None" = None


def walk(sprint: "Sprint") -> list[Unfinished]:
    """The tasks of a running sprint that have not ended, in the order of their seats."""
    seats = [s for s in sprint.seats.held().with_tasks() if s.task.ended_at is None and s.task.deleted_at is None]
    earned = earned_before([seat.task_id for seat in seats])
    return [Unfinished(seat, earned_share(seat.task.points, earned.get(seat.task_id, Decimal(0)))) for seat in seats]


@clock.still()
@transaction.atomic
def close(sprint: "Sprint", by: Membership, *, default: str, exceptions: Mapping[str, str], earned: Mapping[str, Any]) -> Outcome:
    """Carry unfinished tasks over to the next planned sprint, which is made if there is none, or back to the backlog.

    `default` is carry or backlog for all, `exceptions` the same by reference; `earned` says of unfinished pointed
    tasks how many per cent of their points are earned in all, 0 to 100, by reference; others as proposed by their lane.
    Raises Refusal by field; then nothing has changed.
    """
    by.must(Act.SPRINTS, sprint.team_id)
    sprint.hold()
    if not sprint.is_running:
        raise Refusal(f"{sprint} is closed already." if sprint.is_closed else f"{sprint} has not started.")
    left = walk(sprint)
    choices, shares = chosen(left, default, exceptions), shares_of(left, earned)
    outcome = Outcome()
    settle(sprint, choices, shares, outcome)
    end(sprint, by)
    send_on(sprint, by, outcome)
    leave_boards(outcome.finished)
    carried, backlog = ([task.ref for task in tasks] for tasks in (outcome.carried, outcome.backlog))
    Activity.record(sprint, "closed", by, after=len(outcome.finished), carried=carried, backlog=backlog)
    return outcome


def end(sprint: "Sprint", by: Membership) -> None:
    """The sprint itself: closed as of now, on its last day at the latest; what people could give in the end."""
    sprint.state, sprint.closed_at = State.CLOSED, clock.now()
    was = sprint.ends_on
    moved = ["ends_on"] if dates.end_early(sprint) else []
    sprint.touch("state", "closed_at", "boxed_days", *moved)
    capacity.settle_available(sprint)
    if moved:
        Activity.record(sprint, "changed", by, field="ends_on", before=str(was), after=str(sprint.ends_on))


def chosen(left: list[Unfinished], default: str, exceptions: Mapping[str, str]) -> dict[int, End]:
    """What becomes of each unfinished task, by its key. Raises Refusal for words and references that mean nothing here."""
    if default not in CHOICES:
        raise Refusal.of({"unfinished": "What is unfinished is carried over (carry) or goes back to the backlog (backlog)."})
    by_ref = {one.task.ref: one for one in left}
    asked = {ref.upper(): choice for ref, choice in exceptions.items()}
    if unknown := sorted(set(asked) - set(by_ref)):
        raise Refusal.of({"except": f"{unknown[0]} is not among the unfinished tasks."})
    if wrong := sorted(ref for ref, choice in asked.items() if choice not in CHOICES):
        raise Refusal.of({"except": f"{wrong[0]} is carried over (carry) or goes back to the backlog (backlog)."})
    return {one.task.pk: CHOICES[asked.get(ref, default)] for ref, one in by_ref.items()}


def shares_of(left: list[Unfinished], earned: Mapping[str, Any]) -> dict[int, int]:
    """How many per cent of each unfinished pointed task are earned, by its key; what is not said is as proposed."""
    pointed = {one.task.ref: one for one in left if one.asks_earned}
    said = {ref.upper(): share for ref, share in earned.items()}
    if unknown := sorted(set(said) - set(pointed)):
        raise Refusal.of({"earned": f"{unknown[0]} is no unfinished task with points, so it earns none."})
    shares = {}
    for ref, one in pointed.items():
        share = said.get(ref, one.proposed)
        if isinstance(share, bool) or not isinstance(share, int | float) or share != int(share) or not 0 <= share <= 100:
            raise Refusal.of({"earned": f"What is earned of {ref} is a whole per cent from 0 to 100."})
        if share < one.least:
            raise Refusal.of({"earned": f"Earlier sprints have earned {one.least} % of {ref} already. It can't be less now."})
        shares[one.task.pk] = int(share)
    return shares


def settle(sprint: "Sprint", choices: dict[int, End], shares: dict[int, int], outcome: Outcome) -> None:
    """Freeze what became of every seat, what its box used and what its points earned."""
    seats = list(sprint.seats.with_tasks())
    used, earned = actuals.box_time(sprint), earned_before([seat.task_id for seat in seats])
    sprint.boxed_days = as_decimal(sum(used.values(), Fraction(0)))
    credited = credited_before([seat.task_id for seat in seats])
    for seat in seats:
        task = seat.task
        finished = actuals.is_finished(seat)
        if seat.removed_at:
            seat.end = End.REMOVED
        elif finished:
            seat.end = End.FINISHED
            outcome.finished.append(task)
        else:
            # Dropped, in the bin, or unfinished.
            seat.end = choices.get(task.pk, End.DROPPED)
        seat.state, seat.used_days = State.CLOSED, as_decimal(used.get(task.pk, Fraction(0)))
        if task.points is not None and seat.removed_at is None:
            share = 100 if finished else shares.get(task.pk, 0)
            seat.earned_points = as_decimal(earned_points(task.points, earned.get(task.pk, Decimal(0)), share))
            if finished:
                seat.finished_points = max(Decimal(0), task.points - credited.get(task.pk, Decimal(0)))
        seat.save()
        {End.CARRIED: outcome.carried, End.BACKLOG: outcome.backlog}.get(End(seat.end), []).append(task)


def credited_before(tasks: list[int]) -> dict[int, Decimal]:
    """The points that velocity has credited for these tasks: one that was reopened is not credited again."""
    credited = Seat.objects.filter(task__in=tasks, finished_points__gt=0).order_by().values_list("task")
    return dict(credited.annotate(Sum("finished_points")))


def send_on(sprint: "Sprint", by: Membership, outcome: Outcome) -> None:
    """Carried tasks keep or get a pencilled seat in the next sprint; the others lose it and stand on top of the backlog."""
    planned = Seat.objects.filter(state=State.PLANNED)
    planned.filter(task__in=[*outcome.finished, *outcome.backlog]).delete()
    kept = set(planned.filter(task__in=outcome.carried).values_list("task_id", flat=True))
    outcome.successor = type(sprint).objects.within(sprint.team).planned().first()
    if outcome.carried and outcome.successor is None:
        outcome.successor = type(sprint).plan(sprint.team, by)
    for task in outcome.carried:
        if task.pk not in kept and outcome.successor:
            Seat.objects.create(sprint=outcome.successor, task=task, added_by_id=by.user_id)
        Activity.record(task, "carried", by, field="sprint", before=sprint.number, after=outcome.successor and outcome.successor.number)
    Task.objects.filter(pk__in=[task.pk for task in outcome.carried]).update(carried=F("carried") + 1)
    # The last one first, so that they stand in the order of their seats.
    for task in reversed(outcome.backlog):
        Activity.record(task, "unseated", by, field="sprint", before=sprint.number, after=None, closing=True)
        to_the_top(task, by)


def to_the_top(task: Task, by: Membership) -> None:
    """Back to its first stage, above all others. What waits for its decision stays in Analysis: its findings are in."""
    task.refresh_from_db()
    if task.stage == Stage.ANALYSIS:
        return
    waiting = Task.objects.within(task.team).filter(lane=Lane.READY, rank__isnull=False).exclude(pk=task.pk)
    top = waiting.order_by("rank").values_list("ref", flat=True).first()
    task.move_to(task.stages[0], by, after=top or "")


def leave_boards(tasks: list[Task]) -> None:
    """What ended in the sprint leaves the boards with it."""
    Task.objects.filter(pk__in=[task.pk for task in tasks], ended_at__isnull=False).update(shown_until=clock.now())
