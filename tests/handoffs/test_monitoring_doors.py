"""Models in operation on their pages, over the API and in the administration; what the board proposes from them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dsboard import clock
from dsboard.models import User
from experiments.models import Task
from handoffs.models import Alarm, Deployment, MLModel, RetrainingPlan, Series
from handoffs.proposals import proposals
from tests.caller import Caller
from tests.handoffs.test_monitoring import quiet, told
from tests.world import World

pytestmark = pytest.mark.django_db
PATH = "/t/FRAUD/models/churn/monitoring/"
API = "/teams/FRAUD/models/churn"


@pytest.fixture
def model(world: World) -> MLModel:
    made = MLModel.register(world.team, world.mei, name="Churn", owners=["mei@example.org"], starts_at="model-development")
    Deployment.deploy(made.versions.get(), world.mei, environment="staging")
    return MLModel.objects.select_related("team").get(pk=made.pk)


def browser(who: Any) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


class TestPage:
    def test_from_nothing_to_an_alarm_and_its_task(self, world: World, model: MLModel) -> None:
        mei = browser(world.mei)
        assert "Nothing is told of it yet" in mei.get(PATH).content.decode()
        said = {"name": "AUC", "direction": "higher", "threshold": "0.8", "times": "2", "window": "3", "cadence_hours": "", "drift": "on"}
        assert mei.post(PATH, said).status_code == 302
        wrong = mei.post(PATH, said | {"name": "Recall", "times": "5"})
        assert wrong.status_code == 422 and "Between 1 and 3 of them." in wrong.content.decode()
        assert "30 values for its usual course" not in wrong.content.decode()
        told(model, world, *quiet(), *[0.86] * 6)
        page = mei.get(PATH).content.decode()
        assert "Drifts since" in page and "threshold ≥ 0.8" in page and "The last values in a table" in page
        one = Alarm.objects.get()
        made = mei.post(f"{PATH}alarms/{one.pk}/task/")
        assert made["Location"] == Task.objects.get().get_absolute_url() and Task.objects.get().title.startswith("Retrain or inspect Churn")
        mei.post(f"{PATH}alarms/{one.pk}/feedback/", {"feedback": "true"})
        page = mei.get(PATH).content.decode()
        assert "1 of 1 judged ones were right" in page and 'aria-pressed="true"' in page

    def test_what_is_watched_and_no_more(self, world: World, model: MLModel) -> None:
        mei, one = browser(world.mei), Series.watch(model, world.mei, "AUC")[0]
        assert "AUC" in mei.get(f"{PATH}series/{one.pk}/").content.decode()
        said = {"direction": "lower", "threshold": "120", "times": "1", "window": "1", "cadence_hours": "24"}
        mei.post(f"{PATH}series/{one.pk}/", said)
        one.refresh_from_db()
        assert (one.name, one.direction, one.threshold, one.cadence_hours, one.drift) == ("AUC", "lower", 120, 24, False)
        mei.post(f"{PATH}series/{one.pk}/removal/")
        assert not Series.objects.exists()

    def test_a_plan(self, world: World, model: MLModel) -> None:
        mei = browser(world.mei)
        assert mei.post(f"{PATH}retraining/", {"every": ""}).status_code == 422
        mei.post(f"{PATH}retraining/", {"every": "quarter", "on_alarm": "on"})
        assert "when it drifts" in mei.get(PATH).content.decode()
        mei.post(f"{PATH}retraining/end/")
        assert not RetrainingPlan.objects.exists()

    def test_the_page_of_the_model_shows_it(self, world: World, model: MLModel) -> None:
        told(model, world, *quiet(4))
        Series.watch(model, world.mei, "AUC", threshold=0.95)
        page = browser(world.vera).get(model.versions.get().get_absolute_url()).content.decode()
        assert "v1 in staging" in page and "Beyond 0.95 since" in page and "began to watch AUC" in page

    def test_as_many_queries_for_many_values_and_metrics(self, world: World, model: MLModel) -> None:
        mei = browser(world.mei)
        told(model, world, *quiet(3))
        mei.get(PATH)
        with CaptureQueriesContext(connection) as few:
            mei.get(PATH)
        for name in ("recall", "PSI", "p95 latency", "cost"):
            told(model, world, *quiet(6), name=name)
        with CaptureQueriesContext(connection) as many:
            mei.get(PATH)
        assert len(many) == len(few)

    def test_every_value_as_a_file(self, world: World, model: MLModel) -> None:
        told(model, world, 0.91, 0.5, name="=AUC")
        file = b"".join(browser(world.vera).get("/t/FRAUD/models/churn/monitoring.csv").streaming_content).decode("utf-8-sig")
        lines = file.splitlines()
        assert lines[0] == "metric,version,environment,at,value" and lines[1].startswith("'=AUC,v1,staging,") and lines[2].endswith(",0.5")
        assert browser(world.ivo).get("/t/FRAUD/models/churn/monitoring.csv").status_code == 404

    def test_a_viewer_reads(self, world: World, model: MLModel) -> None:
        told(model, world, *quiet(3))
        page = browser(world.vera).get(PATH).content.decode()
        assert "Watch it" not in page and "Tell a value" not in page and "AUC" in page


class TestApi:
    def test_a_token_for_runs_tells_values_and_nothing_else(self, world: World, model: MLModel) -> None:
        job, at = Caller(world.mei, scope="runs"), (clock.now() - timedelta(hours=1)).isoformat()
        first = job.post(f"{API}/metrics", name="AUC", value=0.91, at=at)
        assert (first.status_code, first.json()["version"], first.json()["environment"]) == (201, "v1", "staging")
        assert job.post(f"{API}/metrics", name="AUC", value=0.92, at=at).status_code == 200
        assert job.get(f"{API}/metrics").status_code == job("PUT", f"{API}/series", {"name": "AUC"}).status_code == 403
        assert Caller(world.mei).get(f"{API}/metrics?name=auc&version=V1").json()["items"][0]["value"] == 0.92
        assert Caller(world.mei).get(f"{API}/metrics?name=nothing").json()["count"] == 0

    def test_a_list_is_kept_as_a_whole_or_not_at_all(self, world: World, model: MLModel) -> None:
        job, now = Caller(world.mei, scope="runs"), clock.now()
        rows = [{"name": "AUC", "value": (90 + n) / 100, "at": (now - timedelta(hours=9 - n)).isoformat()} for n in range(5)]
        answer = job("POST", f"{API}/metrics", rows)
        assert answer.status_code == 201 and answer.json()["count"] == 5 and answer.json()["items"][4]["value"] == 0.94
        assert job("POST", f"{API}/metrics", rows).status_code == 200
        assert (
            job("POST", f"{API}/metrics", [{"name": "recall", "value": 1}, {"name": "x", "value": 1, "version": "v9"}]).status_code == 422
        )
        assert job("POST", f"{API}/metrics", []).status_code == 422
        assert list(Series.objects.values_list("name", flat=True)) == ["AUC"]

    def test_five_hundred_values_take_the_queries_of_five(self, world: World, model: MLModel) -> None:
        job, now, counts = Caller(world.mei, scope="runs"), clock.now(), []
        told(model, world, 0.9)
        for many in (5, 500):
            rows = [{"name": "AUC", "value": 0.9, "at": (now - timedelta(minutes=1000 * many - n)).isoformat()} for n in range(many)]
            with CaptureQueriesContext(connection) as queries:
                assert job("POST", f"{API}/metrics", rows).status_code == 201
            counts.append(len(queries))
        assert counts[1] <= counts[0] + 2, counts
        twice = [{"name": "AUC", "value": value, "at": now.isoformat()} for value in (0.1, 0.2)]
        assert [one["value"] for one in job("POST", f"{API}/metrics", twice).json()["items"]] == [0.2, 0.2], "of two the later one counts"

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"value": 1}, "name"), ({"name": "AUC"}, "value"), ({"name": "AUC", "value": "NaN"}, "value"),
            ({"name": "AUC", "value": 1, "at": "2026-03-10"}, "at"), ({"name": "AUC", "value": 1, "version": "v9"}, "version"),
            ({"name": "AUC", "value": 1, "unit": "%"}, "unit"), ({"name": "AUC", "value": True}, "value"),
        ],
    )  # fmt: skip
    def test_bad_input_names_its_field(self, world: World, model: MLModel, sent: dict[str, Any], field: str) -> None:
        answer = Caller(world.mei)("POST", f"{API}/metrics", sent)
        assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == field

    def test_watching_alarms_and_plan(self, world: World, model: MLModel) -> None:
        mei = Caller(world.mei)
        made = mei("PUT", f"{API}/series", {"name": "AUC", "threshold": 0.9, "times": 1, "window": 1})
        assert made.status_code == 201 and mei("PUT", f"{API}/series", {"name": "auc", "threshold": 0.9}).status_code == 200
        mei("PUT", f"{API}/series", {"name": "AUC", "threshold": 0.9, "times": 1, "window": 1})
        mei.post(f"{API}/metrics", name="AUC", value=0.5)
        one = mei.get(f"{API}/alarms").json()["items"][0]
        assert (one["metric"], one["kind"], one["task"]) == ("AUC", "threshold", Task.objects.get().ref)
        assert mei.post(f"{API}/alarms/{one['id']}/task").json() == {"task": one["task"]}
        judged = mei("PUT", f"{API}/alarms/{one['id']}/feedback", {"feedback": "false"}).json()
        assert (judged["feedback"], judged["feedback_by"]) == ("false", "mei@example.org")
        assert mei("PUT", f"{API}/retraining", {"every": "month"}).json()["every"] == "month"
        assert mei.get(f"{API}/retraining").json()["on_alarm"] is False
        assert mei("DELETE", f"{API}/retraining").status_code == mei("DELETE", f"{API}/retraining").status_code == 204
        assert mei("DELETE", f"{API}/series/{made.json()['id']}").status_code == 204
        assert mei.get(f"{API}/series").json()["count"] == 0


def test_an_administrator_reads_it(world: World, model: MLModel) -> None:
    told(model, world, *quiet(), *[0.86] * 6)
    RetrainingPlan.plan(model, world.mei, every="week")
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.org", "Root", "a long password"))
    for name in ("series", "alarm", "retrainingplan"):
        assert "Churn" in client.get(f"/admin/handoffs/{name}/").content.decode(), name


def test_the_board_proposes_its_last_criteria_from_it(world: World, model: MLModel) -> None:
    told(model, world, 0.9)
    RetrainingPlan.plan(model, world.mei, every="quarter")
    version = model.versions.get()
    version.stage = "monitoring"
    found = proposals(version)
    assert {"performance-tracked", "drift-detection", "retraining-planned"} <= set(found)
    assert found["retraining-planned"].words.startswith("Every quarter, next on")
