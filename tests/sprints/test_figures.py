"""The figures of a sprint: in which one an event counts, how a box was kept, what was finished, and that signing keeps them."""

import pytest

from experiments.models import Task, outcomes
from experiments.models.extension import extend
from experiments.models.pauses import pause
from sprints.models import Sprint, figures
from sprints.models.figures import Change, Figures
from sprints.models.flow import Box
from tests.sprints.telling import MEI, OMAR, closed, decided, done, reported, sprint_from, started
from tests.world import World, wall


def of(sprint: Sprint) -> Figures:
    return figures.of([sprint])[sprint.pk]


def boxes(sprint: Sprint) -> list[Box]:
    return of(sprint).boxes


class TestInWhichSprint:
    """Sprint 1 is Monday 9 to Friday 20 March 2026 and was closed on that Friday at three; Sprint 2 starts on Monday 23."""

    def two(self, world: World) -> tuple[Sprint, Sprint]:
        first = closed(world, sprint_from(world, "2026-03-09"), "2026-03-20 15:00")
        return first, sprint_from(world, "2026-03-23")

    def test_what_happens_between_two_sprints_counts_in_the_later_one(self, world: World) -> None:
        with wall("2026-03-18 09:00"):
            task = world.started(world.experiment(owner=MEI))
        first, second = self.two(world)
        reported(world, task, "2026-03-20 16:00")
        with wall("2026-03-23 10:00"):
            found = figures.of([second, first])
        assert (found[first.pk].flow, found[second.pk].flow) == ({"proposed": 1, "started": 1}, {"reported": 1})
        assert ([box.ref for box in found[first.pk].boxes], [box.ref for box in found[second.pk].boxes]) == ([], [task.ref])

    def test_read_alone_or_together_it_is_the_same(self, world: World) -> None:
        with wall("2026-03-18 09:00"):
            task = world.started(world.experiment(owner=MEI))
        first, second = self.two(world)
        reported(world, task, "2026-03-20 16:00")
        with wall("2026-03-24 10:00"):
            assert figures.of([second, first]) == {first.pk: of(first), second.pk: of(second)}

    def test_what_happens_as_it_closes_counts_in_it(self, world: World) -> None:
        with wall("2026-03-18 09:00"):
            task = world.started(world.experiment(owner=MEI))
        first = sprint_from(world, "2026-03-09")
        reported(world, task, "2026-03-20 15:00")
        closed(world, first, "2026-03-20 15:00")
        second = sprint_from(world, "2026-03-23")
        with wall("2026-03-24 10:00"):
            assert (of(first).flow["reported"], of(second).flow) == (1, {})

    def test_what_was_before_the_first_sprint_counts_nowhere(self, world: World) -> None:
        with wall("2026-03-02 09:00"):
            world.experiment()
        sprint = sprint_from(world, "2026-03-09")
        with wall("2026-03-10 09:00"):
            world.experiment()
            assert of(sprint).flow == {"proposed": 1}

    def test_a_box_counts_once_where_it_ran_out(self, world: World) -> None:
        """Three days from Tuesday end on Thursday in the first sprint; the findings come in the second."""
        with wall("2026-03-17 09:00"):
            task = world.started(world.experiment(owner=MEI))
        first, second = self.two(world)
        reported(world, task, "2026-03-24 09:00")
        with wall("2026-03-25 10:00"):
            # It ran out on Thursday at five: Friday, Monday are two days late.
            assert boxes(first) == [Box(task.ref, "late", 3.0, 5.0, 2.0, 0)]
            assert boxes(second) == []


