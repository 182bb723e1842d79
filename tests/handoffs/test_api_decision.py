"""The three decisions and their reversal over the HTTP API."""

import pytest

from dsboard.models import Team
from experiments.models import Decision, Task
from handoffs.models import Handoff, MLModel
from tests.caller import Caller
from tests.world import World, history_of


@pytest.fixture
def ines(world: World) -> Caller:
    return Caller(world.lead)


def test_productionize_makes_a_development_card(ines: Caller, world: World) -> None:
    task = world.in_analysis()
    answer = ines.post(f"/tasks/{task.ref}/decision", outcome="productionize", why="It holds.", confidence="high")
    assert answer.status_code == 201
    decision, created = answer.json()["decision"], answer.json()["created"]
    assert created == [{"type": "task", "ref": "FRAUD-2", "url": "http://testserver/t/FRAUD/tasks/FRAUD-2/"}]
    assert {name: decision[name] for name in ("outcome", "why", "by", "confidence", "reversed_by")} == {
        "outcome": "productionize",
        "why": "It holds.",
        "by": "ines@example.org",
        "confidence": "high",
        "reversed_by": None,
    }
    assert decision["evidence"]["results"][0]["value"] == 0.93
    card = ines.get(f"/tasks/{task.ref}").json()
    assert (card["stage"], card["outcome"], card["decision"]) == ("decision", "productionize", decision)
    made = ines.get("/tasks/FRAUD-2").json()
    assert (made["kind"], made["stage"], made["phase"]) == ("development", "ready", "productionize")
    assert made["links"] == [{"rel": "origin", "ref": task.ref}, {"rel": "builds_on", "ref": task.ref}]


def test_abandon_keeps_what_was_learned(ines: Caller, world: World) -> None:
    task = world.in_analysis(value=0.2)
    answer = ines.post(f"/tasks/{task.ref}/decision", outcome="abandon", why="Not worth it.")
    assert (answer.status_code, answer.json()["created"]) == (201, [])
    assert ines.get("/teams/FRAUD/findings?outcome=abandon").json()["items"][0]["ref"] == task.ref


def test_more_research_makes_a_follow_up(ines: Caller, world: World) -> None:
    task = world.in_analysis()
    answer = ines.post(
        f"/tasks/{task.ref}/decision", outcome="more_research", why="Promising.", hypothesis="It holds on short texts.", hours=16
    )
    ref = answer.json()["created"][0]["ref"]
    made = ines.get(f"/tasks/{ref}").json()
    assert (made["kind"], made["hypothesis"], made["hours"]) == ("experiment", "It holds on short texts.", 16)
    assert [metric["name"] for metric in made["metrics"]] == ["macro-F1"]
    assert ines.get(f"/tasks/{task.ref}").json()["links"] == [{"rel": "follow_up", "ref": ref}]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"outcome": "maybe"}, "outcome"),
        ({"outcome": "abandon", "why": " "}, "why"),
        ({"outcome": "more_research"}, "question"),
        ({"outcome": "more_research", "question": "And then?"}, "hours"),
        ({"outcome": "more_research", "question": "And then?", "hours": 9999}, "hours"),
        ({"outcome": "abandon", "hours": 4}, "hours"),
        ({"outcome": "abandon", "question": "And then?"}, "question"),
        ({"outcome": "productionize", "model": " "}, "model"),
        ({"outcome": "productionize", "model": "x" * 101}, "model"),
        ({"outcome": "productionize", "model_version": "v2"}, "model"),
        ({"outcome": "productionize", "model": "Ranker", "model_version": "v1"}, "model_version"),
        ({"outcome": "productionize", "model": "Ranker", "receiving_side": "nobody"}, "receiving_side"),
        ({"outcome": "abandon", "model": "Ranker"}, "model"),
        ({"outcome": "more_research", "question": "And?", "hours": 4, "model_version": "v2"}, "model_version"),
        ({"outcome": "abandon", "confidence": "sure"}, "confidence"),
        ({"outcome": "abandon", "by": "mei@example.org"}, "by"),
    ],
)
def test_a_refused_decision_leaves_no_trace(ines: Caller, world: World, sent: dict, field: str) -> None:
    MLModel.register(world.team, world.mei, name="Ranker")
    task = world.in_analysis()
    before = (history_of(task), Task.objects.count())
    answer = ines.post(f"/tasks/{task.ref}/decision", **{"why": "Because.", **sent})
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert (history_of(task), Task.objects.count()) == before
    assert Decision.objects.count() == 0


