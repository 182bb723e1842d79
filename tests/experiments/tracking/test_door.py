"""MLflow's own client, pointed at the board, works unchanged: real clients, a real server, real training."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dsboard.models import ApiToken, Membership
from experiments.models import Run, RunPoint, Task
from tests.experiments.tracking import clients
from tests.serving import served
from tests.world import F1, World, found_world

LOSS = {"name": "log loss", "direction": "lower", "target": 0.2}


@pytest.fixture(scope="module")
def board_url() -> Iterator[str]:
    with served() as url:
        yield f"{url}/mlflow"


@pytest.fixture
def there(transactional_db: None) -> World:
    return found_world()


def begun(world: World) -> Task:
    return world.started(world.experiment(metrics=[F1, LOSS]))


@pytest.mark.mlflow
@pytest.mark.django_db(transaction=True)
class TestClients:
    @pytest.mark.parametrize("group", ["mlflow", "mlflow2"])
    def test_the_client_of_this_and_of_the_last_version(self, there: World, board_url: str, group: str, tmp_path: Path) -> None:
        task, token = begun(there), ApiToken.issue(there.mei, scope="runs")
        done = clients.run(group, "plain.py", task.ref, uri=board_url, token=token, folder=tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        version, *read = done.stdout.splitlines()[-1].split()
        assert version.startswith("3." if group == "mlflow" else "2.") and read == ["FINISHED", "12", "0.93", "3"]
        run = Run.objects.get(task=task)
        assert (run.name, run.status, run.source, run.notes) == ("one", "finished", "mlflow", "Three seeds.")
        assert run.params == {"lr": "3e-05", "layers": "12", "optimizer": "adam"} and run.extra["git"] == "abc123"
        assert {one.name: one.told for one in run.metrics.all()} == {"macro-F1": 0.93, "loss": "NaN", "gain": "Infinity"}
        assert list(RunPoint.objects.filter(metric__name="macro-F1").values_list("step", "value")) == [(0, 0.5), (1, 0.7), (2, 0.93)]
        assert task.metrics.get(name="macro-F1").standing == "met"
        assert run.started_at and run.ended_at and run.by_id == there.mei.user_id

    @pytest.mark.parametrize("group", ["mlflow", "mlflow2"])
    def test_artifacts_are_refused_in_a_sentence(self, there: World, board_url: str, group: str, tmp_path: Path) -> None:
        task, token = begun(there), ApiToken.issue(there.mei, scope="runs")
        done = clients.run(group, "plain.py", task.ref, "artifact", uri=board_url, token=token, folder=tmp_path)
        assert done.returncode == 1 and "dsboard keeps no artifacts" in done.stderr
        assert Run.objects.get(task=task).status == "failed", "and the client says that the run failed"

    def test_what_it_says_when_the_experiment_is_no_card(self, there: World, board_url: str, tmp_path: Path) -> None:
        token = ApiToken.issue(there.mei, scope="runs")
        done = clients.run("mlflow", "plain.py", "my experiment", uri=board_url, token=token, folder=tmp_path)
        assert "Name a card with mlflow.set_experiment, by its reference such as FRAUD-12" in done.stderr
        done = clients.run("mlflow", "plain.py", "FRAUD-1", uri=board_url, token="dsb_wrong", folder=tmp_path)
        assert "Set MLFLOW_TRACKING_TOKEN to a token of dsboard" in done.stderr

    def test_training_fills_the_card(self, there: World, board_url: str, tmp_path: Path) -> None:
        task, token = begun(there), ApiToken.issue(there.mei, scope="runs")
        done = clients.run("mlflow", "train.py", task.ref, uri=board_url, token=token, folder=tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        check_trained(task)

    def test_autolog_fills_the_card_too(self, there: World, board_url: str, tmp_path: Path) -> None:
        task, token = begun(there), ApiToken.issue(there.mei, scope="runs")
        done = clients.run("mlflow", "train.py", task.ref, "--autolog", uri=board_url, token=token, folder=tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        run = Run.objects.get(task=task)
        assert run.status == "finished" and run.params["C"] == "0.5"
        assert run.metrics.get(name="training_f1_score").last > 0.9
        assert run.dataset["digest"], "autolog names its data"
        assert "training_roc_curve.png" in run.extra["artifacts not kept"], "its pictures are refused without stopping it"

    def test_autolog_inside_a_run_of_ones_own(self, there: World, board_url: str, tmp_path: Path) -> None:
        task, token = begun(there), ApiToken.issue(there.mei, scope="runs")
        done = clients.run("mlflow", "train.py", task.ref, "--autolog", "--own", uri=board_url, token=token, folder=tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        run = Run.objects.get(task=task)
        assert (run.name, run.status) == ("mine", "finished") and run.metrics.get(name="training_f1_score").last > 0.9


def check_trained(task: Task) -> None:
    """The card as train.py leaves it, whichever way its runs came."""
    runs = {run.name: run for run in Run.objects.filter(task=task)}
    assert sorted(runs) == [
        "logistic, C 0.001", "logistic, C 0.1", "logistic, C 1.0", "one that crashed", "one that diverged", "sgd by epochs",
    ]  # fmt: skip
    assert {run.status for name, run in runs.items() if name != "one that crashed"} == {"finished"}
    assert runs["one that crashed"].status == "failed"
    assert runs["one that diverged"].metrics.get(name="macro-F1").told == "NaN"
    assert runs["logistic, C 0.1"].params == {"model": "logistic", "C": "0.1"} and runs["logistic, C 0.1"].extra["team"] == "fraud"
    steps = runs["sgd by epochs"].metrics.get(name="macro-F1").points
    assert list(steps.values_list("step", flat=True)) == [0, 1, 2, 3, 4, 5]
    f1, loss = task.metrics.get(name="macro-F1"), task.metrics.get(name="log loss")
    numbers = [one.metrics.get(name="macro-F1").last for name, one in runs.items() if name.startswith(("logistic", "sgd"))]
    assert (f1.standing, f1.best, f1.tries) == ("met", max(numbers), 6), "neither NaN nor what crashed is best"
    assert (loss.standing, loss.tries) == ("met", 4)


@pytest.mark.django_db
class TestProtocol:
    """What the client would not do, and what it is told."""

    def ask(self, who: Membership, path: str, sent: Any = None, scope: str = "runs", **query: str) -> Any:
        headers = {"Authorization": f"Bearer {ApiToken.issue(who, scope=scope)}"}
        where = f"/mlflow/api/2.0/mlflow/{path}"
        if sent is None:
            return Client().get(where, query, headers=headers)
        return Client().post(where, json.dumps(sent), content_type="application/json", headers=headers)

    def test_the_token_may_be_the_password_of_any_user(self, world: World) -> None:
        task, token = begun(world), ApiToken.issue(world.mei, scope="runs")
        where = f"/mlflow/api/2.0/mlflow/experiments/get?experiment_id={task.ref}"
        basic = base64.b64encode(f"mei:{token}".encode()).decode()
        answer = Client().get(where, headers={"Authorization": f"Basic {basic}"})
        assert answer.status_code == 200 and answer.json()["experiment"]["name"] == task.ref
        for odd in ("Basic %%%", "Basic", "", "Bearer"):
            assert Client().get("/mlflow/api/2.0/mlflow/experiments/get", headers={"Authorization": odd}).status_code == 401

    def test_another_teams_cards_and_runs_are_not_there(self, world: World) -> None:
        task = begun(world)
        made = self.ask(world.mei, "runs/create", {"experiment_id": task.ref}).json()["run"]["info"]["run_id"]
        assert self.ask(world.ivo, "experiments/get-by-name", experiment_name=task.ref).status_code == 404
        assert self.ask(world.ivo, "runs/create", {"experiment_id": task.ref}).status_code == 404
        for path, body in (("runs/log-metric", {"key": "a", "value": 1}), ("runs/update", {"status": "FINISHED"}), ("runs/set-tag", {})):
            answer = self.ask(world.ivo, path, {"run_id": made, **body})
            assert answer.status_code == 404 and answer.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
        assert self.ask(world.ivo, "runs/get", run_id=made).status_code == 404
        assert self.ask(world.mei, "runs/get", run_id=made).status_code == 200

    def test_who_may_not_write_tells_nothing(self, world: World) -> None:
        task = begun(world)
        assert self.ask(world.vera, "runs/create", {"experiment_id": task.ref}).status_code == 403
        assert self.ask(world.mei, "runs/create", {"experiment_id": task.ref}, scope="read").status_code == 403
        assert not Run.objects.exists()

    def test_the_tag_names_the_card_where_no_experiment_does(self, world: World) -> None:
        task = begun(world)
        tags = [{"key": "dsboard.card", "value": task.ref.lower()}]
        answer = self.ask(world.mei, "runs/create", {"experiment_id": "0", "tags": tags})
        assert answer.json()["run"]["info"]["experiment_id"] == task.ref
        assert "Name a card" in self.ask(world.mei, "runs/create", {"experiment_id": "0"}).json()["message"]

    def test_a_run_that_the_api_told_is_not_this_doors(self, world: World) -> None:
        Run.tell(begun(world), world.mei, "mine")
        assert self.ask(world.mei, "runs/get", run_id="mine").status_code == 404

    @pytest.mark.parametrize(
        "body",
        [
            b"[]", b"{", b'{"run_id": 1}', b'{"metrics": {}}', b'{"run_id": "RUN", "metrics": [{"key": "a", "value": "big"}]}',
            b'{"run_id": "RUN", "metrics": [{"key": "a", "value": 1, "step": "x"}]}', b'{"run_id": "RUN", "params": 3}',
            b'{"run_id": "RUN", "metrics": [{"key": "a", "value": null}]}', b'\xff', b'{"run_id": "R\\u0000"}',
        ],
    )  # fmt: skip
    def test_odd_bodies_get_a_sentence(self, world: World, body: bytes) -> None:
        made = self.ask(world.mei, "runs/create", {"experiment_id": begun(world).ref}).json()["run"]["info"]["run_id"]
        headers = {"Authorization": f"Bearer {ApiToken.issue(world.mei, scope='runs')}"}
        sent = body.replace(b"RUN", made.encode())
        answer = Client().post("/mlflow/api/2.0/mlflow/runs/log-batch", sent, content_type="application/json", headers=headers)
        assert answer.status_code in (400, 404, 422) and answer.json()["message"].endswith(".")

    def test_a_body_over_a_megabyte_and_a_form(self, world: World) -> None:
        headers = {"Authorization": f"Bearer {ApiToken.issue(world.mei, scope='runs')}"}
        path = "/mlflow/api/2.0/mlflow/runs/log-batch"
        large = Client().post(path, json.dumps({"run_id": "x" * 1_100_000}), content_type="application/json", headers=headers)
        assert (large.status_code, large.json()["message"]) == (413, "A body may have 1 MB at most.")
        assert Client().post(path, {"run_id": "x"}, headers=headers).status_code == 415
        assert Client().get(path, headers=headers).status_code == 405

    def test_what_mlflow_has_besides(self, world: World) -> None:
        answer = self.ask(world.mei, "registered-models/search")
        assert answer.status_code == 404 and "For all else open the board" in answer.json()["message"]
        assert Client().get("/mlflow/registered-models").status_code == 401
        assert Client().get("/mlflow/")["Location"] == "/", "where the client says that a run can be seen"

    def test_only_what_autolog_uploads_by_itself_is_let_go_by(self, world: World) -> None:
        made = self.ask(world.mei, "runs/create", {"experiment_id": begun(world).ref}).json()["run"]["info"]["run_id"]
        picture = f"/mlflow/api/2.0/mlflow-artifacts/artifacts/FRAUD-1/{made}/artifacts/training_roc_curve.png"
        headers = {"Authorization": f"Bearer {ApiToken.issue(world.mei, scope='runs')}"}
        refused = Client().put(picture, b"png", headers=headers)
        assert refused.status_code == 404 and "keeps no artifacts" in refused.json()["message"]
        self.ask(world.mei, "runs/set-tag", {"run_id": made, "key": "mlflow.autologging", "value": "sklearn"})
        assert Client().put(picture, b"png", headers=headers).status_code == 200
        assert Client().put(picture.replace("training_roc_curve", "mine"), b"png", headers=headers).status_code == 404
        assert Run.objects.get().extra["artifacts not kept"] == "training_roc_curve.png"
        strangers = {"Authorization": f"Bearer {ApiToken.issue(world.ivo)}"}
        assert Client().put(picture, b"png", headers=strangers).status_code == 404