class TestHowABoxWasKept:
    """A box of three days that starts on Monday 9 March at nine and ends on Wednesday at five."""

    @pytest.fixture
    def task(self, world: World) -> Task:
        self.sprint = sprint_from(world, "2026-03-09")
        return started(world, self.card(world), "2026-03-09 09:00")

    def card(self, world: World) -> Task:
        with wall("2026-03-09 09:00"):
            return world.experiment(owner=MEI)

    def kept(self, now: str = "2026-03-20 12:00") -> list[Box]:
        with wall(now):
            return boxes(self.sprint)

    def more(self, world: World, task: Task, at: str, hours: int) -> None:
        with wall(at):
            extend(task, world.lead, hours=hours, reason="One more seed.")

    def test_reported_inside_it(self, world: World, task: Task) -> None:
        reported(world, task, "2026-03-11 13:00")
        assert self.kept() == [Box(task.ref, "inside", 3.0, 2.5, 0.0, 0)]

    def test_reported_at_its_last_instant(self, world: World, task: Task) -> None:
        reported(world, task, "2026-03-11 17:00")
        assert self.kept() == [Box(task.ref, "inside", 3.0, 3.0, 0.0, 0)]

    def test_extended_but_not_needed(self, world: World, task: Task) -> None:
        self.more(world, task, "2026-03-10 09:00", 8)
        reported(world, task, "2026-03-11 17:00")
        assert self.kept() == [Box(task.ref, "inside", 3.0, 3.0, 0.0, 1)]

    def test_reported_after_one_extension(self, world: World, task: Task) -> None:
        self.more(world, task, "2026-03-11 09:00", 8)
        reported(world, task, "2026-03-12 13:00")
        assert self.kept() == [Box(task.ref, "extended", 3.0, 3.5, 0.0, 1)]

    def test_extended_twice(self, world: World, task: Task) -> None:
        self.more(world, task, "2026-03-11 09:00", 8)
        self.more(world, task, "2026-03-12 09:00", 8)
        reported(world, task, "2026-03-13 13:00")
        assert self.kept() == [Box(task.ref, "again", 3.0, 4.5, 0.0, 2)]

    def test_extended_after_it_had_run_out_and_then_in_time(self, world: World, task: Task) -> None:
        """It ran out on Wednesday; a day more from Friday at nine. Thursday was used too, and nobody is late."""
        self.more(world, task, "2026-03-13 09:00", 8)
        reported(world, task, "2026-03-13 13:00")
        assert self.kept() == [Box(task.ref, "extended", 3.0, 4.5, 0.0, 1)]

    def test_reported_late(self, world: World, task: Task) -> None:
        reported(world, task, "2026-03-12 13:00")
        assert self.kept() == [Box(task.ref, "late", 3.0, 3.5, 0.5, 0)]

    def test_extended_and_still_late(self, world: World, task: Task) -> None:
        self.more(world, task, "2026-03-11 09:00", 8)
        reported(world, task, "2026-03-13 11:00")
        assert self.kept() == [Box(task.ref, "late", 3.0, 4.25, 0.25, 1)]

    def test_nothing_reported(self, world: World, task: Task) -> None:
        assert self.kept("2026-03-11 16:59") == []
        assert self.kept("2026-03-13 09:00") == [Box(task.ref, "nothing", 3.0, 4.0, 1.0, 0)]

    def test_a_pause_is_not_used(self, world: World, task: Task) -> None:
        with wall("2026-03-10 09:00"):
            pause(task, world.mei, reason="The labels are late.")
        assert self.kept() == []

    def test_in_the_bin_it_does_not_count(self, world: World, task: Task) -> None:
        with wall("2026-03-13 09:00"):
            task.delete_to_bin(world.lead)
        assert self.kept() == []


class TestDecisions:
    def test_the_wait_begins_with_the_findings_and_not_with_their_correction(self, world: World) -> None:
        sprint = sprint_from(world, "2026-03-09")
        with wall("2026-03-09 09:00"):
            task = world.started(world.experiment(owner=MEI))
        reported(world, task, "2026-03-10 09:00")
        reported(world, task, "2026-03-12 16:00")
        decided(world, task, "2026-03-12 17:00")
        with wall("2026-03-13 09:00"):
            assert (of(sprint).waits, of(sprint).outcomes, of(sprint).flow["reported"]) == ([3.0], {"abandon": 1}, 1)

    def test_after_a_reversal_it_begins_anew(self, world: World) -> None:
        sprint = sprint_from(world, "2026-03-09")
        with wall("2026-03-09 09:00"):
            task = world.started(world.experiment(owner=MEI))
        reported(world, task, "2026-03-10 09:00")
        decided(world, task, "2026-03-10 17:00")
        with wall("2026-03-11 09:00"):
            outcomes.reverse(task, world.lead, reason="The split leaked.")
        decided(world, task, "2026-03-11 13:00", "more_research")
        with wall("2026-03-13 09:00"):
            found = of(sprint)
        assert (found.waits, found.outcomes, found.flow["decided"]) == ([0.5], {"more_research": 1}, 1)


