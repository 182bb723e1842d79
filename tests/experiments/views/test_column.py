"""A card dropped on a column: what is written, what is answered, and what is refused."""

import json
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard.models import Activity
from experiments.models import Task
from tests.world import World, order_of, wall

URL = "/t/FRAUD/columns/{}/"


def drop(client: Any, task: Task, stage: str, before: str = "", after: str = "", version: int | None = None) -> Any:
    seen = task.version if version is None else version
    return client.post(URL.format(stage), {"card": task.ref, "before": before, "after": after, "version": seen})


def test_the_answer_is_the_card_the_two_heads_and_its_place(world: World, as_: Any) -> None:
    task, there = world.experiment(), world.started(world.experiment(title="Fewer features"))
    with wall("2026-03-10 09:00"):
        response = drop(as_(world.mei, htmx=True), task, "active", after=there.ref)
    html = response.content.decode()
    assert response.status_code == 200
    assert f'<article hx-swap-oob="true" class="card" id="task-{task.ref}"' in html
    assert '<header class="col__h" id="col-ideation-head" hx-swap-oob="true">' in html
    assert '<header class="col__h" id="col-active-head" hx-swap-oob="true">' in html
    assert "2 of 3" in html
    assert "Started the 3-day time box. Ends Thu 12 Mar, 17:00" in html
    assert "3d left" in html
    assert f"/t/FRAUD/tasks/{task.ref}/undo/" in html
    assert json.loads(response["HX-Trigger"]) == {
        "placed": {"card": f"task-{task.ref}", "list": "list-active", "before": f"task-{there.ref}"}
    }
    assert order_of(world.team, "in_progress") == [task.ref, there.ref]


def test_a_move_writes_one_task_row_and_costs_the_same_in_a_long_column(world: World, as_: Any) -> None:
    client = as_(world.mei, htmx=True)
    first, second = world.experiment(title="One"), world.experiment(title="Two")
    drop(client, world.experiment(title="Warm"), "active")
    with CaptureQueriesContext(connection) as few:
        drop(client, first, "active")
    for number in range(30):
        world.experiment(title=f"Number {number}")
    with CaptureQueriesContext(connection) as many:
        drop(client, second, "active")
    writes = [q["sql"] for q in many if q["sql"].startswith('UPDATE "experiments_task"')]
    assert len(writes) == 1
    assert len(few) == len(many) <= 34


def test_a_new_order_in_the_same_column_says_nothing(world: World, as_: Any) -> None:
    first, second = world.experiment(), world.experiment(title="Fewer features")
    response = drop(as_(world.mei, htmx=True), second, "ideation", after=first.ref)
    assert order_of(world.team, "ready") == [second.ref, first.ref]
    assert b"data-toast" not in response.content


def test_what_a_column_asks_for_can_be_filled_right_there(world: World, as_: Any) -> None:
    task = world.experiment(hypothesis="", success="", metrics=[], hours=None)
    client = as_(world.mei, htmx=True)
    response = drop(client, task, "active")
    html = response.content.decode()
    assert (response.status_code, response["HX-Retarget"]) == (422, "#dialog")
    assert "Write the hypothesis before its clock starts." in html
    assert [name for name in ("hypothesis", "success", "metric_name", "hours_0") if f'name="{name}"' not in html] == []
    task.refresh_from_db()
    assert task.stage == "ideation"

    fields = {"with": ["hypothesis", "success", "metrics", "hours"], "stage": "active", "hypothesis": "BERT beats GPT-2.", "success": ""}
    fields |= {"metric_name": "F1", "metric_direction": "higher", "metric_target": "0.9", "metric_margin": "", "metric_baseline": ""}
    fields |= {"hours_0": "3d", "hours_1": "", "version": task.version, "before": "", "after": ""}
    again = client.post(f"/t/FRAUD/tasks/{task.ref}/move/", fields)
    assert again.status_code == 422
    assert "Say in a sentence what success would be." in again.content.decode()
    assert "BERT beats GPT-2.</textarea>" in again.content.decode()
    task.refresh_from_db()
    assert (task.stage, task.statement) == ("ideation", "")

    done = client.post(f"/t/FRAUD/tasks/{task.ref}/move/", fields | {"success": "Better."})
    assert done.status_code == 200
    assert "close-dialog" in done["HX-Trigger"]
    task.refresh_from_db()
    assert (task.stage, task.statement, task.success) == ("active", "BERT beats GPT-2.", "Better.")


def test_a_decision_is_never_a_move(world: World, as_: Any) -> None:
    task = world.in_analysis()
    response = drop(as_(world.lead, htmx=True), task, "decision")
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#toasts"
    assert "A card enters Decision by a decision." in response.content.decode()


