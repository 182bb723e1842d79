"""The review of one sprint: planned against actual, what changed on the way, what became of each card; in a fixed number of queries."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property

from dsboard import clock
from dsboard.models import Activity, Calendars, User
from dsboard.models.calendars import BACK
from experiments.clock import Clock, read
from experiments.models import Decision, Task
from experiments.models.time_box import length_in_words
from experiments.stages import Bucket
from sprints import charts
from sprints.allocation import NONE, Part
from sprints.balance import in_words
from sprints.burned import Burned
from sprints.load import Load
from sprints.models import Sprint, actuals, figures
from sprints.models.figures import OPEN, end_so_far
from sprints.models.seat import Seat, earned_before
from sprints.review_rows import BoxRow, BucketRow, Change, SeatRow
from sprints.reviewed import Reviewed, points_of
from sprints.states import End


class SprintReview:
    """Everything that the review of a sprint that has started shows."""

    def __init__(self, sprint: Sprint) -> None:
        self.sprint, self.team = sprint, sprint.team
        self.brief = Reviewed(sprint, figures.of([sprint])[sprint.pk])
        self.calendars = Calendars.of([self.team], (sprint.started_at - BACK).date() if sprint.started_at else None)

    @cached_property
    def seats(self) -> list[Seat]:
        """Every seat that counts, those that were taken out again included, in the order in which they came."""
        return list(self.sprint.seats.with_tasks().select_related("task__time_box", "task__owner", "owner", "added_by", "removed_by"))

    # ── planned against actual ──

    @property
    def buckets(self) -> list[BucketRow]:
        planned, actual = self.brief.planned_shares or {}, self.brief.actual_shares or {}
        return [
            BucketRow(b, Bucket(b).label, self.brief.planned[b], planned.get(b), part, actual.get(b), self.against(part, actual.get(b)))
            for b, part in self.brief.actual.items()
        ]

    def against(self, part: Part, share: int | None) -> str:
        """Where a bucket is: 6 over, out of band."""
        if share is None:
            return "–"
        points = points_of(part, share, self.sprint.guideline.tolerance)
        side = "on the guideline" if points == "0" else f"{points[1:]} {'over' if points[0] == '+' else 'under'}"
        return f"{side}, {'in band' if part.in_band else 'out of band'}"

    @property
    def drift_words(self) -> str:
        """Drift in a sentence or two."""
        band = f"the band of ±{self.sprint.guideline.tolerance}"
        if self.brief.actual_shares is None:
            return "No days were used yet." if self.sprint.is_running else "No days were used in this sprint."
        out = [row for row in self.buckets if row.actual.in_band is False]
        if not out:
            return f"Every bucket stayed in {band} around its guideline."
        said = [f"{row.label} took {row.actual_share}% where the guideline says {row.actual.guide}%, outside {band}." for row in out]
        return " ".join(["So far, points count only where cards finished.", *said] if self.sprint.is_running else said)

    @property
    def bars(self) -> list[tuple[str, str, list[charts.Rect]]]:
        """The plan above what really happened: name, shares in words, parts."""
        planned, actual = self.brief.planned_shares, self.brief.actual_shares
        return [
            ("Planned", self.brief.planned_words, charts.lying(planned)),
            ("Actual", self.brief.actual_words, charts.lying(actual)),
        ]

    @property
    def marks(self) -> list[int]:
        """Where the guideline lies across the bars."""
        guide = self.sprint.guideline
        return [guide.committed, guide.committed + guide.experiments]

    @property
    def sentence(self) -> str:
        """What the bars say."""
        guide = self.sprint.guideline
        return f"Planned {self.brief.planned_words}, actual {self.brief.actual_words}, guideline {guide}. {self.drift_words}"

    @property
    def guide_words(self) -> str:
        return f"guide {self.sprint.guideline}"

    @property
    def scope_words(self) -> str:
        """+4.5 d added, −2 d taken out."""
        added, removed = self.brief.figures.added, self.brief.figures.removed
        said = [f"{in_words(Fraction(str(one.days)))} d {word}" for one, word in ((added, "added"), (removed, "taken out")) if one.seats]
        return ", ".join(said) or "the plan stayed as it was"

    @property
    def rate_words(self) -> str:
        """1 point counts as 0.5 d, assumed."""
        source = {"assumed": "assumed", "set": "set by hand", "measured": "measured"}[self.sprint.source_of_rate]
        return f"1 point counts as {in_words(Fraction(self.sprint.days_per_point))} d, {source}"

    # ── cards ──

    @cached_property
    def used(self) -> dict[int, Fraction]:
        """The box days that each card used while the sprint ran."""
        if self.sprint.is_running:
            return actuals.box_time(self.sprint, self.calendars)
        return {seat.task_id: Fraction(seat.used_days) for seat in self.seats}

    @cached_property
    def rows(self) -> list[SeatRow]:
        keys = [seat.task_id for seat in self.seats]
        decided = dict(Decision.objects.filter(task__in=keys, standing=True).values_list("task", "outcome"))
        lines = (
            actuals.actual_lines(self.sprint, self.seats, self.used, earned_before(keys))
            if self.sprint.is_running
            else actuals.closed_lines(self.sprint, self.seats)
        )
        ends = [str(seat.end or end_so_far(seat)) for seat in self.seats]
        # What was carried over and decided later came out in another sprint.
        outcomes = [decided.get(seat.task_id, "") if end == End.FINISHED else "" for seat, end in zip(self.seats, ends, strict=True)]
        return [SeatRow(*row) for row in zip(self.seats, (line.days for line in lines), ends, outcomes, strict=True)]

    @property
    def finished(self) -> int:
        return sum(row.end == End.FINISHED for row in self.rows)

    @property
    def open(self) -> int:
        return sum(row.end == OPEN for row in self.rows)

    @property
    def carried(self) -> list[SeatRow]:
        return [row for row in self.rows if row.end == End.CARRIED]

    @cached_property
    def changes(self) -> list[Change]:
        """What was added, taken out and moved to another bucket after the start, in the order in which it happened."""
        return sorted([*self.added(), *self.taken_out(), *self.moved()], key=lambda change: change.at)

    def added(self) -> Iterator[Change]:
        for seat in self.seats:
            if seat.is_scope_change:
                yield Change(seat.added_at, seat.added_by, "added", seat.task, Fraction(seat.days or 0))

    def taken_out(self) -> Iterator[Change]:
        for seat in self.seats:
            if seat.removed_at:
                yield Change(seat.removed_at, seat.removed_by, "took out", seat.task, -Fraction(seat.days or 0))

    def moved(self) -> Iterator[Change]:
        """What counts in another bucket than was planned, by its last move there: the balance changes, the days don't."""
        seats = {seat.task_id: seat for seat in self.seats if seat.planned_bucket not in ("", seat.bucket)}
        told = Activity.objects.within(self.team).filter(verb="edited", field="bucket", subject_type="task", subject_id__in=list(seats))
        lines = {
            line.subject_id: line for line in told.select_related("actor").order_by("pk") if line.after == seats[line.subject_id].bucket
        }
        for key, line in lines.items():
            seat = seats[key]
            words = f"moved from {seat.planned_bucket} to {seat.bucket}"
            yield Change(line.at, line.actor, words, seat.task, NONE)

    # ── people ──

    @cached_property
    def load(self) -> Load:
        rows = self.brief.figures.load
        return Load([(self.sprint.number, rows)], User.objects.in_bulk([row.person for row in rows]))

    # ── while it runs ──

    @cached_property
    def boxes(self) -> list[BoxRow]:
        """The boxes of the cards that are in the sprint now."""
        return [BoxRow(row, self.clock_of(row.task), self.used.get(row.task.pk, NONE)) for row in self.rows if self.shows_box(row)]

    def shows_box(self, row: SeatRow) -> bool:
        return bool(row.seat.removed_at is None and row.task.is_boxed and row.task.box)

    def clock_of(self, task: Task) -> Clock:
        working = self.calendars.of_member(self.team.pk, task.owner_id)
        size = length_in_words(task.box.hours, self.team.hours_per_day)
        return read(task.box, size, clock.now(), working, self.team.day, working.zone)

    @property
    def burned(self) -> Burned:
        return Burned(self.sprint, self.seats, self.calendars)
