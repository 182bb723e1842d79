"""Each decision from start to end through the pages, and what it leaves in the pages, in the API and in history."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from dsboard.models import ApiToken, Membership
from experiments.models import Task
from tests.world import World, found_world, history_of

As = Callable[[Membership], Client]


@pytest.fixture
def world(db: None) -> World:
    return found_world()


def browser(who: Membership) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def api(who: Membership, path: str) -> Any:
    answer = Client(headers={"Authorization": f"Bearer {ApiToken.issue(who, scope='read')}"}).get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def shown(who: Membership, page: str) -> str:
    answer = browser(who).get(f"/t/FRAUD/{page}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.fixture
def task(world: World) -> Task:
    """An experiment that was planned, started and reported by pages only."""
    mei = browser(world.mei)
    card = world.experiment()
    mei.post("/t/FRAUD/columns/active/", {"card": card.ref, "version": card.version})
    said = {"tried": "Three seeds.", "learned": "The encoder is enough.", "verdict": "supported", "value_0": "0.93"}
    mei.post(f"/t/FRAUD/tasks/{card.ref}/findings/", said)
    card.refresh_from_db()
    assert (card.stage, card.owner) == ("analysis", world.mei.user)
    return Task.objects.get(pk=card.pk)


def decide(world: World, task: Task, outcome: str, **said: str) -> Task | None:
    """Record a decision as the lead; returns the card that it created, if any."""
    answer = browser(world.lead).post(f"/t/FRAUD/tasks/{task.ref}/decision/", {"outcome": outcome, "why": "We know enough.", **said})
    assert answer.status_code == 302
    return Task.objects.exclude(pk=task.pk).first()


def test_productionize(world: World, task: Task) -> None:
    card = decide(world, task, "productionize", title="Serve BERT")
    assert card is not None
    assert "Serve BERT" in shown(world.vera, "delivery/")
    assert card.ref in shown(world.vera, "backlog/")
    assert card.ref in shown(world.vera, f"tasks/{task.ref}/")
    assert task.ref in shown(world.vera, f"tasks/{card.ref}/")
    told = api(world.vera, f"/tasks/{task.ref}")
    assert (told["outcome"], told["stage"], told["decision"]["by"]) == ("productionize", "decision", "ines@example.org")
    assert told["decision"]["evidence"]["results"][0]["value"] == 0.93
    made = api(world.vera, f"/tasks/{card.ref}")
    assert (made["kind"], made["stage"], made["phase"]) == ("development", "ready", "productionize")
    assert {"rel": "builds_on", "ref": task.ref} in made["links"]
    assert history_of(task)[-2:] == [("moved", "stage", "analysis", "decision"), ("decided", "outcome", None, "productionize")]
    assert history_of(card) == [("created", "", None, "Serve BERT")]


def test_abandon(world: World, task: Task) -> None:
    assert decide(world, task, "abandon") is None
    library = shown(world.vera, "findings/?outcome=abandon&q=encoder")
    assert task.ref in library
    assert "We know enough." in library
    [finding] = api(world.vera, "/teams/FRAUD/findings?outcome=abandon")["items"]
    assert (finding["ref"], finding["learned"], finding["outcome"]) == (task.ref, "The encoder is enough.", "abandon")
    assert [line["verb"] for line in api(world.vera, f"/tasks/{task.ref}/activity?limit=100")["items"]].count("decided") == 1
    assert Task.objects.count() == 1


def test_more_research(world: World, task: Task) -> None:
    card = decide(world, task, "more_research", hypothesis="It holds on short texts.", hours="1w")
    assert card is not None
    assert "It holds on short texts." in shown(world.vera, "board/")
    made = api(world.vera, f"/tasks/{card.ref}")
    assert (made["kind"], made["stage"], made["hours"], made["hypothesis"]) == ("experiment", "ideation", 40, "It holds on short texts.")
    assert [metric["name"] for metric in made["metrics"]] == ["macro-F1"]
    assert {"rel": "origin", "ref": task.ref} in made["links"]
    assert {"rel": "follow_up", "ref": card.ref} in api(world.vera, f"/tasks/{task.ref}")["links"]


def test_a_reversal_takes_back_what_nobody_touched(world: World, task: Task) -> None:
    card = decide(world, task, "productionize")
    assert card is not None
    answer = browser(world.lead).post(f"/t/FRAUD/tasks/{task.ref}/decision/reversal/", {"reason": "The data was wrong."})
    assert answer.status_code == 302
    told = api(world.vera, f"/tasks/{task.ref}")
    assert (told["stage"], told["outcome"], told["decision"]["reversed_by"]) == ("analysis", None, "ines@example.org")
    assert card.ref in shown(world.vera, "bin/")
    assert card.ref not in shown(world.vera, "delivery/")
    assert history_of(task)[-2:] == [("moved", "stage", "decision", "analysis"), ("reversed", "outcome", "productionize", None)]
    assert history_of(card)[-1] == ("withdrawn", "deleted", None, card.title)


def test_a_card_can_be_decided_again_after_a_reversal(world: World, task: Task) -> None:
    decide(world, task, "abandon")
    browser(world.lead).post(f"/t/FRAUD/tasks/{task.ref}/decision/reversal/", {"reason": "New data."})
    decide(world, task, "productionize")
    assert [decision.outcome for decision in task.decisions.order_by("pk")] == ["abandon", "productionize"]
    assert [decision.standing for decision in task.decisions.order_by("pk")] == [False, True]
