"""How the runs of an experiment stand against a number to meet; arithmetic over plain values.

A run that started before the numbers were fixed is exploratory: it is shown and never counts as a try
(reference 5.1, after Hofman et al. 2023). Only a run that finished can meet a target; a value that is no number can't.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

MET, NOT_MET, INCONCLUSIVE = STATES = ("met", "not_met", "inconclusive")
#: so many points has the line of best values on a card's face
SPARK = 24


@dataclass(frozen=True)
class Try:
    """One run's value of the metric: `value` None where it is no number, `at` when the run started or arrived."""

    run: int
    value: float | None
    at: datetime
    finished: bool


@dataclass(frozen=True)
class Standing:
    """`best` is the best value of all counted tries, `run` its run, `tries` how many counted, `spark` the best so far, run by run."""

    state: str
    reason: str
    best: float | None = None
    run: int | None = None
    tries: int = 0
    spark: tuple[float, ...] = ()


def judge(tries: Sequence[Try], *, higher: bool, met: Callable[[float], bool | None], locked_at: datetime | None) -> Standing | None:
    """The standing of one metric, tries in the order in which they started; None where no run has ever told it."""
    if not tries:
        return None
    counted = [one for one in tries if locked_at is not None and one.at >= locked_at]
    if not counted:
        return Standing(INCONCLUSIVE, "Only exploratory runs, from before the numbers were fixed.", spark=so_far(tries, higher))
    finished = [one for one in counted if one.finished]
    numbers = [(one.value, one.run) for one in finished if one.value is not None]
    if not numbers:
        reason = "No run has finished yet." if not finished else "No finished run has a number."
        return Standing(INCONCLUSIVE, reason, tries=len(counted), spark=so_far(counted, higher))
    # Of equal values the first one counts: it was there before.
    best, run = max(numbers, key=lambda pair: pair[0]) if higher else min(numbers, key=lambda pair: pair[0])
    found = met(best)
    spark = so_far(counted, higher)
    if found is None:
        return Standing(INCONCLUSIVE, "The baseline is not known yet.", best, run, len(counted), spark)
    return Standing(MET if found else NOT_MET, "", best, run, len(counted), spark)


def so_far(tries: Sequence[Try], higher: bool) -> tuple[float, ...]:
    """The best value after each run that has one; thinned to SPARK, the first and the last always among them."""
    best: list[float] = []
    for one in tries:
        if one.value is not None and one.finished:
            best.append(one.value if not best else max(best[-1], one.value) if higher else min(best[-1], one.value))
    if len(best) <= SPARK:
        return tuple(best)
    step = (len(best) - 1) / (SPARK - 1)
    return tuple(best[round(place * step)] for place in range(SPARK))
