"""Registered models of a tracking server: versions, aliases and lineage beside those here; metrics in operation from MLflow."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dsboard import clock
from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity
from experiments.models import Run, Tracker
from experiments.tracking import sync
from handoffs.models import Deployment, MLModel, Point, RegistryLink
from handoffs.registry_page import registered
from tests.caller import Caller
from tests.experiments.tracking import clients
from tests.experiments.tracking.fake import Said, Store, run, tracking
from tests.experiments.tracking.server import real_server
from tests.world import F1, World

pytestmark = pytest.mark.django_db


class Registry(Store):
    """A registry with the model ranker: version 1 with its run, 2 copied from another, 3 whose lineage is lost."""

    def __init__(self, runs: Any = None) -> None:
        super().__init__(runs)
        self.champion = "1"
        self.versions: list[dict[str, Any]] = [
            {"version": "1", "status": "READY", "run_id": f"{1:032x}", "aliases": []},
            {"version": "2", "status": "READY", "run_id": "", "source": "models:/other/7", "aliases": []},
            {"version": "3", "status": "PENDING_REGISTRATION", "run_id": "", "source": "s3://somewhere", "aliases": []},
        ]

    def __call__(self, path: str, sent: dict[str, Any]) -> Said:
        match path:
            case "registered-models/search":
                return 200, {"registered_models": [{"name": "ranker", "aliases": [{"alias": "champion", "version": self.champion}]}]}, {}
            case "model-versions/search":
                return 200, {"model_versions": self.versions if sent["filter"] == "name='ranker'" else []}, {}
            case "model-versions/get":
                return 200, {"model_version": {"version": "7", "run_id": "", "source": "models:/m-abc"}}, {}
            case "logged-models/m-abc":
                return 200, {"model": {"info": {"source_run_id": f"{2:032x}"}}}, {}
        return super().__call__(path, sent)


@pytest.fixture
def model(world: World) -> MLModel:
    made = MLModel.register(world.team, world.mei, name="Ranker", starts_at="model-development")
    Deployment.deploy(made.versions.get(), world.mei, environment="staging")
    return MLModel.objects.select_related("team").get(pk=made.pk)


def browser(who: Any) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def linked(world: World, model: MLModel, url: str, name: str = "ranker") -> RegistryLink:
    return RegistryLink.link(model, world.mei, Tracker.connect(world.team, world.lead, name="MLflow", url=url), name)


def swept() -> None:
    Tracker.objects.update(next_at=clock.now() - timedelta(seconds=1))
    assert sync.sweep() == 1
    assert Tracker.objects.get().trouble == "", Tracker.objects.get().said


def test_versions_aliases_and_lineage(world: World, model: MLModel) -> None:
    task = world.started(world.experiment(metrics=[F1]))
    with tracking(Registry([run(1), run(2)])) as fake:
        link = linked(world, model, fake.url)
        swept()
        Run.keep_all(task, Tracker.objects.get(), {f"{n:032x}": {"digest": "x", "name": f"run {n}"} for n in (1, 2)})
        asked = [sent for path, sent, _ in fake.asked if path == "registered-models/search"]
    assert asked == [{"max_results": "200"}], "an older server answers a filter with nothing"
    ((told, rows),) = registered(model)
    assert told == link and [(one.told.number, one.told.aliases, one.told.incomplete) for one in rows] == [
        ("3", [], True), ("2", [], False), ("1", ["champion"], False),
    ]  # fmt: skip
    assert rows[2].version == model.versions.get(), "version 1 of the registry is v1 here"
    assert [str(one.run) if one.run else None for one in rows] == [None, "run 2", "run 1"], "over two hops, too"
    page = browser(world.vera).get("/t/FRAUD/models/ranker/registry/").content.decode()
    assert "champion" in page and "Lineage incomplete" in page and f"{task.ref}, run 1" in page
    shown = Caller(world.vera).get("/teams/FRAUD/models/ranker/registry").json()["items"][0]["versions"][2]
    assert (shown["number"], shown["aliases"], shown["version"], shown["task"]) == ("1", ["champion"], "v1", task.ref)


def test_an_alias_that_moves_over_there_is_a_line_of_history(world: World, model: MLModel) -> None:
    store = Registry()
    with tracking(store) as fake:
        linked(world, model, fake.url)
        swept()
        assert not Activity.objects.filter(verb="alias_moved").exists(), "the first reading moves nothing"
        store.champion = "2"
        swept()
        swept()
    moved = Activity.objects.get(verb="alias_moved")
    assert (moved.field, moved.before, moved.after) == ("champion", "1", "2")
    page = browser(world.vera).get(model.versions.get().get_absolute_url()).content.decode()
    assert "saw the alias champion move from 1 to 2 in the registry" in page


def test_a_name_that_the_registry_does_not_have(world: World, model: MLModel) -> None:
    with tracking(Registry()) as fake:
        link = linked(world, model, fake.url, "rankr")
        swept()
    link.refresh_from_db()
    assert link.said == "MLflow has no registered model “rankr”." and link.synced_at is None


def test_runs_tagged_with_the_model_tell_its_metrics_in_operation(world: World, model: MLModel) -> None:
    with tracking(Store()) as fake:
        assert fake.url
    tags = [{"key": "dsboard.model", "value": "ranker"}]
    store = Registry([run(-60, tags=tags, value=0.91), run(-50, tags=tags, value="NaN")])
    with tracking(store) as fake:
        linked(world, model, fake.url)
        swept()
        swept()
        asked = [sent["filter"] for path, sent, _ in fake.asked if path == "runs/search" and "dsboard.model" in sent["filter"]]
    point = Point.objects.get()
    assert (point.series.name, point.value, point.version.name, point.environment) == ("macro-F1", 0.91, "v1", "staging")
    assert asked[0] == "tags.`dsboard.model` = 'ranker' and attributes.end_time > 0" and asked[1] != asked[0], "it goes on where it was"


def test_who_may_and_what_can_not_be(world: World, model: MLModel) -> None:
    tracker = Tracker.connect(world.team, world.lead, name="MLflow", url="http://10.0.0.1")
    with pytest.raises(Forbidden):
        RegistryLink.link(model, world.vera, tracker, "ranker")
    link = RegistryLink.link(model, world.mei, tracker, "ranker")
    for name in ("ranker", " ", "x" * 251, "a\nb"):
        with pytest.raises(Refusal):
            RegistryLink.link(model, world.mei, tracker, name)
    mei = browser(world.mei)
    assert mei.post("/t/FRAUD/models/ranker/registry/", {"tracker": tracker.pk, "name": "ranker"}).status_code == 422
    assert mei.post("/t/FRAUD/models/ranker/registry/", {"tracker": tracker.pk, "name": "ranker-2"}).status_code == 302
    mei.post(f"/t/FRAUD/models/ranker/registry/{link.pk}/removal/")
    assert [one.name for one in RegistryLink.objects.all()] == ["ranker-2"]


@pytest.mark.mlflow
def test_a_real_registry(world: World, model: MLModel, tmp_path: Path) -> None:
    """Pitfall 1: its own answers list no alias with a version; and a run's metrics reach the model in operation."""
    script = """
import mlflow
from sklearn.linear_model import LogisticRegression
client = mlflow.MlflowClient()
client.create_registered_model("ranker")
with mlflow.start_run(run_name="trained") as run:
    mlflow.set_tag("dsboard.model", "ranker")
    mlflow.log_metric("AUC", 0.93)
    model = mlflow.sklearn.log_model(LogisticRegression().fit([[0], [1]], [0, 1]), name="model", registered_model_name="ranker")
client.set_registered_model_alias("ranker", "champion", "1")
assert client.search_model_versions("name='ranker'")[0].aliases == []
"""
    (tmp_path / "register.py").write_text(script)
    with real_server(tmp_path) as url:
        done = clients.run("mlflow", str(tmp_path / "register.py"), uri=url, folder=tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        linked(world, model, url)
        swept()
    ((_, rows),) = registered(model)
    (one,) = [row.told for row in rows]
    assert (one.number, one.aliases, one.status, one.incomplete) == ("1", ["champion"], "READY", False)
    assert [(point.series.name, point.value) for point in Point.objects.all()] == [("AUC", 0.93)]
