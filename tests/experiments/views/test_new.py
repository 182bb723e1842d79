"""The form of a new card: only the fields of its kind, and nothing that was typed is lost."""

from typing import Any

import pytest

from experiments.models import Task
from tests.world import World

NEW = "/t/FRAUD/tasks/new/"
ROW = {"metric_name": "macro-F1", "metric_direction": "higher", "metric_target": "0.9", "metric_margin": "", "metric_baseline": "0.861"}
EXPERIMENT = {
    "kind": "experiment",
    "title": "BERT vs GPT",
    "hypothesis": "BERT beats GPT-2.",
    "success": "Better.",
    "hours_0": "3d",
    "hours_1": "",
    **ROW,
}


@pytest.mark.parametrize(
    ("kind", "has", "lacks"),
    [
        ("research", ["question", "hours_0", "metric_name"], ["points", "hypothesis", "serves"]),
        ("experiment", ["hypothesis", "hours_0", "metric_name"], ["points", "question", "serves"]),
        ("development", ["deliverables", "points", "confidence", "comparable_to"], ["hours_0", "metric_name", "question"]),
        ("maintenance", ["serves", "work", "points"], ["hours_0", "metric_name", "deliverables"]),
    ],
)
def test_it_asks_only_for_the_fields_of_the_kind(world: World, as_: Any, kind: str, has: list[str], lacks: list[str]) -> None:
    html = as_(world.mei).get(NEW, {"kind": kind}).content.decode()
    assert [name for name in has if f'name="{name}"' not in html] == []
    assert [name for name in lacks if f'name="{name}"' in html] == []


def test_the_dialog_is_a_fragment_and_the_page_is_a_page(world: World, as_: Any) -> None:
    assert b"<html" not in as_(world.mei, htmx=True).get(NEW).content
    assert b"<html" in as_(world.mei).get(NEW).content


def test_an_experiment_is_made_with_its_metric_and_box(world: World, as_: Any) -> None:
    response = as_(world.mei).post(NEW, EXPERIMENT)
    task = Task.objects.get()
    assert response.status_code == 302
    assert response.url == f"/t/FRAUD/tasks/{task.ref}/"
    metric = task.metrics.get()
    assert (task.kind, task.statement, task.hours) == ("experiment", "BERT beats GPT-2.", 24)
    assert (metric.name, metric.target, metric.baseline) == ("macro-F1", 0.9, 0.861)


def test_on_the_board_it_stands_at_the_end_of_its_column_at_once(world: World, as_: Any) -> None:
    response = as_(world.mei, htmx=True).post(NEW, EXPERIMENT)
    html = response.content.decode()
    assert response.status_code == 200
    assert 'hx-swap-oob="beforeend:#list-ideation"' in html
    assert 'id="task-FRAUD-1"' in html
    assert "close-dialog" in response["HX-Trigger"]


def test_a_card_without_a_title_is_called_by_its_hypothesis(world: World, as_: Any) -> None:
    as_(world.mei).post(NEW, EXPERIMENT | {"title": ""})
    assert Task.objects.get().title == "BERT beats GPT-2."


def test_switching_the_kind_keeps_what_was_typed_and_makes_nothing(world: World, as_: Any) -> None:
    html = as_(world.mei, htmx=True).post(NEW, EXPERIMENT | {"switch": "research"}).content.decode()
    assert Task.objects.count() == 0
    assert 'value="BERT vs GPT"' in html
    assert "BERT beats GPT-2.</textarea>" in html
    assert 'name="question"' in html
    assert 'value="macro-F1"' in html
    assert '<option value="3d" selected>' in html


def test_a_refusal_stands_at_its_field_and_keeps_everything(world: World, as_: Any) -> None:
    response = as_(world.mei, htmx=True).post(NEW, EXPERIMENT | {"metric_target": "high"})
    html = response.content.decode()
    assert response.status_code == 422
    assert Task.objects.count() == 0
    assert "A target needs a number. Try “macro-F1 ≥ 0.90”." in html
    assert 'value="high"' in html
    assert "BERT beats GPT-2.</textarea>" in html


def test_a_development_card_takes_its_deliverables_by_the_line(world: World, as_: Any) -> None:
    as_(world.mei).post(NEW, {"kind": "development", "title": "Serve", "deliverables": "An endpoint\n\n  A  dashboard", "points": "5"})
    task = Task.objects.get()
    assert [d.text for d in task.deliverables.all()] == ["An endpoint", "A dashboard"]
    assert task.points == 5


def test_firm_points_offer_the_nearest_finished_cards(world: World, as_: Any) -> None:
    done = world.done()
    html = as_(world.mei).get(NEW, {"kind": "development"}).content.decode()
    assert f"{done.ref} Serve the ranker, 5 pts" in html


def test_firm_points_without_ticks_are_refused_at_the_ticks(world: World, as_: Any) -> None:
    response = as_(world.mei).post(
        NEW, {"kind": "development", "title": "Serve", "deliverables": "It", "points": "5", "confidence": "firm"}
    )
    assert response.status_code == 422
    assert b"Firm points need clear requirements." in response.content


def test_we_tried_this(world: World, as_: Any) -> None:
    world.decided()
    world.decided(task=None)
    html = as_(world.mei, htmx=True).get("/t/FRAUD/tasks/similar/", {"hypothesis": "BERT beats everything"}).content.decode()
    assert "We tried this" in html
    assert "Abandon" in html
    assert "The encoder is enough." in html
    assert "We tried this" not in as_(world.mei, htmx=True).get("/t/FRAUD/tasks/similar/", {"hypothesis": "zzzz"}).content.decode()
    assert (
        "We tried this" not in as_(world.ivo, htmx=True).get("/t/OTHER/tasks/similar/", {"hypothesis": "BERT beats all"}).content.decode()
    )


def test_a_viewer_is_told_so(world: World, as_: Any) -> None:
    response = as_(world.vera).get(NEW)
    assert response.status_code == 403
    assert as_(world.vera).post(NEW, EXPERIMENT).status_code == 403
    assert Task.objects.count() == 0


def test_the_first_experiment_of_an_empty_team(world: World, as_: Any) -> None:
    client = as_(world.mei)
    assert b"An experiment starts as a sentence you could be wrong about." in client.get("/t/FRAUD/board/").content
    client.post("/t/FRAUD/tasks/first/", {"hypothesis": "BERT beats GPT-2.", "hours": "3d", "metrics": "macro-F1 ≥ 0.90"})
    task = Task.objects.get()
    assert (task.kind, task.title, task.hours, task.metrics.get().goal) == ("experiment", "BERT beats GPT-2.", 24, "≥ 0.9")
    assert b"An experiment starts as a sentence" not in client.get("/t/FRAUD/board/").content
