"""The two boards: what they show, to whom, in how many queries."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dsboard.models import Membership
from experiments.models.pauses import pause
from tests.world import World, wall

Browser = Callable[[Membership], Client]
BOARD, DELIVERY = "/t/FRAUD/board/", "/t/FRAUD/delivery/"


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def shown(html: str) -> list[str]:
    return re.findall(r'<article class="card" id="task-([A-Z0-9-]+)"', html)


def test_cards_stand_in_their_columns_in_order(world: World, as_: Browser) -> None:
    first, second = world.research(), world.experiment()
    active = world.started(world.experiment(title="Fewer features"))
    first.move_to("ideation", world.mei, before=second.ref)
    html = page(as_(world.mei), BOARD)
    assert shown(html) == [second.ref, first.ref, active.ref]
    column = html.split('id="col-active"')[1].split("</section>")[0]
    assert shown(column) == [active.ref]
    assert "1 of 3" in column
    assert f'data-version="{active.version}"' in column
    assert 'data-kind="experiment"' in column
    assert 'data-stage="active"' in column


def test_opening_takes_the_same_number_of_queries_at_one_and_at_thirty_cards(world: World, as_: Browser) -> None:
    client = as_(world.mei)
    world.decided(task=world.in_analysis())
    client.get(BOARD)
    with CaptureQueriesContext(connection) as few:
        client.get(BOARD)
    for number in range(30):
        world.experiment(title=f"Number {number}")
    with CaptureQueriesContext(connection) as many:
        client.get(BOARD)
    assert len(few) == len(many) == 6


def test_a_face_is_small(world: World, as_: Browser) -> None:
    for number in range(10):
        world.experiment(title=f"Ordered boosting with target encoding {number}", owner="mei@example.org", labels=["ranking"])
    html = page(as_(world.mei), BOARD)
    cards = re.findall(r"<li data-card>.*?</li>", html, re.DOTALL)
    assert len(cards) == 10
    assert max(len(card.encode()) for card in cards) <= 2000


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=signals", ["research"]),
        ("kind=research", ["research"]),
        ("kind=research&kind=experiment", ["research", "experiment", "active"]),
        ("person=Mei Tanaka", ["active"]),
        ("person=mei", ["active"]),
        ("person=nobody", ["research", "experiment"]),
        ("label=nlp", ["experiment"]),
        ("label=nlp&person=mei", []),
        ("q='\" OR *", []),
    ],
)
def test_filters_live_in_the_address(world: World, as_: Browser, query: str, expected: list[str]) -> None:
    cards = {
        "research": world.research(),
        "experiment": world.experiment(labels=["nlp"]),
        "active": world.started(world.experiment(title="Fewer")),
    }
    html = page(as_(world.vera), f"{BOARD}?{query}")
    assert shown(html) == [cards[name].ref for name in expected]
    assert ("No cards match these filters." in html) == (not expected)
    assert "1 of 3" in html  # the head counts the column, whatever is hidden


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("box=not started", ["idle"]),
        ("box=running", ["running", "ending"]),
        ("box=ending", ["ending"]),
        ("box=ended", ["ended"]),
        ("box=paused", ["paused"]),
        ("box=reported", ["reported"]),
        ("box=paused&box=ended", ["paused", "ended"]),
        ("box=nonsense", []),
    ],
)
def test_time_boxes_by_where_their_clock_stands(world: World, as_: Browser, query: str, expected: list[str]) -> None:
    with wall("2026-03-10 09:00"):
        cards = {"idle": world.experiment(), "running": world.started(world.experiment(hours=40))}
        cards |= {"ending": world.started(world.experiment(hours=8)), "paused": world.started(world.experiment())}
        cards |= {"ended": world.started(world.experiment(hours=4)), "reported": world.in_analysis()}
        pause(cards["paused"], world.mei, reason="Waiting for labels.")
    with wall("2026-03-10 16:00"):
        html = page(as_(world.vera), f"{BOARD}?{query}")
    assert sorted(shown(html)) == sorted(cards[name].ref for name in expected)


def test_each_flow_has_its_board(world: World, as_: Browser) -> None:
    research, development, upkeep = world.research(), world.development(), world.maintenance()
    client = as_(world.mei)
    assert shown(page(client, BOARD)) == [research.ref]
    html = page(client, DELIVERY)
    assert shown(html) == [development.ref, upkeep.ref]
    assert "7 pts" in html
    assert client.get(BOARD, {"flow": "delivery"}).url == DELIVERY


def test_a_decided_card_says_what_was_decided_learned_and_made(world: World, as_: Browser) -> None:
    decision = world.decided("productionize")
    made = decision.created[0]
    html = page(as_(world.mei), BOARD)
    card = html.split(f'id="task-{decision.task.ref}"')[1].split("</article>")[0]
    assert [words for words in ("Productionize", "The encoder is enough.", "Created", made.ref, "by Inês") if words not in card] == []


def test_titles_are_text_and_never_markup(world: World, as_: Browser) -> None:
    world.experiment(title="<script>alert(1)</script>", hypothesis='"><img src=x onerror=alert(1)>')
    html = page(as_(world.mei), BOARD)
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_dropped_and_deleted_cards_are_not_on_it(world: World, as_: Browser) -> None:
    world.experiment().drop(world.mei, "No data.")
    world.experiment(title="Fewer").delete_to_bin(world.mei)
    assert shown(page(as_(world.mei), BOARD)) == []