class TestSeats:
    def test_a_running_sprint_tells_finished_dropped_taken_out_and_open(self, world: World) -> None:
        with wall("2026-03-09 08:00"):
            finished, dropped, out, left = (world.development(points=2, owner=OMAR) for _ in range(4))
        sprint = sprint_from(world, "2026-03-09", finished, dropped, out, left)
        done(world, finished, "2026-03-10 12:00")
        with wall("2026-03-10 13:00"):
            dropped.drop(world.lead, "Not needed.")
            sprint.take_out(out, world.lead)
            late = world.maintenance(points=5)
            sprint.take_in(late, world.lead)
            found = of(sprint)
        assert found.ends == {"finished": 1, "dropped": 1, "removed": 1, "open": 2}
        assert (found.velocity, found.seats, found.carried) == (2.0, 5, 0)
        assert (found.added, found.removed) == (Change(1, 2.5), Change(1, 1.0))
        assert found.planned == {"committed": 4.0, "experiments": 0.0, "learning": 0.0}
        assert found.actual == {"committed": 1.0, "experiments": 0.0, "learning": 0.0}

    def test_points_are_credited_once(self, world: World) -> None:
        with wall("2026-03-09 08:00"):
            task = world.development(points=5, owner=OMAR)
        first = sprint_from(world, "2026-03-09", task)
        done(world, task, "2026-03-10 12:00")
        closed(world, first, "2026-03-20 16:00")
        with wall("2026-03-20 16:30"):
            task.refresh_from_db()
            task.move_to("in_progress", world.mei)
        second = sprint_from(world, "2026-03-23", task)
        with wall("2026-03-24 12:00"):
            task.move_to("done", world.mei)
            assert (of(first).velocity, of(second).velocity) == (5.0, 0.0)

    def test_load_is_planned_beside_capacity_by_name(self, world: World) -> None:
        with wall("2026-03-09 08:00"):
            tasks = world.development(points=5, owner=OMAR), world.experiment(owner=MEI)
        sprint = sprint_from(world, "2026-03-09", *tasks)
        with wall("2026-03-10 09:00"):
            load = [(one.name, one.planned, one.capacity) for one in of(sprint).load]
        assert load == [("Inês Duarte", 0.0, 10.0), ("Mei Tanaka", 3.0, 10.0), ("Omar Haddad", 2.5, 10.0)]

    def test_box_days_without_a_seat_are_outside_the_sprint(self, world: World) -> None:
        """Mei works on two boxes at once on Monday: half a day each, and only one of them has a seat."""
        with wall("2026-03-09 08:00"):
            seated, other = world.experiment(owner=MEI), world.experiment(owner=MEI)
        sprint = sprint_from(world, "2026-03-09", seated)
        for task in (seated, other):
            started(world, task, "2026-03-09 09:00")
        with wall("2026-03-09 17:00"):
            assert (of(sprint).actual["experiments"], of(sprint).unplanned) == (0.5, 0.5)


class TestKept:
    def test_signed_figures_stay_whatever_happens(self, world: World) -> None:
        sprint = sprint_from(world, "2026-03-09")
        with wall("2026-03-09 09:00"):
            task = world.started(world.experiment(owner=MEI))
        reported(world, task, "2026-03-10 09:00")
        decided(world, task, "2026-03-10 17:00")
        closed(world, sprint, "2026-03-20 16:00")
        with wall("2026-03-20 16:30"):
            before = of(sprint)
            sprint.sign_off(world.lead, "Good.")
            outcomes.reverse(task, world.lead, reason="The split leaked.")
            sprint.refresh_from_db()
            assert of(sprint) == before
            assert before.outcomes == {"abandon": 1}

    def test_there_and_back(self) -> None:
        found = Figures(planned={"committed": 1.5}, actual={}, added=Change(1, 2.0), boxes=[Box("A-1", "inside", 1.0, 0.5, 0.0, 0)])
        assert Figures.from_json(found.as_json()) == found

    def test_another_version_knew_other_figures(self) -> None:
        found = Figures.from_json({"planned": {}, "actual": {}, "gone": 1, "added": [2, 3.5]})
        assert (found.added, found.boxes, found.unplanned) == (Change(2, 3.5), [], 0.0)
