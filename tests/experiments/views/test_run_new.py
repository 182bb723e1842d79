"""A run by hand: what is typed becomes a run like any other."""

from typing import Any

import pytest
from django.test import Client

from experiments.models import Run
from tests.world import F1, LATENCY, World

pytestmark = pytest.mark.django_db
TYPED = {"name": "bert", "how": "finished", "url": "", "notes": "On paper.", "key": "k1"}


def browser(who: Any) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def test_it_is_judged_and_sent_twice_it_is_one(world: World) -> None:
    task, mei = world.started(world.experiment(metrics=[F1, LATENCY])), browser(world.mei)
    path = f"/t/FRAUD/tasks/{task.ref}/runs/new/"
    assert "macro-F1 = " in mei.get(path).content.decode(), "the card's own metrics stand there"
    said = TYPED | {"metrics": "macro-F1 = 0,93\nlatency: \ntrain loss 0.1\nodd NaN\n", "params": "lr = 3e-5\nlayers 12"}
    for _ in range(2):
        assert mei.post(path, said).status_code == 302
    run = Run.objects.get()
    assert (run.name, run.source, run.params, run.notes) == ("bert", "hand", {"lr": "3e-5", "layers": "12"}, "On paper.")
    assert {one.name: one.told for one in run.metrics.all()} == {"macro-F1": 0.93, "train loss": 0.1, "odd": "NaN"}
    assert task.metrics.get(name="macro-F1").standing == "met"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"metrics": "macro-F1 high"}, "Macro-F1 is “high”, which is no number."),
        ({"metrics": "a 1\na 2"}, "a is there twice."),
        ({"url": "javascript:alert(1)"}, "An address begins with http"),
        ({"name": ""}, "required"),
    ],
)
def test_what_can_not_be_keeps_what_was_typed(world: World, typed: dict[str, str], words: str) -> None:
    task = world.started(world.experiment(metrics=[F1]))
    answer = browser(world.mei).post(f"/t/FRAUD/tasks/{task.ref}/runs/new/", TYPED | {"metrics": "loss 1", "params": ""} | typed)
    assert answer.status_code == 422 and words in answer.content.decode() and "On paper." in answer.content.decode()
    assert not Run.objects.exists()


def test_who_may(world: World) -> None:
    task = world.started(world.experiment(metrics=[F1]))
    path = f"/t/FRAUD/tasks/{task.ref}/runs/new/"
    assert browser(world.vera).get(path).status_code == 403 and browser(world.ivo).get(path).status_code == 404
