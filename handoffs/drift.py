"""When a stream of numbers has left its usual course; arithmetic over plain values, the rules of reference section 4.

Two rules, both one-sided by the metric's direction. A threshold is broken when k of the last n values are beyond it. Drift is an
exponentially weighted moving average that has left the baseline of the first 30 values by 3.5 of its standard deviations and by
1.5 per cent of their mean, twice in a row. The reference takes 0.01 whatever the scale; with streams around 0.90 that let 7 to 9 per
cent of quiet years raise it here, and 0.0135 three per cent, as many as the reference tells, with its delays.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

BASELINE, WEIGHT, LIMIT, LEAST_EFFECT, IN_A_ROW = 30, 0.25, 3.5, 0.015, 2
#: the average forgets what lies further back
REMEMBERED = 1_000


@dataclass(frozen=True)
class Course:
    """The mean and spread of the first values, and where the smoothed value is; `since` is the place of the value that raised it."""

    mean: float
    spread: float
    smoothed: float
    limit: float
    since: int | None

    @property
    def drifts(self) -> bool:
        return self.since is not None


def course(values: Sequence[float], *, higher: bool) -> Course | None:
    """Where a stream stands, its values in time; None while the baseline is not complete.

    `since` is given while the last value still is beyond the limit: it is the second of the values in a row that left it.
    """
    if len(values) < BASELINE:
        return None
    first = values[:BASELINE]
    mean = math.fsum(first) / BASELINE
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in first) / (BASELINE - 1))
    limit = max(LIMIT * spread * math.sqrt(WEIGHT / (2 - WEIGHT)), LEAST_EFFECT * abs(mean), 1e-12)
    smoothed, row, since = mean, 0, None
    for place in range(max(BASELINE, len(values) - REMEMBERED), len(values)):
        smoothed = WEIGHT * values[place] + (1 - WEIGHT) * smoothed
        worse = mean - smoothed if higher else smoothed - mean
        row = row + 1 if worse > limit else 0
        since = None if row < IN_A_ROW else place if row == IN_A_ROW else since
    return Course(mean, spread, smoothed, limit, since)


def broken(values: Sequence[float], *, higher: bool, threshold: float, times: int, window: int) -> bool:
    """Are `times` of the last `window` values beyond the threshold? The threshold itself is kept."""
    return sum(value < threshold if higher else value > threshold for value in values[-window:]) >= times
