"""The geometry of line charts: numbers in, shapes with plain SVG attributes out. Pure: no database, no clock.

One unit is a pixel of the design at its full width; a picture grows with the page. What it shows stands in a table beside it as well.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

#: room for labels
LEFT, TOP, BELOW = 52.0, 16.0, 26.0
#: a line is thinned to so many points, its lowest and highest ones always among them
MOST_POINTS = 400


class Mark(NamedTuple):
    """A dot: `shape` is a class of the style sheet; `label` is written beside it."""

    x: float
    y: float
    shape: str
    label: str = ""


class Level(NamedTuple):
    """A line across at a height, with its label; `kind` is goal, base or grid."""

    y: float
    label: str
    kind: str


class Tick(NamedTuple):
    x: float
    label: str
    anchor: str


@dataclass
class Plot:
    """A picture; `label` says in words what it shows."""

    label: str
    width: float
    height: float
    right: float
    floor: float
    lines: list[tuple[str, str]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    left: float = LEFT


class Scale:
    """From numbers to places: `low` to `high` becomes `start` to `end`."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.span = low, (high - low) or 1.0
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        return round(self.start + (self.end - self.start) * (value - self.low) / self.span, 1)


def heights(values: Sequence[float]) -> tuple[float, float, list[float]]:
    """The lowest and highest number of an axis that holds these, and three to six round numbers on it."""
    low, high = min(values), max(values)
    if high - low <= 1e-12 * max(1.0, abs(low), abs(high)):
        pad = abs(low) / 20 or 0.5
        low, high = low - pad, high + pad
    rough = (high - low) / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * times for times in (1, 2, 2.5, 5, 10) if unit * times >= rough)
    bottom, top = math.floor(low / step) * step, math.ceil(high / step) * step
    count = round((top - bottom) / step)
    return bottom, top, [bottom + step * place for place in range(count + 1)]


def shown(number: float) -> str:
    """A number of an axis, without the dust of binary fractions."""
    return f"{number:.6g}"


def thinned(points: Sequence[tuple[float, float]], most: int = MOST_POINTS) -> list[tuple[float, float]]:
    """Of each stretch the lowest and the highest, in their order: the picture looks the same."""
    if len(points) <= most:
        return list(points)
    stretch = -(-2 * len(points) // most)
    kept: list[tuple[float, float]] = []
    for begin in range(0, len(points), stretch):
        some = points[begin : begin + stretch]
        pair = {min(some, key=lambda point: point[1]), max(some, key=lambda point: point[1])}
        kept += sorted(pair)
    return kept


def polyline(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def staircase(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Level until the next point, then up or down: how a best value changes."""
    steps = list(points[:1])
    for (_, before), (x, y) in pairwise(points):
        steps += [(x, before), (x, y)]
    return steps


def frame(label: str, values: Sequence[float], width: float = 540, height: float = 170) -> tuple[Plot, Scale]:
    """An empty picture with an axis of heights, and the scale of that axis."""
    low, high, grid = heights(values)
    plot = Plot(label, width, height, right=width - 10, floor=height - BELOW)
    y = Scale(low, high, plot.floor, TOP)
    plot.levels += [Level(y(number), shown(number), "grid") for number in grid]
    return plot, y
