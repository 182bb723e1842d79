"""Committed work that remains while a sprint runs, day by day. Experiments have no burndown (DESIGN 8.5)."""

from datetime import date, datetime
from fractions import Fraction

from dsboard import clock
from dsboard.models import Calendars
from experiments.stages import Bucket
from sprints import charts
from sprints.allocation import NONE
from sprints.balance import in_words
from sprints.models import Sprint
from sprints.models.dates import days
from sprints.models.seat import Seat


class Burned:
    """The days of the committed seats, by when they came, were taken out, and ended."""

    def __init__(self, sprint: Sprint, seats: list[Seat], calendars: Calendars) -> None:
        self.sprint, self.now = sprint, clock.now()
        working = calendars.of_team(sprint.team_id)
        self.days = [day for day in days(sprint.starts_on, sprint.ends_on) if working.works_on(day)]
        self.seats = [seat for seat in seats if seat.bucket == Bucket.COMMITTED]
        today = working.day_of(self.now)
        moments = [self.now if day == today else working.on(day)[-1][1] for day in self.days if day <= today]
        #: what remained at the start, at the end of each day, and now
        self.left = [self.planned, *map(self.left_at, moments)]

    @property
    def planned(self) -> float:
        """What was committed when the plan froze, as its cards count now."""
        return float(sum((Fraction(seat.days or 0) for seat in self.seats if seat.planned_bucket), NONE))

    def left_at(self, moment: datetime) -> float:
        return float(sum((Fraction(seat.days or 0) for seat in self.seats if remains(seat, moment)), NONE))

    @property
    def chart(self) -> charts.Burndown:
        return charts.burndown([f"{day:%a} {day.day}" for day in self.days], self.planned, self.left)

    @property
    def rows(self) -> list[tuple[date, float, float]]:
        """Each working day so far with what remained at its end, and what an even pace would have left."""
        count = len(self.days)
        return [(day, left, self.planned * (count - place - 1) / count) for place, (day, left) in enumerate(self.so_far)]

    @property
    def so_far(self) -> list[tuple[date, float]]:
        return list(zip(self.days, self.left[1:], strict=False))

    @property
    def sentence(self) -> str:
        """What the chart says."""
        if not self.seats:
            return "Nothing is committed in this sprint."
        left, planned = self.left[-1], self.planned
        told = f"{in_words(Fraction(str(round(left, 4))))} of {in_words(Fraction(str(round(planned, 4))))} committed days remain"
        if not self.rows:
            return f"{told}; the first working day is still to come."
        even = self.rows[-1][2]
        return f"{told} on day {len(self.rows)} of {len(self.days)}; an even pace would leave {in_words(Fraction(str(round(even, 4))))}."


def remains(seat: Seat, moment: datetime) -> bool:
    """Whether a seat's days were still to be done: in the sprint, not taken out, and its card not ended or gone."""
    came = seat.is_scope_change and seat.added_at > moment
    gone = [at for at in (seat.removed_at, seat.task.ended_at, seat.task.deleted_at) if at and at <= moment]
    return not came and not gone
