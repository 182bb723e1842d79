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
    #: false where it breaks a guardrail, or tells nothing of one
    holds: bool = True
    #: name and digest of its data
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What is asked beside the number: so many runs, on this data; `stale` says why nothing newer can be known."""

    least_runs: int = 1
    data: str = ""
    guardrails: str = ""
    stale: str = ""


NOTHING = Asked()


@dataclass(frozen=True)
class Standing:
    """`best` is the best value of all counted tries, `run` its run, `tries` how many counted, `spark` the best so far, run by run."""

    state: str
    reason: str
    best: float | None = None
    run: int | None = None
    tries: int = 0
    spark: tuple[float, ...] = ()


def judge(
    tries: Sequence[Try], *, higher: bool, met: Callable[[float], bool | None], locked_at: datetime | None, asked: Asked = NOTHING
) -> Standing | None:
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
    pick = max if higher else min
    # Of equal values the first one counts: it was there before.
    holding = [pair for pair in numbers if pair[1] in {one.run for one in finished if one.holds}]
    best, run = pick(holding or numbers, key=lambda pair: pair[0])
    spark = so_far(counted, higher)

    def standing(state: str, reason: str = "") -> Standing:
        return Standing(state, reason, best, run, len(counted), spark)

    found = met(best)
    if found is None:
        return standing(INCONCLUSIVE, "The baseline is not known yet.")
    if len(numbers) < asked.least_runs:
        return standing(INCONCLUSIVE, f"{len(numbers)} of at least {asked.least_runs} runs so far.")
    if asked.data and asked.data not in next(one.data for one in counted if one.run == run):
        return standing(INCONCLUSIVE, f"Its best run does not tell that it used {asked.data[:60]}.")
    if not found:
        return standing(INCONCLUSIVE, asked.stale) if asked.stale else standing(NOT_MET)
    return standing(MET) if holding else standing(NOT_MET, f"No run that meets it keeps {asked.guardrails[:90]}.")


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
