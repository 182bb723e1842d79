"""The two boards: what they show, to whom, in how many queries."""

import re
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dsboard.models import Membership
from tests.world import World

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
    assert len(few) == len(many) == 9
