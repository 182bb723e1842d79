"""Models over the HTTP API: from the first version to production, what is refused, and how many queries lists take."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard import clock
from handoffs.checklists import CRITERIA
from handoffs.models import Deployment, MLModel, Version
from tests.caller import Caller
from tests.world import World, every_row

MODELS = "/teams/FRAUD/models"
RANKER = f"{MODELS}/ranker"
V1 = f"{RANKER}/versions/v1"


@pytest.fixture
def lead(world: World) -> Caller:
    return Caller(world.lead)


@pytest.fixture
def mei(world: World) -> Caller:
    return Caller(world.mei)


@pytest.fixture
def model(mei: Caller) -> dict[str, Any]:
    answer = mei.post(MODELS, name="Ranker", purpose="What to show next.", owners=["mei@example.org"])
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == f"/api/v1{RANKER}"
    return dict(answer.json())


def meet(caller: Caller, path: str, *slugs: str) -> None:
    for slug in slugs:
        answer = caller("PUT", f"{path}/criteria/{slug}", {"state": "met", "evidence": "We looked."})
        assert answer.status_code == 200, answer.content


def refused(answer: Any) -> dict[str, str]:
    """The sentence of each field of a 422."""
    assert answer.status_code == 422, answer.content
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def test_a_model_is_registered_read_and_changed(mei: Caller, model: dict[str, Any]) -> None:
    assert {name: model[name] for name in ("slug", "name", "purpose", "owners", "versions", "version")} == {
        "slug": "ranker",
        "name": "Ranker",
        "purpose": "What to show next.",
        "owners": ["mei@example.org"],
        "versions": [{"version": "v1", "stage": "problem-definition", "live": []}],
        "version": 1,
    }
    assert mei.get(MODELS).json() == {"items": [model], "count": 1}
    links = [{"label": "Wiki", "url": "https://wiki.example/ranker"}]
    changed = mei.patch(RANKER, version=1, name="Ranker of cards", owners=[], links=links).json()
    assert changed == model | {"name": "Ranker of cards", "owners": [], "links": links, "version": 2}
    stale = mei.patch(RANKER, version=1, name="Other")
    assert (stale.status_code, stale.json()["current"]["name"]) == (409, "Ranker of cards")


def test_versions_have_free_names_in_addresses(mei: Caller, model: dict[str, Any]) -> None:
    for name in ("v2.10", "v2.9", "May, second try?", "v3 #1 100%"):
        answer = mei.post(f"{RANKER}/versions", version=name)
        assert (answer.status_code, answer.json()["version"]) == (201, name)
        path = f"{RANKER}/versions/{quote(name, safe='')}"
        assert mei.get(path).json() == mei.get(answer["Location"].removeprefix("/api/v1")).json() == answer.json()
    assert mei.get(f"{RANKER}/versions/V2.10").json()["version"] == "v2.10"
    assert [row["version"] for row in mei.get(RANKER).json()["versions"]] == ["May, second try?", "v1", "v2.9", "v2.10", "v3 #1 100%"]
    for path in (f"{RANKER}/versions/v9", f"{RANKER}/versions/%00", f"{MODELS}/none", f"{MODELS}/%00", f"{V1}/criteria/sleep"):
        answer = mei("PUT", path, {"state": "open"}) if "criteria" in path else mei.get(path)
        assert answer.status_code == 404
    assert set(refused(mei.post(f"{RANKER}/versions", version="V1"))) == {"version"}


def test_a_version_tells_its_criteria_in_stage_order(mei: Caller, model: dict[str, Any]) -> None:
    told = mei.get(V1).json()
    assert [(one["slug"], one["stage"], one["state"]) for one in told["criteria"]] == [
        (one.slug, one.stage.value, "open") for one in CRITERIA
    ]
    assert (told["deployments"], told["owed"], told["edition"]) == ([], [], 1)


def test_a_version_is_changed(mei: Caller, world: World, model: dict[str, Any]) -> None:
    digest, ref = "sha256:" + "0" * 64, world.experiment().ref
    told = mei.patch(V1, version="v1.1", artifact="s3://m/1", checksum=digest, metrics={"AUC": 0.9, "n": 3}, origin=ref).json()
    assert (told["version"], told["artifact"], told["checksum"], told["origin"]) == ("v1.1", "s3://m/1", digest, ref)
    assert told["metrics"] == {"AUC": 0.9, "n": 3.0}
    path = f"{RANKER}/versions/v1.1"
    assert mei.patch(path, starts_at="problem-definition", origin="").json()["origin"] is None
    assert refused(mei.patch(path, starts_at="data-exploration")) == {
        "starts_at": "starts_at was settled when v1.1 was made. Add another version."
    }
    assert refused(mei.patch(path, retrains="v7")) == {"retrains": "Ranker has no version v7."}
    assert refused(mei.patch(path, checksum="sha256:1")) == {"checksum": "A checksum is sha256: and 64 hexadecimal digits."}
    stale = mei.patch(path, edition=1, artifact="s3://m/2")
    assert (stale.status_code, stale.json()["current"]["artifact"]) == (409, "s3://m/1")


def test_from_the_first_criterion_to_production(mei: Caller, lead: Caller, model: dict[str, Any]) -> None:
    assert "to" in refused(mei.post(f"{V1}/stage", to="data-exploration"))
    for stage, following in zip(
        ("problem-definition", "data-exploration", "model-experimentation"),
        ("data-exploration", "model-experimentation", "model-development"),
        strict=True,
    ):
        assert refused(mei.post(f"{V1}/deployments", environment="staging"))
        meet(mei, V1, *[one.slug for one in CRITERIA if one.stage == stage])
        answer = mei.post(f"{V1}/stage", to=following)
        assert (answer.status_code, answer.json()["stage"]) == (200, following)
    meet(mei, V1, "production-ready-code", "tested-and-validated", "documented")
    assert set(refused(lead.post(f"{V1}/stage", to="deployment"))) == {"override_reason"}
    assert mei.post(f"{V1}/stage", to="deployment", override_reason="Hurry.").status_code == 403
    told = lead.post(f"{V1}/stage", to="deployment", override_reason="By mail.").json()
    assert (told["stage"], told["passages"][-1]["override_reason"]) == ("deployment", "By mail.")
    assert mei.post(f"{V1}/deployments", environment="staging", share=5).json()["mode"] == "share"
    assert mei.post(f"{V1}/deployments", environment="production", mode="shadow", override_reason="So.").status_code == 403
    live = lead.post(f"{V1}/deployments", environment="production", override_reason="So.")
    assert live.status_code == 201
    assert {name: live.json()[name] for name in ("version", "environment", "mode", "share", "state", "by", "replaced")} == {
        "version": "v1",
        "environment": "production",
        "mode": "full",
        "share": None,
        "state": "live",
        "by": "ines@example.org",
        "replaced": None,
    }
    assert mei.get(RANKER).json()["versions"][0]["live"] == ["production", "staging"]
    retired = mei.patch(f"{V1}/deployments/{live.json()['id']}", state="retired").json()
    assert (retired["state"], retired["retired_by"]) == ("retired", "mei@example.org")
    assert [row["state"] for row in mei.get(f"{V1}/deployments").json()["items"]] == ["live", "retired"]
    assert mei.patch(f"{RANKER}/versions/v1/deployments/999999", state="retired").status_code == 404


def test_criteria_are_answered_and_taken_back(mei: Caller, lead: Caller, model: dict[str, Any], world: World) -> None:
    path, ref = f"{V1}/criteria/ab-test", world.experiment().ref
    told = mei("PUT", path, {"state": "not_applicable", "reason": "A batch job."}).json()
    assert (told["state"], told["reason"], told["by"], told["stage"]) == ("not_applicable", "A batch job.", "mei@example.org", "deployment")
    assert mei("PUT", path, {"state": "met", "evidence": ref}).json()["evidence"] == {"type": "task", "value": ref}
    assert mei("PUT", path, {"state": "met", "evidence": {"type": "number", "value": 0.2}}).json()["evidence"]["value"] == 0.2
    assert mei("PUT", path, {"state": "open"}).json()["state"] == "open"
    assert mei("PUT", path, {"state": "waived", "reason": "No."}).status_code == 403
    assert lead("PUT", path, {"state": "waived", "reason": "No."}).json()["state"] == "waived"
    assert set(refused(mei("PUT", path, {"state": "met"}))) == {"evidence"}
    assert Version.objects.get().answers.count() == 5


def test_exceptions_and_the_way_back(mei: Caller, lead: Caller, model: dict[str, Any]) -> None:
    assert set(refused(lead.post(f"{V1}/stage", to="data-exploration", reason="The budget ends."))) == {"to", "review_on"}
    day = (clock.now() + timedelta(days=14)).date().isoformat()
    said = {"to": "data-exploration", "reason": "The budget ends.", "review_on": day}
    assert mei.post(f"{V1}/stage", **said).status_code == 403
    told = lead.post(f"{V1}/stage", **said).json()
    assert (told["stage"], len(told["owed"]), told["passages"][0]["review_on"]) == ("data-exploration", 3, day)
    assert refused(mei.post(f"{V1}/stage", to="problem-definition")) == {"reason": "Say in a sentence why it goes back."}
    back = {"to": "problem-definition", "reason": "Too early.", "review_on": day}
    assert refused(mei.post(f"{V1}/stage", **back)) == {"review_on": "Only a gate ahead asks for this. Leave review_on out."}
    assert mei.post(f"{V1}/stage", to="problem-definition", reason="Too early.").json()["stage"] == "problem-definition"


def test_a_version_that_retrains_tells_as_of_when(mei: Caller, model: dict[str, Any]) -> None:
    meet(mei, V1, "baseline-established")
    answer = mei.post(f"{RANKER}/versions", version="v2", retrains="V1")
    told = {one["slug"]: one for one in answer.json()["criteria"]}
    assert (answer.json()["stage"], answer.json()["retrains"]) == ("model-experimentation", "v1")
    assert (told["baseline-established"]["state"], told["baseline-established"]["as_of"]) == ("met", "v1")
    assert len(answer.json()["owed"]) == 6
    assert refused(mei.post(f"{RANKER}/versions", version="v3", retrains="v9")) == {"retrains": "Ranker has no version v9."}


@pytest.mark.parametrize("name", ["stage", "team", "created_by", "edition", "deployments", "key", "id"])
def test_a_field_that_is_not_for_sending_is_refused(mei: Caller, model: dict[str, Any], name: str) -> None:
    before = every_row()
    for path, said in ((MODELS, {"name": "Mine"}), (f"{RANKER}/versions", {"version": "mine"})):
        assert name in refused(mei("POST", path, said | {name: 1}))
    assert every_row() == before


def test_lists_take_as_many_queries_for_thirty_as_for_one(mei: Caller, world: World, model: dict[str, Any]) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert mei.get(f"{path}?limit=100").status_code == 200
        return len(caught)

    ranker = MLModel.objects.get()

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            MLModel.register(world.team, world.mei, name=f"Model {number}", owners=["mei@example.org", "omar@example.org"])
            old = ranker.versions.last()
            made = Version.add(ranker, world.mei, name=f"v{number}", starts_at="model-development", retrains=old, origin=world.experiment())
            for criterion in CRITERIA[:3]:
                made.answer(criterion.slug, world.mei, state="met", evidence="So.")
            Deployment.deploy(made, world.mei, environment="staging")
            Deployment.deploy(made, world.mei, environment="staging")

    paths = (MODELS, f"{RANKER}/versions", f"{RANKER}/versions/v2/deployments")
    fill(2, 4)
    before = [queries(path) for path in paths]
    fill(4, 30)
    assert [queries(path) for path in paths] == before
