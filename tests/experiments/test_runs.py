"""Runs told by token: kept once, added to, judged against the card's numbers; nothing else can be done with a token for runs."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dsboard.errors import Forbidden, Refusal
from dsboard.kinds import Kind
from dsboard.models import Activity, Notice
from experiments.face import face_of
from experiments.models import Metric, Run, RunMetric, RunPoint, Task, run, run_metric
from tests.caller import Caller
from tests.threads import at_once
from tests.world import F1, LATENCY, World, every_row, found_world, wall

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(world: World) -> Task:
    """An experiment whose clock runs."""
    return world.started(world.experiment(metrics=[F1, LATENCY]))


def browser(who: Any) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def fresh(task: Task) -> Task:
    return Task.objects.select_related("team", "owner", "time_box").get(pk=task.pk)


def f1(task: Task) -> Metric:
    return task.metrics.get(name="macro-F1")


class TestTelling:
    def test_it_is_new_once_and_then_the_same(self, world: World, task: Task) -> None:
        mei, path = Caller(world.mei, scope="runs"), f"/tasks/{task.ref}/runs"
        sent = {"external_id": "bert-3", "name": "bert", "params": {"lr": 3e-5, "deep": True}, "metrics": {"macro-F1": 0.93}}
        first = mei("POST", path, sent)
        assert first.status_code == 201 and first.json()["metrics"] == {"macro-F1": 0.93}
        assert first.json()["params"] == {"lr": "3e-05", "deep": "True"}
        again = mei("POST", path, sent)
        assert again.status_code == 200 and again["Location"] == first["Location"]
        assert (Run.objects.count(), RunPoint.objects.count()) == (1, 1)

    def test_a_metric_is_told_step_by_step(self, world: World, task: Task) -> None:
        sent = {"external_id": "r", "metrics": {"loss": [[0, 0.9], [1, "NaN"]], "auc": 1, "odd": "-Infinity"}}
        answer = Caller(world.mei, scope="runs")("POST", f"/tasks/{task.ref}/runs", sent)
        assert (answer.status_code, answer.json()["metrics"]) == (201, {"auc": 1.0, "loss": "NaN", "odd": "-Infinity"})
        for wrong in ([["0", 1]], [[0, 1, 2]], [[0.5, 1]], [0, 1], {"0": 1}, None, "0.9", True):
            sent = {"external_id": "r", "metrics": {"loss": wrong}}
            assert Caller(world.mei)("POST", f"/tasks/{task.ref}/runs", sent).status_code == 422, wrong

    def test_what_is_told_later_is_added(self, world: World, task: Task) -> None:
        for said in (
            {"status": "running", "params": {"a": "1"}, "metrics": {"loss": [[0, 0.9], [1, 0.7]]}},
            {"status": "finished", "params": {"b": "2"}, "metrics": {"loss": [[1, 0.6], [5, 0.5]], "auc": 0.8}},
        ):
            told, _ = Run.tell(fresh(task), world.mei, "r", **said)
        assert (told.status, told.params) == ("finished", {"a": "1", "b": "2"})
        assert list(RunPoint.objects.filter(metric__name="loss").values_list("step", "value")) == [(0, 0.9), (1, 0.6), (5, 0.5)]
        whole = Caller(world.vera).get(f"/tasks/{task.ref}/runs/{told.pk}").json()
        assert whole["history"] == {"auc": [[0, 0.8]], "loss": [[0, 0.9], [1, 0.6], [5, 0.5]]}

    def test_the_last_value_is_that_of_the_highest_step_however_they_arrive(self, world: World, task: Task) -> None:
        Run.tell(fresh(task), world.mei, "r", metrics={"loss": [[9, 0.1], [3, 0.7]]})
        assert RunMetric.objects.get().last == 0.1

    def test_names_that_the_board_does_not_know_are_kept(self, world: World, task: Task) -> None:
        told = Caller(world.mei)("POST", f"/tasks/{task.ref}/runs", {"external_id": "r", "git_sha": "ab\x0012", "tags": {"x": [1]}}).json()
        assert told["extra"] == {"git_sha": "ab12", "tags": {"x": [1]}}

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"url": "javascript:alert(1)"}, "url"),
            ({"status": "done"}, "status"),
            ({"metrics": {"f1": "good"}}, "metrics"),
            ({"metrics": {"f1": True}}, "metrics"),
            ({"metrics": {"f1": [[0.5, 1]]}}, "metrics"),
            ({"metrics": {"f1": [[0]]}}, "metrics"),
            ({"metrics": {" ": 1}}, "metrics"),
            ({"metrics": {"f1": 10**400}}, "metrics"),
            ({"metrics": {f"m{n}": 1 for n in range(501)}}, "metrics"),
            ({"params": {f"p{n}": "1" for n in range(501)}}, "params"),
            ({"extra": {"a": "x" * 70_000}}, "extra"),
        ],
    )
    def test_what_is_wrong_is_named_and_nothing_is_kept(self, world: World, task: Task, said: dict[str, Any], field: str) -> None:
        with pytest.raises(Refusal) as refused:
            Run.tell(fresh(task), world.mei, "r", **said)
        assert list(refused.value.fields) == [field]
        assert not Run.objects.exists()

    def test_it_does_not_end_before_it_starts(self, world: World, task: Task) -> None:
        sent = {"external_id": "r", "started_at": "2026-03-10T09:00:00Z", "ended_at": "2026-03-10T08:00:00+00:00"}
        answer = Caller(world.mei)("POST", f"/tasks/{task.ref}/runs", sent)
        assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, ["ended_at"])
        for wrong in ("2026-03-10", "2026-03-10T09:00:00", "soon", 5):
            answer = Caller(world.mei)("POST", f"/tasks/{task.ref}/runs", {"external_id": "r", "started_at": wrong})
            assert answer.status_code == 422

    def test_development_and_cards_in_the_bin_have_none(self, world: World, task: Task) -> None:
        with pytest.raises(Refusal, match="has no runs"):
            Run.tell(world.development(), world.mei, "r")
        task.delete_to_bin(world.mei)
        with pytest.raises(Refusal, match="in the bin"):
            Run.tell(fresh(task), world.mei, "r")

    def test_a_card_has_room_for_so_many(self, world: World, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(run, "MOST_RUNS", 1)
        monkeypatch.setattr(run_metric, "MOST_POINTS", 2)
        Run.tell(fresh(task), world.mei, "a", metrics={"loss": [[0, 1], [1, 1]]})
        Run.tell(fresh(task), world.mei, "a", metrics={"loss": [[1, 2]]})
        with pytest.raises(Refusal, match="at most 2 steps"):
            Run.tell(fresh(task), world.mei, "a", metrics={"loss": [[2, 2]]})
        with pytest.raises(Refusal, match="at most 1 runs"):
            Run.tell(fresh(task), world.mei, "b")


class TestDoors:
    def test_a_token_for_runs_tells_runs_and_does_nothing_else(self, world: World, task: Task) -> None:
        mei = Caller(world.mei, scope="runs")
        assert mei.get(f"/tasks/{task.ref}").status_code == mei.get(f"/tasks/{task.ref}/runs").status_code == 403
        assert mei.post(f"/tasks/{task.ref}/comments", text="x").status_code == 403
        assert mei.post(f"/tasks/{task.ref}/runs", external_id="r").status_code == 201

    def test_viewers_and_other_teams(self, world: World, task: Task) -> None:
        told, _ = Run.tell(fresh(task), world.mei, "secret-run")
        before = every_row()
        path = f"/tasks/{task.ref}/runs"
        assert Caller(world.vera).post(path, external_id="r").status_code == 403
        assert Caller(world.vera, scope="runs").post(path, external_id="r").status_code == 403
        for scope in ("write", "runs"):
            assert Caller(world.ivo, scope=scope).post(path, external_id="r").status_code == 404
        assert Caller(world.ivo).get(path).status_code == Caller(world.ivo).get(f"{path}/{told.pk}").status_code == 404
        page = f"/t/FRAUD/tasks/{task.ref}/runs/"
        for address in (page, f"{page}{told.pk}/"):
            assert browser(world.ivo).get(address).status_code == 404
        assert browser(world.vera).get(page).status_code == 200
        for name in ("experiments.Run", "experiments.RunMetric", "dsboard.Activity"):
            assert every_row()[name] == before[name]
        with pytest.raises(Forbidden):
            Run.tell(fresh(task), world.ivo, "r")

    def test_a_run_of_another_card_is_not_found_here(self, world: World, task: Task) -> None:
        other, _ = Run.tell(world.started(world.experiment(title="Other")), world.mei, "r")
        assert browser(world.mei).get(f"/t/FRAUD/tasks/{task.ref}/runs/{other.pk}/").status_code == 404
        assert Caller(world.mei).get(f"/tasks/{task.ref}/runs/{other.pk}").status_code == 404


class TestJudging:
    def test_names_are_compared_as_people_read_them(self, world: World, task: Task) -> None:
        Run.tell(fresh(task), world.mei, "r", metrics={"Macro_F1": 0.93})
        assert (f1(task).standing, f1(task).best, f1(task).tries) == ("met", 0.93, 1)

    def test_the_owner_hears_once_and_history_of_each_change(self, world: World, task: Task) -> None:
        for place, value in enumerate((0.8, 0.93, 0.95)):
            Run.tell(fresh(task), world.omar, f"r{place}", metrics={"macro-F1": value})
        told = Notice.objects.filter(kind=Kind.TARGET_MET)
        assert [(one.user, one.title) for one in told] == [(world.mei.user, f"Target met: macro-F1 of {task.ref}")]
        assert [row.after for row in Activity.objects.of(task) if row.verb == "judged"] == ["not_met", "met"]
        page = browser(world.vera).get(task.get_absolute_url()).content.decode()
        assert "meets its target" in page and "is short of its target" in page and "Best of 3 runs" in page

    def test_no_card_is_moved_and_nobodys_edit_is_stale(self, world: World, task: Task) -> None:
        before = fresh(task)
        Run.tell(fresh(task), world.mei, "r", metrics={"macro-F1": 0.93})
        assert (fresh(task).stage, fresh(task).version) == (before.stage, before.version)

    def test_runs_from_before_the_clock_started_are_exploratory(self, world: World) -> None:
        task = world.experiment()
        with wall("2026-03-09 10:00"):
            Run.tell(fresh(task), world.mei, "early", metrics={"macro-F1": 0.99})
        with wall("2026-03-10 09:00"):
            world.started(task)
            told, _ = Run.tell(fresh(task), world.mei, "late", metrics={"macro-F1": 0.8})
        assert (f1(task).standing, f1(task).best, f1(task).best_run) == ("not_met", 0.8, told)
        assert "Exploratory" in browser(world.vera).get(f"/t/FRAUD/tasks/{task.ref}/runs/").content.decode()

    def test_numbers_that_are_none_are_shown_and_not_counted(self, world: World, task: Task) -> None:
        Run.tell(fresh(task), world.mei, "r", metrics={"macro-F1": "NaN"})
        assert (f1(task).standing, f1(task).why) == ("inconclusive", "No finished run has a number.")
        page = browser(world.vera).get(task.get_absolute_url()).content.decode()
        assert "Inconclusive" in page and "NaN" in page

    def test_another_target_is_judged_by_the_runs_that_are_there(self, world: World, task: Task) -> None:
        Run.tell(fresh(task), world.mei, "r", metrics={"macro-F1": 0.93})
        fresh(task).change(world.mei, metrics=[F1 | {"target": 0.95}, LATENCY])
        assert f1(task).standing == "not_met"

    def test_the_face_of_the_card_shows_the_best(self, world: World, task: Task) -> None:
        Run.tell(fresh(task), world.mei, "r", metrics={"macro-F1": 0.93})
        found = face_of(fresh(task)).goal
        assert found and (found.value, found.met, found.spark) == ("0.93", True, None)
        Run.tell(fresh(task), world.mei, "s", metrics={"macro-F1": 0.95})
        found = face_of(fresh(task)).goal
        assert found and found.spark and len(found.spark.points.split()) == 2
        board = browser(world.vera).get("/t/FRAUD/board/").content.decode()
        assert 'class="spark"' in board and "0.95" in board

    def test_what_was_reported_stands_before_what_the_runs_say(self, world: World, task: Task) -> None:
        Run.tell(fresh(task), world.mei, "r", metrics={"macro-F1": 0.95})
        world.report(fresh(task), 0.91)
        found = face_of(fresh(task)).goal
        assert found and found.value == "0.91"


class TestPages:
    def test_every_run_is_sorted_by_any_column(self, world: World, task: Task) -> None:
        for place, value in enumerate((0.8, 0.93, "NaN", 0.7)):
            Run.tell(fresh(task), world.mei, f"run-{place}", metrics={"macro-F1": value})
        page = f"/t/FRAUD/tasks/{task.ref}/runs/"

        def order(sort: str) -> list[str]:
            words = browser(world.vera).get(f"{page}?sort={sort}").content.decode()
            return sorted((f"run-{n}" for n in range(4)), key=lambda name: words.index(f">{name}</a>"))

        assert order("m0") == ["run-3", "run-0", "run-1", "run-2"]
        assert order("-m0") == ["run-1", "run-0", "run-3", "run-2"]
        assert order("-name")[0] == "run-3"
        for wrong in ("m9", "mx", "m²", "--m0", "", "x" * 999):
            assert browser(world.vera).get(page, {"sort": wrong}).status_code == 200

    def test_hostile_words_are_words(self, world: World, task: Task) -> None:
        bad = "<script>alert(1)</script>"
        told, _ = Run.tell(fresh(task), world.mei, bad, name=bad, params={bad: bad}, metrics={bad: 1}, notes=bad, dataset={"name": bad})
        for address in (task.get_absolute_url(), f"/t/FRAUD/tasks/{task.ref}/runs/", told.get_absolute_url()):
            assert bad not in browser(world.vera).get(address).content.decode()

    def test_as_many_queries_for_one_run_as_for_many(self, world: World, task: Task) -> None:
        vera, page = browser(world.vera), f"/t/FRAUD/tasks/{task.ref}/runs/"
        # More than the picture on the card shows: it then asks what came before.
        for place in range(61):
            Run.tell(fresh(task), world.mei, f"first{place}", metrics={"macro-F1": 0.5})
        with CaptureQueriesContext(connection) as few:
            vera.get(page), vera.get(task.get_absolute_url())
        for place in range(60):
            Run.tell(fresh(task), world.mei, f"r{place}", metrics={"macro-F1": 0.5, "latency": 9, f"other{place}": 1})
        with CaptureQueriesContext(connection) as many:
            words = vera.get(page).content.decode()
            vera.get(task.get_absolute_url())
        assert len(many) == len(few) and "Page 1 of 3" in words


@pytest.mark.django_db(transaction=True)
def test_the_same_run_told_by_eight_at_once_is_one(monkeypatch: Any) -> None:
    world = found_world()
    task = world.started(world.experiment())

    def tell(place: int) -> bool:
        mei = type(world.mei).objects.select_related("team", "user").get(pk=world.mei.pk)
        return Run.tell(fresh(task), mei, "r", metrics={"macro-F1": [[place, 0.9 + place / 100]]})[1]

    assert sorted(at_once(tell)) == [False] * 7 + [True]
    assert (Run.objects.count(), RunMetric.objects.get().count, f1(task).best) == (1, 8, 0.97)


@pytest.mark.parametrize("at", ["0600-04-15T11:14:50+17:58", "2026-03-10T09:00:00-23:59"])
def test_an_offset_that_postgresql_has_none_of(world: World, task: Task, at: str) -> None:
    answer = Caller(world.mei).post(f"/tasks/{task.ref}/runs", external_id="a", started_at=at)
    assert answer.status_code == 201 and answer.json()["started_at"].endswith("Z")
    assert Caller(world.mei).post(f"/tasks/{task.ref}/runs", external_id="b", started_at="0001-01-01T00:00:00+20:00").status_code == 422


class TestFindings:
    def test_the_form_begins_with_the_numbers_of_the_best_run(self, world: World, task: Task) -> None:
        Run.tell(task, world.mei, "quick", metrics={"macro-F1": 0.91, "latency": 90})
        Run.tell(task, world.mei, "good", metrics={"macro-F1": 0.95, "latency": 110})
        form = browser(world.mei).get(f"/t/FRAUD/tasks/{task.ref}/findings/").content.decode()
        assert 'value="0.95"' in form and 'value="110.0"' in form and form.count('value="good"') == 2
        assert 'value="90.0"' not in form, "the best of each would be nobody's result"


class TestJudgingBesides:
    """Which step counts, guardrails, so many runs, this data: from the form, the API and the file to the standing."""

    def test_the_best_step_instead_of_the_last(self, world: World) -> None:
        task = world.started(world.experiment(metrics=[F1 | {"aggregation": "best"}]))
        Run.tell(task, world.mei, "a", metrics={"macro-F1": [[0, 0.5], [1, 0.95], [2, "NaN"]]})
        assert (f1(task).standing, f1(task).best) == ("met", 0.95)

    def test_a_guardrail(self, world: World) -> None:
        task = world.started(world.experiment(metrics=[F1, LATENCY | {"guardrail": True}]))
        Run.tell(task, world.mei, "quick", metrics={"macro-F1": 0.91, "latency": 90})
        Run.tell(task, world.mei, "slow", metrics={"macro-F1": 0.99, "latency": 400})
        assert (f1(task).standing, f1(task).best) == ("met", 0.91), "the slow one is no best run"

    def test_so_many_runs_on_this_data_and_where_it_is_told(self, world: World) -> None:
        task = world.started(world.experiment(metrics=[F1 | {"least_runs": 2, "data": "wdbc"}]))
        Run.tell(task, world.mei, "a", metrics={"macro-F1": 0.95}, dataset={"name": "wdbc"})
        mei = Caller(world.mei)
        told = mei.get(f"/tasks/{task.ref}/metrics").json()["items"][0]
        assert (told["standing"], told["why"], told["tries"], told["least_runs"]) == ("inconclusive", "1 of at least 2 runs so far.", 1, 2)
        Run.tell(task, world.mei, "b", metrics={"macro-F1": 0.93}, dataset={"name": "wdbc"})
        assert f1(task).standing == "met"
        assert set(mei.get(f"/tasks/{task.ref}").json()["metrics"][0]) == {
            "name",
            "direction",
            "target",
            "better_than_baseline_by",
            "baseline",
        }

    def test_from_the_form_into_history_and_the_file(self, world: World) -> None:
        task = world.experiment(metrics=[F1])
        row = {"metric_name": "macro-F1", "metric_direction": "higher", "metric_target": "0.9", "metric_margin": "", "metric_baseline": ""}
        beside = {"metric_aggregation": "best", "metric_guardrail": "no", "metric_least_runs": "3", "metric_data": "holdout; v3"}
        answer = browser(world.mei).post(f"/t/FRAUD/tasks/{task.ref}/fields/metrics/", row | beside | {"seen": task.version})
        assert answer.status_code in (200, 302), answer.content.decode()[:300]
        assert (f1(task).aggregation, f1(task).least_runs, f1(task).data) == ("best", 3, "holdout; v3")
        told = Caller(world.mei).post("/teams/FRAUD/tasks", kind="experiment", title="x", metrics=[F1 | {"least_runs": 0}])
        assert told.status_code == 422
        file = b"".join(browser(world.mei).get("/t/FRAUD/export.csv").streaming_content).decode()  # type: ignore[attr-defined]
        assert "[best step; 3 runs; on holdout; v3]" in file