def test_who_comes_second_sees_where_the_card_is_and_may_move_it_anyway(world: World, as_: Any) -> None:
    task = world.experiment()
    seen = task.version
    world.started(task, world.omar)
    client = as_(world.mei, htmx=True)
    response = drop(client, task, "ideation", version=seen)
    html = response.content.decode()
    assert response.status_code == 409
    assert f"Omar moved {task.ref} first. It is in Active now; your move was not saved." in html
    assert "Move it anyway" in html
    assert f'<input type="hidden" name="version" value="{task.version}">' in html
    assert json.loads(response["HX-Trigger"])["placed"]["list"] == "list-active"
    assert drop(client, task, "ideation", version=task.version).status_code == 200


def test_a_neighbour_that_left_is_a_conflict(world: World, as_: Any) -> None:
    task, gone = world.experiment(), world.experiment(title="Fewer features")
    world.started(gone)
    response = drop(as_(world.mei, htmx=True), task, "ideation", before=gone.ref)
    assert response.status_code == 409


def test_cards_of_others_do_not_exist(world: World, as_: Any) -> None:
    task, theirs = world.experiment(), world.experiment(by=world.ivo)
    assert drop(as_(world.mei, htmx=True), theirs, "active").status_code == 404
    assert drop(as_(world.mei, htmx=True), task, "ideation", before=theirs.ref).status_code == 409
    assert drop(as_(world.mei, htmx=True), task, "nowhere").status_code == 404
    theirs.refresh_from_db()
    assert theirs.stage == "ideation"


def test_a_viewer_moves_nothing_and_gets_no_drop_address(world: World, as_: Any) -> None:
    task = world.experiment()
    assert drop(as_(world.vera, htmx=True), task, "active").status_code == 403
    html = as_(world.vera).get("/t/FRAUD/board/").content.decode()
    assert "data-drop-url" not in html
    assert "data-quick-open" not in html
    assert "data-still" in html


def test_undo_from_the_toast(world: World, as_: Any) -> None:
    task = world.experiment()
    client = as_(world.mei, htmx=True)
    drop(client, task, "active")
    moved = Activity.objects.of(task).get(verb="moved")
    response = client.post(f"/t/FRAUD/tasks/{task.ref}/undo/{moved.pk}/")
    task.refresh_from_db()
    assert (response.status_code, task.stage, task.started_at, task.owner) == (200, "ideation", None, None)
    assert "BERT vs GPT comparison is back in Ideation" in response.content.decode()


def test_undo_of_another_cards_history_is_not_there(world: World, as_: Any) -> None:
    task, other = world.started(world.experiment()), world.experiment(title="Fewer features")
    moved = Activity.objects.of(task).get(verb="moved")
    assert as_(world.mei).post(f"/t/FRAUD/tasks/{other.ref}/undo/{moved.pk}/").status_code == 404
    assert as_(world.vera).post(f"/t/FRAUD/tasks/{task.ref}/undo/{moved.pk}/").status_code == 403


def test_move_to_is_a_plain_form_with_column_and_position(world: World, as_: Any) -> None:
    task, there = world.experiment(), world.started(world.experiment(title="Fewer features"))
    client = as_(world.mei)
    url = f"/t/FRAUD/tasks/{task.ref}/move/"
    assert b"<html" in client.get(url).content
    assert client.post(url, {"stage": "active", "place": "top"}).status_code == 302
    assert order_of(world.team, "in_progress") == [task.ref, there.ref]


def test_move_to_leads_to_the_form_that_is_the_way(world: World, as_: Any) -> None:
    task = world.started(world.experiment())
    response = as_(world.mei, htmx=True).post(f"/t/FRAUD/tasks/{task.ref}/move/", {"stage": "analysis"})
    assert response.url == f"/t/FRAUD/tasks/{task.ref}/findings/"
    world.report(task)
    response = as_(world.lead, htmx=True).post(f"/t/FRAUD/tasks/{task.ref}/move/", {"stage": "decision"})
    assert response.url == f"/t/FRAUD/tasks/{task.ref}/decision/"


def test_taking_an_edit_and_a_drop_back(world: World, as_: Any) -> None:
    task = world.experiment()
    client = as_(world.mei)
    task.change(world.mei, title="Another title")
    edited = Activity.objects.of(task).get(field="title")
    client.post(f"/t/FRAUD/tasks/{task.ref}/undo/{edited.pk}/")
    task.refresh_from_db()
    assert task.title == "BERT vs GPT comparison"
    dropped = task.drop(world.mei, "No data.")
    client.post(f"/t/FRAUD/tasks/{task.ref}/undo/{dropped.pk}/")
    task.refresh_from_db()
    assert task.dropped_at is None
    assert client.post(f"/t/FRAUD/tasks/{task.ref}/undo/{edited.pk}/").status_code == 422
