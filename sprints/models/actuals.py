"""What really happened in a sprint, read from the intervals of its time boxes and from what its seats finished."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from dsboard.models import Calendars
from experiments.models import TimeBox
from sprints.allocation import Line, Stretch, earned_points, used_days
from sprints.models.seat import Seat

if TYPE_CHECKING:
    from sprints.models.sprint import Sprint


def box_time(sprint: "Sprint", calendars: Calendars | None = None) -> dict[int, Fraction]:
    """The days that each task's box used while the sprint ran, by the key of the task; also of tasks without a seat.

    All boxes of the team count for the split: who works on two at once works half on each.
    """
    since, until = sprint.period()
    stretches = [
        Stretch(box.task_id, ran.owner_id, ran.started_at, ran.stopped_at or until)
        for box in TimeBox.objects.within(sprint.team).that_ran(since, until)
        for ran in box.intervals
        if ran.started_at < until and (ran.stopped_at is None or ran.stopped_at > since)
    ]
    if not stretches:
        return {}
    known = calendars or Calendars.of([sprint.team], since.date())
    return used_days(stretches, lambda owner: known.of_member(sprint.team_id, owner), sprint.team.day, since, until)


def is_finished(seat: Seat) -> bool:
    """Whether the task of a seat that was kept has ended, other than by being dropped; only open ones are given one."""
    task = seat.task
    return bool(seat.removed_at is None and task.ended_at and not task.is_off_boards)


def actual_lines(sprint: "Sprint", seats: Iterable[Seat], used: dict[int, Fraction], earned: dict[int, Decimal]) -> list[Line]:
    """The actual days of every seat of a running sprint as of now: its box time, and its points' days once it is finished.

    What an unfinished pointed task has earned is asked when the sprint closes, so until then it counts nothing.
    """
    lines = []
    for seat in seats:
        days = used.get(seat.task_id, Fraction(0))
        points = seat.task.points
        if points is not None and is_finished(seat):
            days += earned_points(points, earned.get(seat.task_id, Decimal(0)), 100) * Fraction(sprint.days_per_point)
        lines.append(Line(seat.bucket, seat.task.owner_id, days))
    return lines


def closed_lines(sprint: "Sprint", seats: Iterable[Seat]) -> list[Line]:
    """The actual days of every seat as they froze."""
    rate = Fraction(sprint.days_per_point)
    return [Line(seat.bucket, seat.owner_id, Fraction(seat.used_days) + Fraction(seat.earned_points) * rate) for seat in seats]
