"""The balance of one sprint as it stands: planned and actual days by bucket and by person, and what to warn of.

Everything is read once, in a fixed number of queries; the arithmetic is allocation.py. It warns and never blocks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from dsboard import clock
from dsboard.models import Calendars, User
from dsboard.models.calendars import BACK
from experiments.models import Metric, Task
from experiments.stages import Bucket, Kind
from sprints.allocation import NONE, Line, Part, by_bucket, by_owner, parts, whole
from sprints.models import Capacity, Seat, Sprint, actuals
from sprints.models.capacity import Given, people_of
from sprints.models.seat import earned_before, held_days


class Warn(NamedTuple):
    """One thing to look at before the sprint starts: a code for scripts, a sentence for people, and what it is about."""

    code: str
    message: str
    task: Task | None = None
    person: User | None = None


class Seated(NamedTuple):
    """A seat with the days that it holds: as of now while it is pencilled, as they froze later."""

    seat: Seat
    task: Task
    bucket: str
    days: Fraction


@dataclass(frozen=True)
class Load:
    """What one person is planned to do beside what they can give, in days."""

    person: User
    planned: Fraction
    capacity: Fraction
    #: days of absence and other time off within the sprint, by their own calendar
    away: Fraction = NONE

    @property
    def over(self) -> Fraction:
        return max(NONE, self.planned - self.capacity)

    @property
    def per_cent(self) -> int | None:
        return round(self.planned * 100 / self.capacity) if self.capacity else None


class Balance:
    """The allocation of a sprint (CONTRACT: an allocation)."""

    def __init__(self, sprint: Sprint) -> None:
        self.sprint, self.team = sprint, sprint.team
        self.guide, self.rate, self.rate_source = sprint.guideline, sprint.days_per_point, sprint.source_of_rate
        # A box that is planned may have run for long; one that is counted runs within the sprint.
        first = (clock.now() - BACK if sprint.started_at is None else sprint.started_at).date()
        self.calendars = Calendars.of([self.team], min(sprint.starts_on, first))

    @cached_property
    def seats(self) -> list[Seat]:
        """Every seat that counts: pencilled ones whose task is still to be done; all of a sprint that has started."""
        found = list(self.sprint.pencilled().order_by("pk") if self.sprint.is_planned else self.sprint.seats.with_tasks())
        for seat in found:
            seat.sprint = self.sprint
            seat.task.team = self.team
        return found

    @cached_property
    def earned(self) -> dict[int, Decimal]:
        """What closed sprints have earned of the tasks, in points."""
        return earned_before([seat.task_id for seat in self.seats])

    @cached_property
    def seated(self) -> list[Seated]:
        """The seats that are kept, with their days."""
        kept = [seat for seat in self.seats if seat.removed_at is None and seat.task.deleted_at is None]
        return [Seated(seat, seat.task, seat.bucket_now, self.days_of(seat)) for seat in kept]

    def days_of(self, seat: Seat) -> Fraction:
        """What a seat holds: frozen once its sprint has started."""
        if seat.days is not None:
            return Fraction(seat.days)
        working = self.calendars.of_member(self.team.pk, seat.task.owner_id)
        return held_days(seat.task, working, self.rate, self.earned.get(seat.task_id, Decimal(0)))

    @cached_property
    def planned_lines(self) -> list[Line]:
        """The plan: as pencilled, or as it froze."""
        if self.sprint.is_planned:
            return [Line(one.bucket, one.task.owner_id, one.days) for one in self.seated]
        return [Line(seat.planned_bucket, seat.owner_id, self.days_of(seat)) for seat in self.seats if seat.planned_bucket]

    @cached_property
    def planned(self) -> dict[str, Part]:
        return parts(by_bucket(self.planned_lines), self.guide)

    @cached_property
    def used(self) -> dict[int, Fraction]:
        """The box days that each task has used in the sprint so far."""
        if self.sprint.is_running:
            return actuals.box_time(self.sprint, self.calendars)
        return {seat.task_id: Fraction(seat.used_days) for seat in self.seats}

    @cached_property
    def actual(self) -> dict[str, Part]:
        """What really happened: as of now, or as it froze."""
        lines: list[Line] = []
        if self.sprint.is_running:
            lines = actuals.actual_lines(self.sprint, self.seats, self.used, self.earned)
        elif self.sprint.is_closed:
            lines = actuals.closed_lines(self.sprint, self.seats)
        return parts(by_bucket(lines), self.guide)

    @cached_property
    def loads(self) -> list[Load]:
        """Everybody who works on cards, with their planned days and their capacity."""
        theirs = by_owner(self.planned_lines)
        rows = list(Capacity.objects.filter(sprint=self.sprint).select_related("user"))
        if not self.sprint.is_planned:
            return [Load(row.user, theirs.get(row.user_id, NONE), Fraction(row.days or 0)) for row in rows]
        people = people_of(self.team)
        given = Given(self.sprint, self.calendars, rows, people)
        return [Load(m.user, theirs.get(m.user_id, NONE), given.of(m.user_id), given.away(m.user_id)) for m in people]

    @property
    def unassigned(self) -> Fraction:
        """The days that nobody has who can give any."""
        return sum((line.days for line in self.planned_lines), NONE) - sum((load.planned for load in self.loads), NONE)

    @property
    def planned_days(self) -> Fraction:
        return sum((part.days for part in self.planned.values()), NONE)

    @property
    def capacity_days(self) -> Fraction:
        return sum((load.capacity for load in self.loads), NONE)

    @property
    def whole_shares(self) -> dict[str, int] | None:
        """The planned shares in whole per cent that add up to 100; None for an empty plan."""
        return whole_shares(self.planned)

    def with_more(self, task: Task, days: Fraction) -> str:
        """What it would do to the plan if a task held more days: Experiments go from 32% to 34%. The band ends at 35%."""
        seat = next((seat for seat in self.seats if seat.task_id == task.pk and seat.removed_at is None), None)
        before = self.whole_shares
        if seat is None or before is None:
            return ""
        bucket = seat.bucket_now
        more = parts(by_bucket([*self.planned_lines, Line(bucket, seat.owner_id, days)]), self.guide)
        after = whole_shares(more) or before
        said, end = Bucket(bucket).label, self.guide.of(bucket) + self.guide.tolerance
        verb = "go" if said.endswith("s") else "goes"
        return f"{said} {verb} from {before[bucket]}% to {after[bucket]}%. The band ends at {end}%."

    @cached_property
    def warnings(self) -> list[Warn]:
        """In words: buckets out of band, people over capacity, cards without success sentence, target or size."""
        return [*self.of_buckets(), *self.of_people(), *self.of_cards()]

    def of_buckets(self) -> Iterable[Warn]:
        shares = self.whole_shares or {}
        for bucket, part in self.planned.items():
            if part.in_band is False:
                guide = f"{part.guide} ± {self.guide.tolerance}"
                yield Warn("out_of_band", f"{Bucket(bucket).label} has {shares[bucket]} % of the plan; the guideline is {guide}.")

    def of_people(self) -> Iterable[Warn]:
        for load in self.loads:
            if load.over:
                name, planned, capacity = load.person.first_name, in_words(load.planned), in_words(load.capacity)
                message = f"{name} has {planned} of {capacity} days: {in_words(load.over)} over."
                yield Warn("over_capacity", message, person=load.person)

    def of_cards(self) -> Iterable[Warn]:
        with_target = self.with_target
        for _, task, _, _ in self.seated:
            if task.is_boxed and not task.success:
                yield Warn("no_success", f"{task.ref} doesn't say what success would be.", task)
            if task.kind == Kind.EXPERIMENT and task.pk not in with_target:
                yield Warn("no_target", f"{task.ref} has no target to meet.", task)
            if task.box is None if task.is_boxed else task.points is None:
                yield Warn("no_size", f"{task.ref} has no {'time box' if task.is_boxed else 'points'}.", task)

    @cached_property
    def with_target(self) -> set[int]:
        """The experiments among them that have a success metric; a metric always has a number to meet."""
        experiments = [one.task.pk for one in self.seated if one.task.kind == Kind.EXPERIMENT]
        return set(Metric.objects.filter(task__in=experiments).values_list("task_id", flat=True)) if experiments else set()


def whole_shares(found: dict[str, Part]) -> dict[str, int] | None:
    """The shares of three buckets in whole per cent."""
    rounded = whole([part.share for part in found.values()])
    return dict(zip(found, rounded, strict=True)) if rounded else None


def in_words(days: Fraction) -> str:
    """Days with one decimal, without an empty one: 9.6, 8."""
    return f"{float(days):.1f}".removesuffix(".0")
