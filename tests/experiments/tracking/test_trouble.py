"""A tracking server as it really is: its pitfalls, each with the answer of a real one, and every trouble in a sentence within its time."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from dsboard import clock
from dsboard.destinations import Allowed
from experiments.models import Run, RunLink, RunPoint, Task, Tracker
from experiments.tracking import mlflow, sync
from tests.experiments.tracking.fake import Store, run, tracking
from tests.experiments.tracking.reading import connected, linked, swept
from tests.world import F1, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(world: World) -> Task:
    return world.started(world.experiment(metrics=[F1]))


class TestPitfalls:
    """Of the reference, 2.3: each with the answer that a real server gave."""

    def test_an_unknown_experiment_is_said_though_its_search_is_just_empty(self, world: World, task: Task) -> None:
        with tracking(Store([run(1)])) as fake:
            link = linked(world, task, fake, experiment="ticket-classifier")
            swept()
        link.refresh_from_db()
        assert link.trouble == "experiment" and "has no such experiment" in link.said
        assert Tracker.objects.get().trouble == "", "the server is well"

    def test_a_deleted_experiment(self, world: World, task: Task) -> None:
        answer = {"experiment": {"experiment_id": "7", "lifecycle_stage": "deleted"}}
        with tracking(lambda path, sent: (200, answer, {})) as fake:
            link = linked(world, task, fake)
            swept()
        link.refresh_from_db()
        assert link.said == "The experiment “ticket-clf” was deleted in MLflow."

    def test_what_is_no_number_comes_as_text(self, world: World, task: Task) -> None:
        with tracking(Store([run(1, value="NaN"), run(2, value="Infinity"), run(3, value=0.4)])) as fake:
            linked(world, task, fake)
            swept()
        assert [one.metrics.get().told for one in task.runs.order_by("name")] == ["NaN", "Infinity", 0.4]
        assert task.metrics.get().best == 0.4

    def test_runs_without_the_metric_are_never_best(self, world: World, task: Task) -> None:
        with tracking(Store([run(1, value=None), run(2, value=0.2)])) as fake:
            linked(world, task, fake)
            swept()
        assert task.metrics.get().best_run.name == "run 2"

    def test_names_with_accents_blanks_and_strokes(self, world: World) -> None:
        task = world.started(world.experiment(metrics=[F1 | {"name": "Score métier"}]))
        odd = run(1, value=None)
        odd["data"]["metrics"] = [{"key": "Score_métier", "value": 0.95, "step": 0}, {"key": "val/loss @5", "value": 1, "step": 0}]
        with tracking(Store([odd])) as fake:
            linked(world, task, fake)
            swept()
        assert task.metrics.get().standing == "met"
        assert sorted(one.name for one in task.runs.get().metrics.all()) == ["Score_métier", "val/loss @5"]

    def test_failed_runs_are_normal(self, world: World, task: Task) -> None:
        with tracking(Store([run(1, status="FAILED", value=0.99), run(2, status="KILLED"), run(3, status="SCHEDULED")])) as fake:
            linked(world, task, fake)
            swept()
        assert sorted(task.runs.values_list("status", flat=True)) == ["failed", "killed", "running"]
        assert task.metrics.get().standing == "inconclusive"

    def test_a_filter_that_mlflow_does_not_know_is_said_with_its_words(self, world: World, task: Task) -> None:
        refused = (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Invalid clause(s) in filter string: 'OR'"}, {})
        store = Store()
        with tracking(lambda path, sent: refused if path == "runs/search" else store(path, sent)) as fake:
            link = linked(world, task, fake, experiment="ticket-clf", filter="params.a = '1' OR params.b = '2'")
            swept()
        link.refresh_from_db()
        assert (link.trouble, link.said) == ("refused", "MLflow refused to search like that: Invalid clause(s) in filter string: 'OR'")

    def test_trouble_with_the_search_by_tag_alone_is_said_too(self, world: World, task: Task) -> None:
        refused = (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "No LIKE here"}, {})
        store = Store()
        with tracking(lambda path, sent: refused if path == "runs/search" else store(path, sent)) as fake:
            tracker = connected(world, fake)
            swept()
        tracker.refresh_from_db()
        assert (tracker.trouble, tracker.said) == ("refused", "MLflow refused to search like that: No LIKE here")
        assert tracker.failures == 0 and tracker.synced_at, "all else was read"

    def test_secrets_are_in_no_address_and_in_no_sentence(self, world: World, task: Task) -> None:
        with tracking(lambda path, sent: (401, "You are not authenticated as mei:s3cret", {})) as fake:
            tracker = connected(world, fake, auth="basic", user="mei", secret="s3cret")
            swept()
            tracker.refresh_from_db()
            assert fake.asked[0][2]["authorization"].startswith("Basic ")
        assert tracker.trouble == "sign-in" and "s3cret" not in tracker.said + tracker.url + tracker.sealed
        assert "does not take this user, password or token" in tracker.said

    def test_the_host_header_that_mlflow_3_refuses(self, world: World) -> None:
        with tracking(lambda path, sent: (403, "Invalid Host header - possible DNS rebinding attack detected", {})) as fake:
            tracker = connected(world, fake)
            swept()
        tracker.refresh_from_db()
        assert tracker.said.endswith(f"Start MLflow with --allowed-hosts {tracker.host}.")

    def test_logging_twice_under_a_step_keeps_one_of_them(self, world: World, task: Task) -> None:
        store = Store([run(1, value=0.9, step=1)])
        store.history[f"{1:032x}"] = [{"key": "macro-F1", "value": v, "step": 1} for v in (0.1, 0.5, 0.9)]
        with tracking(store) as fake:
            linked(world, task, fake)
            swept()
        assert [point.told for point in RunPoint.objects.all()] == [0.9]

    def test_a_clock_that_ran_backwards_costs_no_run(self, world: World, task: Task) -> None:
        odd = run(1)
        odd["info"]["end_time"] = odd["info"]["start_time"] - 5_000
        with tracking(Store([odd])) as fake:
            linked(world, task, fake)
            swept()
        assert task.runs.get().ended_at is None


#: JSON of the right outline, with a number where an object should be
ODD = {"experiments": [{"experiment_id": "7"}], "runs": [{"info": {"run_id": "a"}, "data": 3}]}


@contextmanager
def black_hole() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_server_inside_a_network_has_a_name_without_a_dot(world: World, task: Task) -> None:
    told = sync.said_of(Tracker(url="http://mlflow:5000"), run(1))
    Run.keep_all(task, None, {"a": told})
    assert task.runs.get().url == f"http://mlflow:5000/#/experiments/7/runs/{1:032x}"


class TestTrouble:
    """Each within its time, in a sentence, and asked again later and later."""

    def trouble(self, world: World, url: str) -> tuple[str, str, float]:
        tracker = connected(world, url)
        began = time.monotonic()
        swept()
        took = time.monotonic() - began
        tracker.refresh_from_db()
        assert tracker.synced_at is None and tracker.failures == 1 and tracker.leased_until is None
        return tracker.trouble, tracker.said, took

    def test_a_black_hole(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mlflow.Mlflow.__init__, "__defaults__", (30.0, 1.0))
        with black_hole() as url:
            why, said, took = self.trouble(world, url)
        assert why == "unreachable" and said.endswith("did not answer within 1 seconds.") and took < 10

    def test_nobody_there(self, world: World) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            why, said, _ = self.trouble(world, f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert why == "unreachable" and "refused the connection" in said

    @pytest.mark.parametrize(
        ("answer", "why", "words"),
        [
            ((503, "busy", {"Retry-After": "900"}), "busy", "it is too busy just now. It asks for 900 seconds."),
            ((429, "{}", {}), "busy", "it is too busy just now."),
            ((200, "<html>Sign in</html>", {}), "not-mlflow", "answers with a web page, not MLflow"),
            ((401, "no", {}), "sign-in", "answered 401"),
            ((302, "", {"Location": "https://sso.example.org/login?next=x"}), "not-mlflow", "leads elsewhere, to sso.example.org."),
            ((404, "<h1>Not Found</h1>", {}), "not-mlflow", "Is the address right, with its path?"),
            ((500, "oops", {}), "unreachable", "something broke over there"),
            ((200, "[]", {}), "not-mlflow", "not MLflow"),
            ((200, ODD, {}), "not-mlflow", "not MLflow's"),
            ((200, '{"experiments": ' + "[" * 100_000, {}), "not-mlflow", "not MLflow"),
        ],
    )
    def test_answers_that_are_none(self, world: World, answer: Any, why: str, words: str) -> None:
        with tracking(lambda path, sent: answer) as fake:
            found, said, _ = self.trouble(world, fake)
        assert (found, words in said) == (why, True), said
        if "Retry-After" in answer[2]:
            assert Tracker.objects.get().next_at > clock.now() + timedelta(seconds=880)

    def test_a_redirect_is_not_followed(self, world: World) -> None:
        with tracking(Store()) as elsewhere, tracking(lambda path, sent: (307, "", {"Location": elsewhere.url + "/"})) as fake:
            self.trouble(world, fake)
            assert elsewhere.asked == []

    def test_later_and_later_and_then_at_once_when_somebody_asks(self, world: World) -> None:
        with tracking(lambda path, sent: (500, "", {})) as fake:
            tracker = connected(world, fake)
            waits = []
            for _ in range(6):
                swept()
                tracker.refresh_from_db()
                waits.append(round((tracker.next_at - clock.now()).total_seconds() / 60))
            assert all(4 <= wait <= 6 for wait in waits[:3]) and 12 <= waits[3] <= 18 and all(48 <= wait <= 72 for wait in waits[4:])
            assert sync.sweep() == 0
            tracker.ask_now(world.mei)
            assert sync.sweep() == 1

    def test_the_metadata_of_a_cloud_is_never_asked(self, world: World, settings: Any) -> None:
        settings.TRACKER_ALLOW = Allowed.of(["0.0.0.0/0"], "DSBOARD_TRACKER_ALLOW")
        with pytest.raises(Exception, match="not on the public Internet"):
            connected(world, "http://169.254.169.254/latest")
        settings.TRACKER_ALLOW = Allowed.of([], "DSBOARD_TRACKER_ALLOW")
        with pytest.raises(Exception, match="open up internal hosts with DSBOARD_TRACKER_ALLOW"):
            connected(world, "http://10.0.0.7:5000")

    def test_a_key_that_changed_is_said(self, world: World, settings: Any) -> None:
        with tracking(Store()) as fake:
            tracker = connected(world, fake, auth="token", secret="abc")
            settings.SECRET_KEY = "another one"
            swept()
        tracker.refresh_from_db()
        assert tracker.trouble == "secret" and fake.asked == []

    def test_what_stands_is_left_open_after_a_day_without_the_server(self, world: World, task: Task) -> None:
        store, down = Store([run(1, value=0.5)]), []
        with tracking(lambda path, sent: (500, "", {}) if down else store(path, sent)) as fake:
            linked(world, task, fake)
            swept()
            assert task.metrics.get().standing == "not_met"
            down.append(True)
            RunLink.objects.update(synced_at=clock.now() - timedelta(days=2))
            swept()
            f1 = task.metrics.get()
            assert f1.standing == "inconclusive" and f1.why.startswith("Our MLflow has not been read since")
            down.clear()
            swept()
            assert task.metrics.get().standing == "not_met"
