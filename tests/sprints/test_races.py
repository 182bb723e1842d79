"""Leads and members at the same moment: one sprint starts, one close counts, and whoever drags meanwhile loses nothing."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from dsboard.models import Membership
from experiments.models import Task
from experiments.stages import Stage
from sprints.models import Seat, Sprint
from sprints.states import End, State
from tests.threads import PEOPLE, at_once, kinds
from tests.world import World, found_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return found_world()


def lead(world: World) -> Membership:
    """The lead as one request reads them: threads share no objects."""
    return Membership.objects.select_related("team", "user").get(pk=world.lead.pk)


def fresh(model: Any, row: Any) -> Any:
    return model.objects.select_related("team").get(pk=row.pk)


def test_two_sprints_started_at_once(world: World) -> None:
    sprints = [
        Sprint.plan(world.team, world.lead, starts_on=date(2027, month, 1), ends_on=date(2027, month, 12)) for month in range(1, PEOPLE + 1)
    ]
    for sprint in sprints:
        sprint.take_in(world.experiment(title=f"For {sprint}"), world.mei)
    answers = at_once(lambda place: fresh(Sprint, sprints[place]).start(lead(world)))
    assert kinds(answers) == {"NoneType": 1, "Refusal": PEOPLE - 1}
    running = Sprint.objects.get(state=State.RUNNING)
    assert {str(answer) for answer in answers if answer} == {f"{running} is running. Close it first."}
    assert Seat.objects.filter(state=State.RUNNING).count() == 1
    assert Seat.objects.filter(state=State.PLANNED).count() == PEOPLE - 1


def test_one_sprint_closed_eight_times(world: World) -> None:
    tasks = [world.started(world.development(title=f"Job {number}")) for number in range(5)]
    sprint = Sprint.plan(world.team, world.lead)
    for task in tasks:
        sprint.take_in(task, world.mei)
    sprint.start(world.lead)
    answers = at_once(lambda place: fresh(Sprint, sprint).close(lead(world)))
    assert kinds(answers) == {"Outcome": 1, "Refusal": PEOPLE - 1}
    assert Sprint.objects.count() == 2
    assert Task.objects.filter(carried=1).count() == 5


def test_closing_while_colleagues_drag(world: World) -> None:
    tasks = [world.development(title=f"Job {number}") for number in range(7)]
    sprint = Sprint.plan(world.team, world.lead)
    for task in tasks:
        sprint.take_in(task, world.mei)
    sprint.start(world.lead)

    def work(place: int) -> Any:
        if place == 0:
            return fresh(Sprint, sprint).close(lead(world), unfinished="backlog")
        task, by = fresh(Task, tasks[place - 1]), Membership.objects.select_related("team", "user").get(pk=world.mei.pk)
        acts: list[Callable[[], Any]] = [
            lambda: task.move_to(Stage.IN_PROGRESS, by),
            lambda: fresh(Sprint, sprint).take_out(task, lead(world)),
            lambda: task.change(by, points=8),
        ]
        return acts[place % 3]()

    answers = at_once(work)
    # A seat may be taken away before the close or find the sprint closed; everything else just happens.
    assert set(kinds(answers)) <= {"Outcome", "Activity", "Seat", "list", "Refusal"}
    assert {str(answer) for answer in answers if type(answer).__name__ == "Refusal"} <= {"Sprint 1 is closed. What it was stays as it is."}
    seats = Seat.objects.select_related("task")
    assert {seat.end for seat in seats} <= {End.BACKLOG, End.REMOVED}
    assert (seats.count(), Task.objects.count(), Task.objects.on_boards().count()) == (7, 7, 7)
    ranks = list(Task.objects.values_list("lane", "rank"))
    assert len(ranks) == len(set(ranks))


def test_one_card_put_into_eight_sprints(world: World) -> None:
    task = world.experiment()
    sprints = [
        Sprint.plan(world.team, world.lead, starts_on=date(2027, month, 1), ends_on=date(2027, month, 12)) for month in range(1, PEOPLE + 1)
    ]
    answers = at_once(lambda place: fresh(Sprint, sprints[place]).take_in(fresh(Task, task), lead(world)))
    assert kinds(answers) == {"tuple": PEOPLE}
    assert Seat.objects.count() == 1


def test_eight_sprints_planned_at_once_follow_each_other(world: World) -> None:
    answers = at_once(lambda place: Sprint.plan(lead(world).team, lead(world)))
    assert kinds(answers) == {"Sprint": PEOPLE}
    rows = list(Sprint.objects.order_by("starts_on"))
    assert [sprint.number for sprint in rows] == list(range(1, PEOPLE + 1))
    assert all(one.ends_on < two.starts_on for one, two in pairwise(rows))
