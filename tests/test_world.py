"""The cast itself: every builder makes what it says."""

import pytest

from experiments.stages import Outcome, Stage
from tests.world import World, found_world, history_of, order_of


@pytest.fixture
def world(db: None) -> World:
    return found_world()


def test_every_builder_makes_what_it_says(world: World) -> None:
    assert world.started(world.research()).stage == Stage.ACTIVE
    assert world.in_analysis().stage == Stage.ANALYSIS
    for outcome in Outcome.values:
        decision = world.decided(outcome)
        assert (decision.outcome, decision.task.stage) == (outcome, Stage.DECISION)
    assert world.done().stage == Stage.DONE
    maintenance = world.done(world.maintenance())
    assert maintenance.ref in order_of(world.team, "done")
    assert [verb for verb, *_ in history_of(maintenance)] == ["created", "moved", "edited", "moved"]
