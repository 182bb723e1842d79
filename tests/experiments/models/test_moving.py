"""A calendar that changes under boxes that run: never silently, and all of them with the change or none."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from dsboard.errors import Forbidden
from dsboard.models import Absence, Activity, DayOff, Membership
from dsboard.working_time import NoWorkingTime
from experiments.models import Task, TimeBox, running
from experiments.models.moving import Unconfirmed, agreement, moving
from experiments.stages import Stage
from tests.world import World, every_row, lisbon, wall

HOUR = timedelta(hours=1)
NOW = "2026-03-11 11:00"


@pytest.fixture
def task(world: World) -> Task:
    """Mei's box of three days: from Tuesday, 10 March, to Thursday, 17:00."""
    task = world.experiment()
    with wall("2026-03-10 09:00"):
        task.move_to(Stage.ACTIVE, world.mei)
    return task


def ends(task: Task) -> Any:
    return TimeBox.objects.get(task=task).ends_at


def away(world: World, first: int, last: int, member: Membership | None = None) -> Callable[[], Absence]:
    """Mei is away for some days of March."""
    return lambda: Absence.add(member or world.mei, world.lead, first_day=date(2026, 3, first), last_day=date(2026, 3, last))


def test_an_absence_to_come_moves_the_end(world: World, task: Task) -> None:
    with wall(NOW):
        absence, moves = moving(world.team, world.lead, away(world, 12, 13))
    assert [(move.task, move.was, move.becomes) for move in moves] == [(task, lisbon("2026-03-12 17:00"), lisbon("2026-03-16 17:00"))]
    assert ends(task) == lisbon("2026-03-16 17:00")
    assert absence.days() == [date(2026, 3, 12), date(2026, 3, 13)]


def test_one_that_is_entered_late_stops_the_clock_too(world: World, task: Task) -> None:
    """Mei fell ill on Tuesday and says so on Wednesday: nothing was used yet."""
    with wall(NOW):
        moving(world.team, world.lead, away(world, 10, 11))
        box = TimeBox.objects.get(task=task)
        assert box.used_at(lisbon("2026-03-12 10:00"), running.working_time_of(task)) == HOUR
    assert box.ends_at == lisbon("2026-03-16 17:00")


def test_an_absence_that_is_taken_back_moves_it_back(world: World, task: Task) -> None:
    with wall(NOW):
        absence, _ = moving(world.team, world.lead, away(world, 12, 13))
        moving(world.team, world.lead, lambda: absence.remove(world.lead))
    assert ends(task) == lisbon("2026-03-12 17:00")


def test_a_day_off_moves_everybodys_box(world: World, task: Task) -> None:
    other = world.experiment(title="Fewer features")
    with wall("2026-03-10 09:00"):
        other.move_to(Stage.ACTIVE, world.omar)
    with wall(NOW):
        _, moves = moving(world.team, world.lead, lambda: DayOff.add(world.team, world.lead, day=date(2026, 3, 12), name="Company day"))
    assert {move.task for move in moves} == {task, other}
    assert ends(task) == ends(other) == lisbon("2026-03-13 17:00")


def test_a_country_brings_its_holidays(world: World) -> None:
    """Good Friday is 3 April in 2026; a day that the lead works on after all does not come back."""
    task = world.experiment(hours=16)
    with wall("2026-04-02 09:00"):
        task.move_to(Stage.ACTIVE, world.mei)
        assert ends(task) == lisbon("2026-04-03 17:00")
        moving(world.team, world.lead, lambda: world.team.set_calendar(world.lead, country="PT"), from_now=True)
        assert ends(task) == lisbon("2026-04-06 17:00")
        good_friday = DayOff.objects.get(day=date(2026, 4, 3))
        assert (good_friday.name, good_friday.country) == ("Good Friday", "PT")
        moving(world.team, world.lead, lambda: good_friday.remove(world.lead))
        assert ends(task) == lisbon("2026-04-03 17:00")
        assert DayOff.objects.fill(world.team, "PT", "") == 0


def test_a_member_of_another_country_has_their_holidays_and_not_the_teams(world: World) -> None:
    with wall("2026-04-01 09:00"):
        world.team.set_calendar(world.lead, country="PT")
        world.mei.set_calendar(world.lead, country="JP")
        world.omar.set_calendar(world.lead, country="-")
        mine, omars = world.experiment(hours=24), world.experiment(hours=24, title="Fewer features")
        mine.move_to(Stage.ACTIVE, world.mei)
        omars.move_to(Stage.ACTIVE, world.omar)
    assert ends(mine) == ends(omars) == lisbon("2026-04-03 17:00")


def test_other_hours_count_from_now_on(world: World, task: Task) -> None:
    """Ten hours are used by Wednesday, 11:00; fourteen are left, four a day from then on."""
    with wall(NOW):
        moving(world.team, world.lead, lambda: world.team.set_calendar(world.lead, week="Mon-Fri 09:00-13:00"), from_now=True)
    assert ends(task) == lisbon("2026-03-16 13:00")
    assert [ran.used for ran in TimeBox.objects.get(task=task).intervals] == [10 * HOUR, None]


