"""The planning page: what it shows to whom, and what every act on it writes and answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Task
from experiments.stages import Stage
from sprints.models import Seat, Sprint
from tests.sprints.conftest import END, START
from tests.world import World, order_of, wall

Plan = Callable[..., Sprint]
URL = "/t/FRAUD/sprints/1/plan/"


def drop(client: Any, task: Task, place: str, **near: str) -> Any:
    return client.post(f"{URL}{place}/", {"card": task.ref, "version": task.version, **near})


def placed(response: Any) -> dict[str, str]:
    found: dict[str, str] = json.loads(response["HX-Trigger"])["placed"]
    return found


class TestThePage:
    def test_shows_backlog_buckets_and_figures(self, world: World, planned: Plan, as_: Any) -> None:
        waits = world.research(title="Waits")
        planned(world.development(title="Committed", points=8, owner="omar@example.org"), world.experiment(title="Tried"), goal="One thing")
        html = as_(world.lead).get(URL).content.decode()
        for words in ("One thing", "Waits", "Committed", "Tried", "Success: Better at a third of the cost.", "9 – 20 Mar"):
            assert words in html
        assert "1 pt counts as 0.5 d, assumed" in html
        assert 'aria-label="Planned allocation: committed 57 percent, experiments 43 percent, learning 0 percent"' in html
        assert 'aria-label="Omar Haddad: 4 of 10 days"' in html
        assert f'aria-label="Add {waits.title} to Sprint 1"' in html

    def test_an_empty_plan_says_what_to_do(self, world: World, planned: Plan, as_: Any) -> None:
        planned()
        html = as_(world.lead).get(URL).content.decode()
        assert "Nothing planned yet" in html
        assert "the guideline is 60/30/10" in html
        assert "Everything that waits is in this sprint, or nothing waits." in html

    def test_a_viewer_reads_and_changes_nothing(self, world: World, planned: Plan, as_: Any) -> None:
        planned(world.development(points=None))
        html = as_(world.vera).get(URL).content.decode()
        assert "1 card has no size" in html
        for act in ("data-drop-url", "Start sprint", "data-edit", "/fields/", "data-quick-open"):
            assert act not in html

    def test_a_member_plans_but_does_not_start(self, world: World, planned: Plan, as_: Any) -> None:
        planned()
        html = as_(world.mei).get(URL).content.decode()
        assert "data-drop-url" in html
        assert "/start/" not in html

    def test_a_member_changes_no_running_sprint(self, world: World, running: Plan, as_: Any) -> None:
        running(world.experiment())
        assert "data-drop-url" not in as_(world.mei).get(URL).content.decode()
        assert "data-drop-url" in as_(world.lead).get(URL).content.decode()

    def test_what_a_title_holds_is_text(self, world: World, planned: Plan, as_: Any) -> None:
        planned(world.experiment(title='<script>alert("1")</script>'), goal="<b>bold</b>")
        world.research(title="<img src=x onerror=alert(1)>")
        html = as_(world.lead).get(URL).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<b>bold" not in html


class TestChecks:
    def test_a_person_over_capacity_and_who_has_room(self, world: World, planned: Plan, as_: Any) -> None:
        card = world.experiment(title="A long one", hours=80, owner="mei@example.org")
        planned(card, world.research(title="And more", hours=16, owner="mei@example.org"))
        html = as_(world.lead).get(URL).content.decode()
        assert "Mei is at 120%" in html
        assert "2 d over. Move 4 pts." in html
        assert "Give And more to Inês" in html

    def test_what_a_card_lacks(self, world: World, planned: Plan, as_: Any) -> None:
        planned(world.experiment(title="Vague", metrics=[], success="", hours=None))
        html = as_(world.lead).get(URL).content.decode()
        for words in ("1 experiment has no target", "Add one to Vague", "1 card doesn’t say what success would be", "1 card has no size"):
            assert words in html
        assert "/t/FRAUD/tasks/FRAUD-1/fields/metrics/" in html

    def test_nothing_to_worry_about(self, world: World, planned: Plan, as_: Any) -> None:
        planned(world.experiment())
        html = as_(world.lead).get(URL).content.decode()
        for words in ("Nobody is over capacity", "Every experiment has a target", "Every time box is a week or less"):
            assert words in html

    def test_a_box_longer_than_a_week(self, world: World, planned: Plan, as_: Any) -> None:
        planned(world.experiment(title="Long", hours=48))
        assert "1 time box is longer than a week" in as_(world.lead).get(URL).content.decode()

    def test_a_rate_that_was_measured_is_offered(self, world: World, running: Plan, as_: Any) -> None:
        task = world.development(points=5)
        sprint = running(task)
        with wall(START):
            world.done(task)
        with wall(END):
            sprint.close(world.lead)
            Sprint.plan(world.team, world.lead)
            client = as_(world.lead)
            assert "Sprint 1 came to 6 d a point." in client.get("/t/FRAUD/sprints/2/plan/").content.decode()
            client.post("/t/FRAUD/sprints/2/rate/")
            html = client.get("/t/FRAUD/sprints/2/plan/").content.decode()
        assert "1 pt counts as 6 d, measured" in html
        assert "came to" not in html


class TestTheBacklog:
    def titles(self, client: Any, query: str = "") -> list[str]:
        return [row.title for row in client.get(f"{URL}{query}").context["candidates"].rows]

    @pytest.fixture
    def waiting(self, world: World, planned: Plan) -> Sprint:
        world.experiment(title="Vague idea", metrics=[])
        world.development(title="Big job", points=13)
        world.research(title="Small question", hours=4)
        world.development(title="Unsized job", points=None)
        return planned(world.experiment(title="Seated"))

    def test_is_in_its_own_order(self, world: World, waiting: Sprint, as_: Any) -> None:
        assert self.titles(as_(world.mei)) == ["Vague idea", "Big job", "Small question", "Unsized job"]

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ("?sort=ready", ["Big job", "Small question", "Vague idea", "Unsized job"]),
            ("?sort=newest", ["Unsized job", "Small question", "Big job", "Vague idea"]),
            ("?sort=size", ["Big job", "Vague idea", "Small question", "Unsized job"]),
            ("?kind=development", ["Big job", "Unsized job"]),
            ("?q=job", ["Big job", "Unsized job"]),
            ("?q=job&kind=research", []),
            ("?sort=nonsense&kind=nonsense&page=nonsense", ["Vague idea", "Big job", "Small question", "Unsized job"]),
        ],
    )
    def test_is_sorted_and_filtered(self, world: World, waiting: Sprint, as_: Any, query: str, titles: list[str]) -> None:
        assert self.titles(as_(world.mei), query) == titles

    def test_the_filter_answers_with_its_rows_only(self, world: World, waiting: Sprint, as_: Any) -> None:
        html = as_(world.mei, htmx=True).get(f"{URL}?q=job&part=waiting").content.decode()
        assert html.startswith('<div id="backlog-rows">')
        assert "Seated" not in html

    def test_comes_in_pages(self, world: World, planned: Plan, as_: Any) -> None:
        planned()
        for number in range(52):
            world.maintenance(title=f"Card {number:02}")
        client = as_(world.mei, htmx=True)
        assert "page=2" in client.get(URL).content.decode()
        more = client.get(f"{URL}?page=2&part=more").content.decode()
        assert (more.count("<li data-card>"), "Card 51" in more, "Show more" in more) == (2, True, False)

    def test_a_pencil_elsewhere_is_said(self, world: World, waiting: Sprint, as_: Any) -> None:
        with wall(START):
            Sprint.plan(world.team, world.lead).take_in(Task.objects.get(title="Big job"), world.mei)
        assert "in Sprint 2" in as_(world.mei).get(URL).content.decode()

    def test_leaves_out_what_runs(self, world: World, running: Plan, as_: Any) -> None:
        running(world.experiment(title="Runs"))
        world.experiment(title="Waits")
        with wall(START):
            Sprint.plan(world.team, world.lead)
        rows = as_(world.mei).get("/t/FRAUD/sprints/2/plan/").context["candidates"].rows
        assert [row.title for row in rows] == ["Waits"]


class TestDropping:
    def test_on_a_bucket_gives_a_seat(self, world: World, planned: Plan, as_: Any) -> None:
        task, sprint = world.research(), planned(world.experiment(title="First"))
        response = drop(as_(world.mei, htmx=True), task, "learning")
        html = response.content.decode()
        assert placed(response) == {"card": f"task-{task.ref}", "list": "list-learning", "before": ""}
        for part in (f'id="task-{task.ref}" hx-swap-oob="true"', 'id="plan-allocation" hx-swap-oob="true"', 'id="bk-learning-head"'):
            assert part in html
        for part in ('id="plan-capacity"', 'id="plan-checks"', 'id="plan-totals"', 'id="backlog-count"'):
            assert part in html
        assert "Added Look for ring signals to Sprint 1" in html
        assert (sprint.seats.last().task, Task.objects.get(pk=task.pk).bucket) == (task, "learning")

    def test_between_the_buckets_changes_what_it_counts_as(self, world: World, planned: Plan, as_: Any) -> None:
        task = world.research()
        planned(task)
        response = drop(as_(world.mei, htmx=True), task, "learning")
        assert "Look for ring signals counts as learning now" in response.content.decode()
        assert (Seat.objects.count(), Task.objects.get().bucket) == (1, "learning")

    def test_back_on_the_backlog_takes_it_away(self, world: World, planned: Plan, as_: Any) -> None:
        above, task, below = (world.experiment(title=title) for title in ("Above", "Middle", "Below"))
        planned(task)
        response = drop(as_(world.mei, htmx=True), task, "backlog")
        assert placed(response) == {"card": f"task-{task.ref}", "list": "list-backlog", "before": f"task-{below.ref}"}
        assert (Seat.objects.count(), order_of(world.team, "ready")) == (0, [above.ref, task.ref, below.ref])

    def test_within_the_backlog_sorts_it_by_hand(self, world: World, planned: Plan, as_: Any) -> None:
        first, second = world.experiment(title="First"), world.experiment(title="Second")
        planned()
        drop(as_(world.mei, htmx=True), second, "backlog", after=first.ref)
        assert order_of(world.team, "ready") == [second.ref, first.ref]

    def test_the_toast_undoes_it(self, world: World, planned: Plan, as_: Any) -> None:
        task = world.research()
        planned()
        client = as_(world.mei, htmx=True)
        html = drop(client, task, "learning").content.decode()
        assert f'action="{URL}backlog/"' in html
        assert f'<input type="hidden" name="card" value="{task.ref}">' in html

    def test_twice_is_once(self, world: World, planned: Plan, as_: Any) -> None:
        task = world.research()
        planned()
        client = as_(world.mei, htmx=True)
        drop(client, task, "experiments")
        again = drop(client, task, "experiments")
        assert (again.status_code, Seat.objects.count(), "data-toast" in again.content.decode()) == (200, 1, False)

    def test_without_script_the_button_leads_back_to_the_page(self, world: World, planned: Plan, as_: Any) -> None:
        task = world.research()
        planned()
        response = as_(world.mei).post("/t/FRAUD/sprints/1/seats/", {"card": task.ref})
        assert (response.status_code, response.url, Seat.objects.count()) == (302, URL, 1)

    def test_what_is_refused_goes_back_where_it_was(self, world: World, planned: Plan, as_: Any) -> None:
        task = world.development()
        planned()
        world.done(task)
        response = drop(as_(world.mei, htmx=True), task, "committed")
        assert (response.status_code, placed(response)["list"]) == (422, "list-backlog")
        assert "FRAUD-1 has ended, so there is nothing left to plan." in response.content.decode()

    @pytest.mark.parametrize("place", ["nowhere", "done"])
    def test_an_unknown_bucket_is_not_there(self, world: World, planned: Plan, as_: Any, place: str) -> None:
        task = world.research()
        planned()
        assert drop(as_(world.mei), task, place).status_code == 404

    def test_a_card_of_another_team_is_not_there(self, world: World, planned: Plan, as_: Any) -> None:
        task = world.research(by=world.ivo)
        planned()
        assert drop(as_(world.lead), task, "learning").status_code == 404

    def test_scope_change_is_refused_to_a_member(self, world: World, running: Plan, as_: Any) -> None:
        task = world.research()
        running()
        response = drop(as_(world.mei, htmx=True), task, "learning")
        assert response.status_code == 403
        assert "only a lead can change its scope" in response.content.decode()

    def test_costs_the_same_in_a_long_plan(self, world: World, planned: Plan, as_: Any) -> None:
        sprint, client = planned(world.experiment(title="One")), as_(world.mei, htmx=True)
        cards = [world.development(title=f"Card {number}") for number in range(3)]
        drop(client, cards[0], "committed")
        with CaptureQueriesContext(connection) as few:
            drop(client, cards[1], "committed")
        for number in range(40):
            sprint.take_in(world.maintenance(title=f"More {number}"), world.mei)
            world.research(title=f"Waits {number}")
        with CaptureQueriesContext(connection) as many:
            drop(client, cards[2], "committed")
        assert len(many) == len(few)
        assert len([q for q in many if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]) == 2


class TestOtherWays:
    def test_move_to_lists_buckets_backlog_and_other_sprints(self, world: World, planned: Plan, as_: Any) -> None:
        task = world.experiment()
        planned(task)
        with wall(START):
            Sprint.plan(world.team, world.lead)
        html = as_(world.mei, htmx=True).get(f"/t/FRAUD/sprints/1/seats/{task.ref}/").content.decode()
        for words in ("Committed, Sprint 1", "Learning, Sprint 1", "Sprint 2, 23 Mar – 3 Apr", "Backlog"):
            assert words in html

    def test_new_cards_get_a_seat_in_their_bucket(self, world: World, planned: Plan, as_: Any) -> None:
        sprint = planned()
        html = (
            as_(world.mei, htmx=True).post(f"{URL}learning/new/", {"text": "Read two papers 4h\nTry the new registry 1d"}).content.decode()
        )
        assert "Added 2 cards" in html
        assert 'hx-swap-oob="beforeend:#list-learning"' in html
        found = [(seat.task.title, seat.task.bucket, seat.task.stage) for seat in sprint.seats.all()]
        assert found == [("Read two papers", "learning", Stage.IDEATION), ("Try the new registry", "learning", Stage.IDEATION)]

    def test_a_line_that_is_refused_adds_nothing(self, world: World, planned: Plan, as_: Any) -> None:
        planned()
        response = as_(world.mei, htmx=True).post(f"{URL}committed/new/", {"text": "Good 3pt\nBad 99pt"})
        assert response.status_code == 422
        assert "Line 2: Story points are" in response.content.decode()
        assert Task.objects.count() == 0

    def test_what_is_unfinished_is_carried_over(self, world: World, running: Plan, as_: Any) -> None:
        stays, done, elsewhere = world.experiment(title="Stays"), world.development(), world.research(title="Elsewhere")
        running(stays, done, elsewhere)
        with wall(START):
            world.done(done)
            second, third = Sprint.plan(world.team, world.lead), Sprint.plan(world.team, world.lead)
            third.take_in(elsewhere, world.mei)
        client = as_(world.mei)
        assert "Carry over 1" in client.get("/t/FRAUD/sprints/2/plan/").content.decode()
        client.post("/t/FRAUD/sprints/2/carry-over/")
        assert [seat.task for seat in second.seats.all()] == [stays]


def test_the_page_costs_the_same_for_a_long_backlog(world: World, planned: Plan, as_: Any) -> None:
    sprint, client = planned(world.experiment(owner="mei@example.org")), as_(world.lead)
    world.research()
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for number in range(60):
        world.maintenance(title=f"Waits {number}")
        if number % 2:
            sprint.take_in(world.experiment(title=f"Seated {number}", owner="mei@example.org"), world.mei)
    with CaptureQueriesContext(connection) as many:
        client.get(URL)
    assert len(many) == len(few)
