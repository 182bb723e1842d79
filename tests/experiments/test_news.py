"""What the team's webhook hears of cards: once each, in the transaction of what happened, and nothing of other teams."""

import pytest
import time_machine
from django.db import transaction

from dsboard.models import Delivery, Webhook
from dsboard.models.webhook import Event
from experiments import reminding
from experiments.models import outcomes
from tests.world import World, lisbon, wall


@pytest.fixture
def hook(world: World) -> Webhook:
    return Webhook.set_up(world.team, world.lead, url="https://hooks.example.org/services/T0/B0/secret")


def heard() -> list[tuple[str, str, str]]:
    """Event, title and text, oldest first."""
    return [(one.event, one.facts["title"], one.facts["text"]) for one in Delivery.objects.order_by("pk")]


def test_findings_a_decision_and_its_reversal(world: World, hook: Webhook) -> None:
    task = world.started(world.experiment())
    world.report(task, suggestion="abandon")
    world.decided(task=task, why="It costs too much.")
    outcomes.reverse(task, world.lead, reason="A leak in the split.")
    assert heard() == [
        ("findings", "Findings: BERT vs GPT comparison", "The encoder is enough. Mei suggests Abandon."),
        ("decision", "Inês decided Abandon: BERT vs GPT comparison", "It costs too much."),
        ("reversal", "Inês reversed the decision: BERT vs GPT comparison", "A leak in the split."),
    ]
    assert {one.facts["url"] for one in Delivery.objects.all()} == {task.get_absolute_url()}


def test_productionize_is_a_decision_too(world: World, hook: Webhook) -> None:
    world.decided("productionize")
    assert heard()[-1][:2] == ("decision", "Inês decided Productionize: BERT vs GPT comparison")


def test_the_end_of_a_box_once_however_often_people_hear_of_it(world: World, hook: Webhook) -> None:
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
        task.watch(world.omar, on=True)
    for moment in ("2026-03-12 13:00", "2026-03-12 17:00", "2026-03-12 17:05", "2026-03-13 09:00", "2026-03-16 09:00"):
        with wall(moment):
            reminding.sweep()
    assert heard() == [("box_ended", "Time box ended: BERT vs GPT comparison", "Mei reports what was learned next.")]


def test_the_end_is_told_also_when_the_first_sweep_came_late(world: World, hook: Webhook) -> None:
    with wall("2026-03-10 09:00"):
        world.started(world.experiment())
    with wall("2026-03-18 10:00"):
        reminding.sweep()
    assert [event for event, _, _ in heard()] == ["box_ended"]


def test_a_waiting_decision_once(world: World, hook: Webhook) -> None:
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
        world.report(task)
    for day in ("11", "16", "19", "20"):
        with wall(f"2026-03-{day} 09:00"):
            reminding.sweep()
    assert heard()[1:] == [("decision_waiting", "Waiting for a decision: BERT vs GPT comparison", "The encoder is enough.")]


def test_only_what_the_team_chose(world: World, hook: Webhook) -> None:
    hook.change(world.lead, events=[Event.DECISION])
    world.decided()
    assert [event for event, _, _ in heard()] == ["decision"]


def test_nothing_where_nobody_listens(world: World, hook: Webhook) -> None:
    hook.change(world.lead, is_on=False)
    world.decided()
    theirs = world.started(world.experiment(by=world.ivo), world.ivo)
    world.report(theirs, by=world.ivo)
    assert heard() == []


def test_what_is_taken_back_was_never_told(world: World, hook: Webhook) -> None:
    task = world.in_analysis()
    with pytest.raises(RuntimeError), transaction.atomic():
        world.decided(task=task)
        raise RuntimeError
    assert [event for event, _, _ in heard()] == ["findings"]


def test_a_long_text_is_cut(world: World, hook: Webhook) -> None:
    with time_machine.travel(lisbon("2026-03-10 09:00"), tick=False):
        task = world.started(world.experiment())
        world.report(task, learned="Long. " * 1500, suggestion="abandon")
    ((_, _, text),) = heard()
    assert len(text) == 2000
    assert text.endswith("… Mei suggests Abandon.")
