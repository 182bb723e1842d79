"""Findings: what moves a card to Analysis, with a result for each metric and a verdict (PRODUCT sections 1 and 2)."""

from typing import Any

import pytest

from dsboard.errors import Forbidden
from dsboard.models import Activity
from experiments.models import Finding, Task
from experiments.stages import Stage
from tests.world import F1, LATENCY, World, history_of, refuses

SAID = {"tried": "Three seeds.", "learned": "The encoder is enough."}


def test_they_stop_the_clock_and_move_the_card(world: World) -> None:
    task = world.started(world.experiment())
    finding = world.report(task)
    task = Task.objects.get(pk=task.pk)
    assert (task.stage, task.box.state, task.box.closed_at, task.finding) == (Stage.ANALYSIS, "closed", finding.at, finding)
    assert [line[:2] for line in history_of(task)[-2:]] == [("moved", "stage"), ("reported", "")]


def test_each_metric_is_judged_and_says_where_its_value_is_from(world: World) -> None:
    task = world.started(world.experiment(metrics=[F1, LATENCY, {"name": "cost", "better_than_baseline_by": 1}]))
    rows = [
        {"metric": "macro-F1", "value": 0.9, "run": "mlflow/run-14"},
        {"metric": "latency", "value": "140.5"},
        {"metric": "cost", "value": None, "note": "The run crashed."},
    ]
    finding = Finding.report(task, world.mei, **SAID, results=rows, verdict="inconclusive")
    results = list(finding.results.values_list("metric_name", "goal", "value", "is_met"))
    assert results == [("macro-F1", "≥ 0.9", 0.9, True), ("latency", "≤ 120", 140.5, False), ("cost", "baseline + 1", None, None)]
    assert [result.source for result in finding.results.all()] == ["mlflow/run-14", "typed", "typed"]
    assert [result.metric_name for result in finding.met] == ["macro-F1"]


@pytest.mark.parametrize(
    ("said", "fields", "sentence"),
    [
        ({"tried": " "}, {"tried"}, "Say what you tried. One sentence is enough."),
        ({"learned": ""}, {"learned"}, "Say what you learned. Not finding it counts too."),
        ({"next": "x" * 10_001}, {"next"}, "Keep it under 10,000 characters."),
        ({"verdict": ""}, {"verdict"}, "Choose a verdict: supported, refuted or inconclusive."),
        ({"suggestion": "party"}, {"suggestion"}, "Suggest productionize, abandon or more research."),
        ({"results": []}, {"results"}, "Give a result for macro-F1, or leave it empty with a note that says why."),
        (
            {"results": [{"metric": "macro-F1", "value": None}]},
            {"results"},
            "Give a result for macro-F1, or leave it empty with a note that says why.",
        ),
        ({"results": [{"metric": "AUC", "value": 1}]}, {"results"}, "There is no metric “AUC” on FRAUD-1."),
        ({"results": [{"metric": "macro-F1", "value": 1}] * 2}, {"results"}, "macro-F1 has two results. Keep one."),
        ({"results": [{"metric": "macro-F1", "value": "nan"}]}, {"results"}, "macro-F1: A result needs a number. Try “macro-F1 ≥ 0.90”."),
    ],
)
def test_what_an_experiment_asks(world: World, said: dict[str, Any], fields: set[str], sentence: str) -> None:
    task = world.started(world.experiment())
    with refuses(sentence, fields=fields):
        world.report(task, **said)


def test_research_asks_no_verdict_and_no_numbers(world: World) -> None:
    task = world.started(world.research(metrics=[F1]))
    finding = Finding.report(task, world.mei, **SAID)
    assert (finding.verdict, finding.results.count(), task.stage) == ("", 0, Stage.ANALYSIS)
    with refuses("A verdict is supported, refuted or inconclusive.", fields={"verdict"}):
        Finding.report(task, world.mei, **SAID, verdict="perhaps")


@pytest.mark.parametrize("kind", ["development", "maintenance"])
def test_only_research_and_experiments_have_them(world: World, kind: str) -> None:
    task = world.started(getattr(world, kind)())
    with refuses(f"{kind.capitalize()} has no findings. Findings are for research and experiments."):
        Finding.report(task, world.mei, **SAID)


def test_not_before_work_started_nor_after_the_decision_nor_off_the_board(world: World) -> None:
    task = world.research()
    with refuses("Work on FRAUD-1 has not started. Move it to Active first."):
        Finding.report(task, world.mei, **SAID)
    decided = world.decided().task
    with refuses(f"{decided.ref} is decided. Reverse the decision to report again.", way="reversal"):
        world.report(decided)
    task.delete_to_bin(world.mei)
    with refuses("FRAUD-1 is off the board. Restore it first."):
        Finding.report(task, world.mei, **SAID)


def test_viewers_report_nothing(world: World) -> None:
    task = world.started(world.research())
    with refuses("You can read everything here. To report findings, ask a lead to make you a member.", kind=Forbidden):
        Finding.report(task, world.vera, **SAID)


def test_reported_again_the_last_stands_and_the_first_stays(world: World) -> None:
    task = world.in_analysis()
    first = task.finding
    second = world.report(task, 0.5, verdict="refuted")
    assert (list(task.findings.all()), Task.objects.get(pk=task.pk).finding) == ([second, first], second)
    assert Activity.objects.of(task).filter(field="stage", after="analysis").count() == 1


def test_a_metric_that_changes_later_leaves_the_judgement_as_it_was(world: World) -> None:
    task = world.in_analysis()
    task.change(world.mei, metrics=[{"name": "macro-F1", "target": 0.99}])
    result = task.finding.results.get()
    assert (result.metric_name, result.goal, result.is_met, result.metric.target) == ("macro-F1", "≥ 0.9", True, 0.99)


def test_no_reported_metric_is_taken_away_with_its_result(world: World) -> None:
    task = world.in_analysis()
    task.change(world.mei, metrics=[LATENCY])
    assert task.finding.results.get().metric_name == "macro-F1"
