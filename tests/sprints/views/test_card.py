"""The sprints of a card, on its own page: what it is in, into which it may go, and taking that back from its history."""

from collections.abc import Callable
from typing import Any

import pytest

from dsboard.models import Activity
from experiments.models import Task
from sprints.models import Sprint
from tests.sprints.conftest import END, START
from tests.world import World, wall

Plan = Callable[..., Sprint]
CARD = "/t/FRAUD/tasks/FRAUD-1/"


def test_the_page_says_in_which_sprints_it_is(world: World, running: Plan, as_: Any) -> None:
    task = world.experiment()
    running(task)
    with wall(START):
        Sprint.plan(world.team, world.lead).take_in(task, world.mei)
    html = as_(world.vera).get(CARD).content.decode()
    assert "Sprint 1</a>" in html
    assert "Sprint 2</a>" in html
    assert "put it into Sprint 2" in html


def test_and_how_often_it_was_carried_over(world: World, running: Plan, as_: Any) -> None:
    sprint = running(world.experiment())
    with wall(END):
        sprint.close(world.lead)
    html = as_(world.mei).get(CARD).content.decode()
    assert "carried over 1 time" in html
    assert "carried it over from Sprint 1 to Sprint 2" in html


class TestChoosing:
    def test_lists_the_planned_ones_and_for_a_lead_the_running_one(self, world: World, running: Plan, as_: Any) -> None:
        task = world.experiment()
        running()
        with wall(START):
            Sprint.plan(world.team, world.lead).take_in(task, world.mei)
        assert "Take it out of Sprint 2" in as_(world.mei, htmx=True).get(f"{CARD}sprint/").content.decode()
        assert "scope change" not in as_(world.mei, htmx=True).get(f"{CARD}sprint/").content.decode()
        assert "scope change" in as_(world.lead, htmx=True).get(f"{CARD}sprint/").content.decode()

    def test_without_a_planned_one(self, world: World, as_: Any) -> None:
        world.experiment()
        assert "A lead plans one." in as_(world.mei).get(f"{CARD}sprint/").content.decode()

    def test_comes_back_to_the_card(self, world: World, planned: Plan, as_: Any) -> None:
        world.experiment()
        sprint = planned()
        client = as_(world.mei, htmx=True)
        response = client.post("/t/FRAUD/sprints/1/seats/", {"card": "FRAUD-1"}, headers={"HX-Current-URL": f"http://testserver{CARD}"})
        assert (response["HX-Refresh"], sprint.seats.count()) == ("true", 1)


class TestUndo:
    @pytest.fixture
    def seated(self, world: World, planned: Plan) -> Activity:
        planned(world.experiment())
        line: Activity = Activity.objects.get(verb="seated")
        return line

    def test_takes_it_out_again(self, world: World, seated: Activity, as_: Any) -> None:
        client = as_(world.mei)
        with wall(START):
            assert f"{CARD}sprint/undo/{seated.pk}/" in client.get(CARD).content.decode()
            client.post(f"{CARD}sprint/undo/{seated.pk}/")
        assert not Task.objects.get().seats.exists()

    def test_and_puts_it_back(self, world: World, seated: Activity, as_: Any) -> None:
        Sprint.objects.get().take_out(Task.objects.get(), world.mei)
        line = Activity.objects.get(verb="unseated")
        as_(world.mei).post(f"{CARD}sprint/undo/{line.pk}/")
        assert Task.objects.get().seats.count() == 1

    def test_not_once_it_is_too_late(self, world: World, seated: Activity, as_: Any) -> None:
        with wall("2026-04-20 09:00"):
            response = as_(world.mei).post(f"{CARD}sprint/undo/{seated.pk}/")
        assert response.status_code == 422
        assert "This was over 30 days ago" in response.content.decode()

    def test_not_what_was_overtaken(self, world: World, seated: Activity, as_: Any) -> None:
        Sprint.objects.get().discard(world.lead)
        with wall(START):
            response = as_(world.mei).post(f"{CARD}sprint/undo/{seated.pk}/")
        assert response.status_code == 422
        assert "Sprint 1 was discarded" in response.content.decode()

    def test_not_another_line_of_history(self, world: World, seated: Activity, as_: Any) -> None:
        line = Activity.objects.get(verb="created")
        assert as_(world.mei).post(f"{CARD}sprint/undo/{line.pk}/").status_code == 404


class TestAnExtension:
    URL = f"{CARD}sprint/extension-effect/"

    def test_says_what_it_does_to_the_shares_of_the_sprint(self, world: World, running: Plan, as_: Any) -> None:
        # 5 days of experiments beside 6.5 and 1.5 are 38 per cent; 7 of 15 are 47.
        idea = world.experiment(hours=40)
        running(idea, world.development(points=13), world.research(hours=12, bucket="learning"))
        html = as_(world.mei, htmx=True).get(self.URL, {"hours": "2d"}).content.decode()
        assert "Experiments go from 38% to 47%. The band ends at 35%." in html

    def test_says_nothing_outside_of_a_running_sprint(self, world: World, planned: Plan, as_: Any) -> None:
        planned(world.experiment())
        assert as_(world.mei, htmx=True).get(self.URL, {"hours": "2d"}).content.decode().strip() == ""

    @pytest.mark.parametrize("hours", ["", "lots", "-4", "9999999"])
    def test_says_nothing_of_what_is_no_length(self, world: World, running: Plan, as_: Any, hours: str) -> None:
        running(world.experiment())
        assert as_(world.mei, htmx=True).get(self.URL, {"hours": hours}).content.decode().strip() == ""
