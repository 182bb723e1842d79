"""The whole path over the API: from a hypothesis to production and back to experimentation, by a scientist, an engineer and a lead."""

from collections.abc import Iterable
from typing import Any

import pytest

from handoffs import checklists
from handoffs.contract import TERMS
from tests.caller import Caller
from tests.world import World, found_world

pytestmark = pytest.mark.django_db
CHURN = "/teams/FRAUD/models/churn"
HANDOFFS = "/teams/FRAUD/handoffs"
V1 = f"{CHURN}/versions/v1"
#: evidence in every form; a criterion takes the next one
EVIDENCE: list[Any] = [
    "https://wiki.example.org/churn",
    {"type": "text", "value": "We looked."},
    {"type": "number", "value": 0.93},
    {"type": "run", "value": "run-7"},
]


class Path:
    """Three people with tokens, one who only reads, and one of another team."""

    def __init__(self, world: World) -> None:
        self.lead, self.mei, self.omar = Caller(world.lead), Caller(world.mei), Caller(world.omar)
        self.vera, self.ivo = Caller(world.vera), Caller(world.ivo)

    def ok(self, answer: Any) -> dict[str, Any]:
        assert answer.status_code in (200, 201), answer.content.decode()
        return dict(answer.json())

    def refused(self, answer: Any, status: int, words: str = "") -> None:
        said = answer.json()
        assert answer.status_code == status, answer.content.decode()
        assert words in f"{said['detail']} {said.get('errors', '')}"

    def answer(self, version: str, criteria: Iterable[checklists.Criterion], ref: str) -> None:
        """Meet these criteria, each with the next form of evidence; a card is one of them."""
        forms = [*EVIDENCE, ref]
        for place, criterion in enumerate(criteria):
            path = f"{CHURN}/versions/{version}/criteria/{criterion.slug}"
            self.refused(self.vera("PUT", path, {"state": "met", "evidence": "Mine."}), 403)
            told = self.ok(self.mei("PUT", path, {"state": "met", "evidence": forms[place % len(forms)]}))
            assert (told["state"], told["by"]) == ("met", "mei@example.org")


@pytest.fixture
def world() -> World:
    return found_world()


@pytest.fixture
def path(world: World) -> Path:
    return Path(world)


def decided(path: Path) -> dict[str, Any]:
    """An experiment runs, is reported, and the lead decides that it goes into production."""
    metric = {"name": "AUC", "direction": "higher", "target": 0.9, "baseline": 0.86}
    card = path.ok(
        path.mei.post(
            "/teams/FRAUD/tasks",
            kind="experiment",
            title="Tenure beats usage",
            hypothesis="Tenure tells more of churn than usage does.",
            success="AUC over 0.9 on the hold-out.",
            metrics=[metric],
            hours=16,
            owner="mei@example.org",
        )
    )
    ref = card["ref"]
    path.ok(path.mei.post(f"/tasks/{ref}/move", stage="active"))
    path.refused(path.lead.post(f"/tasks/{ref}/decision", outcome="productionize", why="It works."), 422)
    findings = {"tried": "Three seeds.", "learned": "Tenure ranks first.", "verdict": "supported"}
    path.ok(path.mei.post(f"/tasks/{ref}/findings", **findings, results=[{"metric": "AUC", "value": 0.93, "run": "run-7"}]))
    path.refused(path.vera.post(f"/tasks/{ref}/decision", outcome="productionize", why="It works.", model="Churn"), 403)
    path.refused(path.ivo.post(f"/tasks/{ref}/decision", outcome="productionize", why="It works.", model="Churn"), 404)
    made = path.ok(path.lead.post(f"/tasks/{ref}/decision", outcome="productionize", why="It works.", model="Churn", model_version="v1"))
    assert [row["type"] for row in made["created"]] == ["task", "model", "version", "handoff"]
    return {"ref": ref, "handoff": made["created"][3]["ref"], "card": made["created"][0]["ref"]}


