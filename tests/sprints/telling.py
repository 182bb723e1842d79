"""Telling the story of a sprint in a test: two weeks from a Monday, with cards that are in it from the start."""

from datetime import date, timedelta

from dsboard.models import Membership
from experiments.models import Task
from sprints.models import Sprint
from tests.world import World, wall

MEI, OMAR = "mei@example.org", "omar@example.org"


def sprint_from(world: World, monday: str, *tasks: Task, start: str = "09:00") -> Sprint:
    """A running sprint of two weeks that started on a Monday."""
    first = date.fromisoformat(monday)
    with wall(f"{monday} 08:30"):
        sprint = Sprint.plan(world.team, world.lead, goal="Know more", starts_on=first, ends_on=first + timedelta(days=11))
        for task in tasks:
            sprint.take_in(task, world.lead)
    with wall(f"{monday} {start}"):
        sprint.start(world.lead)
    return sprint


def closed(world: World, sprint: Sprint, at: str, **how: object) -> Sprint:
    with wall(at):
        sprint.close(world.lead, **how)
    return sprint


def started(world: World, task: Task, at: str, by: Membership | None = None) -> Task:
    with wall(at):
        return world.started(task, by)


def reported(world: World, task: Task, at: str) -> Task:
    with wall(at):
        world.report(task)
    return task


def decided(world: World, task: Task, at: str, outcome: str = "abandon") -> Task:
    with wall(at):
        world.decided(outcome, task)
    return task


def done(world: World, task: Task, at: str) -> Task:
    with wall(at):
        return world.done(task)
