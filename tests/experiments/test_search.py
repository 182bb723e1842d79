"""Searching the team's cards, on the database that the run has."""

import pytest

from experiments.models import Task
from experiments.search import found, matching
from tests.world import World


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("GPT-2", True),
        ("gpt-2 fine", True),
        ("fine GPT-2", True),
        ("FRAUD-1", True),
        ("rank", True),
        ("the ranker", True),
        ("cost-aware", True),
        ("GPT-3", False),
        ("FRAUD-2", False),
        ("ranker elsewhere", False),
        ("'); --", False),
        ("fine:* & (", True),
    ],
)
def test_every_word_is_found_as_it_is_written(world: World, text: str, hit: bool) -> None:
    task = world.experiment(title="A cost-aware ranker", hypothesis="A fine model beats the ranker on GPT-2.")
    assert list(matching(Task.objects.within(world.team), text)) == ([task] if hit else [])
    assert list(found(world.team, text)) == ([task] if hit else [])
