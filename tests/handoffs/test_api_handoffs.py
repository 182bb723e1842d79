"""Handoffs over the HTTP API: the whole way from a draft to both signatures and a new revision, and what is refused."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handoffs.contract import TERMS
from handoffs.models import Handoff, MLModel
from tests.caller import Caller
from tests.handoffs.models.conftest import built
from tests.handoffs.table import everything_verified, line, offered, provide_all
from tests.world import World

HANDOFFS = "/teams/FRAUD/handoffs"


@pytest.fixture
def model(world: World) -> MLModel:
    model = MLModel.register(world.team, world.mei, name="Ranker")
    built(world, model, "v2.3")
    return model


@pytest.fixture
def mei(world: World) -> Caller:
    return Caller(world.mei)


@pytest.fixture
def omar(world: World) -> Caller:
    return Caller(world.omar)


def started(caller: Caller) -> dict[str, Any]:
    answer = caller.post(HANDOFFS, model="ranker", version="V2.3")
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == f"/api/v1{HANDOFFS}/{answer.json()['id']}"
    return dict(answer.json())


def one(told: dict[str, Any], slug: str) -> dict[str, Any]:
    return next(dict(row) for row in told["lines"] if row["slug"] == slug)


def test_the_whole_way(world: World, model: MLModel, mei: Caller, omar: Caller) -> None:
    told = started(mei)
    path = f"{HANDOFFS}/{told['id']}"
    assert (told["model"], told["version"], told["revision"], told["state"]) == ("ranker", "v2.3", 1, "draft")
    assert [row["slug"] for row in told["lines"]] == [term.slug for term in TERMS]
    for term in TERMS:
        giver = omar if term.side == "engineering" else mei
        answer = giver("PUT", f"{path}/lines/{term.slug}", {"state": "provided", "evidence": "https://wiki.example.org/a"})
        assert answer.status_code == 200, answer.content
    assert mei.post(f"{path}/offer").json()["state"] == "offered"
    assert omar.post(f"{path}/return", reason="The formats are of v2.2.").json()["state"] == "returned"
    assert mei.post(f"{path}/offer").json()["reason"] == ""
    for term in TERMS:
        for side in term.verifiers:
            assert (mei if side == "science" else omar).post(f"{path}/lines/{term.slug}/verification").status_code == 200
    told = mei.post(f"{path}/signature").json()
    assert (told["state"], [(row["side"], row["valid"]) for row in told["signatures"]]) == ("in_review", [("science", True)])
    changed = mei("PUT", f"{path}/lines/model-card", {"state": "provided", "evidence": "A newer card."}).json()
    assert (changed["state"], changed["settled"], changed["verified"]) == ("provided", False, [])
    refused = omar.post(f"{path}/signature")
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "Opens when all lines are verified or agreed not needed. Missing: Model card.",
    )
    omar.post(f"{path}/lines/model-card/verification")
    omar.post(f"{path}/signature")
    told = mei.post(f"{path}/signature").json()
    assert told["state"] == "accepted"
    assert [(row["side"], row["valid"], row["void"]) for row in told["signatures"]] == [
        ("science", False, "Model card changed"),
        ("engineering", True, ""),
        ("science", True, ""),
    ]
    assert mei.post("/teams/FRAUD/models/ranker/versions/v2.3/stage", to="deployment").json()["stage"] == "deployment"
    assert mei.post("/teams/FRAUD/models/ranker/versions/v2.3/deployments", environment="production").status_code == 201
    assert mei("PUT", f"{path}/lines/model-card", {"state": "missing"}).status_code == 422
    again = started(omar)
    assert (again["revision"], again["state"], one(again, "model-card")["state"]) == (2, "draft", "verified")


def test_lines_say_what_they_need(world: World, model: MLModel, mei: Caller) -> None:
    path = f"{HANDOFFS}/{started(mei)['id']}"
    answer = mei("PUT", f"{path}/lines/model-card", {"state": "not_needed", "reason": "None."})
    assert [error["field"] for error in answer.json()["errors"]] == ["state"]
    answer = mei("PUT", f"{path}/lines/feature-requirements", {"state": "blocked"})
    assert {error["field"] for error in answer.json()["errors"]} == {"reason", "owner", "due_on"}
    said = {"state": "blocked", "reason": "Late.", "owner": "mei@example.org", "due_on": "2099-01-01"}
    assert mei("PUT", f"{path}/lines/feature-requirements", said).json()["due_on"] == "2099-01-01"
    assert mei("PUT", f"{path}/lines/serving-platform", {"state": "provided", "evidence": "Ours."}).status_code == 403
    assert mei("PUT", f"{path}/lines/beauty", {"state": "missing"}).status_code == 404


def test_a_line_that_changed_meanwhile_is_told_as_it_is_now(world: World, model: MLModel, mei: Caller, omar: Caller) -> None:
    handoff = Handoff.objects.get(pk=started(mei)["id"])
    path = f"{HANDOFFS}/{handoff.pk}/lines/model-card"
    offered(world, handoff)
    seen = line(handoff, "model-card").version
    mei("PUT", path, {"state": "provided", "evidence": "A newer card.", "version": seen})
    answer = omar.post(f"{path}/verification", version=seen)
    assert answer.status_code == 409
    assert answer.json()["current"]["evidence"] == {"type": "text", "value": "A newer card."}
    assert line(handoff, "model-card").state == "provided"


def test_missing_engineering_lines_become_cards_once(world: World, model: MLModel, mei: Caller, omar: Caller) -> None:
    path = f"{HANDOFFS}/{started(mei)['id']}"
    created = omar.post(f"{path}/tasks").json()["created"]
    assert len(created) == 5
    assert one(omar.get(path).json(), "feature-pipeline")["task"] == created[0]
    assert omar.post(f"{path}/tasks").status_code == 422


def test_another_teams_model_and_handoff_do_not_exist(world: World, model: MLModel, mei: Caller) -> None:
    pk = started(mei)["id"]
    foreign = MLModel.register(world.other, world.ivo, name="Secret")
    assert mei.post(HANDOFFS, model=foreign.slug, version="v1").json()["errors"][0]["message"] == "There is no model secret in this team."
    assert Caller(world.ivo).get(f"/teams/OTHER/handoffs/{pk}").status_code == 404
    assert Caller(world.ivo).get("/teams/OTHER/handoffs").json() == {"items": [], "count": 0}


def test_lists_take_the_same_queries_for_one_and_for_thirty(world: World, model: MLModel, mei: Caller) -> None:
    everything_verified(world, Handoff.start(model.versions.get(name="v2.3"), world.mei))
    mei.get(HANDOFFS)
    with CaptureQueriesContext(connection) as few:
        mei.get(HANDOFFS)
    for number in range(6):
        provide_all(world, Handoff.start(built(world, model, f"v9.{number}"), world.mei))
    with CaptureQueriesContext(connection) as many:
        assert mei.get(f"{HANDOFFS}?limit=100").json()["count"] == 7
    assert len(many) == len(few)
    assert mei.get(f"{HANDOFFS}?state=draft").json()["count"] == 6
