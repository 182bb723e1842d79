"""The arithmetic of a sprint, by hand and by its laws."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsboard.working_time import WorkingTime, week_of
from experiments.stages import Bucket
from sprints.allocation import (
    BUCKETS,
    Closed,
    Guide,
    Line,
    Stretch,
    box_days,
    by_bucket,
    by_owner,
    earned_points,
    earned_share,
    in_days,
    parts,
    points_days,
    proposed_rate,
    used_days,
    whole,
)

GUIDE = Guide(60, 30, 10, 5)
DAY = timedelta(hours=8)
OFFICE = WorkingTime(ZoneInfo("UTC"), week_of("Mon-Fri 09:00-17:00"))
MONDAY = date(2026, 3, 9)


def at(day: int, hour: float) -> datetime:
    """An hour of the first sprint: day 0 is Monday 9 March."""
    return datetime.combine(MONDAY + timedelta(days=day), datetime.min.time(), UTC) + timedelta(hours=hour)


def days(committed: float, experiments: float, learning: float) -> dict[str, Fraction]:
    return {str(bucket): Fraction(value) for bucket, value in zip(BUCKETS, (committed, experiments, learning), strict=True)}


class TestPlannedDays:
    def test_a_box_counts_what_is_left_of_it(self) -> None:
        assert box_days(timedelta(hours=24), timedelta(hours=12), DAY) == Fraction(3, 2)

    def test_a_box_that_ran_over_counts_nothing(self) -> None:
        assert box_days(timedelta(hours=16), timedelta(hours=20), DAY) == 0

    def test_points_count_at_the_rate(self) -> None:
        assert points_days(Decimal(8), Decimal(0), Decimal("0.6")) == Fraction(24, 5)

    def test_points_that_are_earned_are_not_planned_again(self) -> None:
        assert points_days(Decimal(8), Decimal(4), Decimal("0.5")) == 2
        assert points_days(Decimal(3), Decimal(5), Decimal("0.5")) == 0

    def test_a_day_has_the_hours_of_the_team(self) -> None:
        assert in_days(timedelta(hours=15), timedelta(hours=7.5)) == 2


class TestShares:
    def test_the_sprint_of_the_picture(self) -> None:
        found = parts(days(17.4, 9, 1.5), GUIDE)
        assert [round(float(part.share or 0), 1) for part in found.values()] == [62.4, 32.3, 5.4]
        assert [part.in_band for part in found.values()] == [True, True, True]
        assert whole([part.share for part in found.values()]) == [62, 32, 6]

    @pytest.mark.parametrize(("share", "inside"), [(65, True), (55, True), (Fraction(6501, 100), False), (Fraction(5499, 100), False)])
    def test_the_band_includes_its_ends(self, share: float, inside: bool) -> None:
        found = parts(days(share, 30, 70 - share), GUIDE)
        assert (found["committed"].share, found["committed"].in_band) == (share, inside)

    def test_an_empty_plan_has_none(self) -> None:
        found = parts(days(0, 0, 0), GUIDE)
        assert {(part.share, part.in_band, part.drift) for part in found.values()} == {(None, None, None)}
        assert whole([part.share for part in found.values()]) is None

    def test_drift_is_in_points(self) -> None:
        assert [part.drift for part in parts(days(7, 2, 1), GUIDE).values()] == [10, -10, 0]

    def test_equal_remainders_are_given_from_the_first(self) -> None:
        assert whole([Fraction(100, 3)] * 3) == [34, 33, 33]

    @given(st.tuples(*[st.fractions(0, 400, max_denominator=1000)] * 3))
    def test_shares_of_a_plan_that_is_not_empty_sum_to_100(self, found: tuple[Fraction, ...]) -> None:
        shares = [part.share for part in parts(dict(zip(map(str, BUCKETS), found, strict=True)), GUIDE).values()]
        if not sum(found):
            assert shares == [None] * 3
            return
        assert sum(share or 0 for share in shares) == 100
        rounded = whole(shares)
        assert rounded is not None
        assert sum(rounded) == 100
        assert all(abs(one - (share or 0)) < 1 for one, share in zip(rounded, shares, strict=True))


lines = st.lists(
    st.builds(Line, st.sampled_from([str(b) for b in Bucket]), st.sampled_from([None, 1, 2, 3]), st.fractions(0, 20, max_denominator=100)),
    max_size=30,
)


class TestLines:
    @given(lines)
    def test_buckets_and_owners_hold_the_same_days(self, found: list[Line]) -> None:
        assert sum(by_bucket(found).values()) == sum(by_owner(found).values()) == sum((line.days for line in found), Fraction(0))

    @given(lines, st.data())
    def test_moving_a_seat_there_and_back_changes_nothing(self, found: list[Line], data: st.DataObject) -> None:
        if not found:
            return
        place = data.draw(st.integers(0, len(found) - 1))
        other = data.draw(st.sampled_from([str(b) for b in Bucket]))
        before = parts(by_bucket(found), GUIDE)
        there = [*found[:place], found[place]._replace(bucket=other), *found[place + 1 :]]
        back = [*there[:place], there[place]._replace(bucket=found[place].bucket), *there[place + 1 :]]
        assert parts(by_bucket(back), GUIDE) == before
        assert sum(by_bucket(there).values()) == sum(by_bucket(found).values())


class TestBoxTime:
    def used(self, *stretches: Stretch, since: datetime | None = None, until: datetime | None = None) -> dict[int, Fraction]:
        """Within two weeks, unless the sprint ran at another time."""
        return used_days(stretches, lambda owner: OFFICE, DAY, since or at(0, 0), until or at(14, 0))

    def test_counts_working_time(self) -> None:
        assert self.used(Stretch(1, 7, at(0, 13), at(2, 13))) == {1: 2}

    def test_is_split_equally_while_one_person_runs_two_boxes(self) -> None:
        both = self.used(Stretch(1, 7, at(0, 9), at(2, 17)), Stretch(2, 7, at(1, 9), at(3, 17)))
        assert both == {1: 2, 2: 2}

    def test_is_not_split_between_people(self) -> None:
        assert self.used(Stretch(1, 7, at(0, 9), at(0, 17)), Stretch(2, 8, at(0, 9), at(0, 17))) == {1: 1, 2: 1}

    def test_three_boxes_take_a_third_each(self) -> None:
        assert self.used(*(Stretch(task, 7, at(0, 9), at(0, 17)) for task in (1, 2, 3))) == dict.fromkeys((1, 2, 3), Fraction(1, 3))

    def test_counts_only_while_the_sprint_ran(self) -> None:
        assert self.used(Stretch(1, 7, at(-4, 9), at(30, 9)), since=at(1, 9), until=at(2, 13)) == {1: Fraction(3, 2)}

    def test_two_stretches_of_one_box_add_up(self) -> None:
        assert self.used(Stretch(1, 7, at(0, 9), at(0, 13)), Stretch(1, 7, at(1, 9), at(1, 11))) == {1: Fraction(3, 4)}

    @given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 2), st.integers(0, 300), st.integers(0, 120)), max_size=8))
    def test_nobody_works_more_than_there_was_time(self, found: list[tuple[int, int, int, int]]) -> None:
        stretches = [Stretch(task, owner, at(0, start), at(0, start + length)) for task, owner, start, length in found]
        for owner in (1, 2):
            theirs = [one for one in stretches if one.owner == owner]
            there = sum((OFFICE.between(a, b) for a, b in united(theirs)), timedelta(0))
            assert sum(self.used(*theirs, until=at(60, 0)).values()) == in_days(there, DAY)


def united(stretches: list[Stretch]) -> list[tuple[datetime, datetime]]:
    """The times in which at least one of them runs."""
    found: list[tuple[datetime, datetime]] = []
    for one in sorted(stretches, key=lambda one: one.start):
        if found and one.start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], one.stop))
        else:
            found.append((one.start, one.stop))
    return found


class TestEarned:
    def test_half_now_and_the_rest_later_is_the_whole(self) -> None:
        first = earned_points(Decimal(5), Decimal(0), 50)
        assert (first, earned_points(Decimal(5), Decimal("2.5"), 100)) == (Fraction(5, 2), Fraction(5, 2))

    def test_nothing_is_earned_twice(self) -> None:
        assert earned_points(Decimal(5), Decimal(5), 100) == 0

    @given(st.sampled_from([1, 2, 3, 5, 8, 13]), st.lists(st.integers(0, 100), max_size=6))
    def test_sprint_after_sprint_adds_up_to_the_points(self, points: int, shares: list[int]) -> None:
        total = Fraction(0)
        for share in [*sorted(shares), 100]:
            total += earned_points(Decimal(points), Decimal(float(total)), share)
        assert float(total) == pytest.approx(points)

    @pytest.mark.parametrize(("points", "before", "least"), [(8, "4", 50), (3, "1", 34), (5, "0", 0), (5, "9", 100), (None, "0", 0)])
    def test_no_less_can_be_earned_than_was(self, points: int | None, before: str, least: int) -> None:
        assert earned_share(None if points is None else Decimal(points), Decimal(before)) == least


class TestRate:
    def test_the_median_of_the_last_three(self) -> None:
        closed = [Closed(Fraction(a), Fraction(b), Fraction(c)) for a, b, c in ((30, 10, 40), (30, 12, 30), (30, 10, 25), (30, 0, 1))]
        assert proposed_rate(closed) == Decimal("0.60")

    def test_two_decimals(self) -> None:
        assert proposed_rate([Closed(Fraction(10), Fraction(0), Fraction(3))]) == Decimal("3.33")

    def test_a_sprint_without_finished_points_says_nothing(self) -> None:
        assert proposed_rate(
            [Closed(Fraction(30), Fraction(10), Fraction(0)), Closed(Fraction(30), Fraction(10), Fraction(40))]
        ) == Decimal("0.5")

    @pytest.mark.parametrize(
        "closed", [[], [Closed(Fraction(10), Fraction(0), Fraction(0))], [Closed(Fraction(5), Fraction(5), Fraction(8))]]
    )
    def test_none_without_anything_to_measure(self, closed: list[Closed]) -> None:
        assert proposed_rate(closed) is None
