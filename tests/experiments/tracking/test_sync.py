"""Reading a tracking server: what comes to the card, and what is asked for."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard import clock
from experiments.models import Run, RunLink, RunPoint, Task, Tracker
from experiments.tracking import mlflow, sync
from tests.experiments.tracking.fake import Store, run, tracking
from tests.experiments.tracking.reading import connected, linked, names, swept
from tests.world import F1, World, found_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(world: World) -> Task:
    return world.started(world.experiment(metrics=[F1]))


class TestReading:
    def test_runs_come_to_the_card_and_are_judged(self, world: World, task: Task) -> None:
        with tracking(Store([run(1, value=0.8), run(2, value=0.93), run(3, value=None)])) as fake:
            link = linked(world, task, fake)
            swept()
        assert names(task) == ["run 1", "run 2", "run 3"]
        one = task.runs.get(name="run 2")
        assert (one.source, one.status, one.params, one.by) == ("tracker", "finished", {"lr": "2"}, None)
        assert one.url == f"{fake.url}/#/experiments/7/runs/{2:032x}"
        f1 = task.metrics.get()
        assert (f1.standing, f1.best, f1.best_run, f1.tries) == ("met", 0.93, one, 2)
        link.refresh_from_db()
        assert (link.number, link.trouble) == ("7", "") and link.synced_at
        tracker = Tracker.objects.get()
        assert (tracker.state, tracker.failures, tracker.read) == ("well", 0, 3)
        assert timedelta(minutes=3) < tracker.next_at - clock.now() < timedelta(minutes=7)

    def test_page_by_page(self, world: World, task: Task) -> None:
        store = Store([run(number) for number in range(25)])
        store.page = 10
        with tracking(store) as fake:
            linked(world, task, fake)
            swept()
        assert task.runs.count() == 25
        assert [sent.get("page_token") for path, sent, _ in fake.asked if path == "runs/search"] == [None, "10", "20"]

    def test_later_only_what_is_new_and_what_ended(self, world: World, task: Task) -> None:
        store = Store([run(1), run(2, status="RUNNING", value=0.5)])
        with tracking(store) as fake:
            linked(world, task, fake)
            swept()
            told_at = task.runs.get(name="run 1").told_at
            store.runs[1] = run(2, value=0.95)
            store.runs.append(run(3, value=0.7))
            fake.asked.clear()
            swept()
            assert {one.name: one.status for one in task.runs.all()} == dict.fromkeys(("run 1", "run 2", "run 3"), "finished")
            assert task.runs.get(name="run 1").told_at == told_at, "what did not change is not written"
            searched = [sent["filter"] for path, sent, _ in fake.asked if path == "runs/search"]
            assert len(searched) == 2 and "start_time >=" in searched[0] and "end_time >=" in searched[1]
            fake.asked.clear()
            with CaptureQueriesContext(connection) as queries:
                swept()
            writes = [query["sql"] for query in queries if query["sql"].startswith("INSERT")]
            assert writes == [], "nothing new, nothing written"

    def test_a_run_that_goes_on_is_followed(self, world: World, task: Task) -> None:
        store = Store([run(1, status="RUNNING", value=0.5), run(2)])
        with tracking(store) as fake:
            linked(world, task, fake)
            swept()
            store.runs[0] = run(1, status="RUNNING", value=0.6, step=3)
            swept()
        assert task.runs.get(name="run 1").metrics.get().last == 0.6

    def test_the_steps_of_the_cards_own_metric_are_fetched(self, world: World, task: Task) -> None:
        store = Store([run(1, value=0.9, step=2)])
        store.history[f"{1:032x}"] = [{"key": "macro-F1", "value": v, "timestamp": 1, "step": s} for s, v in enumerate((0.1, "NaN", 0.9))]
        with tracking(store) as fake:
            linked(world, task, fake)
            swept()
            swept()
        told = [point.told for point in RunPoint.objects.all()]
        assert told == [0.1, "NaN", 0.9] and [path for path, _, _ in fake.asked].count("metrics/get-history") == 1
        metric = task.runs.get().metrics.get()
        assert (metric.count, metric.last, metric.last_step, metric.whole) == (3, 0.9, 2, True)

    def test_a_history_that_the_server_does_not_have_is_asked_for_once(self, world: World, task: Task) -> None:
        with tracking(Store([run(1, value=0.9, step=2)])) as fake:
            linked(world, task, fake)
            swept()
            swept()
        assert [path for path, _, _ in fake.asked].count("metrics/get-history") == 1
        assert [(point.step, point.told) for point in RunPoint.objects.all()] == [(2, 0.9)]

    def test_a_filter_and_chosen_runs(self, world: World, task: Task) -> None:
        with tracking(Store([run(1), run(2), run(3)])) as fake:
            tracker = connected(world, fake, by_tag=False)
            RunLink.link(task, world.mei, tracker, experiment="7", filter="params.lr = '1'")
            RunLink.link(task, world.mei, tracker, runs=[f"{2:032x}", f"{9:032x}"])
            swept()
        assert next(sent["filter"] for path, sent, _ in fake.asked if path == "runs/search") == "params.lr = '1'"
        assert f"{2:032x}" in task.runs.values_list("external_id", flat=True)
        chosen = RunLink.objects.get(experiment="")
        assert chosen.said == f"MLflow has no run {9:032x}." and chosen.synced_at

    def test_by_tag_in_every_experiment(self, world: World, task: Task) -> None:
        other = world.started(world.experiment(metrics=[F1]))
        tags = [[{"key": "dsboard.card", "value": name}] for name in (task.ref, other.ref.lower(), "FRAUD-999", "OTHER-1")]
        with tracking(Store([*(run(n, tags=tag) for n, tag in enumerate(tags, 1)), run(9)])) as fake:
            connected(world, fake)
            swept()
        assert (names(task), names(other), Run.objects.count()) == (["run 1"], ["run 2"], 2)
        assert "tags.`dsboard.card` LIKE 'FRAUD-%'" in next(sent["filter"] for path, sent, _ in fake.asked if path == "runs/search")

    def test_once_a_day_everything_is_read_again(self, world: World, task: Task) -> None:
        with tracking(Store([run(1)])) as fake:
            link = linked(world, task, fake)
            swept()
            RunLink.objects.filter(pk=link.pk).update(full_at=clock.now() - timedelta(hours=25))
            fake.asked.clear()
            swept()
        assert [sent["filter"] for path, sent, _ in fake.asked if path == "runs/search"] == [""]

    def test_a_card_that_ended_is_read_no_more(self, world: World, task: Task) -> None:
        with tracking(Store([run(1)])) as fake:
            linked(world, task, fake)
            task.drop(world.mei, "No time.")
            swept()
        assert fake.asked == [] and not Run.objects.exists()

    def test_time_that_is_up_keeps_what_was_read(self, world: World, task: Task) -> None:
        store = Store([run(number) for number in range(30)])
        store.page = 10
        with tracking(store) as fake:
            linked(world, task, fake)
            tracker = Tracker.objects.select_related("team").get()
            assert tracker.take()
            sync.sync(tracker, mlflow.Mlflow(tracker, seconds=0.0))
            assert task.runs.count() == 10, "a page was read, and then the time was up"
            tracker.refresh_from_db()
            assert tracker.next_at <= clock.now() and tracker.trouble == "", "the next beat goes on"
            swept()
        assert task.runs.count() == 30
        assert "start_time >=" in [sent for path, sent, _ in fake.asked if path == "runs/search"][1]["filter"]

    def test_two_workers_read_a_server_once(self, world: World, task: Task) -> None:
        with tracking(Store()) as fake:
            linked(world, task, fake)
            first, second = Tracker.objects.get(), Tracker.objects.get()
            assert (first.take(), second.take()) == (True, False)
            Tracker.objects.update(leased_until=clock.now() - timedelta(seconds=1))
            assert Tracker.objects.get().take(), "the lease of one that was killed runs out"

    def test_a_large_page_is_asked_for_in_parts(self, world: World, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mlflow, "LARGEST", 40_000)
        store = Store([run(number, tags=[{"key": "long", "value": "x" * 900}]) for number in range(60)])
        with tracking(store) as fake:
            linked(world, task, fake)
            swept()
        assert task.runs.count() == 60
        assert [sent["max_results"] for path, sent, _ in fake.asked if path == "runs/search"][:2] == [100, 16]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gone", [RunLink, Tracker])
def test_what_is_taken_away_while_it_is_read(gone: type[RunLink] | type[Tracker]) -> None:
    """A link: what was read until then stays. A server: nothing can be kept for it, and nothing breaks."""
    world = found_world()
    task, store = world.started(world.experiment(metrics=[F1])), Store([run(1)])

    def answers(path: str, sent: dict[str, Any]) -> Any:
        if path == "runs/search":
            gone.objects.all().delete()
            connection.close()
        return store(path, sent)

    with tracking(answers) as fake:
        linked(world, task, fake)
        swept()
    assert not gone.objects.exists()
    assert names(task) == (["run 1"] if gone is RunLink else [])
    assert [tracker.trouble for tracker in Tracker.objects.all()] == ([""] if gone is RunLink else [])
