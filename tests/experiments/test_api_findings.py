"""Findings over the HTTP API: reporting them, and finding them again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Finding
from tests.caller import Caller
from tests.world import F1, LATENCY, World

REPORT = {
    "tried": "Three seeds each.",
    "learned": "The encoder is enough.",
    "verdict": "supported",
    "results": [{"metric": "macro-F1", "value": 0.93, "run": "run-7"}, {"metric": "latency", "value": None, "note": "The run crashed."}],
}


@pytest.fixture
def mei(world: World) -> Caller:
    return Caller(world.mei)


def test_findings_move_the_card_to_analysis(mei: Caller, world: World) -> None:
    task = world.started(world.experiment(metrics=[F1, LATENCY]))
    answer = mei.post(f"/tasks/{task.ref}/findings", **REPORT)
    assert answer.status_code == 201
    told = answer.json()
    assert {**told, "at": None} == {
        "ref": task.ref,
        "title": task.title,
        "tried": "Three seeds each.",
        "learned": "The encoder is enough.",
        "next": "",
        "verdict": "supported",
        "outcome": None,
        "results": [
            {"metric": "macro-F1", "goal": "≥ 0.9", "value": 0.93, "met": True, "run": "run-7", "note": ""},
            {"metric": "latency", "goal": "≤ 120", "value": None, "met": None, "run": "", "note": "The run crashed."},
        ],
        "by": "mei@example.org",
        "at": None,
    }
    card = mei.get(f"/tasks/{task.ref}").json()
    assert (card["stage"], card["time_box"]["state"]) == ("analysis", "closed")
    assert card["finding"] == {name: value for name, value in told.items() if name not in ("ref", "title", "outcome")}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"verdict": None}, "verdict"),
        ({"verdict": "maybe"}, "verdict"),
        ({"learned": " "}, "learned"),
        ({"results": []}, "results"),
        ({"results": [{"metric": "macro-F1", "value": None}]}, "results"),
        ({"results": [{"metric": "recall", "value": 1}]}, "results"),
        ({"results": [{"metric": "macro-F1"}]}, "results.0.value"),
        ({"results": [{"metric": "macro-F1", "value": "0.9"}]}, "results.0.value"),
        ({"by": "ines@example.org"}, "by"),
    ],
)
def test_what_is_missing_is_named(mei: Caller, world: World, sent: dict, field: str) -> None:
    task = world.started(world.experiment())
    whole = {**REPORT, "results": REPORT["results"][:1], **sent}
    answer = mei("POST", f"/tasks/{task.ref}/findings", whole)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    assert Finding.objects.count() == 0


def test_the_library_tells_the_last_report_of_each_card(mei: Caller, world: World) -> None:
    stopped = world.decided(task=world.in_analysis(world.experiment(hypothesis="Graph features catch rings."))).task
    built = world.decided("productionize", task=world.in_analysis(world.experiment(hypothesis="A bigger encoder is more accurate."))).task
    waiting = world.in_analysis(world.research())
    world.report(waiting, learned="Second thoughts on wavelets.")
    binned = world.in_analysis()
    binned.delete_to_bin(world.mei)
    Finding.report(world.started(world.experiment(by=world.ivo), world.ivo), world.ivo, **{**REPORT, "results": REPORT["results"][:1]})

    def refs(query: str) -> list[str]:
        answer = mei.get(f"/teams/FRAUD/findings?{query}")
        assert answer.status_code == 200, answer.content
        assert answer.json()["count"] == len(answer.json()["items"])
        return [item["ref"] for item in answer.json()["items"]]

    assert refs("") == [waiting.ref, built.ref, stopped.ref]
    assert refs("outcome=abandon") == [stopped.ref]
    assert refs("outcome=abandon&outcome=productionize") == [built.ref, stopped.ref]
    assert refs("q=wavelets") == [waiting.ref]
    assert refs("similar_to=Do+graph+features+help") == [stopped.ref]
    assert sorted(refs(f"similar_to={stopped.ref}")) == sorted([built.ref, waiting.ref])
    assert refs("similar_to=graph+encoder&outcome=productionize") == [built.ref]
    assert refs("similar_to=%27%22%29+OR+*") == []
    assert mei.get("/teams/FRAUD/findings?outcome=lost").status_code == 422
    assert mei.get("/teams/FRAUD/findings").json()["items"][2]["outcome"] == "abandon"


def test_the_library_costs_the_same_at_one_row_and_at_thirty(mei: Caller, world: World) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert mei.get("/teams/FRAUD/findings?limit=100").status_code == 200
        return len(seen)

    world.decided()
    cost()  # the first call also notes when the token was used
    few = cost()
    for _ in range(29):
        world.decided()
    assert cost() == few
    assert few <= 6