def test_another_zone_counts_from_now_on(world: World, task: Task) -> None:
    """Nine in Kolkata is 03:30 in Lisbon: on Wednesday half an hour is left of that day."""
    with wall(NOW):
        moving(world.team, world.lead, lambda: world.mei.set_calendar(world.lead, time_zone="Asia/Kolkata"), from_now=True)
    assert ends(task) == lisbon("2026-03-13 09:00")


def test_a_box_of_somebody_else_stays(world: World, task: Task) -> None:
    with wall(NOW):
        _, moves = moving(world.team, world.lead, away(world, 12, 13, world.omar))
    assert moves == []
    assert (ends(task), len(TimeBox.objects.get(task=task).intervals)) == (lisbon("2026-03-12 17:00"), 1)


def test_paused_and_ended_boxes_have_no_end_to_move(world: World, task: Task) -> None:
    with wall("2026-03-13 11:00"):
        _, moves = moving(world.team, world.lead, away(world, 16, 17))
    assert moves == []


def test_an_absence_on_the_last_days_opens_an_ended_box_again(world: World, task: Task) -> None:
    with wall("2026-03-13 11:00"):
        moving(world.team, world.lead, away(world, 12, 12))
    assert ends(task) == lisbon("2026-03-13 17:00")


def test_a_move_is_in_history_and_planned_anew(world: World, task: Task) -> None:
    before = TimeBox.objects.get(task=task).turn
    with wall(NOW):
        moving(world.team, world.lead, away(world, 12, 13))
    line = Activity.objects.of(task).last()
    assert (line.verb, line.field, line.actor) == ("rescheduled", "ends_at", world.lead.user)
    assert (line.before, line.after) == ("2026-03-12T17:00:00+00:00", "2026-03-16T17:00:00+00:00")
    box = TimeBox.objects.get(task=task)
    assert box.turn == before + 1
    assert box.next_look_at == lisbon("2026-03-16 12:12")


class TestTheAgreement:
    def test_without_one_nothing_has_changed(self, world: World, task: Task) -> None:
        before = every_row()
        with wall(NOW), pytest.raises(Unconfirmed) as caught:
            moving(world.team, world.lead, away(world, 12, 13), agreed="")
        assert every_row() == before
        assert str(caught.value) == "One running time box would end at another time. Look at the list, then save again to move it."
        assert [move.becomes for move in caught.value.moves] == [lisbon("2026-03-16 17:00")]

    def test_with_the_one_to_these_moves_it_is_done(self, world: World, task: Task) -> None:
        with wall(NOW):
            with pytest.raises(Unconfirmed) as caught:
                moving(world.team, world.lead, away(world, 12, 13), agreed="")
            moving(world.team, world.lead, away(world, 12, 13), agreed=caught.value.agreement)
        assert ends(task) == lisbon("2026-03-16 17:00")

    def test_one_to_other_moves_is_none(self, world: World, task: Task) -> None:
        """Another box has been started between looking and agreeing."""
        with wall(NOW):
            with pytest.raises(Unconfirmed) as seen:
                moving(world.team, world.lead, away(world, 12, 13), agreed="")
            world.started(world.experiment(title="Fewer features", hours=16))
            with pytest.raises(Unconfirmed) as now:
                moving(world.team, world.lead, away(world, 12, 13), agreed=seen.value.agreement)
        assert len(now.value.moves) == 2
        assert now.value.agreement == agreement(now.value.moves) != seen.value.agreement

    def test_where_nothing_moves_none_is_needed(self, world: World, task: Task) -> None:
        with wall(NOW):
            _, moves = moving(world.team, world.lead, away(world, 23, 24), agreed="")
        assert moves == []


def test_a_calendar_that_leaves_a_box_without_an_end_is_refused(world: World, task: Task) -> None:
    """Mei works on Mondays only, and is away on each of them for three years."""
    with wall(NOW):
        moving(world.team, world.lead, lambda: world.mei.set_calendar(world.lead, week="Mon 09:00-17:00"), from_now=True)
        mondays = [date(2026, 3, 16) + timedelta(weeks=step) for step in range(170)]
        DayOff.objects.bulk_create(DayOff(team=world.team, day=day, name="Off") for day in mondays)
        with pytest.raises(NoWorkingTime):
            moving(world.team, world.lead, away(world, 20, 21))


def test_who_may(world: World) -> None:
    """Members enter their own absences, leads everybody's; only leads change the calendar."""
    with wall(NOW):
        Absence.add(world.mei, world.mei, first_day=date(2026, 4, 1), last_day=date(2026, 4, 1))
        for who, member in ((world.mei, world.omar), (world.vera, world.vera), (world.ivo, world.mei)):
            with pytest.raises(Forbidden):
                Absence.add(member, who, first_day=date(2026, 4, 2), last_day=date(2026, 4, 2))
        for who in (world.mei, world.vera, world.ivo):
            with pytest.raises(Forbidden):
                world.team.set_calendar(who, week="Mon 09:00-10:00")
            with pytest.raises(Forbidden):
                world.mei.set_calendar(who, week="Mon 09:00-10:00")
            with pytest.raises(Forbidden):
                DayOff.add(world.team, who, day=date(2026, 4, 2), name="Mine")