def test_productionize_with_a_model_tells_all_that_it_made_and_its_reversal_what_went(ines: Caller, world: World) -> None:
    path = f"/tasks/{world.in_analysis().ref}/decision"
    answer = ines.post(path, outcome="productionize", why="It holds.", model="Churn", model_version="v0.9", receiving_side="science")
    created = answer.json()["created"]
    handoff = Handoff.objects.get()
    assert [(row["type"], row["ref"]) for row in created] == [
        ("task", "FRAUD-2"),
        ("model", "churn"),
        ("version", "v0.9"),
        ("handoff", str(handoff.pk)),
    ]
    assert [row["url"].removeprefix("http://testserver") for row in created[1:]] == [
        "/t/FRAUD/models/churn/",
        "/t/FRAUD/models/churn/versions/v0.9/",
        f"/t/FRAUD/handoffs/{handoff.pk}/",
    ]
    told = ines.get(f"/teams/FRAUD/handoffs/{handoff.pk}").json()
    assert (told["state"], told["offered_by"]) == ("draft", "engineering")
    handoff.lines.filter(slug="model-card").get().put("provided", world.mei, evidence="We looked.")
    done = ines.post(f"{path}/reversal", reason="A leak.").json()
    assert [row["type"] for row in done["withdrawn"]] == ["task"]
    assert [row["type"] for row in done["kept"]] == ["model", "version", "handoff"]


def test_unmet_metrics_need_a_leads_reason(ines: Caller, world: World) -> None:
    task = world.in_analysis(value=0.2)
    path = f"/tasks/{task.ref}/decision"
    assert ines.post(path, outcome="productionize", why="Still.").json()["errors"][0]["field"] == "override_reason"
    Team.objects.update(deciders="members")
    omar = Caller(world.omar)
    assert omar.post(path, outcome="productionize", why="Still.", override_reason="I like it.").status_code == 403
    assert ines.post(path, outcome="productionize", why="Still.", override_reason="Cheap to keep.").status_code == 201


def test_who_may_decide_is_the_teams_policy(world: World) -> None:
    task = world.in_analysis()
    path = f"/tasks/{task.ref}/decision"
    omar = Caller(world.omar)
    refused = omar.post(path, outcome="abandon", why="No.")
    assert (refused.status_code, refused.json()["detail"]) == (403, "Only a lead can decide this one. Ask in a comment.")
    Team.objects.update(deciders="members")
    assert omar.post(path, outcome="abandon", why="No.").status_code == 201


def test_a_decision_on_an_old_version_is_409(ines: Caller, world: World) -> None:
    task = world.in_analysis()
    seen = task.version
    task.change(world.mei, success="Something else.")
    answer = ines.post(f"/tasks/{task.ref}/decision", outcome="abandon", why="No.", version=seen)
    assert (answer.status_code, answer.json()["current"]["success"]) == (409, "Something else.")


def test_reversal_withdraws_what_nobody_touched_and_keeps_the_rest(ines: Caller, world: World) -> None:
    untouched = world.decided("productionize").task
    answer = ines.post(f"/tasks/{untouched.ref}/decision/reversal", reason="The data leaked.")
    assert answer.status_code == 201
    assert ([card["ref"] for card in answer.json()["withdrawn"]], answer.json()["kept"]) == (["FRAUD-2"], [])
    card = ines.get(f"/tasks/{untouched.ref}").json()
    assert (card["stage"], card["outcome"], card["decision"]["reversed_by"]) == ("analysis", None, "ines@example.org")
    assert ines.get("/tasks/FRAUD-2").status_code == 404

    touched = world.decided("more_research")
    touched.created[0].change(world.mei, title="Mine now")
    answer = ines.post(f"/tasks/{touched.task.ref}/decision/reversal", reason="Too early.")
    assert (answer.json()["withdrawn"], [card["ref"] for card in answer.json()["kept"]]) == ([], [touched.created[0].ref])


def test_only_a_lead_reverses_and_only_with_a_reason(ines: Caller, world: World) -> None:
    task = world.decided().task
    path = f"/tasks/{task.ref}/decision/reversal"
    assert Caller(world.mei).post(path, reason="No.").status_code == 403
    assert ines.post(path, reason=" ").json()["errors"] == [{"field": "reason", "message": "Say why the decision is reversed."}]
    assert ines.post(path).status_code == 422
    assert ines.post(path, reason="Leak.").status_code == 201
    assert ines.post(path, reason="Leak.").status_code == 422
