"""The arithmetic of a sprint, in one unit: person-days. Pure: no database, no clock on the wall.

Days and shares are exact fractions; they are rounded where they are shown. Each rule names where it comes from:
PRODUCT section 4, and the reference on tracking, 5.4 (one unit, the assumed rate) and 5.5 (what a lead wants to see).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from dsboard.working_time import WorkingTime
from experiments.stages import Bucket, Lane

NONE = Fraction(0)
BUCKETS = tuple(Bucket)
#: days of a point until a team sets its rate or takes the proposal (PRODUCT 4)
ASSUMED_RATE = Decimal("0.5")
#: how many closed sprints the proposed rate looks back on (PRODUCT 4)
SPRINTS_OF_RATE = 3
#: the per cent of an unfinished pointed task that are proposed as earned, by its lane (PRODUCT 4)
PROPOSED_EARNED = {Lane.READY: 0, Lane.IN_PROGRESS: 50, Lane.REVIEW: 80, Lane.DONE: 100}

Days = Mapping[str, Fraction]


class Guide(NamedTuple):
    """The guideline in per cent, and how many points either side are still in the band, its ends included."""

    committed: int
    experiments: int
    learning: int
    tolerance: int

    def of(self, bucket: str) -> int:
        return int(getattr(self, bucket))

    def __str__(self) -> str:
        return f"{self.committed}/{self.experiments}/{self.learning}"


class Line(NamedTuple):
    """A seat as the arithmetic sees it: which bucket and whose days; `owner` is None while nobody owns the task."""

    bucket: str
    owner: int | None
    days: Fraction


class Part(NamedTuple):
    """One bucket of a plan, or of what really happened. `share` is in per cent; it and what follows are None when there are no days."""

    bucket: str
    days: Fraction
    guide: int
    share: Fraction | None
    in_band: bool | None

    @property
    def drift(self) -> Fraction | None:
        """Points over the guideline; under it when negative."""
        return None if self.share is None else self.share - self.guide


# ── planned days (PRODUCT 4: "what is left when the plan freezes") ──


def in_days(time: timedelta, day: timedelta) -> Fraction:
    """Working time in days of the team's hours."""
    return Fraction(time // timedelta(microseconds=1), day // timedelta(microseconds=1))


def box_days(length: timedelta, used: timedelta, day: timedelta) -> Fraction:
    """The box less its used time; a box that ran over holds nothing."""
    return max(NONE, in_days(length - used, day))


def points_days(points: Decimal, earned: Decimal, rate: Decimal) -> Fraction:
    """The remaining points times the rate, in days per point."""
    return max(NONE, Fraction(points) - Fraction(earned)) * Fraction(rate)


# ── shares and the band ──


def by_bucket(lines: Iterable[Line]) -> dict[str, Fraction]:
    """The days of every bucket, also of an empty one."""
    total: dict[str, Fraction] = dict.fromkeys(BUCKETS, NONE)
    for line in lines:
        total[line.bucket] += line.days
    return total


def by_owner(lines: Iterable[Line]) -> dict[int | None, Fraction]:
    """The days of everybody who owns some; under None what nobody owns."""
    total: dict[int | None, Fraction] = defaultdict(Fraction)
    for line in lines:
        total[line.owner] += line.days
    return dict(total)


def parts(days: Days, guide: Guide) -> dict[str, Part]:
    """Each bucket with its share of all days, in per cent, beside the guideline (PRODUCT 4: none when the plan is empty)."""
    total = sum(days.values())
    shares = {bucket: days[bucket] * 100 / total if total else None for bucket in BUCKETS}
    return {bucket: Part(bucket, days[bucket], guide.of(bucket), share, in_band(share, guide, bucket)) for bucket, share in shares.items()}


def in_band(share: Fraction | None, guide: Guide, bucket: str) -> bool | None:
    """Within the tolerance of the guideline; the band includes its ends."""
    return None if share is None else abs(share - guide.of(bucket)) <= guide.tolerance


def whole(shares: Sequence[Fraction | None]) -> list[int] | None:
    """Shares as whole per cent that still add up to 100: the largest remainders are rounded up, on equal ones the first (PRODUCT 4)."""
    known = [share for share in shares if share is not None]
    if not known:
        return None
    floors = [int(share) for share in known]
    missing = round(sum(known)) - sum(floors)
    by_remainder = sorted(range(len(known)), key=lambda at: (floors[at] - known[at], at))
    for at in by_remainder[:missing]:
        floors[at] += 1
    return floors


# ── what really happened ──


class Stretch(NamedTuple):
    """A time in which the clock of one task's box ran, as its owner's."""

    task: int
    owner: int | None
    start: datetime
    stop: datetime


def used_days(
    stretches: Iterable[Stretch], working: Callable[[int | None], WorkingTime], day: timedelta, since: datetime, until: datetime
) -> dict[int, Fraction]:
    """The days that each task used between two instants, by its owner's calendar.

    While one person has several boxes running their time is split equally between them (PRODUCT 4), so that nobody
    works two days in one.
    """
    used: dict[int, Fraction] = defaultdict(Fraction)
    of_owner: dict[int | None, list[Stretch]] = defaultdict(list)
    for one in stretches:
        start, stop = max(one.start, since), min(one.stop, until)
        if start < stop:
            of_owner[one.owner].append(one._replace(start=start, stop=stop))
    for owner, theirs in of_owner.items():
        moments = sorted({moment for one in theirs for moment in (one.start, one.stop)})
        for start, stop in pairwise(moments):
            running = [one.task for one in theirs if one.start <= start and stop <= one.stop]
            if running:
                each = in_days(working(owner).between(start, stop), day) / len(running)
                for task in running:
                    used[task] += each
    return dict(used)


def earned_points(points: Decimal, before: Decimal, share: int) -> Fraction:
    """The points that this sprint earns of a task of which `share` per cent are earned in all, `before` of them in earlier sprints."""
    return max(NONE, Fraction(points) * share / 100 - Fraction(before))


def earned_share(points: Decimal | None, before: Decimal) -> int:
    """How many per cent earlier sprints have earned of a task, rounded up: no less can be earned in all."""
    return min(100, -int(-Fraction(before) * 100 // Fraction(points))) if points else 0


class Closed(NamedTuple):
    """What a closed sprint says about the rate: days that people were there, days that boxes used, points that were finished."""

    available: Fraction
    boxed: Fraction
    points: Fraction


def proposed_rate(closed: Sequence[Closed]) -> Decimal | None:
    """Days per point: the median over the last three closed sprints, to two decimals; None while no points were finished (PRODUCT 4).

    `closed` has the newest first. A sprint in which boxes used all the days there were says nothing about points.
    """
    rates = [(one.available - one.boxed) / one.points for one in closed[:SPRINTS_OF_RATE] if one.points and one.available > one.boxed]
    if not rates:
        return None
    middle = median(rates)
    return round(Decimal(middle.numerator) / Decimal(middle.denominator), 2) or None
