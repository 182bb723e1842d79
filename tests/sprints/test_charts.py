"""The geometry of the charts: bars are as high as what they show, nothing sticks out, guidelines lie where they say."""

from hypothesis import given
from hypothesis import strategies as st

from sprints.charts import (
    ACTUAL,
    BURN_FLOOR,
    BURN_TOP,
    FLOOR,
    GAP,
    LEFT,
    PLANNED,
    RIGHT,
    SLIT,
    TOP,
    Bars,
    allocation,
    at,
    burndown,
    lying,
    stack,
    widths,
)

HUNDRED = FLOOR - TOP


@st.composite
def shares(draw: st.DrawFn) -> dict[str, int] | None:
    """Whole per cent of three buckets that add up to 100, or no days at all."""
    if draw(st.booleans()) and draw(st.booleans()):
        return None
    committed = draw(st.integers(0, 100))
    experiments = draw(st.integers(0, 100 - committed))
    return {"committed": committed, "experiments": experiments, "learning": 100 - committed - experiments}


@st.composite
def bars(draw: st.DrawFn) -> Bars:
    committed = draw(st.integers(0, 100))
    guide = (committed, draw(st.integers(0, 100 - committed)))
    return Bars("S1", draw(shares()), draw(shares()), guide, draw(st.booleans()), draw(st.booleans()))


def told(name: str = "S1", planned: tuple[int, int, int] = (60, 30, 10), guide: tuple[int, int] = (60, 30)) -> Bars:
    known = dict(zip(("committed", "experiments", "learning"), planned, strict=True))
    return Bars(name, known, known, guide, False, False)


@given(shares())
def test_the_parts_of_a_bar_and_their_gaps_are_as_high_as_a_hundred(found: dict[str, int] | None) -> None:
    parts = stack(found, 50, PLANNED)
    height = sum(part.height + GAP for part in parts)
    assert abs(height - (HUNDRED if found else 0)) < 0.1
    assert all(part.height > 0 for part in parts)
    assert [part.y for part in parts] == sorted((part.y for part in parts), reverse=True)


@given(st.lists(bars(), min_size=0, max_size=8))
def test_nothing_sticks_out_of_the_picture(several: list[Bars]) -> None:
    picture = allocation(several)
    for part in (part for column in picture.columns for part in (*column.planned, *column.actual)):
        assert part.x >= LEFT and part.x + part.width <= RIGHT
        assert part.y >= TOP and part.y + part.height <= FLOOR
    for line in picture.guides:
        assert LEFT <= line.x1 <= line.x2 <= RIGHT
        assert TOP <= line.y <= FLOOR
    assert all(0 < column.middle < picture.width for column in picture.columns)


@given(st.lists(bars(), min_size=1, max_size=8))
def test_every_sprint_lies_under_exactly_two_guidelines(several: list[Bars]) -> None:
    picture = allocation(several)
    for one, column in zip(several, picture.columns, strict=True):
        over = [line.y for line in picture.guides if line.x1 <= column.middle < line.x2]
        assert over == [at(one.guide[0]), at(sum(one.guide))]


def test_eight_sprints_stand_where_the_design_draws_them() -> None:
    picture = allocation([told(f"S{n}") for n in range(17, 25)])
    first = picture.columns[0]
    assert [(part.x, part.width) for part in (first.planned[0], first.actual[0])] == [(50.0, PLANNED), (78.4, ACTUAL)]
    assert [(line.y, line.label) for line in picture.guides] == [(93.6, "60"), (32.4, "90")]
    assert [(line.x1, line.x2) for line in picture.guides] == [(40.0, 860.0)] * 2
    assert first.number == (100.8, 158.8, 60)


def test_another_guideline_is_drawn_from_its_sprint_on() -> None:
    picture = allocation([told("S1"), told("S2"), told("S3", guide=(50, 40))])
    lines = [(line.x1, line.x2, line.y, line.label) for line in picture.guides]
    assert lines == [
        (40.0, 450.0, at(60), ""),
        (40.0, 450.0, at(90), ""),
        (450.0, 860.0, at(50), "50"),
        (450.0, 860.0, at(90), "90"),
    ]


def test_a_sprint_without_days_has_no_bar_and_no_number() -> None:
    column = allocation([Bars("S1", None, None, (60, 30), False, True)]).columns[0]
    assert (column.planned, column.actual, column.number) == ([], [], None)


def test_a_low_part_has_no_room_for_its_number() -> None:
    assert allocation([told(planned=(5, 85, 10))]).columns[0].number is None


def test_hatch_and_dots_are_patterns_of_the_page() -> None:
    assert [part.paint for part in stack({"committed": 60, "experiments": 30, "learning": 10}, 0, 1)] == [
        "currentColor",
        "url(#p-exp)",
        "url(#p-lrn)",
    ]


@given(shares())
def test_a_lying_bar_is_as_long_as_a_hundred(found: dict[str, int] | None) -> None:
    parts = lying(found)
    assert abs(sum(part.width + SLIT for part in parts) - (100 if found else 0)) < 0.1
    assert all(part.x >= 0 and part.width > 0 and part.x + part.width <= 100 for part in parts)


class TestBurndown:
    def test_it_falls_from_the_plan_to_nothing(self) -> None:
        chart = burndown(["Mon 9", "Tue 10", "Wed 11", "Thu 12"], 8.0, [8.0, 6.0, 6.0])
        assert chart.ideal == "40,16 860,180"
        assert chart.points == [(40.0, 16.0), (245.0, 57.0), (450.0, 57.0)]
        assert chart.real == "40,16 245,57 450,57"
        assert [(tick.label, tick.is_today) for tick in chart.ticks] == [
            ("Mon 9", False),
            ("Tue 10", True),
            ("Wed 11", False),
            ("Thu 12", False),
        ]
        assert [line.label for line in chart.grid] == ["0", "4", "8"]

    def test_scope_that_came_later_makes_the_picture_higher(self) -> None:
        chart = burndown(["Mon 9", "Tue 10"], 4.0, [4.0, 8.0])
        assert chart.points == [(40.0, 98.0), (450.0, 16.0)]

    @given(st.integers(0, 30), st.floats(0, 500), st.lists(st.floats(0, 500), max_size=40))
    def test_nothing_sticks_out(self, days: int, planned: float, left: list[float]) -> None:
        chart = burndown([str(day) for day in range(days)], planned, left)
        assert all(LEFT <= x <= RIGHT and BURN_TOP <= y <= BURN_FLOOR for x, y in chart.points)
        assert len(chart.points) <= days + 1


def test_bars_are_as_long_as_their_counts() -> None:
    assert widths([31, 24, 19, 17]) == [100.0, 77.4, 61.3, 54.8]
    assert widths([3, 1], 12) == [25.0, 8.3]
    assert widths([0, 0]) == [0.0, 0.0]
    assert widths([]) == []
