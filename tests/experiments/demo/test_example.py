"""The example board of an empty team: loaded by one click, removed by another."""

from collections import Counter

import pytest

from dsboard.errors import Forbidden
from experiments.demo import example
from experiments.models import Decision, Task
from tests.world import World, history_of, refuses


def test_eleven_cards_in_every_column(world: World) -> None:
    example.load(world.team, world.lead)
    stages = Counter(Task.objects.within(world.team).values_list("stage", flat=True))
    assert (sum(stages.values()), min(stages[stage] for stage in ("ideation", "active", "analysis", "decision"))) == (11, 2)
    assert set(Decision.objects.values_list("outcome", flat=True)) == {"abandon", "more_research"}


def test_it_is_for_an_empty_board(world: World) -> None:
    world.research()
    with refuses("This team has cards already; the example is for an empty board."):
        example.load(world.team, world.lead)


def test_one_click_puts_it_into_the_bin_and_nothing_else(world: World) -> None:
    example.load(world.team, world.lead)
    mine = world.research()
    assert example.remove(world.team, world.lead) == 11
    assert list(Task.objects.within(world.team).present()) == [mine]
    gone = Task.objects.within(world.team).exclude(pk=mine.pk).first()
    assert gone is not None
    assert history_of(gone)[-1][:2] == ("deleted", "deleted")
    gone.restore(world.lead)
    assert Task.objects.within(world.team).present().count() == 2


def test_it_can_be_loaded_again(world: World) -> None:
    example.load(world.team, world.lead)
    example.remove(world.team, world.lead)
    example.load(world.team, world.lead)
    assert Task.objects.within(world.team).present().count() == 11


@pytest.mark.parametrize("who", ["vera", "ivo"])
def test_viewers_and_outsiders_neither_load_nor_remove_it(world: World, who: str) -> None:
    for verb in (example.load, example.remove):
        with pytest.raises(Forbidden):
            verb(world.team, getattr(world, who))
    assert not Task.objects.exists()
