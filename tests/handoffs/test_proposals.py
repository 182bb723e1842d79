"""Evidence that the board proposes by itself: each with its source, only for what is open, and never an answer by itself."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Task
from handoffs.models import CardEdition, Deployment, Handoff, MLModel, Version
from handoffs.productionize import productionize
from handoffs.proposals import proposals
from tests.caller import Caller
from tests.handoffs.table import everything_verified
from tests.handoffs.views.test_card import WHOLE
from tests.world import World

pytestmark = pytest.mark.django_db
V1 = "/t/FRAUD/models/churn/versions/v1/"


@pytest.fixture
def task(world: World) -> Task:
    found = world.started(world.experiment())
    world.report(found, results=[{"metric": "macro-F1", "value": 0.93, "run": "run-7"}])
    productionize(found, world.lead, why="It works.", model="Churn")
    return found


@pytest.fixture
def version(task: Task) -> Version:
    return Version.objects.select_related("model__team", "origin").get()


def told(version: Version) -> dict[str, tuple[str, str]]:
    return {slug: (one.words, one.source) for slug, one in proposals(version).items()}


def test_what_the_experiment_asked_measured_and_led_to(task: Task, version: Version) -> None:
    found = told(version)
    assert found["success-metrics-defined"] == ("macro-F1 ≥ 0.9", f"the success metrics of {task.ref}")
    assert found["experiments-tracked"] == ("run-7", f"the findings of {task.ref}")
    assert found["best-performer-selected"] == (task.ref, f"the decision on {task.ref}")
    assert "business-problem-clear" not in found and "several-approaches-tried" not in found


def test_the_purpose_the_card_and_where_it_serves(world: World, version: Version) -> None:
    version.model.change(world.mei, purpose="Who is about to leave.")
    CardEdition.write(version, world.mei, WHOLE)
    Deployment.deploy(version, world.mei, environment="staging")
    found = told(Version.objects.select_related("model__team", "origin").get())
    assert found["business-problem-clear"] == ("Who is about to leave.", "the model’s purpose")
    assert found["documented"][1] == "edition 1 of the model card"
    assert found["integration"] == ("It serves: Churn v1 in staging, full.", "its deployments")


def test_experiments_that_it_builds_on_are_approaches_tried(world: World, task: Task, version: Version) -> None:
    other = world.in_analysis()
    task.links.create(rel="builds_on", other=other)
    assert told(version)["several-approaches-tried"][0] == f"{task.ref}, {other.ref}"


def test_lines_that_the_other_side_verified(world: World, version: Version) -> None:
    everything_verified(world, Handoff.objects.get())
    found = told(version)
    assert found["monitoring-set-up"] == ("We looked.", "the handoff’s line Monitoring and alerting")
    assert found["ab-test"][1] == "the handoff’s line A/B testing framework"


def test_a_version_without_an_origin_and_what_is_answered_have_none(world: World, version: Version) -> None:
    bare = Version.add(version.model, world.mei, name="v2")
    assert proposals(bare) == {}
    version.answer("best-performer-selected", world.mei, state="met", evidence="We chose.")
    assert "best-performer-selected" not in proposals(version)


def test_the_page_names_the_source_and_a_person_uses_it(world: World, task: Task, version: Version, as_: Any) -> None:
    page = as_(world.mei).get(V1).content.decode()
    assert f"Proposed from the decision on {task.ref}: {task.ref}" in page
    viewer = as_(world.vera).get(V1).content.decode()
    assert "Proposed from" in viewer and "Use it" not in viewer
    address = f"{V1}criteria/best-performer-selected/proposal/"
    assert as_(world.vera).post(address).status_code == 403
    assert as_(world.ivo).post(address).status_code == 404
    assert as_(world.mei).post(address).status_code == 302
    answer = version.standing()["best-performer-selected"]
    assert (answer.state, answer.evidence, answer.by) == ("met", {"type": "task", "value": task.ref}, world.mei.user)
    assert as_(world.mei).post(address).status_code == 422
    assert version.answers.count() == 1


def test_the_api_tells_them_of_one_version(world: World, task: Task, version: Version) -> None:
    mei = Caller(world.mei)
    rows = {row["slug"]: row["proposed"] for row in mei.get("/teams/FRAUD/models/churn/versions/v1").json()["criteria"]}
    evidence = {"type": "task", "value": task.ref}
    assert rows["best-performer-selected"] == {"evidence": evidence, "source": f"the decision on {task.ref}"}
    assert rows["data-quality-understood"] is None
    listed = mei.get("/teams/FRAUD/models/churn/versions").json()["items"][0]["criteria"]
    assert {row["proposed"] for row in listed} == {None}


def test_they_cost_the_same_however_much_there_is(world: World, task: Task, version: Version) -> None:
    def cost() -> int:
        fresh = Version.objects.select_related("model__team", "origin__team").get(pk=version.pk)
        with CaptureQueriesContext(connection) as seen:
            proposals(fresh)
        return len(seen)

    cost()
    one = cost()
    for _ in range(10):
        task.links.create(rel="builds_on", other=world.in_analysis())
        Deployment.deploy(version, world.mei, environment="staging", mode="shadow")
    MLModel.register(world.team, world.mei, name="Other")
    assert cost() == one <= 12
