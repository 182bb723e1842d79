"""A real MLflow server with runs of real training: linked, read and judged as the same script told to the board is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dsboard import clock
from experiments.models import Run, RunLink, Task, TimeBox, Tracker
from experiments.tracking import mlflow, sync
from experiments.tracking.trying import try_out
from tests.experiments.tracking import clients
from tests.experiments.tracking.server import real_server
from tests.experiments.tracking.test_door import LOSS, check_trained
from tests.world import F1, World

pytestmark = [pytest.mark.mlflow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on which the script has trained, and trained again with its runs tagged for a card."""
    folder = tmp_path_factory.mktemp("mlflow")
    with real_server(folder) as url:
        done = clients.run("mlflow", "train.py", "ticket-clf", uri=url, folder=folder)
        assert done.returncode == 0, done.stderr[-2000:]
        yield url


@pytest.fixture
def server(world: World, trained: str) -> Tracker:
    return Tracker.connect(world.team, world.lead, name="MLflow", url=trained, by_tag=False)


def begun_before(world: World) -> Task:
    """A card whose clock has run since before the training."""
    task = world.started(world.experiment(metrics=[F1, LOSS]))
    TimeBox.objects.filter(pk=task.time_box.pk).update(started_at=clock.now() - timedelta(hours=1))
    return Task.objects.select_related("team", "time_box", "owner").get(pk=task.pk)


def swept() -> None:
    Tracker.objects.update(next_at=clock.now() - timedelta(seconds=1))
    assert sync.sweep() == 1


def test_training_on_a_server_fills_the_card_as_training_on_the_board_does(world: World, server: Tracker, trained: str) -> None:
    task = begun_before(world)
    RunLink.link(task, world.mei, server, experiment="ticket-clf")
    swept()
    assert Tracker.objects.get().trouble == "" and RunLink.objects.get().trouble == ""
    check_trained(task)
    again = list(Run.objects.order_by("pk").values())
    swept()
    assert list(Run.objects.order_by("pk").values()) == again, "reading again changes nothing"


def test_a_filter_and_chosen_runs(world: World, server: Tracker, trained: str) -> None:
    task, other = begun_before(world), begun_before(world)
    RunLink.link(task, world.mei, server, experiment="ticket-clf", filter="params.model = 'logistic' and metrics.`macro-F1` > 0.5")
    swept()
    assert task.runs.count() == 3
    RunLink.link(other, world.mei, server, runs=[task.runs.first().external_id, "0" * 32])
    swept()
    assert other.runs.count() == 1 and "has no run 000" in other.run_links.get().said
    odd = RunLink.link(other, world.mei, server, experiment="ticket-clf", filter="metrics.a > 1 OR metrics.b > 1")
    swept()
    odd.refresh_from_db()
    assert odd.trouble == "refused" and odd.said.startswith("MLflow refused to search like that"), odd.said


def test_an_experiment_that_is_not_there(world: World, server: Tracker, trained: str) -> None:
    """Pitfall 3: its search would be empty and well."""
    link = RunLink.link(begun_before(world), world.mei, server, experiment="ticket-classifier")
    numbered = RunLink.link(begun_before(world), world.mei, server, experiment="987654")
    swept()
    for one in (link, numbered):
        one.refresh_from_db()
        assert one.trouble == "experiment" and "has no such experiment" in one.said
    client = mlflow.Mlflow(server)
    assert list(client.search(["987654"], [])) == [[]], "the pitfall itself"


def test_runs_are_found_by_tag_in_every_experiment(world: World, server: Tracker, trained: str, tmp_path: Path) -> None:
    task = begun_before(world)
    server.change(world.lead, by_tag=True)
    script = 'import mlflow\nmlflow.set_experiment("by tag")\nwith mlflow.start_run(run_name="tagged"):\n'
    script += f'    mlflow.set_tag("dsboard.card", "{task.ref}")\n    mlflow.log_metric("macro-F1", 0.95)\n'
    (tmp_path / "tagged.py").write_text(script)
    done = clients.run("mlflow", str(tmp_path / "tagged.py"), uri=trained, folder=tmp_path)
    assert done.returncode == 0, done.stderr[-1000:]
    swept()
    assert [run.name for run in task.runs.all()] == ["tagged"] and task.metrics.get(name="macro-F1").standing == "met"


def test_a_run_that_goes_on_is_followed_to_its_end(world: World, server: Tracker, trained: str, tmp_path: Path) -> None:
    task = begun_before(world)
    script = (
        "import mlflow, sys\nclient = mlflow.MlflowClient()\n"
        "found = client.get_experiment_by_name('slow')\n"
        "number = found.experiment_id if found else client.create_experiment('slow')\n"
        "run = client.create_run(number) if sys.argv[1] == 'begin' else client.search_runs([number])[0]\n"
        "client.log_metric(run.info.run_id, 'macro-F1', float(sys.argv[2]), step=int(sys.argv[3]))\n"
        "sys.argv[1] == 'end' and client.set_terminated(run.info.run_id)\n"
    )
    (tmp_path / "slow.py").write_text(script)
    RunLink.link(task, world.mei, server, experiment="slow")
    seen = []
    for words in (("begin", "0.5", "0"), ("go", "0.6", "1"), ("end", "0.97", "2")):
        done = clients.run("mlflow", str(tmp_path / "slow.py"), *words, uri=trained, folder=tmp_path)
        assert done.returncode == 0, done.stderr[-1000:]
        swept()
        run = task.runs.get()
        seen.append((run.status, run.metrics.get().last))
    assert seen == [("running", 0.5), ("running", 0.6), ("finished", 0.97)]
    assert list(task.runs.get().metrics.get().points.values_list("step", "value")) == [(0, 0.5), (1, 0.6), (2, 0.97)]


def test_the_trial_tells_what_is_there(world: World, server: Tracker) -> None:
    found = try_out(server, world.lead)
    assert found.version.startswith("3.") and found.experiments >= 2 and found.milliseconds < 8000


def test_the_address_of_something_else_is_told_from_mlflow(world: World, server: Tracker, settings: Any) -> None:
    """MLflow's own web page answers below a wrong path."""
    server.change(world.lead, url=f"{server.url}/tracking", by_tag=True)
    swept()
    server.refresh_from_db()
    assert server.trouble == "not-mlflow", server.said
