"""The drift rule on simulated streams of known course, seeded: within the figures of the reference; and the threshold rule."""

import json
import random
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoffs.drift import BASELINE, broken, course
from tests.experiments.tracking import clients

MEAN, SPREAD, SHIFT_AT, STREAMS = 0.90, 0.01, 40, 300


def first_alarm(values: list[float], higher: bool = True) -> int | None:
    """The place of the value after which the rule is raised for the first time."""
    return next(
        (place for place in range(BASELINE, len(values)) if (found := course(values[: place + 1], higher=higher)) and found.drifts), None
    )


def simulated(length: int, worse: Callable[[int], float], streams: int, seed: int = 11) -> list[int | None]:
    chance = random.Random(seed)
    return [first_alarm([chance.gauss(MEAN, SPREAD) - worse(place) for place in range(length)]) for _ in range(streams)]


def delays(worse: Callable[[int], float]) -> tuple[float, float]:
    """The share of streams in which 100 points were not enough, and the median delay of the others, in points after the shift."""
    found = [place for place in simulated(SHIFT_AT + 100, worse, STREAMS) if place is None or place >= SHIFT_AT]
    seen = [place - SHIFT_AT for place in found if place is not None]
    return 1 - len(seen) / len(found), statistics.median(seen)


def test_a_year_without_drift_raises_it_seldom() -> None:
    alarms = [place for place in simulated(365, lambda place: 0.0, STREAMS) if place is not None]
    assert len(alarms) / STREAMS <= 0.035, f"{len(alarms)} of {STREAMS}"


@pytest.mark.parametrize(
    ("name", "worse", "missed", "delay"),
    [
        ("a step of three spreads", lambda place: 0.03 * (place >= SHIFT_AT), 0.0, 4),
        ("a step of one and a half", lambda place: 0.015 * (place >= SHIFT_AT), 0.005, 10),
        ("a slope of three spreads over thirty points", lambda place: 0.03 * min(1.0, max(0, place - SHIFT_AT) / 30), 0.0, 18),
    ],
)  # fmt: skip
def test_drift_is_seen_soon(name: str, worse: Callable[[int], float], missed: float, delay: float) -> None:
    share, median = delays(worse)
    print(f"{name}: {share:.1%} missed, median delay {median} points")
    assert share <= missed and median <= delay


def test_getting_better_is_no_drift() -> None:
    better = [0.9 + 0.001 * (place % 3) for place in range(40)] + [0.99] * 40
    assert first_alarm(better) is None
    assert first_alarm(better, higher=False) is not None


def test_nothing_is_said_before_the_baseline_is_complete() -> None:
    assert course([0.9] * (BASELINE - 1), higher=True) is None
    assert course([0.9] * BASELINE, higher=True) is not None


def test_a_stream_without_spread_is_allowed_a_little() -> None:
    assert not course([0.9] * 40 + [0.89] * 20, higher=True).drifts
    assert course([0.9] * 40 + [0.85] * 20, higher=True).drifts


def test_it_ends_when_the_stream_comes_back() -> None:
    gone = [0.9 + 0.001 * (place % 5) for place in range(40)] + [0.8] * 5
    found = course(gone, higher=True)
    assert found.since == 41
    assert course([*gone, *[0.902] * 30], higher=True).since is None


@given(st.lists(st.floats(-1e6, 1e6), max_size=120), st.booleans())
def test_it_never_breaks_and_says_a_place_of_the_list(values: list[float], higher: bool) -> None:
    found = course(values, higher=higher)
    assert (found is None) == (len(values) < BASELINE)
    if found and found.since is not None:
        assert BASELINE < found.since < len(values)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=20), st.integers(1, 5), st.integers(1, 8))
def test_k_of_the_last_n(values: list[float], times: int, window: int) -> None:
    beyond = len([value for value in values[-window:] if value < 0.5])
    assert broken(values, higher=True, threshold=0.5, times=times, window=window) == (beyond >= times)
    assert not broken([0.5] * 9, higher=True, threshold=0.5, times=1, window=9), "the threshold itself is kept"


@pytest.mark.mlflow
def test_a_real_model_on_real_images_is_quiet_until_the_camera_moves(tmp_path: Path) -> None:
    """Handwritten digits, a batch a day; after day 60 every image is moved by one pixel."""
    done = clients.run("mlflow", str(Path(__file__).parent / "stream.py"), uri="", folder=tmp_path)
    assert done.returncode == 0, done.stderr[-1000:]
    values = json.loads(done.stdout)
    assert first_alarm(values[:60]) is None
    seen = first_alarm(values)
    assert seen is not None and 60 < seen <= 64, seen
