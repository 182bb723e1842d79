"""The sprint's board: four lanes by bucket, and what dropping a card on a cell does."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Task
from experiments.stages import Outcome, Stage
from sprints.models import Sprint
from tests.sprints.conftest import START
from tests.world import World, wall

Run = Callable[..., Sprint]
URL = "/t/FRAUD/sprints/1/board/"


def drop(client: Any, task: Task, cell: str, **near: Any) -> Any:
    return client.post(f"{URL}{cell}/", {"card": task.ref, "version": task.version} | near)


def cells(response: Any) -> dict[str, int]:
    return {cell.key: len(cell.cards) for row in response.context["board"].rows for cell in row.cells if cell.cards}


def test_each_card_is_in_its_lane_and_bucket(world: World, running: Run, as_: Any) -> None:
    job, idea, paper = world.development(), world.experiment(), world.research(bucket="learning")
    running(job, idea, paper)
    with wall(START):
        world.started(idea)
        world.done(job)
    response = as_(world.vera).get(URL)
    assert cells(response) == {"done-committed": 1, "in_progress-experiments": 1, "ready-learning": 1}
    assert "data-drop-url" not in response.content.decode()


def test_each_bucket_says_how_far_it_is(world: World, running: Run, as_: Any) -> None:
    done, half, decided, used = world.development(points=3), world.development(points=5), world.experiment(), world.research(hours=16)
    running(done, half, decided, used)
    with wall(START):
        world.done(done)
        world.decided(Outcome.ABANDON, world.in_analysis(decided))
        world.started(used, world.omar)
    with wall("2026-03-09 13:00"):
        html = as_(world.mei).get(URL).content.decode()
    assert "3 of 8 pts done" in html
    assert "0.5 of 5 d of box time used · 1 abandon" in html


def test_a_planned_one_points_to_its_plan(world: World, planned: Run, as_: Any) -> None:
    planned(world.experiment())
    html = as_(world.mei).get(URL).content.decode()
    assert "Sprint 1 has not started." in html
    assert "data-drop-url" not in html


def test_an_empty_one_says_so(world: World, running: Run, as_: Any) -> None:
    running()
    assert "No card has a seat in Sprint 1." in as_(world.mei).get(URL).content.decode()


class TestDropping:
    def test_starts_the_clock_of_an_experiment(self, world: World, running: Run, as_: Any) -> None:
        task = world.experiment()
        running(task)
        with wall(START):
            response = drop(as_(world.mei, htmx=True), task, "in_progress/experiments")
        assert Task.objects.get().stage == Stage.ACTIVE
        assert json.loads(response["HX-Trigger"])["placed"] == {
            "card": f"task-{task.ref}",
            "list": "list-in_progress-experiments",
            "before": "",
        }
        html = response.content.decode()
        assert "Started the 3-day time box. Ends Wed 11 Mar, 17:00" in html
        assert 'id="sb-lanes" hx-swap-oob="true"' in html

    def test_is_in_progress_for_a_job(self, world: World, running: Run, as_: Any) -> None:
        task = world.development()
        running(task)
        drop(as_(world.mei, htmx=True), task, "in_progress/committed")
        assert Task.objects.get().stage == Stage.IN_PROGRESS

    def test_keeps_the_order_that_it_was_given(self, world: World, running: Run, as_: Any) -> None:
        first, second = world.development(title="First"), world.development(title="Second")
        running(first, second)
        response = drop(as_(world.mei, htmx=True), second, "ready/committed", after=first.ref)
        assert json.loads(response["HX-Trigger"])["placed"]["before"] == f"task-{first.ref}"

    @pytest.mark.parametrize(
        ("cell", "url"), [("review/experiments", "/tasks/FRAUD-1/findings/"), ("done/experiments", "/tasks/FRAUD-1/decision/")]
    )
    def test_asks_for_findings_and_for_a_decision(self, world: World, running: Run, as_: Any, cell: str, url: str) -> None:
        task = world.started(world.experiment())
        running(task)
        response = drop(as_(world.mei, htmx=True), task, cell)
        assert response.status_code == 422
        assert json.loads(response["HX-Trigger"])["open-dialog"]["url"] == f"/t/FRAUD{url}"

    def test_asks_for_the_fields_that_the_lane_needs(self, world: World, running: Run, as_: Any) -> None:
        task = world.development(points=None)
        running(task)
        response = drop(as_(world.mei, htmx=True), task, "in_progress/committed")
        assert (response.status_code, response["HX-Retarget"]) == (422, "#dialog")
        assert "Size it in story points before work starts." in response.content.decode()

    def test_on_another_bucket_is_scope_change_by_a_lead(self, world: World, running: Run, as_: Any) -> None:
        task = world.research()
        sprint = running(task)
        assert drop(as_(world.mei, htmx=True), task, "ready/learning").status_code == 403
        drop(as_(world.lead, htmx=True), task, "ready/learning")
        assert sprint.seats.get().bucket == "learning"

    def test_of_a_card_that_somebody_moved_first(self, world: World, running: Run, as_: Any) -> None:
        task = world.development()
        running(task)
        Task.objects.get().move_to(Stage.IN_PROGRESS, world.omar)
        response = drop(as_(world.mei, htmx=True), task, "review/committed")
        assert response.status_code == 409
        assert json.loads(response["HX-Trigger"])["placed"]["list"] == "list-in_progress-committed"
        assert "Move it anyway" in response.content.decode()

    def test_of_a_card_that_was_taken_out(self, world: World, running: Run, as_: Any) -> None:
        task = world.development()
        sprint = running(task)
        sprint.take_out(task, world.lead)
        assert drop(as_(world.mei, htmx=True), task, "in_progress/committed").status_code == 422

    @pytest.mark.parametrize("cell", ["nowhere/committed", "ready/nowhere"])
    def test_on_a_cell_that_is_not_there(self, world: World, running: Run, as_: Any, cell: str) -> None:
        task = world.development()
        running(task)
        assert drop(as_(world.mei), task, cell).status_code == 404

    def test_without_script_leads_back_to_the_board(self, world: World, running: Run, as_: Any) -> None:
        task = world.development()
        running(task)
        assert drop(as_(world.mei), task, "in_progress/committed").url == URL


def test_the_board_costs_the_same_with_many_cards(world: World, running: Run, as_: Any) -> None:
    one = world.started(world.experiment())
    sprint, client = running(one), as_(world.lead)
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for number in range(30):
        make = (world.experiment, world.development, world.research)[number % 3]
        sprint.take_in(make(title=f"Card {number}"), world.lead)
    with CaptureQueriesContext(connection) as many:
        client.get(URL)
    assert len(many) == len(few)
