"""The cast, browsers in which they are signed in, and sprints for them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from dsboard.models import Membership
from experiments.models import Task
from sprints.models import Sprint
from tests.world import World, found_world, wall

#: the first Monday, nine o'clock, of the tests' first sprint
START = "2026-03-09 09:00"
END = "2026-03-20 17:00"


@pytest.fixture
def world(db: None) -> World:
    return found_world()


@pytest.fixture
def as_() -> Callable[..., Client]:
    """A browser in which somebody is signed in: as_(world.lead); with `htmx=True` every request comes from htmx."""

    def browser(who: Membership, htmx: bool = False) -> Client:
        client = Client(headers={"HX-Request": "true"} if htmx else None)
        client.force_login(who.user)
        return client

    return browser


@pytest.fixture
def planned(world: World) -> Callable[..., Sprint]:
    """A planned sprint of 9 to 20 March with these cards: planned(task, …, goal="…")."""

    def plan(*tasks: Task, **fields: Any) -> Sprint:
        with wall(START):
            sprint = Sprint.plan(world.team, world.lead, **fields)
            for task in tasks:
                sprint.take_in(task, world.mei)
        return sprint

    return plan


@pytest.fixture
def running(world: World, planned: Callable[..., Sprint]) -> Callable[..., Sprint]:
    """The same, started on its first morning."""

    def run(*tasks: Task, **fields: Any) -> Sprint:
        sprint = planned(*tasks, **fields)
        with wall(START):
            sprint.start(world.lead)
        return sprint

    return run
