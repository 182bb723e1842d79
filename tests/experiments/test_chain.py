"""The chain of phases, shown on every card of it."""

from experiments.chain import chain
from experiments.models.link import Rel, TaskLink
from experiments.models.promotion import promote
from experiments.stages import Outcome, Phase
from tests.world import World


def words(task):
    return [(step.task.ref, step.phase, step.first_guess, step.final_cost, step.is_here) for step in chain(task)]


def test_a_card_alone_has_no_chain(world: World):
    assert chain(world.experiment()) == []


def test_from_exploring_to_production_by_promotions(world: World):
    explored = world.in_analysis()
    prototype = promote(explored, world.mei, phase=Phase.PROTOTYPE, points=3)
    prototype.change(world.mei, points=5)
    prototype.change(world.mei, deliverables=["A notebook that others can run"])
    world.done(prototype)
    product = promote(prototype, world.mei, phase=Phase.PRODUCTIONIZE, points=8, confidence="firm")
    expected = [
        (explored.ref, "Explore", "3d box", "3d, reported"),
        (prototype.ref, "Prototype", "3 pts", "5 pts, rough"),
        (product.ref, "Productionize", "8 pts", ""),
    ]
    for card in (explored, prototype, product):
        assert words(card) == [(*step, step[0] == card.ref) for step in expected]


def test_a_decision_to_productionize_is_a_step_of_the_chain(world: World):
    decision = world.decided(Outcome.PRODUCTIONIZE)
    (made,) = decision.created
    assert [step.task.ref for step in chain(made)] == [decision.task.ref, made.ref]


def test_a_follow_up_starts_a_chain_of_its_own(world: World):
    decision = world.decided(Outcome.MORE_RESEARCH)
    assert chain(decision.task) == []


def test_a_long_chain_is_whole_from_every_card_of_it(world: World):
    """The pages of most chains read two links around a card; a longer one is followed to its ends."""
    cards = [world.development(title="Step", points=points) for points in (1, 2, 3, 5, 8, 13)]
    for card, earlier in zip(cards[1:], cards, strict=False):
        TaskLink.objects.create(task=card, rel=Rel.PHASE, other=earlier)
    cards[3].change(world.mei, points=0.5)
    whole = [step[0] for step in words(cards[0])]
    assert whole == [card.ref for card in cards]
    for card in cards:
        assert [step[0] for step in words(card)] == whole
        assert [step[2] for step in words(card)] == ["1 pts", "2 pts", "3 pts", "5 pts", "8 pts", "13 pts"]
