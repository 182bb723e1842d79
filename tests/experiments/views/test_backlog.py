"""The backlog, the archive and the bin."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from experiments.models import Task
from experiments.stages import Outcome
from tests.world import World, order_of

As = Callable[..., Client]
BACKLOG = "/t/FRAUD/backlog/"
ORDER = "/t/FRAUD/backlog/order/"


def listed(client: Client, query: str = "") -> list[str]:
    return [face.ref for face in client.get(f"{BACKLOG}?{query}").context["backlog"].page]


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_both_rows_wait_in_one_order(world: World, as_: As) -> None:
    cards = [world.experiment(), world.development(), world.research(), world.maintenance()]
    started = world.started(world.research())
    cards[3].move_to("ready", world.mei, after=cards[0].ref)
    assert listed(as_(world.vera)) == [cards[at].ref for at in (3, 0, 1, 2)]
    assert started.ref not in listed(as_(world.vera))


def test_it_is_filtered_like_the_boards_and_sorted(world: World, as_: As) -> None:
    small = world.development(points=1, labels=["api"], owner="omar@example.org")
    large = world.development(points=8, title="Rank the merchants")
    question = world.research()
    client = as_(world.mei)
    assert listed(client, "kind=research&kind=maintenance") == [question.ref]
    assert listed(client, "label=api&person=Omar") == [small.ref]
    assert listed(client, "q=merchants") == [large.ref]
    assert listed(client, "q=nothing") == []
    assert "No cards match these filters." in client.get(f"{BACKLOG}?q=nothing").content.decode()
    assert listed(client, "sort=newest") == [question.ref, large.ref, small.ref]
    assert listed(client, "sort=points") == [large.ref, small.ref, question.ref]
    assert listed(client, "sort=kind") == [question.ref, small.ref, large.ref]
    assert listed(client, "sort=password") == [small.ref, large.ref, question.ref]


def test_a_row_is_dropped_between_two_neighbours(world: World, as_: As) -> None:
    first, second, third = world.research(), world.development(), world.experiment()
    said = {"card": third.ref, "before": first.ref, "after": second.ref, "version": third.version}
    answer = as_(world.mei, htmx=True).post(ORDER, said)
    assert order_of(world.team, "ready") == [first.ref, third.ref, second.ref]
    assert json.loads(answer["HX-Trigger"]) == {
        "placed": {"card": f"task-{third.ref}", "list": "list-backlog", "before": f"task-{second.ref}"}
    }
    assert f'<article class="line" id="task-{third.ref}" hx-swap-oob="true"' in answer.content.decode()
    third.refresh_from_db()
    assert third.stage == "ideation"


def test_an_overtaken_drop_shows_where_the_row_is(world: World, as_: As) -> None:
    first, second = world.research(), world.development()
    seen = first.version
    first.move_to("ideation", world.omar, before=second.ref)
    answer = as_(world.mei, htmx=True).post(ORDER, {"card": first.ref, "after": second.ref, "version": seen})
    assert answer.status_code == 409
    assert f"Omar moved {first.ref} first." in answer.content.decode()
    assert order_of(world.team, "ready") == [second.ref, first.ref]


def test_lines_become_cards_or_none_does(world: World, as_: As) -> None:
    client = as_(world.mei)
    answer = client.post(BACKLOG, {"text": "Do shared devices reveal rings?\nTry boosting 2d", "kind": ""})
    assert answer.status_code == 302
    assert [str(m) for m in get_messages(answer.wsgi_request)] == ["Added 2 cards"]
    assert len(listed(client)) == 2
    bad = client.post(BACKLOG, {"text": f"Fine\n{'x' * 201}", "kind": "development"})
    assert bad.status_code == 422
    assert "Line 2:" in bad.content.decode()
    assert "Fine" in bad.content.decode()
    assert Task.objects.count() == 2


def test_a_viewer_reads_and_changes_nothing(world: World, as_: As) -> None:
    task = world.research()
    client = as_(world.vera)
    page = client.get(BACKLOG).content.decode()
    assert task.ref in page
    assert "data-drop-url" not in page
    assert "/move/" not in page
    assert client.post(BACKLOG, {"text": "Mine"}).status_code == 403
    assert client.post(ORDER, {"card": task.ref}).status_code == 403
    assert Task.objects.count() == 1


def test_nothing_of_another_team_is_shown_or_moved(world: World, as_: As) -> None:
    mine, theirs = world.research(), Task.plan(world.other, kind="research", title="Secret", by=world.ivo)
    for page in ("backlog/", "archive/", "bin/", "import/", "export.csv"):
        assert as_(world.ivo).get(f"/t/FRAUD/{page}").status_code == 404
    assert as_(world.mei).post(ORDER, {"card": theirs.ref}).status_code == 404
    answer = as_(world.mei, htmx=True).post(ORDER, {"card": mine.ref, "before": theirs.ref})
    unknown = as_(world.mei, htmx=True).post(ORDER, {"card": mine.ref, "before": "OTHER-99"})
    assert answer.content.decode().replace(theirs.ref, "OTHER-99") == unknown.content.decode()
    assert "Secret" not in as_(world.mei).get(BACKLOG).content.decode()


def test_one_card_and_many_take_the_same_queries_and_a_page_holds_a_hundred(world: World, as_: As) -> None:
    client = as_(world.mei)
    world.experiment(labels=["a"], owner="mei@example.org")
    queries(client, BACKLOG)
    one = queries(client, BACKLOG)
    for number in range(110):
        world.development(title=f"Card {number}", labels=["a", "b"])
    assert queries(client, BACKLOG) == one
    assert [len(listed(client)), len(listed(client, "page=2"))] == [100, 11]


def old(task: Task) -> Task:
    """The card as it is three weeks after its end."""
    Task.objects.filter(pk=task.pk).update(ended_at=timezone.now() - timedelta(days=21), shown_until=timezone.now() - timedelta(days=7))
    return task


@pytest.fixture
def ended(world: World) -> dict[str, Task]:
    cards = {
        "abandon": old(world.decided(Outcome.ABANDON, world.in_analysis(world.experiment(title="Graph rings"))).task),
        "done": old(world.done()),
        "dropped": world.research(title="Not now"),
        "recent": world.decided().task,
    }
    cards["dropped"].drop(world.mei, "The law changed.")
    return cards


def test_the_archive_holds_what_left_the_boards(world: World, as_: As, ended: dict[str, Task]) -> None:
    def archived(query: str = "") -> set[str]:
        return {task.ref for task in as_(world.vera).get(f"/t/FRAUD/archive/?{query}").context["page"]}

    assert archived() == {ended[name].ref for name in ("abandon", "done", "dropped")}
    for ending in ("abandon", "done", "dropped"):
        assert archived(f"ending={ending}") == {ended[ending].ref}
    assert archived("ending=productionize") == set()
    assert archived("kind=development") == {ended["done"].ref}
    assert archived("q=graph") == {ended["abandon"].ref}
    assert "The law changed." in as_(world.vera).get("/t/FRAUD/archive/").content.decode()


def test_the_bin_says_who_and_when_and_gives_back(world: World, as_: As) -> None:
    task, decided = world.experiment(), world.research()
    for card in (task, decided):
        card.delete_to_bin(world.mei)
    Task.objects.filter(pk=decided.pk).update(deleted_at=timezone.now() - timedelta(days=31))
    page = as_(world.omar).get("/t/FRAUD/bin/").content.decode()
    assert f"{task.ref} was deleted by Mei on" in page
    assert decided.ref not in page
    assert "Restore" not in as_(world.vera).get("/t/FRAUD/bin/").content.decode()
    assert as_(world.vera).post(f"/t/FRAUD/tasks/{task.ref}/restoration/").status_code == 403
    assert as_(world.omar).post(f"/t/FRAUD/tasks/{task.ref}/restoration/").status_code == 302
    assert Task.objects.present().get() == task
    assert "The bin is empty." in as_(world.omar).get("/t/FRAUD/bin/").content.decode()


@pytest.mark.parametrize("page", ["archive", "bin"])
def test_ended_cards_take_the_same_queries_for_one_and_for_thirty(world: World, as_: As, page: str) -> None:
    def grow(count: int) -> None:
        for _ in range(count):
            world.plan("research", "Q", {"owner": "mei@example.org"}).drop(world.mei, "No.")
            world.plan("research", "Q", {"owner": "mei@example.org"}).delete_to_bin(world.mei)

    client: Any = as_(world.mei)
    grow(1)
    queries(client, f"/t/FRAUD/{page}/")
    one = queries(client, f"/t/FRAUD/{page}/")
    grow(29)
    assert queries(client, f"/t/FRAUD/{page}/") == one
