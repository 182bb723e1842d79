"""Closing: every unfinished task is carried over or goes back, what is earned is said, and the actuals freeze."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from experiments.models import Task
from experiments.stages import Stage
from sprints.models import Seat, Sprint
from sprints.models.closing import walk
from sprints.models.rate import proposal
from tests.sprints.conftest import END, START
from tests.world import World, history_of, order_of, refuses, wall

Run = Callable[..., Sprint]


def again(task: Task) -> Task:
    return Task.objects.get(pk=task.pk)


def ends(sprint: Sprint) -> dict[str, str]:
    return dict(sprint.seats.values_list("task__ref", "end"))


def seats(sprint: Sprint | None) -> list[str]:
    return [seat.task.ref for seat in sprint.seats.held()] if sprint else []


class TestTheWalk:
    def test_proposes_what_is_earned_by_lane(self, world: World, running: Run) -> None:
        cards = [world.development(title=title, points=8) for title in ("Ready", "In progress", "Review")]
        sprint = running(*cards, world.experiment())
        with wall(START):
            world.started(cards[1])
            world.started(cards[2]).move_to(Stage.REVIEW, world.mei)
        found = [(one.task.title, one.asks_earned, one.proposed) for one in walk(sprint)]
        assert found == [("Ready", True, 0), ("In progress", True, 50), ("Review", True, 80), ("BERT vs GPT comparison", False, 0)]

    def test_leaves_out_what_has_ended(self, world: World, running: Run) -> None:
        done, dropped, binned, out, left = (world.development(title=title) for title in ("A", "B", "C", "D", "E"))
        sprint = running(done, dropped, binned, out, left)
        with wall(START):
            world.done(done)
            dropped.drop(world.mei, "No.")
            binned.delete_to_bin(world.mei)
            sprint.take_out(out, world.lead)
        assert [one.task for one in walk(sprint)] == [left]


class TestCarryingOver:
    def test_into_the_next_planned_sprint(self, world: World, running: Run) -> None:
        task = world.started(world.experiment())
        sprint = running(task)
        with wall(START):
            following = Sprint.plan(world.team, world.lead)
        with wall(END):
            outcome = sprint.close(world.lead)
        assert (outcome.carried, outcome.successor, seats(following)) == ([task], following, [task.ref])
        assert (ends(sprint), again(task).carried, again(task).stage) == ({task.ref: "carried"}, 1, "active")
        assert history_of(task)[-1] == ("carried", "sprint", 1, 2)

    def test_into_one_that_is_made_when_there_is_none(self, world: World, running: Run) -> None:
        task = world.experiment()
        sprint = running(task)
        with wall(END):
            outcome = sprint.close(world.lead)
        assert (str(outcome.successor), str(outcome.successor.starts_on), seats(outcome.successor)) == (
            "Sprint 2",
            "2026-03-23",
            [task.ref],
        )

    def test_makes_none_for_nothing(self, world: World, running: Run) -> None:
        sprint = running()
        with wall(END):
            assert sprint.close(world.lead).successor is None
        assert Sprint.objects.count() == 1

    def test_keeps_a_pencil_mark_elsewhere(self, world: World, running: Run) -> None:
        task = world.experiment()
        sprint = running(task)
        with wall(START):
            second, third = Sprint.plan(world.team, world.lead), Sprint.plan(world.team, world.lead)
            third.take_in(task, world.mei)
        with wall(END):
            sprint.close(world.lead)
        assert (seats(second), seats(third)) == ([], [task.ref])

    def test_is_counted_each_time(self, world: World, running: Run) -> None:
        task = world.experiment()
        sprint = running(task)
        with wall(END):
            following = sprint.close(world.lead).successor
        with wall("2026-03-23 09:00"):
            following.start(world.lead)
        with wall("2026-04-03 17:00"):
            following.close(world.lead)
        assert again(task).carried == 2


class TestBackToTheBacklog:
    def test_on_its_top_in_the_order_of_the_sprint(self, world: World, running: Run) -> None:
        world.experiment(title="Waits already")
        one, two = world.started(world.development(title="One")), world.started(world.experiment(title="Two"))
        sprint = running(one, two)
        with wall(END):
            outcome = sprint.close(world.lead, unfinished="backlog")
        assert outcome.backlog == [one, two]
        assert order_of(world.team, "ready") == [one.ref, two.ref, "FRAUD-1"]
        assert (again(one).stage, again(two).stage, again(two).time_box.state) == ("ready", "ideation", "paused")

    def test_loses_its_pencil_mark(self, world: World, running: Run) -> None:
        task = world.experiment()
        sprint = running(task)
        with wall(START):
            following = Sprint.plan(world.team, world.lead)
            following.take_in(task, world.mei)
        with wall(END):
            sprint.close(world.lead, unfinished="backlog")
        assert seats(following) == []

    def test_what_waits_for_its_decision_stays_in_analysis(self, world: World, running: Run) -> None:
        task = world.experiment()
        sprint = running(task)
        with wall(START):
            world.in_analysis(task)
        with wall(END):
            sprint.close(world.lead, unfinished="backlog")
        assert (again(task).stage, ends(sprint)) == ("analysis", {task.ref: "backlog"})

    def test_one_by_one(self, world: World, running: Run) -> None:
        stays, goes = world.experiment(title="Stays"), world.experiment(title="Goes")
        sprint = running(stays, goes)
        with wall(END):
            outcome = sprint.close(world.lead, unfinished="carry", exceptions={goes.ref.lower(): "backlog"})
        assert (outcome.carried, outcome.backlog) == ([stays], [goes])


class TestEarned:
    def test_what_finishes_earns_all_and_counts_as_velocity(self, world: World, running: Run) -> None:
        task = world.development(points=5)
        sprint = running(task)
        with wall(START):
            world.done(task)
        with wall(END):
            sprint.close(world.lead)
        seat = sprint.seats.get()
        assert (seat.end, seat.earned_points, seat.finished_points) == ("finished", 5, 5)

    def test_half_in_one_sprint_and_the_rest_in_the_next(self, world: World, running: Run) -> None:
        task = world.started(world.development(points=8))
        sprint = running(task)
        with wall(END):
            following = sprint.close(world.lead, earned={task.ref: 25}).successor
        with wall("2026-03-23 09:00"):
            following.start(world.lead)
            assert following.seats.get().days == 3
        with wall("2026-03-24 09:00"):
            world.done(task)
        with wall("2026-04-03 17:00"):
            following.close(world.lead)
        found = list(Seat.objects.order_by("pk").values_list("end", "earned_points", "finished_points"))
        assert found == [("carried", 2, 0), ("finished", 6, 8)]

    def test_a_card_that_was_reopened_is_credited_once(self, world: World, running: Run) -> None:
        task = world.development(points=5)
        sprint = running(task)
        with wall(START):
            world.done(task)
        with wall(END):
            sprint.close(world.lead)
            again(task).move_to(Stage.IN_PROGRESS, world.mei)
        with wall("2026-03-23 09:00"):
            second = Sprint.plan(world.team, world.lead)
            second.take_in(again(task), world.mei)
            second.start(world.lead)
            again(task).move_to(Stage.DONE, world.mei)
        with wall("2026-04-03 17:00"):
            second.close(world.lead)
        seat = second.seats.get()
        assert (seat.days, seat.earned_points, seat.finished_points) == (0, 0, 0)

    @pytest.mark.parametrize(
        ("said", "sentence", "field"),
        [
            ({"earned": {"FRAUD-1": 101}}, "What is earned of FRAUD-1 is a whole per cent from 0 to 100.", "earned"),
            ({"earned": {"FRAUD-1": 33.5}}, "What is earned of FRAUD-1 is a whole per cent from 0 to 100.", "earned"),
            ({"earned": {"FRAUD-1": True}}, "What is earned of FRAUD-1 is a whole per cent from 0 to 100.", "earned"),
            ({"earned": {"FRAUD-2": 50}}, "FRAUD-2 is no unfinished task with points, so it earns none.", "earned"),
            ({"earned": {"FRAUD-9": 50}}, "FRAUD-9 is no unfinished task with points, so it earns none.", "earned"),
            ({"exceptions": {"FRAUD-9": "carry"}}, "FRAUD-9 is not among the unfinished tasks.", "except"),
            ({"exceptions": {"FRAUD-1": "burn"}}, "FRAUD-1 is carried over (carry) or goes back to the backlog (backlog).", "except"),
            (
                {"unfinished": "burn"},
                "What is unfinished is carried over (carry) or goes back to the backlog (backlog).",
                "unfinished",
            ),
        ],
    )
    def test_what_can_not_be_said(self, world: World, running: Run, said: dict[str, Any], sentence: str, field: str) -> None:
        sprint = running(world.development(), world.experiment())
        with wall(END), refuses(sentence, fields={field}):
            sprint.close(world.lead, **said)

    def test_less_than_was_earned_before_is_refused(self, world: World, running: Run) -> None:
        task = world.started(world.development(points=8))
        sprint = running(task)
        with wall(END):
            following = sprint.close(world.lead, earned={task.ref: 50}).successor
        with wall("2026-03-23 09:00"):
            following.start(world.lead)
            assert [(one.least, one.proposed) for one in walk(following)] == [(50, 50)]
            with refuses("Earlier sprints have earned 50 % of FRAUD-1 already. It can't be less now.", fields={"earned"}):
                following.close(world.lead, earned={task.ref: 40})


class TestBoxTime:
    def test_is_what_the_box_used_while_the_sprint_ran(self, world: World, planned: Run) -> None:
        task = world.experiment(owner="mei@example.org")
        with wall("2026-03-06 09:00"):
            world.started(task)
        sprint = planned(task)
        with wall(START):
            sprint.start(world.lead)
        with wall("2026-03-10 13:00"):
            world.report(task)
        with wall(END):
            sprint.close(world.lead)
        seat = sprint.seats.get()
        # Three days, one used on the Friday before; a day and a half in the sprint.
        assert (seat.days, seat.used_days, sprint.boxed_days) == (2, Decimal("1.5"), Decimal("1.5"))

    def test_counts_boxes_without_a_seat_for_the_team_only(self, world: World, running: Run) -> None:
        elsewhere = world.experiment(owner="omar@example.org")
        sprint = running()
        with wall(START):
            world.started(elsewhere, world.omar)
        with wall("2026-03-10 17:00"):
            world.report(elsewhere, by=world.omar)
            sprint.close(world.lead)
        assert (sprint.boxed_days, sprint.seats.count()) == (2, 0)


def test_a_dropped_card_is_neither_done_nor_carried_over(world: World, running: Run) -> None:
    task = world.development()
    sprint = running(task)
    with wall(START):
        task.drop(world.mei, "No.")
    with wall(END):
        outcome = sprint.close(world.lead)
    assert (ends(sprint), outcome.carried, outcome.finished, again(task).carried) == ({task.ref: "dropped"}, [], [], 0)


def test_twice_is_refused(world: World, running: Run) -> None:
    sprint = running()
    with wall(END):
        sprint.close(world.lead)
        with refuses("Sprint 1 is closed already."):
            sprint.close(world.lead)


def test_a_planned_one_is_not_closed(world: World, planned: Run) -> None:
    sprint = planned()
    with refuses("Sprint 1 has not started."):
        sprint.close(world.lead)


def test_the_rate_is_proposed_from_what_was_closed(world: World, running: Run) -> None:
    assert proposal(world.team) is None
    cards = [world.development(title=title, points=points) for title, points in (("A", 13), ("B", 13), ("C", 13), ("D", 1))]
    sprint = running(*cards, world.experiment(owner="mei@example.org", hours=48))
    with wall(START):
        for card in cards:
            world.done(card)
        world.started(Task.objects.get(kind="experiment"))
    with wall("2026-03-12 17:00"):
        world.report(Task.objects.get(kind="experiment"))
    with wall(END):
        sprint.close(world.lead)
        # Three people for ten days, less the box's four, over 40 points.
        assert proposal(world.team) == (Decimal("0.65"), [1])
        world.team.take_rate(world.lead, Decimal("0.65"))
    assert (world.team.days_per_point, world.team.rate_source) == (Decimal("0.65"), "measured")
