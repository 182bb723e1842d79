"""Seats: pencil marks in planned sprints, scope change in a running one, one of each a task."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from dsboard.errors import Forbidden
from sprints.models import Seat, Sprint
from sprints.states import State
from tests.sprints.conftest import START
from tests.world import World, history_of, refuses, wall

Plan = Callable[..., Sprint]


def seats(sprint: Sprint) -> list[str]:
    return [seat.task.ref for seat in sprint.seats.held()]


def test_a_member_pencils_and_rubs_out(world: World, planned: Plan) -> None:
    task, sprint = world.experiment(), planned()
    seat, made = sprint.take_in(task, world.mei)
    assert (made, seat.state, seat.bucket, seat.days, seat.bucket_now) == (True, "planned", "", None, "experiments")
    assert sprint.take_in(task, world.mei) == (seat, False)
    sprint.take_out(task, world.omar)
    assert seats(sprint) == []
    assert history_of(task)[1:] == [("seated", "sprint", None, 1), ("unseated", "sprint", 1, None)]


def test_a_bucket_is_the_tasks_own(world: World, planned: Plan) -> None:
    task, sprint = world.research(), planned()
    sprint.take_in(task, world.mei, "learning")
    task.refresh_from_db()
    assert (task.bucket, sprint.take_in(task, world.mei, "experiments")[1]) == ("learning", False)
    task.refresh_from_db()
    assert task.bucket == "experiments"


def test_a_pencil_mark_moves_to_another_sprint(world: World, planned: Plan) -> None:
    task = world.experiment()
    first = planned(task)
    with wall(START):
        second = Sprint.plan(world.team, world.lead)
        second.take_in(task, world.mei)
    assert (seats(first), seats(second)) == ([], [task.ref])
    assert history_of(task)[-1] == ("seated", "sprint", 1, 2)


def test_one_seat_runs_and_one_is_pencilled(world: World, running: Plan) -> None:
    task = world.experiment()
    first = running(task)
    with wall(START):
        second = Sprint.plan(world.team, world.lead)
        second.take_in(task, world.mei)
    assert (seats(first), seats(second)) == ([task.ref], [task.ref])


@pytest.mark.parametrize("state", [State.PLANNED, State.RUNNING])
def test_and_the_database_holds_it(world: World, planned: Plan, state: str) -> None:
    task = world.experiment()
    sprint = planned(task)
    with wall(START):
        if state == State.RUNNING:
            sprint.start(world.lead)
        other = Sprint.plan(world.team, world.lead)
    seat = Seat.objects.get()
    seat.pk, seat.sprint = None, other
    with pytest.raises(IntegrityError), transaction.atomic():
        seat.save()


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("done", "FRAUD-1 has ended, so there is nothing left to plan."),
        ("drop", "FRAUD-1 was dropped. Restore it first."),
        ("bin", "FRAUD-1 is in the bin. Restore it first."),
    ],
)
def test_what_has_ended_gets_no_seat(world: World, planned: Plan, end: str, sentence: str) -> None:
    task, sprint = world.development(), planned()
    {"done": lambda: world.done(task), "drop": lambda: task.drop(world.mei, "No."), "bin": lambda: task.delete_to_bin(world.mei)}[end]()
    with refuses(sentence, fields={"ref"}):
        sprint.take_in(task, world.mei)


def test_an_unknown_bucket_is_refused(world: World, planned: Plan) -> None:
    task, sprint = world.development(), planned()
    with refuses("A card counts as committed, experiments or learning.", fields={"bucket"}):
        sprint.take_in(task, world.mei, "fun")


def test_a_viewer_plans_nothing(world: World, planned: Plan) -> None:
    task = world.experiment()
    sprint = planned(task)
    refusal = "You can read everything here. To plan cards into a sprint, ask a lead to make you a member."
    with refuses(refusal, kind=Forbidden):
        sprint.take_in(task, world.vera)
    with refuses(refusal, kind=Forbidden):
        sprint.take_out(task, world.vera)


class TestScopeChange:
    def test_is_for_leads(self, world: World, running: Plan) -> None:
        task, sprint = world.experiment(), running()
        with refuses("Sprint 1 is running, and only a lead can change its scope. Ask in a comment.", kind=Forbidden):
            sprint.take_in(task, world.mei)

    def test_what_is_added_freezes_as_it_is(self, world: World, running: Plan) -> None:
        task, sprint = world.development(owner="omar@example.org"), running()
        seat, _ = sprint.take_in(task, world.lead)
        assert (seat.state, seat.bucket, seat.planned_bucket, seat.days, seat.owner) == ("running", "committed", "", 2.5, world.omar.user)
        assert seat.is_scope_change

    def test_what_is_taken_out_stays_on_record(self, world: World, running: Plan) -> None:
        task = world.experiment()
        sprint = running(task)
        sprint.take_out(task, world.lead)
        seat = sprint.seats.get()
        assert (seat.planned_bucket, seat.days, seat.removed_by, seats(sprint)) == ("experiments", 3, world.lead.user, [])
        with refuses("FRAUD-1 is not in Sprint 1.", fields={"ref"}):
            sprint.take_out(task, world.lead)

    def test_there_and_back_is_the_planned_seat_again(self, world: World, running: Plan) -> None:
        task = world.experiment()
        sprint = running(task)
        sprint.take_out(task, world.lead)
        task.change(world.mei, hours=8)
        sprint.take_in(task, world.lead)
        seat = sprint.seats.get()
        assert (seat.planned_bucket, seat.days, seat.removed_at, seat.is_scope_change) == ("experiments", 3, None, False)

    def test_another_bucket_leaves_the_plan_alone(self, world: World, running: Plan) -> None:
        task = world.research()
        sprint = running(task)
        sprint.take_in(task, world.lead, "learning")
        seat = sprint.seats.get()
        assert (seat.planned_bucket, seat.bucket) == ("experiments", "learning")
        assert history_of(task)[-1] == ("edited", "bucket", "experiments", "learning")

    def test_what_ended_in_the_sprint_stays_in_it(self, world: World, running: Plan) -> None:
        task = world.development()
        sprint = running(task)
        with wall(START):
            world.done(task)
        with refuses("FRAUD-1 ended in Sprint 1, so it stays there."):
            sprint.take_out(task, world.lead)


def test_a_closed_sprint_changes_no_more(world: World, running: Plan) -> None:
    task = world.experiment()
    sprint = running()
    with wall("2026-03-20 17:00"):
        sprint.close(world.lead)
    with refuses("Sprint 1 is closed. What it was stays as it is."):
        sprint.take_in(task, world.lead)


def test_what_ended_in_a_sprint_is_on_the_boards_until_that_closes(world: World, running: Plan) -> None:
    inside, outside = world.development(), world.development(title="Elsewhere")
    sprint = running(inside)
    with wall(START):
        world.done(inside)
        world.done(outside)
    boards = world.team.tasks.on_boards
    with wall("2026-03-22 12:00"):
        assert {task.ref for task in boards()} == {inside.ref, outside.ref}
    with wall("2026-03-24 12:00"):
        assert {task.ref for task in boards()} == {inside.ref}
        sprint.close(world.lead)
        assert not boards().exists()
