"""Runs against a number to meet: plain arithmetic, and nothing that a wrong number could do to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from experiments.judging import INCONCLUSIVE, MET, NOT_MET, SPARK, Asked, Standing, Try, judge, so_far

START = datetime(2026, 3, 10, 9, tzinfo=UTC)


def tries(*values: float | None, before: bool = False, finished: bool = True) -> list[Try]:
    first = START - timedelta(days=1) if before else START
    return [Try(place, value, first + timedelta(minutes=place), finished) for place, value in enumerate(values)]


def judged(told: list[Try], higher: bool = True, bar: float | None = 0.9, **asked: Any) -> Standing | None:
    def met(value: float) -> bool | None:
        return None if bar is None else value >= bar if higher else value <= bar

    return judge(told, higher=higher, met=met, locked_at=START, asked=Asked(**asked))


def test_without_runs_there_is_nothing_to_say() -> None:
    assert judged([]) is None


def test_the_best_counts_and_the_tries_stand_beside_it() -> None:
    assert judged(tries(0.8, 0.93, 0.91)) == Standing(MET, "", 0.93, 1, 3, (0.8, 0.93, 0.93))
    assert judged(tries(0.8, 0.85)) == Standing(NOT_MET, "", 0.85, 1, 2, (0.8, 0.85))


def test_where_lower_is_better_the_lowest_counts() -> None:
    assert judged(tries(130, 94, 99), higher=False, bar=120) == Standing(MET, "", 94, 1, 3, (130, 94, 94))


def test_of_equal_values_the_first_one_counts() -> None:
    found = judged(tries(0.93, 0.93))
    assert found and found.run == 0


def test_what_can_not_be_judged_says_why() -> None:
    for told, reason in [
        (tries(0.99, before=True), "Only exploratory runs, from before the numbers were fixed."),
        (tries(0.99, finished=False), "No run has finished yet."),
        (tries(None, None), "No finished run has a number."),
    ]:
        found = judged(told)
        assert found and (found.state, found.reason, found.best) == (INCONCLUSIVE, reason, None)
    unknown = judged(tries(0.99), bar=None)
    assert unknown and (unknown.state, unknown.reason) == (INCONCLUSIVE, "The baseline is not known yet.")


def test_before_the_clock_starts_every_run_is_exploratory() -> None:
    found = judge(tries(0.99), higher=True, met=lambda value: True, locked_at=None)
    assert found and (found.state, found.tries) == (INCONCLUSIVE, 0)


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), max_size=200), st.booleans())
def test_the_line_of_best_values_only_gets_better_and_ends_with_the_best(values: list[float | None], higher: bool) -> None:
    line = so_far(tries(*values), higher)
    assert list(line) == sorted(line, reverse=not higher) and len(line) <= SPARK
    numbers = [value for value in values if value is not None]
    if numbers:
        assert line[-1] == (max(numbers) if higher else min(numbers))


class TestWhatIsAskedBesides:
    def test_so_many_runs(self) -> None:
        assert judged(tries(0.95, 0.96), least_runs=3).reason == "2 of at least 3 runs so far."
        assert judged(tries(0.95, 0.96, None), least_runs=3).state == INCONCLUSIVE, "what is no number is no run for this"
        assert judged(tries(0.95, 0.96, 0.97), least_runs=3).state == MET

    def test_only_a_run_that_keeps_the_guardrails_meets_it(self) -> None:
        told = tries(0.92, 0.99)
        told[1] = replace(told[1], holds=False)
        assert judged(told, guardrails="latency ≤ 120") == Standing(MET, "", 0.92, 0, 2, (0.92, 0.99))
        told[0] = replace(told[0], holds=False)
        found = judged(told, guardrails="latency ≤ 120")
        assert (found.state, found.reason) == (NOT_MET, "No run that meets it keeps latency ≤ 120.")

    def test_on_this_data(self) -> None:
        told = [replace(one, data=("wdbc", "ada26cfe")) for one in tries(0.95)]
        assert judged(told, data="ada26cfe").state == judged(told, data="wdbc").state == MET
        found = judged(told, data="holdout-3")
        assert (found.state, found.reason) == (INCONCLUSIVE, "Its best run does not tell that it used holdout-3.")
        assert judged(tries(0.95), data="wdbc").state == INCONCLUSIVE, "a run that says nothing of its data"

    def test_a_silent_server_leaves_open_what_is_short_and_not_what_is_met(self) -> None:
        assert judged(tries(0.5), stale="MLflow has not been read.") == Standing(
            INCONCLUSIVE, "MLflow has not been read.", 0.5, 0, 1, (0.5,)
        )
        assert judged(tries(0.95), stale="MLflow has not been read.").state == MET
