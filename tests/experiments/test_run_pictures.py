"""Runs as pictures and tables: run by run, step by step, beside each other; out of and into a CSV file."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dsboard import clock
from dsboard.errors import Refusal
from experiments import run_plots
from experiments.comparison import Comparison
from experiments.imports.runs import imported
from experiments.models import Run, Task
from tests.world import F1, LATENCY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(world: World) -> Task:
    made = world.started(world.experiment(metrics=[F1 | {"baseline": 0.8}, LATENCY]))
    return Task.objects.select_related("team", "time_box").get(pk=made.pk)


def browser(who: Any) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def told(task: Task, world: World, *values: Any) -> list[Run]:
    return [
        Run.tell(task, world.mei, f"r{n}", name=f"run {n}", params={"lr": n, "seed": 7}, metrics={"macro-F1": value})[0]
        for n, value in enumerate(values)
    ]


class TestByRun:
    def test_dots_staircase_target_and_baseline(self, world: World, task: Task) -> None:
        told(task, world, 0.82, 0.93, 0.88, "NaN")
        found = run_plots.by_run(task, task.metrics.first())
        assert [mark.shape for mark in found.marks] == ["unmet", "met", "bestof", "unmet"]
        assert next(mark.label for mark in found.marks if mark.shape == "bestof") == "0.93 best"
        assert {level.label for level in found.levels} >= {"target 0.9", "baseline 0.8"}
        assert found.label == "macro-F1 of 3 runs, 3 of them counted, best 0.93. Target ≥ 0.9."
        assert found.lines[0][0] == "sofar"

    def test_exploratory_and_failed_ones_are_shown_and_not_counted(self, world: World, task: Task) -> None:
        Run.tell(task, world.mei, "early", started_at=clock.now() - timedelta(days=9), metrics={"macro-F1": 0.99})
        told(task, world, 0.85, 0.86)
        Run.tell(task, world.mei, "broken", status="failed", metrics={"macro-F1": 0.97})
        found = run_plots.by_run(task, task.metrics.first())
        assert [mark.shape for mark in found.marks] == ["diamond", "unmet", "unmet", "bestof", "diamond"]

    def test_one_run_has_no_picture_and_five_thousand_have_a_small_one(self, world: World, task: Task) -> None:
        told(task, world, 0.82)
        assert run_plots.by_run(task, task.metrics.first()) is None
        rows = {f"m{n}": {"digest": str(n), "metrics": {"macro-F1": [[0, n % 997 / 1000]]}} for n in range(5000)}
        Run.keep_all(task, None, rows, source="csv", by=world.mei)
        found = run_plots.by_run(task, task.metrics.first())
        assert len(found.marks) < 250 and len(found.lines[0][1]) < 8000
        of_the_card = run_plots.by_run(task, task.metrics.first(), 60)
        assert of_the_card.label == "macro-F1 of the last 60 of 5001 runs, best 0.996. Target ≥ 0.9."
        assert [tick.label for tick in of_the_card.ticks] == ["4942", "4971", "5001"]
        assert len({point.split(",")[1] for point in of_the_card.lines[0][1].split()}) == 1, "the best came before: the staircase is level"
        client, path = browser(world.mei), f"/t/FRAUD/tasks/{task.ref}/"
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"{path}runs/?sort=-m0&page=3")
        assert page.status_code == 200 and len(page.content) < 120_000 and len(queries) < 20
        assert "Showing 5 of 5001" in client.get(path).content.decode()


class TestCourse:
    def test_a_run_draws_its_metrics_step_by_step(self, world: World, task: Task) -> None:
        run, _ = Run.tell(task, world.mei, "a", metrics={"macro-F1": [[0, 0.5], [10, "NaN"], [20, 0.95]], "loss": [[0, 1], [1, 0.5]]})
        page = browser(world.vera).get(run.get_absolute_url()).content.decode()
        assert page.count('role="img"') == 2 and "target 0.9" in page and "macro-F1 by step. a: 2 steps, last 0.95." in page
        assert "10: NaN" in page, "the table has what the picture can not show"


class TestComparison:
    def test_what_differs_comes_first_and_the_best_is_marked(self, world: World, task: Task) -> None:
        runs = told(task, world, 0.82, 0.93)
        Run.tell(task, world.mei, "r1", metrics={"latency": 80})
        found = Comparison(task, [str(run.pk) for run in runs])
        assert [row.name for row in found.params[0]] == ["lr"] and [row.name for row in found.params[1]] == ["seed"]
        rows = [(row.name, row.values, set(row.best)) for row in found.metrics]
        assert rows == [("macro-F1", ["0.82", "0.93"], {1}), ("latency", ["–", "80"], set())]
        page = browser(world.vera).get(f"/t/FRAUD/tasks/{task.ref}/runs/comparison/?run={runs[0].pk}&run={runs[1].pk}").content.decode()
        assert page.index("Parameters that differ") < page.index("Metrics</th>") < page.index("Parameters that are the same")

    def test_lower_is_better_where_the_card_says_so(self, world: World, task: Task) -> None:
        runs = [Run.tell(task, world.mei, f"r{n}", metrics={"latency": n, "macro-F1": [[0, n], [1, n]]})[0] for n in (90, 80)]
        found = Comparison(task, [str(run.pk) for run in runs])
        assert next(row.best for row in found.metrics if row.name == "latency") == {1}
        assert [name for name, _ in found.plots] == ["macro-F1"]

    @pytest.mark.parametrize("numbers", [[], ["1"], ["x", "1"], [str(n) for n in range(1, 8)], ["9" * 30, "1"], ["998", "999"]])
    def test_two_to_five(self, world: World, task: Task, numbers: list[str]) -> None:
        with pytest.raises(Refusal):
            Comparison(task, numbers)
        query = "&".join(f"run={number}" for number in numbers)
        assert browser(world.mei).get(f"/t/FRAUD/tasks/{task.ref}/runs/comparison/?{query}").status_code == 422

    def test_runs_of_another_card_are_not_there(self, world: World, task: Task) -> None:
        other = world.started(world.experiment(metrics=[F1]))
        runs = told(Task.objects.get(pk=other.pk), world, 0.1, 0.2)
        with pytest.raises(Refusal, match="not on this card"):
            Comparison(task, [str(run.pk) for run in runs])


MLFLOW = b"""run_id,experiment_id,status,artifact_uri,start_time,end_time,metrics.macro-F1,metrics.latency,params.lr,tags.mlflow.user
a1,7,FINISHED,s3://x,2126-03-10 09:00:00+00:00,2126-03-10 09:30:00+00:00,0.93,88,3e-5,mei
a2,7,FAILED,s3://x,2126-03-10 10:00:00+00:00,,nan,,1e-4,mei
"""


class TestFile:
    def test_as_mlflow_writes_it(self, world: World, task: Task) -> None:
        found = imported(task, world.mei, MLFLOW)
        assert (found.runs, found.changed, found.metrics, found.params) == (2, 2, ["macro-F1", "latency"], ["lr"])
        first, second = task.runs.order_by("external_id")
        assert (first.status, first.source, first.params, first.by) == ("finished", "csv", {"lr": "3e-5"}, world.mei.user)
        assert first.extra == {"mlflow.user": "mei"}
        assert (second.status, second.metrics.get().told) == ("failed", "NaN")
        assert task.metrics.get(name="macro-F1").standing == "met"
        assert imported(task, world.mei, MLFLOW).changed == 0, "again it changes nothing"

    def test_with_plain_names_and_a_decimal_comma(self, world: World, task: Task) -> None:
        content = b"Run;Macro F1;epochs;model;Notes\nbert;0,91;3;bert-base;Good\ngpt;0,87;;gpt-2;\n"
        found = imported(task, world.mei, content)
        assert (found.metrics, found.params) == (["macro-F1", "epochs"], ["model"])
        bert = task.runs.get(external_id="bert")
        assert ({one.name: one.last for one in bert.metrics.all()}, bert.params, bert.notes) == (
            {"macro-F1": 0.91, "epochs": 3},
            {"model": "bert-base"},
            "Good",
        )

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (b"name,auc\nx,1\n", "A column has to name each run"),
            (b"run_id,metrics.auc\na,big\n", "Line 2: auc is “big”, which is no number."),
            (b"run_id,status\na,dancing\n", "Line 2: the status is one of"),
            (b"run_id,started\na,yesterday\n", "is no instant such as"),
            (b"run_id,x\na,1\na,2\n", "Line 3: there are two runs named a."),
            (b"run_id,x\n,1\n", "Line 2: the run has no id"),
            (b"run_id,url\na,javascript:alert(1)\n", "begins with http"),
            (b"run_id,started,ended\na,2026-03-10T10:00Z,2026-03-10T09:00Z\n", "it ends before it starts"),
        ],
    )  # fmt: skip
    def test_what_can_not_be_is_said_with_its_line_and_nothing_is_kept(self, world: World, task: Task, content: bytes, words: str) -> None:
        answer = browser(world.mei).post(f"/t/FRAUD/tasks/{task.ref}/runs/file/", {"file": io.BytesIO(content)})
        assert answer.status_code == 422
        with pytest.raises(Refusal) as refused:
            imported(task, world.mei, content)
        assert words in refused.value.sentence
        assert not Run.objects.exists()

    def test_out_and_in_again(self, world: World, task: Task) -> None:
        told(task, world, 0.82, 0.93)
        Run.tell(task, world.mei, "odd", name="=1+1", notes="a\nb", dataset={"name": "wdbc", "digest": "ada"}, metrics={"loss": "NaN"})
        file = b"".join(browser(world.vera).get(f"/t/FRAUD/tasks/{task.ref}/runs.csv").streaming_content)
        assert b"'=1+1" in file, "no spreadsheet runs it"
        other = world.started(world.experiment(metrics=[F1]))
        assert imported(Task.objects.select_related("team", "time_box").get(pk=other.pk), world.mei, file).runs == 3
        again = Run.objects.get(task=other, external_id="odd")
        assert (again.name, again.notes, again.dataset, again.metrics.get().told) == (
            "=1+1",
            "a\nb",
            {"name": "wdbc", "digest": "ada"},
            "NaN",
        )
        assert Run.objects.get(task=other, external_id="r1").params == {"lr": "1", "seed": "7"}

    def test_who_may(self, world: World, task: Task) -> None:
        path = f"/t/FRAUD/tasks/{task.ref}/runs/file/"
        assert browser(world.vera).post(path, {"file": io.BytesIO(MLFLOW)}).status_code == 403
        assert browser(world.ivo).get(path).status_code == 404
        assert browser(world.mei).post(path, {"file": io.BytesIO(MLFLOW)}).status_code == 302
