"""One sprint beside its figures: shares in whole per cent, and in words how far it was from its guideline."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil
from statistics import median

from experiments.stages import Bucket
from sprints.allocation import BUCKETS, Part, parts
from sprints.balance import in_words, whole_shares
from sprints.charts import Bars
from sprints.models import Sprint
from sprints.models.figures import Change, Figures
from sprints.models.flow import FLOW


def exact(days: dict[str, float]) -> dict[str, Fraction]:
    """Days as they were before they became floats: the ends of the band are in it, so nothing may be off by a hair."""
    return {bucket: Fraction(str(days.get(bucket, 0.0))) for bucket in BUCKETS}


def points_of(part: Part, share: int, tolerance: int) -> str:
    """How far a bucket is from its guideline, in points: +6, −3. Out of band by less than a point it shows the decimal."""
    drift = Fraction(share - part.guide)
    if part.in_band is False and part.drift is not None and abs(drift) <= tolerance:
        tenths = Fraction(ceil(abs(part.drift) * 10), 10)
        drift = tenths if part.drift > 0 else -tenths
    words = in_words(abs(drift))
    return f"+{words}" if drift > 0 else f"−{words}" if drift < 0 else "0"


@dataclass(frozen=True)
class Reviewed:
    """One sprint beside its figures."""

    sprint: Sprint
    figures: Figures

    @cached_property
    def planned(self) -> dict[str, Part]:
        return parts(exact(self.figures.planned), self.sprint.guideline)

    @cached_property
    def actual(self) -> dict[str, Part]:
        return parts(exact(self.figures.actual), self.sprint.guideline)

    @cached_property
    def planned_shares(self) -> dict[str, int] | None:
        """Whole per cent that add up to 100; None while nothing was planned."""
        return whole_shares(self.planned)

    @cached_property
    def actual_shares(self) -> dict[str, int] | None:
        return whole_shares(self.actual)

    @property
    def out_of_band(self) -> list[str]:
        """What really happened, where it left the band: Committed +6."""
        shares = self.actual_shares or {}
        left = [(b, part) for b, part in self.actual.items() if part.in_band is False]
        return [f"{Bucket(b).label} {points_of(part, shares[b], self.sprint.guideline.tolerance)}" for b, part in left]

    @property
    def has_left_band(self) -> bool:
        """Told once the sprint is closed: while it runs, points count only where cards finish, so its shares are still on their way."""
        return self.sprint.is_closed and bool(self.out_of_band)

    @property
    def planned_words(self) -> str:
        return slashed(self.planned_shares)

    @property
    def actual_words(self) -> str:
        return slashed(self.actual_shares)

    @property
    def rows(self) -> list[int | None]:
        """The actual shares in the order of the columns."""
        return [self.actual_shares[b] if self.actual_shares else None for b in BUCKETS]

    @property
    def bars(self) -> Bars:
        guide = self.sprint.guideline
        name, edges = f"S{self.sprint.number}", (guide.committed, guide.experiments)
        return Bars(name, self.planned_shares, self.actual_shares, edges, self.has_left_band, self.sprint.is_running)

    @property
    def unplanned_words(self) -> str:
        return in_words(Fraction(str(self.figures.unplanned)))

    @property
    def added_words(self) -> str:
        return change_words(self.figures.added)

    @property
    def removed_words(self) -> str:
        return change_words(self.figures.removed)

    @property
    def wait(self) -> float | None:
        """Working days from findings to decision, the median."""
        return median(self.figures.waits) if self.figures.waits else None

    @property
    def flow(self) -> list[int]:
        return [self.figures.flow.get(step, 0) for step in FLOW]


def slashed(shares: dict[str, int] | None) -> str:
    """62 / 32 / 6."""
    return " / ".join(str(shares[b]) for b in BUCKETS) if shares else "–"


def span_of(numbers: Sequence[int]) -> str:
    """Sprints 17 to 24, from the newest to the oldest."""
    if not numbers:
        return "No sprints"
    return f"Sprint {numbers[0]}" if len(numbers) == 1 else f"Sprints {numbers[-1]} to {numbers[0]}"


def listed(words: Sequence[str]) -> str:
    """18, 21 and 22."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def change_words(change: Change) -> str:
    """3 (4.5 d)."""
    return f"{change.seats} ({in_words(Fraction(str(change.days)))} d)" if change.seats else "0"
