"""The example board of the first run."""

from collections import Counter

import pytest

from dsboard.errors import Forbidden, Refusal
from dsboard.roles import Role
from experiments.models import Decision, Task
from experiments.stages import Outcome
from handoffs.example import example, remove_example
from tests.world import World, found_world


@pytest.fixture
def world(db: None) -> World:
    return found_world()


def test_eleven_cards_with_each_outcome(world: World) -> None:
    cards = example(world.team, world.lead)
    stages = {"ideation": 3, "active": 2, "analysis": 2, "decision": 3, "ready": 1}
    assert (len(cards), Counter(card.stage for card in cards)) == (11, stages)
    assert set(Decision.objects.values_list("outcome", flat=True)) == set(Outcome.values)


def test_it_is_loaded_once(world: World) -> None:
    example(world.team, world.lead)
    with pytest.raises(Refusal, match="loaded already"):
        example(world.team, world.lead)
    assert world.team.tasks.count() == 11


def test_a_second_lead_loads_it_although_owners_may_not_decide_alone(world: World) -> None:
    world.omar.role = Role.LEAD
    world.omar.save()
    assert len(example(world.team, world.lead)) == 11


def test_one_click_removes_it_and_nothing_else(world: World) -> None:
    mine = world.experiment()
    example(world.team, world.lead)
    assert remove_example(world.team, world.lead) == 11
    assert list(Task.objects.within(world.team).present()) == [mine]
    assert len(example(world.team, world.lead)) == 11


@pytest.mark.parametrize("who", ["mei", "vera", "ivo"])
def test_only_who_may_decide_loads_or_removes_it(world: World, who: str) -> None:
    for verb in (example, remove_example):
        with pytest.raises(Forbidden):
            verb(world.team, getattr(world, who))
    assert world.team.tasks.count() == 0
