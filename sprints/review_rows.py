"""The rows of one sprint's review: buckets, cards, changes of scope, time boxes; each with its words."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from dsboard.models import User
from experiments.clock import Clock
from experiments.models import Task
from experiments.stages import Bucket, Outcome, Stage
from sprints.allocation import Part
from sprints.balance import in_words
from sprints.models.figures import OPEN
from sprints.models.seat import Seat
from sprints.states import End

ENDS: dict[str, str] = {str(value): str(label) for value, label in End.choices}


class BucketRow(NamedTuple):
    """One bucket: days and whole per cent, planned and actual, beside its guideline."""

    bucket: str
    label: str
    planned: Part
    planned_share: int | None
    actual: Part
    actual_share: int | None
    against: str

    @property
    def planned_days(self) -> str:
        return in_words(self.planned.days)

    @property
    def actual_days(self) -> str:
        return in_words(self.actual.days)


@dataclass(frozen=True)
class SeatRow:
    """A card's seat: what was planned, what it took in days, and what became of it."""

    seat: Seat
    days: Fraction
    end: str
    outcome: str

    @property
    def task(self) -> Task:
        return self.seat.task

    @property
    def bucket(self) -> str:
        return Bucket(self.seat.bucket).label

    @property
    def owner(self) -> User | None:
        """Whose plan it was; while it runs, whose card it is."""
        owner: User | None = self.seat.owner
        return owner or self.seat.task.owner

    @property
    def held_days(self) -> str:
        return in_words(Fraction(self.seat.days or 0))

    @property
    def planned_days(self) -> str:
        """In brackets what came after the plan froze."""
        return self.held_days if self.seat.planned_bucket else f"({self.held_days})"

    @property
    def actual_days(self) -> str:
        return in_words(self.days)

    @property
    def end_words(self) -> str:
        """What became of it; of an open one where it is."""
        return str(Stage(self.task.stage).label) if self.end == OPEN else ENDS[self.end]

    @property
    def outcome_words(self) -> str:
        return Outcome(self.outcome).label if self.outcome else ""


class Change(NamedTuple):
    """One change of scope after the start: who did what to which card, when, and the days that it held."""

    at: datetime
    by: User | None
    words: str
    task: Task
    days: Fraction

    @property
    def days_words(self) -> str:
        """+3 or −1.5; nothing where the days stay."""
        return f"{'+' if self.days > 0 else '−'}{in_words(abs(self.days))}" if self.days else ""


class BoxRow(NamedTuple):
    """A time box in a running sprint: where its clock stands, and the days that it used since the sprint started."""

    row: SeatRow
    clock: Clock
    used: Fraction

    @property
    def used_days(self) -> str:
        return in_words(self.used)
