"""Quick add: a line, or several, and what was understood of them."""

from typing import Any

from experiments.models import Task
from tests.world import World, order_of

URL = "/t/FRAUD/columns/{}/quick/"


def test_a_line_becomes_a_card_with_its_hints(world: World, as_: Any) -> None:
    response = as_(world.mei, htmx=True).post(URL.format("ideation"), {"text": "Test BERT vs GPT 3d @mei #nlp f1>=0.9", "kind": ""})
    task = Task.objects.get()
    html = response.content.decode()
    assert (task.kind, task.title, task.hours, task.owner) == ("experiment", "Test BERT vs GPT", 24, world.mei.user)
    assert [label.name for label in task.labels.all()] == ["nlp"]
    assert (task.metrics.get().name, task.metrics.get().goal) == ("f1", "≥ 0.9")
    assert 'hx-swap-oob="beforeend:#list-ideation"' in html
    assert "Added Test BERT vs GPT" in html


def test_several_lines_become_several_cards_in_their_order(world: World, as_: Any) -> None:
    response = as_(world.mei, htmx=True).post(URL.format("ideation"), {"text": "- One 2d\n- Two?\n\n3. Three 1w"})
    assert order_of(world.team, "ready") == ["FRAUD-1", "FRAUD-2", "FRAUD-3"]
    assert [task.title for task in Task.objects.order_by("number")] == ["One", "Two?", "Three"]
    assert Task.objects.get(number=2).statement == "Two?"
    assert "Added 3 cards" in response.content.decode()


def test_one_bad_line_adds_nothing_and_says_which(world: World, as_: Any) -> None:
    response = as_(world.mei, htmx=True).post(URL.format("ideation"), {"text": "One\nTwo 5pt"})
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#quick-ideation-said"
    assert "Line 2: Research is sized by a time box, not by story points. Give it hours instead." in response.content.decode()
    assert Task.objects.count() == 0


def test_the_delivery_board_makes_development_or_what_was_chosen(world: World, as_: Any) -> None:
    client = as_(world.mei, htmx=True)
    client.post(URL.format("ready"), {"text": "Serve the ranker 5pt"})
    client.post(URL.format("ready"), {"text": "Retrain it 2pt", "kind": "maintenance"})
    client.post(URL.format("ready"), {"text": "A kind of the other board", "kind": "research"})
    assert [(t.kind, t.points) for t in Task.objects.order_by("number")] == [("development", 5), ("maintenance", 2), ("development", None)]


def test_without_script_it_goes_back_to_the_board(world: World, as_: Any) -> None:
    assert as_(world.mei).post(URL.format("ready"), {"text": "Serve"}).url == "/t/FRAUD/delivery/"
    assert as_(world.mei).post(URL.format("ideation"), {"text": " "}).status_code == 422


def test_a_viewer_adds_nothing(world: World, as_: Any) -> None:
    assert as_(world.vera, htmx=True).post(URL.format("ideation"), {"text": "One"}).status_code == 403
    assert Task.objects.count() == 0


def test_chips_say_what_was_understood(world: World, as_: Any) -> None:
    html = as_(world.mei, htmx=True).get(URL.format("ideation") + "hints/", {"text": "Test 3d @mei f1>=0.9\nAnother"}).content.decode()
    assert [chip for chip in ("3d box", "Mei Tanaka", "f1 ≥ 0.9", "and 1 more") if chip not in html] == []
    assert as_(world.mei, htmx=True).get(URL.format("nowhere") + "hints/").status_code == 404
