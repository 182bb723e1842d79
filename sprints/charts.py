"""The geometry of the review's charts: numbers in, shapes with plain SVG attributes out. Pure: no database, no clock.

The pictures keep the measures of the design: the allocation is 886 wide and 250 high, 100 per cent at 12 and nothing at 216.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from experiments.stages import Bucket

WIDTH, HEIGHT = 886, 250
LEFT, RIGHT, TOP, FLOOR = 40.0, 860.0, 12.0, 216.0
LABELS = 238.0
#: how wide a sprint may be at most, its two bars, and the space around and between them
STEP, PLANNED, ACTUAL, MARGIN, BETWEEN = 205.0, 24.4, 44.7, 10.0, 4.0
#: what is left empty between two parts of a bar, so that neighbours are told apart without colour
GAP = 1.5
#: a bar whose first part is lower than this has no room for its number
ROOM = 18.0


class Rect(NamedTuple):
    """A part of a bar; `paint` is what its fill attribute says: hatch and dots are patterns of the page."""

    x: float
    y: float
    width: float
    height: float
    bucket: str
    share: int

    @property
    def paint(self) -> str:
        return {Bucket.EXPERIMENTS: "url(#p-exp)", Bucket.LEARNING: "url(#p-lrn)"}.get(Bucket(self.bucket), "currentColor")


class Guide(NamedTuple):
    """A line at a guideline, from `x1` to `x2`; `label` only where it is drawn."""

    x1: float
    x2: float
    y: float
    label: str


class Grid(NamedTuple):
    y: float
    label: str


class Bars(NamedTuple):
    """What one sprint shows: whole per cent of each bucket, planned and actual, None while there are no days."""

    name: str
    planned: dict[str, int] | None
    actual: dict[str, int] | None
    guide: tuple[int, int]
    left_band: bool
    is_running: bool


@dataclass(frozen=True)
class Column:
    """One sprint: a pale narrow bar of what was planned beside a full wide one of what happened."""

    name: str
    middle: float
    planned: list[Rect]
    actual: list[Rect]
    left_band: bool
    is_running: bool

    @property
    def number(self) -> tuple[float, float, int] | None:
        """The share of the first part with its place, where it fits."""
        first = next((rect for rect in self.actual if rect.bucket == Bucket.COMMITTED), None)
        if first is None or first.height < ROOM:
            return None
        return round(first.x + first.width / 2, 1), round(first.y + first.height / 2 + 4, 1), first.share


@dataclass(frozen=True)
class Allocation:
    """The whole picture, `width` by `height`."""

    columns: list[Column]
    guides: list[Guide]
    width: int = WIDTH
    height: int = HEIGHT
    left: float = LEFT
    right: float = RIGHT
    labels: float = LABELS

    @property
    def grid(self) -> list[Grid]:
        return [Grid(at(share), f"{share}%") for share in (0, 25, 50, 75, 100)]


def at(share: float) -> float:
    """How far down a share lies, in per cent of the whole."""
    return round(FLOOR - (FLOOR - TOP) * share / 100, 2)


def stack(shares: dict[str, int] | None, x: float, width: float) -> list[Rect]:
    """The parts of one bar from the floor up; with the gaps between them they are as high as 100 per cent."""
    found, below = [], 0
    for bucket, share in (shares or {}).items():
        if share:
            top, bottom = at(below + share), at(below)
            height = round(bottom - top - GAP, 2)
            found.append(Rect(round(x, 1), round(top + GAP / 2, 2), width, height, bucket, share))
        below += share
    return found


def allocation(bars: Sequence[Bars]) -> Allocation:
    """The bars of up to eight sprints, the oldest first, with their own guidelines."""
    step = min(STEP, (RIGHT - LEFT) / max(1, len(bars)))
    columns = []
    for place, one in enumerate(bars):
        room = step - PLANNED - BETWEEN - ACTUAL
        x = LEFT + place * step + min(MARGIN, room / 2)
        planned, actual = stack(one.planned, x, PLANNED), stack(one.actual, x + PLANNED + BETWEEN, ACTUAL)
        middle = round(x + (PLANNED + BETWEEN + ACTUAL) / 2, 1)
        columns.append(Column(one.name, middle, planned, actual, one.left_band, one.is_running))
    return Allocation(columns, guides(bars, step))


def guides(bars: Sequence[Bars], step: float) -> list[Guide]:
    """Two lines across where all sprints had one guideline; else a piece for each run of sprints that shared one."""
    found, begins = [], 0
    for place in range(1, len(bars) + 1):
        if place == len(bars) or bars[place].guide != bars[begins].guide:
            last = place == len(bars)
            x1, x2 = LEFT + begins * step, RIGHT if last else LEFT + place * step
            committed, experiments = bars[begins].guide
            lines = [(committed, committed), (committed + experiments, committed + experiments)]
            found += [Guide(round(x1, 1), round(x2, 1), at(share), str(label) if last else "") for share, label in lines]
            begins = place
    return found


# ── burndown ──

BURN_HEIGHT, BURN_TOP, BURN_FLOOR, BURN_LABELS = 220, 16.0, 180.0, 202.0


class Tick(NamedTuple):
    x: float
    label: str
    is_today: bool


@dataclass(frozen=True)
class Burndown:
    """Committed days that remain at the end of each working day, beside the straight way down."""

    ideal: str
    real: str
    points: list[tuple[float, float]]
    ticks: list[Tick]
    grid: list[Grid]
    width: int = WIDTH
    height: int = BURN_HEIGHT
    left: float = LEFT
    right: float = RIGHT
    floor: float = BURN_FLOOR
    labels: float = BURN_LABELS


def burndown(names: Sequence[str], planned: float, left: Sequence[float]) -> Burndown:
    """`names` are the working days; `left` begins with what was there at the start and goes on to today, in days."""
    most = max([planned, *left, 1.0])
    width = (RIGHT - LEFT) / max(1, len(names))

    def x(day: int) -> float:
        return round(LEFT + day * width, 1)

    def y(days: float) -> float:
        return round(BURN_FLOOR - (BURN_FLOOR - BURN_TOP) * days / most, 1)

    points = [(x(day), y(days)) for day, days in enumerate(left[: len(names) + 1])]
    today = len(points) - 1
    ticks = [Tick(round(x(day) + width / 2, 1), name, day + 1 == today) for day, name in enumerate(names)]
    return Burndown(
        ideal=as_path([(x(0), y(planned)), (x(len(names)), y(0))]),
        real=as_path(points),
        points=points,
        ticks=ticks,
        grid=[Grid(y(most * part), f"{most * part:.1f}".removesuffix(".0")) for part in (0, 0.5, 1)],
    )


def as_path(points: Sequence[tuple[float, float]]) -> str:
    """Points as an SVG polyline wants them."""
    return " ".join(f"{x:g},{y:g}" for x, y in points)


# ── bars that lie ──

#: the gap between two parts, in per cent of the width
SLIT = 0.3


def lying(shares: dict[str, int] | None) -> list[Rect]:
    """One bar across, in per cent of its width: x and width are written with a per cent sign, so that hatch and dots keep their size."""
    found, before = [], 0
    for bucket, share in (shares or {}).items():
        if share:
            found.append(Rect(before + SLIT / 2, 0.0, round(share - SLIT, 2), 100.0, bucket, share))
        before += share
    return found


def widths(counts: Sequence[int], whole: int = 0) -> list[float]:
    """How long each bar is, in per cent of `whole` or, without one, of the longest."""
    whole = whole or max(counts, default=0)
    return [round(min(100.0, count * 100 / whole), 1) if whole else 0.0 for count in counts]
