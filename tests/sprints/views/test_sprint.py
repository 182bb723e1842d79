"""The list of sprints, the way to the current one, and a sprint's own goal, dates, capacity, start and close."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dsboard.models import Activity
from experiments.models import Task
from sprints.models import Sprint
from tests.sprints.conftest import END, START
from tests.world import World, wall

Plan = Callable[..., Sprint]
TEAM = "/t/FRAUD/"


class TestTheList:
    def test_of_a_team_without_sprints(self, world: World, as_: Any) -> None:
        assert "Plan the first one" in as_(world.lead).get(f"{TEAM}sprints/").content.decode()
        assert "A lead plans the first one." in as_(world.mei).get(f"{TEAM}sprints/").content.decode()

    def test_has_the_newest_first(self, world: World, running: Plan, as_: Any) -> None:
        running(goal="Now")
        with wall(START):
            Sprint.plan(world.team, world.lead, goal="Then")
        response = as_(world.vera).get(f"{TEAM}sprints/")
        assert [str(sprint) for sprint in response.context["sprints"]] == ["Sprint 2", "Sprint 1"]
        assert "Running" in response.content.decode()


class TestTheCurrentOne:
    def test_is_the_running_ones_board(self, world: World, running: Plan, as_: Any) -> None:
        running()
        assert as_(world.mei).get(f"{TEAM}sprint/").url == f"{TEAM}sprints/1/board/"

    def test_else_the_next_plan(self, world: World, planned: Plan, as_: Any) -> None:
        planned()
        assert as_(world.mei).get(f"{TEAM}sprint/").url == f"{TEAM}sprints/1/plan/"

    def test_else_the_list(self, world: World, as_: Any) -> None:
        assert as_(world.mei).get(f"{TEAM}sprint/").url == f"{TEAM}sprints/"


class TestTheSidebar:
    def test_says_the_day_and_the_shares(self, world: World, running: Plan, as_: Any) -> None:
        running(world.development(points=5), world.experiment(hours=12))
        with wall("2026-03-12 10:00"):
            html = as_(world.mei).get(f"{TEAM}board/").content.decode()
        assert "day 4 of 10" in html
        assert "63 / 37 / 0" in html
        assert "guide 60/30/10" in html

    def test_is_silent_without_a_running_sprint(self, world: World, planned: Plan, as_: Any) -> None:
        planned()
        assert "side__sprint" not in as_(world.mei).get(f"{TEAM}board/").content.decode()

    def test_of_another_team_is_its_own(self, world: World, running: Plan, as_: Any) -> None:
        running()
        assert "side__sprint" not in as_(world.ivo).get("/t/OTHER/board/").content.decode()


class TestANewOne:
    def test_proposes_dates_and_is_planned(self, world: World, as_: Any) -> None:
        client = as_(world.lead)
        with wall(START):
            assert 'value="2026-03-09"' in client.get(f"{TEAM}sprints/new/").content.decode()
            sent = {"goal": "One thing", "starts_on": "2026-03-09", "ends_on": "2026-03-20"}
            assert client.post(f"{TEAM}sprints/new/", sent).url == f"{TEAM}sprints/1/plan/"
        assert Sprint.objects.get().goal == "One thing"

    def test_twice_keeps_what_was_typed(self, world: World, as_: Any) -> None:
        client, sent = as_(world.lead), {"goal": "One thing", "starts_on": "2026-03-09", "ends_on": "2026-03-20"}
        with wall(START):
            client.post(f"{TEAM}sprints/new/", sent)
            response = client.post(f"{TEAM}sprints/new/", sent)
        assert (response.status_code, Sprint.objects.count()) == (422, 1)
        assert "don&#x27;t overlap" in response.content.decode()
        assert 'value="One thing"' in response.content.decode()

    @pytest.mark.parametrize("day", ["", "soon", "2026-02-30"])
    def test_a_day_is_a_day(self, world: World, as_: Any, day: str) -> None:
        assert as_(world.lead).post(f"{TEAM}sprints/new/", {"starts_on": day, "ends_on": "2026-03-20"}).status_code == 422
        assert Sprint.objects.count() == 0

    def test_is_not_for_members(self, world: World, as_: Any) -> None:
        assert as_(world.mei).get(f"{TEAM}sprints/new/").status_code == 403


class TestItsOwn:
    def test_goal_is_written_in_place(self, world: World, planned: Plan, as_: Any) -> None:
        planned()
        html = as_(world.lead, htmx=True).post(f"{TEAM}sprints/1/goal/", {"goal": "Two things", "version": "1"}).content.decode()
        assert 'id="sprint-goal"' in html
        assert "Two things" in html

    def test_goal_that_somebody_else_changed_is_refused(self, world: World, planned: Plan, as_: Any) -> None:
        planned().change(world.lead, goal="Theirs")
        response = as_(world.lead, htmx=True).post(f"{TEAM}sprints/1/goal/", {"goal": "Mine", "version": "1"})
        assert (response.status_code, Sprint.objects.get().goal) == (409, "Theirs")

    def test_dates_change_in_a_dialog(self, world: World, planned: Plan, as_: Any) -> None:
        planned()
        sent = {"goal": "", "starts_on": "2026-03-09", "ends_on": "2026-03-13", "version": "1"}
        with wall(START):
            as_(world.lead).post(f"{TEAM}sprints/1/details/", sent)
        assert Sprint.objects.get().ends_on == date(2026, 3, 13)

    def test_availability_is_typed_in_per_cent(self, world: World, planned: Plan, as_: Any) -> None:
        planned()
        client = as_(world.lead)
        html = client.get(f"{TEAM}sprints/1/capacity/").content.decode()
        assert "Mei Tanaka" in html
        parts = {f"of_{who.user_id}": "100" for who in (world.lead, world.mei, world.omar)} | {f"of_{world.mei.user_id}": "60"}
        client.post(f"{TEAM}sprints/1/capacity/", parts)
        assert "of 6 d" in client.get(f"{TEAM}sprints/1/plan/").content.decode()
        assert client.post(f"{TEAM}sprints/1/capacity/", parts | {f"of_{world.mei.user_id}": "160"}).status_code == 422

    def test_a_planned_one_is_discarded(self, world: World, planned: Plan, as_: Any) -> None:
        planned(world.experiment())
        assert as_(world.lead).post(f"{TEAM}sprints/1/removal/").url == f"{TEAM}sprints/"
        assert (Sprint.objects.count(), Task.objects.count()) == (0, 1)


class TestStarting:
    def test_shows_what_to_look_at_first(self, world: World, planned: Plan, as_: Any) -> None:
        planned(world.experiment(metrics=[]))
        html = as_(world.lead, htmx=True).get(f"{TEAM}sprints/1/start/").content.decode()
        assert "FRAUD-1 has no target to meet." in html
        assert "Nothing of it keeps you from starting." in html

    def test_leads_to_the_board(self, world: World, planned: Plan, as_: Any) -> None:
        planned(world.experiment())
        response = as_(world.lead, htmx=True).post(f"{TEAM}sprints/1/start/")
        assert (response["HX-Redirect"], Sprint.objects.get().state) == (f"{TEAM}sprints/1/board/", "running")

    def test_while_another_runs_says_so(self, world: World, running: Plan, as_: Any) -> None:
        running()
        with wall(START):
            Sprint.plan(world.team, world.lead)
        client = as_(world.lead, htmx=True)
        assert "Close it first." in client.get(f"{TEAM}sprints/2/start/").content.decode()
        response = client.post(f"{TEAM}sprints/2/start/")
        assert response.status_code == 422
        assert "Sprint 1 is running. Close it first." in response.content.decode()

    def test_is_for_leads(self, world: World, planned: Plan, as_: Any) -> None:
        planned()
        assert as_(world.mei).post(f"{TEAM}sprints/1/start/").status_code == 403


class TestClosing:
    def test_walks_through_what_is_unfinished(self, world: World, running: Plan, as_: Any) -> None:
        job, idea = world.started(world.development(title="Half a job", points=8)), world.experiment(title="An idea")
        running(job, idea)
        client = as_(world.lead)
        with wall(END):
            html = client.get(f"{TEAM}sprints/1/close/").content.decode()
            assert "2 not finished" in html
            assert f'name="earned_{job.pk}" value="50"' in html
            assert f"earned_{idea.pk}" not in html
            sent = {"unfinished": "each", f"to_{job.pk}": "carry", f"earned_{job.pk}": "25", f"to_{idea.pk}": "backlog"}
            assert client.post(f"{TEAM}sprints/1/close/", sent).url == f"{TEAM}sprints/1/review/"
        ends = dict(Sprint.objects.get(number=1).seats.values_list("task__title", "end"))
        assert ends == {"Half a job": "carried", "An idea": "backlog"}
        assert Sprint.objects.get(number=1).seats.get(task=job).earned_points == 2

    def test_all_at_once(self, world: World, running: Plan, as_: Any) -> None:
        tasks = [world.experiment(title=title) for title in "AB"]
        running(*tasks)
        with wall(END):
            as_(world.lead).post(f"{TEAM}sprints/1/close/", {"unfinished": "backlog", **{f"to_{task.pk}": "carry" for task in tasks}})
        assert set(Sprint.objects.get().seats.values_list("end", flat=True)) == {"backlog"}

    def test_bad_input_keeps_what_was_typed(self, world: World, running: Plan, as_: Any) -> None:
        job = world.started(world.development())
        running(job)
        history = Activity.objects.count()
        with wall(END):
            response = as_(world.lead).post(
                f"{TEAM}sprints/1/close/", {"unfinished": "each", f"to_{job.pk}": "carry", f"earned_{job.pk}": "130"}
            )
        assert (response.status_code, Activity.objects.count()) == (422, history)
        assert f'name="earned_{job.pk}" value="130"' in response.content.decode()

    def test_twice_says_that_it_is_closed(self, world: World, running: Plan, as_: Any) -> None:
        running()
        client = as_(world.lead)
        with wall(END):
            client.post(f"{TEAM}sprints/1/close/", {"unfinished": "each"})
            again = client.post(f"{TEAM}sprints/1/close/", {"unfinished": "each"})
        assert again.status_code == 422
        assert "Sprint 1 is closed already." in again.content.decode()


@pytest.mark.parametrize("path", ["plan/", "board/", "review/", "start/", "close/", "capacity/", "details/"])
def test_a_sprint_that_is_not_there(world: World, as_: Any, path: str) -> None:
    for number in (7, 2**31, 10**30):
        assert as_(world.lead).get(f"{TEAM}sprints/{number}/{path}").status_code == 404