def handed_over(path: Path, number: Any) -> None:
    """Every line through every state; a return; a change after a signature; acceptance."""
    at = f"{HANDOFFS}/{number}"
    lines = {term.slug: f"{at}/lines/{term.slug}" for term in TERMS}
    for term in TERMS:
        giver, other = (path.omar, path.mei) if term.side == "engineering" else (path.mei, path.omar)
        owner = "omar@example.org" if term.side == "engineering" else "mei@example.org"
        blocked = {"state": "blocked", "reason": "Not there yet.", "owner": owner, "due_on": "2099-03-18"}
        assert path.ok(giver("PUT", lines[term.slug], blocked))["state"] == "blocked"
        if term.always:
            path.refused(giver("PUT", lines[term.slug], {"state": "not_needed", "reason": "Why not."}), 422, "part of every handoff")
        else:
            assert path.ok(giver("PUT", lines[term.slug], {"state": "not_needed", "reason": "Why not."}))["state"] == "not_needed"
        assert path.ok(giver("PUT", lines[term.slug], {"state": "missing"}))["state"] == "missing"
        if term.side:
            path.refused(other("PUT", lines[term.slug], {"state": "provided", "evidence": "Mine."}), 403)
        assert (
            path.ok(giver("PUT", lines[term.slug], {"state": "provided", "evidence": "https://wiki.example.org/a"}))["state"] == "provided"
        )
        path.refused(other.post(f"{lines[term.slug]}/verification"), 422)
    path.refused(path.vera.post(f"{at}/offer"), 403)
    path.refused(path.ivo.post(f"{at}/offer"), 404)
    assert path.ok(path.mei.post(f"{at}/offer"))["state"] == "offered"
    path.refused(path.mei.post(f"{at}/return", reason="Mine."), 403)
    assert path.ok(path.omar.post(f"{at}/return", reason="The formats are of v0."))["state"] == "returned"
    assert path.ok(path.mei.post(f"{at}/offer"))["state"] == "offered"
    for term in TERMS:
        giver, other = (path.omar, path.mei) if term.side == "engineering" else (path.mei, path.omar)
        returned = path.ok(other("PUT", lines[term.slug], {"state": "returned", "reason": "It names no limits."}))
        assert (returned["state"], returned["reason"]) == ("returned", "It names no limits.")
        path.ok(giver("PUT", lines[term.slug], {"state": "provided", "evidence": "https://wiki.example.org/b"}))
        if term.side:
            path.refused(giver.post(f"{lines[term.slug]}/verification"), 403)
        for side in term.verifiers:
            path.ok((path.mei if side == "science" else path.omar).post(f"{lines[term.slug]}/verification"))
    path.refused(path.vera.post(f"{at}/signature"), 403)
    told = path.ok(path.mei.post(f"{at}/signature"))
    assert (told["state"], {row["state"] for row in told["lines"]}) == ("in_review", {"verified"})
    path.refused(path.mei.post(f"{V1}/stage", to="deployment"), 422, "handoff")
    path.ok(path.mei("PUT", lines["model-card"], {"state": "provided", "evidence": "https://wiki.example.org/c"}))
    path.refused(path.omar.post(f"{at}/signature"), 422, "Missing: Model card.")
    path.ok(path.omar.post(f"{lines['model-card']}/verification"))
    path.ok(path.omar.post(f"{at}/signature"))
    told = path.ok(path.mei.post(f"{at}/signature"))
    assert (told["state"], [(row["side"], row["valid"]) for row in told["signatures"]]) == (
        "accepted",
        [("science", False), ("engineering", True), ("science", True)],
    )
    path.refused(path.mei("PUT", lines["model-card"], {"state": "provided", "evidence": "Later."}), 422)


def test_from_a_hypothesis_to_production_and_back(path: Path) -> None:
    made = decided(path)
    told = path.ok(path.mei.get(V1))
    assert (told["stage"], told["origin"]) == ("model-development", made["ref"])
    path.refused(path.ivo.get(V1), 404)
    path.refused(path.mei.post(f"{V1}/stage", to="deployment"), 422)
    owed = [criterion for criterion in checklists.CRITERIA if criterion.stage.place <= 3]
    path.answer("v1", owed, made["ref"])
    waived = {"state": "waived", "reason": "The notebook says it."}
    path.refused(path.mei("PUT", f"{V1}/criteria/documented", waived), 403)
    path.ok(path.lead("PUT", f"{V1}/criteria/documented", waived))
    path.refused(path.mei.post(f"{V1}/deployments", environment="production"), 422)
    path.ok(path.mei.post(f"{V1}/deployments", environment="staging"))

    handed_over(path, made["handoff"])

    path.refused(path.vera.post(f"{V1}/stage", to="deployment"), 403)
    assert path.ok(path.mei.post(f"{V1}/stage", to="deployment"))["stage"] == "deployment"
    share = path.ok(path.omar.post(f"{V1}/deployments", environment="production", mode="share", share=20))
    path.answer("v1", [one for one in checklists.CRITERIA if one.slug in ("integration", "monitoring-set-up")], made["ref"])
    path.refused(path.mei("PUT", f"{V1}/criteria/integration", {"state": "not_applicable", "reason": "No."}), 422)
    path.ok(path.mei("PUT", f"{V1}/criteria/ab-test", {"state": "not_applicable", "reason": "It runs as a batch."}))
    assert path.ok(path.mei.post(f"{V1}/stage", to="monitoring"))["stage"] == "monitoring"
    path.ok(path.omar.patch(f"{V1}/deployments/{share['id']}", state="retired"))
    path.ok(path.omar.post(f"{V1}/deployments", environment="production"))
    path.answer("v1", checklists.CRITERIA[-3:], made["ref"])

    v2 = path.ok(path.mei.post(f"{CHURN}/versions", version="v2", retrains="v1", starts_at="model-experimentation"))
    assert (v2["stage"], v2["retrains"]) == ("model-experimentation", "v1")
    come = {row["slug"]: (row["state"], row["as_of"]) for row in v2["criteria"]}
    assert come["business-problem-clear"] == ("met", "v1")
    path.refused(path.mei.post(f"{V1}/stage", to="model-experimentation"), 422)
    back = path.ok(path.mei.post(f"{V1}/stage", to="model-experimentation", reason="The data drifted."))
    states = {row["slug"]: row["state"] for row in back["criteria"]}
    assert (back["stage"], states["several-approaches-tried"]) == ("model-experimentation", "open")
    assert [(row["environment"], row["state"]) for row in back["deployments"]] == [
        ("staging", "live"),
        ("production", "retired"),
        ("production", "live"),
    ]
