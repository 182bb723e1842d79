"""The pages and fragments of one time box: extend, pause, resume, and the clocks that a page asks for again."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.models import Extension, Task
from experiments.models.pauses import pause
from experiments.stages import Stage
from tests.world import World, wall

As = Callable[..., Client]


@pytest.fixture
def task(world: World) -> Iterator[Task]:
    """Mei's box of three days, from Tuesday at nine; it is Wednesday at ten."""
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
    with wall("2026-03-11 10:00"):
        yield task


def at(task: Task, part: str = "") -> str:
    return f"{task.get_absolute_url()}time-box/{part}"


def text(response) -> str:
    return response.content.decode()


class TestExtending:
    MORE = {"hours": "4h", "reason": "Two seeds are missing."}

    def test_by_the_owner_on_the_board(self, world: World, as_: As, task: Task) -> None:
        response = as_(world.mei, htmx=True).post(at(task, "extension/"), self.MORE)
        assert response.status_code == 200
        assert "is 3d 4h now. Ends Fri 13 Mar, 13:00." in text(response)
        assert Extension.objects.get().hours == 4

    def test_by_a_plain_form(self, world: World, as_: As, task: Task) -> None:
        response = as_(world.mei).post(at(task, "extension/"), self.MORE, follow=True)
        assert response.redirect_chain == [(task.get_absolute_url(), 302)]
        assert "is 3d 4h now" in text(response)

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"hours": ""}, "Say how many hours."),
            ({"hours": "soon"}, "soon"),
            ({"hours": "-4"}, "-4"),
            ({"hours": "99h"}, "at most"),
            ({"reason": ""}, "Say why it needs more time, and what you know so far."),
        ],
    )
    def test_bad_input_keeps_what_was_typed(self, world: World, as_: As, task: Task, typed: dict[str, str], sentence: str) -> None:
        response = as_(world.mei, htmx=True).post(at(task, "extension/"), self.MORE | typed)
        assert response.status_code == 422
        assert sentence in text(response)
        kept = self.MORE["reason"] if "hours" in typed else 'value="4h"'
        assert kept in text(response)
        assert Extension.objects.count() == 0

    def test_a_second_one_by_the_owner_is_refused_in_words(self, world: World, as_: As, task: Task) -> None:
        as_(world.mei).post(at(task, "extension/"), self.MORE)
        response = as_(world.mei).post(at(task, "extension/"), self.MORE)
        assert response.status_code in (403, 422)
        assert Extension.objects.count() == 1

    def test_a_viewer_and_an_outsider(self, world: World, as_: As, task: Task) -> None:
        assert as_(world.vera).get(at(task, "extension/")).status_code == 403
        assert as_(world.vera).post(at(task, "extension/"), self.MORE).status_code == 403
        assert as_(world.ivo).post(at(task, "extension/"), self.MORE).status_code == 404

    @pytest.mark.parametrize(
        ("hours", "words"),
        [
            ("4h", "The box becomes 3d 4h and ends Fri 13 Mar, 13:00 instead of tomorrow, 17:00."),
            ("1d", "The box becomes 4d and ends Fri 13 Mar, 17:00 instead of tomorrow, 17:00."),
            ("", ""),
            ("soon", ""),
            ("9" * 50, ""),
        ],
    )
    def test_the_effect_while_it_is_typed(self, world: World, as_: As, task: Task, hours: str, words: str) -> None:
        response = as_(world.mei).get(at(task, "extension/effect/"), {"hours": hours})
        assert response.status_code == 200
        assert words in text(response)


class TestAMoveThatAsksForTime:
    def test_back_from_analysis_with_nothing_left(self, world: World, as_: As) -> None:
        with wall("2026-03-10 09:00"):
            task = world.started(world.experiment(hours=8))
        with wall("2026-03-11 10:00"):
            world.report(task)
            client = as_(world.mei, htmx=True)
            led = client.post(f"{task.get_absolute_url()}move/", {"stage": "active"})
            assert led["Location"] == at(task, "extension/?then=active")
            response = client.post("/t/FRAUD/columns/active/", {"card": task.ref})
            assert (response.status_code, response["HX-Retarget"]) == (422, "#dialog")
            assert 'name="then" value="active"' in text(response)
            done = client.post(at(task, "extension/"), {"hours": "2h", "reason": "One more seed.", "then": "active"})
            assert done.status_code == 200
        task.refresh_from_db()
        assert task.stage == Stage.ACTIVE


class TestPausing:
    def test_with_a_reason_and_a_date(self, world: World, as_: As, task: Task) -> None:
        response = as_(world.mei, htmx=True).post(at(task, "pause/"), {"reason": "The labels are late.", "until": "2026-03-17"})
        assert response.status_code == 200
        assert "Paused the clock of BERT vs GPT comparison" in text(response)
        assert "Paused, 1d 7h left" in text(response)
        page = text(as_(world.vera).get(task.get_absolute_url()))
        assert "The labels are late." in page
        assert "Runs on Tue 17 Mar." in page

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"reason": ""}, "Say why the clock stands still."),
            ({"until": "2026-03-11"}, "Choose a day after today"),
            ({"until": "tuesday"}, "Write the day like 2026-03-17."),
            ({"until": "2028-01-01"}, "A pause is at most a year."),
        ],
    )
    def test_bad_input_keeps_what_was_typed(self, world: World, as_: As, task: Task, typed: dict[str, str], sentence: str) -> None:
        response = as_(world.mei).post(at(task, "pause/"), {"reason": "The labels are late.", "until": ""} | typed)
        assert response.status_code == 422
        assert sentence in text(response)
        assert typed.get("until", 'name="reason"') in text(response)

    def test_twice_is_refused(self, world: World, as_: As, task: Task) -> None:
        for status in (302, 422):
            assert as_(world.mei).post(at(task, "pause/"), {"reason": "The labels are late."}).status_code == status

    def test_and_on_it_goes(self, world: World, as_: As, task: Task) -> None:
        pause(task, world.mei, reason="The labels are late.")
        assert as_(world.vera).post(at(task, "resumption/")).status_code == 403
        response = as_(world.omar, htmx=True).post(at(task, "resumption/"))
        assert response.status_code == 200
        assert "1d 7h left" in text(response)


class TestClocks:
    def test_the_fragment_of_a_card(self, world: World, as_: As, task: Task) -> None:
        response = as_(world.vera).get(at(task))
        assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
        assert "1d 7h left" in text(response)
        assert as_(world.ivo).get(at(task)).status_code == 404

    def test_those_of_a_board(self, world: World, as_: As, task: Task) -> None:
        paused, idle = world.started(world.experiment()), world.experiment()
        pause(paused, world.mei, reason="The labels are late.")
        html = text(as_(world.vera).get("/t/FRAUD/clocks/"))
        assert "1d 7h left" in html
        assert idle.ref not in html
        assert paused.ref not in html
        assert as_(world.ivo).get("/t/FRAUD/clocks/").status_code == 404

    def test_findings_that_are_due_appear(self, world: World, as_: As, task: Task) -> None:
        with wall("2026-03-12 17:00"):
            html = text(as_(world.vera).get("/t/FRAUD/clocks/"))
        assert "Findings due" in html

    @pytest.mark.parametrize("cards", [1, 20])
    def test_as_many_queries_for_one_clock_as_for_twenty(self, world: World, as_: As, cards: int) -> None:
        for _ in range(cards):
            world.started(world.experiment())
        client = as_(world.vera)
        client.get("/t/FRAUD/clocks/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/t/FRAUD/clocks/")
        assert len(queries) <= 12
