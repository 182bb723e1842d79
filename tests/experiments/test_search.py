"""Search: every word, within the team, and the most similar findings."""

import pytest

from experiments import search
from experiments.models import Task
from tests.world import World


def told(world: World, title: str, learned: str) -> Task:
    task = world.started(world.research(title=title, question=title))
    world.report(task, learned=learned)
    return task


def test_every_word_and_the_start_of_the_last(world: World) -> None:
    routing, other = world.research(title="Ticket routing with encoders"), world.research(title="Ticket labels")
    assert set(search.found(world.team, "ticket")) == {routing, other}
    assert list(search.found(world.team, "TICKET rout")) == [routing]
    assert list(search.found(world.team, "ticket nowhere")) == []


@pytest.mark.parametrize("text", ["question", "success sentence", "what was learnt", "FRAUD-1"])
def test_all_that_a_card_says_is_searched(world: World, text: str) -> None:
    task = world.started(world.research(question="A question of rings", success="A success sentence"))
    world.report(task, learned="This is what was learnt.")
    assert list(search.found(world.team, text)) == [task]


def test_what_was_edited_is_found_by_its_new_words_only(world: World) -> None:
    task = world.research(title="Sparrows")
    task.change(world.mei, title="Kingfishers")
    assert (list(search.found(world.team, "kingfishers")), list(search.found(world.team, "sparrows"))) == ([task], [])


@pytest.mark.parametrize("text", ['"', "a AND", "NEAR(", "*", "'; --", "a:b", "( )", "\x00", "-", "🙂", "title:x OR y", "&|!<->"])
def test_the_query_language_has_no_power(world: World, text: str) -> None:
    world.research()
    list(search.found(world.team, text))
    search.similar(world.team, text)


def test_nothing_of_another_team_or_the_bin(world: World) -> None:
    theirs, gone = world.research(by=world.ivo, title="Kingfishers"), world.research(title="Kingfishers")
    gone.delete_to_bin(world.mei)
    assert list(search.found(world.team, "kingfishers")) == []
    assert list(search.found(world.other, "kingfishers")) == [theirs]


def test_the_most_similar_findings_come_first(world: World) -> None:
    close = told(world, "Do graph features reveal fraud rings?", "Shared devices reveal rings.")
    far = told(world, "Do smaller encoders route tickets?", "A small encoder will do, even for fraud tickets.")
    world.research(title="Do graph features reveal fraud rings again?")
    assert search.similar(world.team, "Will graph features find rings of fraud?") == [close, far]
    assert search.similar(world.team, "the and of") == []
    assert search.similar(world.other, "graph features") == []
