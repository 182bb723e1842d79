"""The geometry of line charts."""

from hypothesis import given
from hypothesis import strategies as st

from dsboard.plot import Scale, frame, heights, staircase, thinned

NUMBERS = st.floats(-1e9, 1e9)


@given(st.lists(NUMBERS, min_size=1, max_size=50))
def test_an_axis_holds_its_numbers_with_a_few_round_ones(values: list[float]) -> None:
    low, high, grid = heights(values)
    dust = 1e-6 * max(1.0, abs(low), abs(high))
    assert low - dust <= min(values) and max(values) <= high + dust and low < high
    assert 2 <= len(grid) <= 8 and grid == sorted(grid)


@given(st.lists(NUMBERS, min_size=1, max_size=50))
def test_everything_is_drawn_inside_the_picture(values: list[float]) -> None:
    plot, y = frame("", values)
    for value in values:
        assert 15.9 <= y(value) <= plot.floor + 0.1


@given(st.lists(st.tuples(st.integers(0, 10_000), NUMBERS), min_size=1, max_size=3_000))
def test_a_long_line_keeps_its_extremes(points: list[tuple[float, float]]) -> None:
    points.sort()
    kept = thinned(points, 100)
    assert len(kept) <= 102 or len(points) <= 100
    heights_of = [y for _, y in points]
    assert {min(heights_of), max(heights_of)} <= {y for _, y in kept}
    assert [x for x, _ in kept] == sorted(x for x, _ in kept)


def test_a_staircase_is_level_until_the_next_point() -> None:
    assert staircase([(0, 1), (5, 2), (9, 2)]) == [(0, 1), (5, 1), (5, 2), (9, 2), (9, 2)]
    assert Scale(3, 3, 0, 10)(3) == 0
