"""Reporting findings, and the library of what was found and decided."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dsboard.models import Membership
from experiments.models import Finding, Task
from experiments.stages import Outcome
from tests.world import F1, LATENCY, World

As = Callable[[Membership], Client]
LIBRARY = "/t/FRAUD/findings/"
SAID = {"tried": "Three seeds.", "learned": "It is enough.", "verdict": "supported", "value_0": "0.93", "run_0": "", "note_0": ""}


def address(task: Task) -> str:
    return reverse("experiments:report", kwargs={"team": "FRAUD", "ref": task.ref})


def page(client: Client, query: str = "") -> str:
    return " ".join(client.get(f"{LIBRARY}?{query}").content.decode().split())


def entries(client: Client, query: str = "") -> list[str]:
    return [task.ref for task in client.get(f"{LIBRARY}?{query}").context["page"]]


def test_the_form_has_a_row_for_each_metric(world: World, as_: As) -> None:
    task = world.started(world.experiment(metrics=[F1, LATENCY]))
    shown = as_(world.mei).get(address(task)).content.decode()
    assert 'Value of macro-F1</label><input type="text" name="value_0"' in shown
    assert 'Value of latency</label><input type="text" name="value_1"' in shown
    assert "Was the hypothesis right?" in shown
    assert "aria-disabled" not in shown


def test_research_has_no_verdict(world: World, as_: As) -> None:
    shown = as_(world.mei).get(address(world.started(world.research()))).content.decode()
    assert "Was the hypothesis right?" not in shown


def test_a_report_stops_the_clock_and_moves_the_card(world: World, as_: As) -> None:
    task = world.started(world.experiment())
    answer = as_(world.mei).post(address(task), {**SAID, "run_0": "run-13", "suggestion": "productionize", "next": "Ship it."})
    finding = Finding.objects.get()
    task = Task.objects.get(pk=task.pk)
    assert (answer.status_code, answer["Location"]) == (302, task.get_absolute_url())
    assert (task.stage, task.box.state) == ("analysis", "closed")
    assert (finding.tried, finding.learned, finding.next, finding.verdict, finding.suggestion) == (
        "Three seeds.", "It is enough.", "Ship it.", "supported", "productionize",
    )  # fmt: skip
    assert [(r.metric_name, r.value, r.run, r.is_met) for r in finding.results.all()] == [("macro-F1", 0.93, "run-13", True)]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"tried": ""}, "Say what you tried. One sentence is enough."),
        ({"learned": " "}, "Say what you learned. Not finding it counts too."),
        ({"verdict": ""}, "Choose a verdict: supported, refuted or inconclusive."),
        ({"value_0": ""}, "Give a result for macro-F1, or leave it empty with a note that says why."),
        ({"value_0": "about 0.9"}, "macro-F1: A result needs a number."),
        ({"value_0": "nan"}, "macro-F1: A result needs a number."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(world: World, as_: As, said: dict, sentence: str) -> None:
    task = world.started(world.experiment())
    answer = as_(world.mei).post(address(task), {"next": "Typed before.", **SAID, **said})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in shown
    assert shown.count(sentence) == 1
    assert "Typed before." in shown
    assert Finding.objects.count() == 0


def test_a_crashed_run_counts_with_a_note(world: World, as_: As) -> None:
    task = world.started(world.experiment())
    as_(world.mei).post(address(task), {**SAID, "value_0": "", "note_0": "Out of memory."})
    result = Finding.objects.get().results.get()
    assert (result.value, result.is_met, result.note) == (None, None, "Out of memory.")


def test_a_report_can_be_corrected_while_it_waits_for_a_decision(world: World, as_: As) -> None:
    task = world.in_analysis()
    assert 'value="0.93"' in as_(world.mei).get(address(task)).content.decode()
    as_(world.mei).post(address(task), {**SAID, "value_0": "0,5", "verdict": "refuted"})
    assert [(f.verdict, f.results.get().value) for f in Finding.objects.order_by("pk")] == [("supported", 0.93), ("refuted", 0.5)]


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        (lambda world: world.experiment(), "has not started. Move it to Active first."),
        (lambda world: world.development(), "Development has no findings. Findings are for research and experiments."),
        (lambda world: world.decided().task, "is decided. Reverse the decision to report again."),
    ],
)
def test_where_nothing_can_be_reported_the_form_says_why(world: World, as_: As, card: Any, sentence: str) -> None:
    task = card(world)
    before = Finding.objects.count()
    shown = as_(world.mei).get(address(task)).content.decode()
    assert sentence in shown
    assert 'aria-disabled="true"' in shown
    answer = as_(world.mei).post(address(task), SAID)
    assert (answer.status_code, sentence in answer.content.decode(), Finding.objects.count()) == (422, True, before)


def test_a_viewer_reports_nothing_and_an_outsider_sees_nothing(world: World, as_: As) -> None:
    task = world.started(world.experiment())
    assert as_(world.vera).post(address(task), SAID).status_code == 403
    assert as_(world.ivo).post(address(task), SAID).status_code == 404
    assert Finding.objects.count() == 0


def test_the_library_counts_every_ending_as_finished(world: World, as_: As) -> None:
    assert "Nothing is decided yet." in page(as_(world.vera))
    world.decided(Outcome.PRODUCTIONIZE)
    world.decided(Outcome.MORE_RESEARCH)
    refuted = world.started(world.experiment())
    world.report(refuted, verdict="refuted")
    world.decided(Outcome.ABANDON, refuted)
    shown = page(as_(world.vera))
    assert "3 finished: 1 productionized, 1 abandoned, 1 led to more research." in shown
    assert "1 hypothesis was refuted: that is finished work too." in shown


def test_the_newest_comes_first_and_each_leads_to_its_card(world: World, as_: As) -> None:
    first, second = world.in_analysis(), world.in_analysis()
    assert entries(as_(world.vera)) == [second.ref, first.ref]
    made = world.decided(Outcome.PRODUCTIONIZE, first)
    assert entries(as_(world.vera)) == [first.ref, second.ref]
    shown = page(as_(world.vera))
    assert f'<a href="{first.get_absolute_url()}">' in shown
    assert f'<a class="made fit" href="{made.created[0].get_absolute_url()}">' in shown


def test_it_is_searched_and_filtered_by_outcome_and_verdict(world: World, as_: As) -> None:
    waiting = world.in_analysis(world.experiment(title="Graph features"))
    refuted = world.started(world.experiment(title="Boosted trees"))
    world.report(refuted, verdict="refuted", learned="Trees overfit the rings.")
    world.decided(Outcome.ABANDON, refuted)
    client = as_(world.mei)
    assert entries(client, "q=overfit") == [refuted.ref]
    assert entries(client, "q=graph") == [waiting.ref]
    assert entries(client, "outcome=abandon") == [refuted.ref]
    assert entries(client, "outcome=waiting") == [waiting.ref]
    assert entries(client, "outcome=abandon&outcome=nonsense&verdict=pk") == [refuted.ref, waiting.ref][:2]
    assert entries(client, "verdict=refuted") == [refuted.ref]
    assert "No findings match." in page(client, "q=nothing&outcome=abandon")


def test_nothing_of_another_team_is_in_it(world: World, as_: As) -> None:
    world.in_analysis()
    assert as_(world.ivo).get(LIBRARY).status_code == 404
    assert as_(world.ivo).get("/t/OTHER/findings/").context["page"].paginator.count == 0


def test_a_card_in_the_bin_is_not_in_it(world: World, as_: As) -> None:
    task = world.in_analysis()
    task.delete_to_bin(world.lead)
    assert entries(as_(world.lead)) == []


def test_one_entry_and_twenty_take_the_same_queries(world: World, as_: As, django_assert_max_num_queries: Any) -> None:
    client = as_(world.mei)
    world.decided(Outcome.PRODUCTIONIZE)
    client.get(LIBRARY)
    with django_assert_max_num_queries(12) as one:
        client.get(LIBRARY)
    for _ in range(24):
        world.decided(Outcome.PRODUCTIONIZE)
    with django_assert_max_num_queries(12) as many:
        shown = client.get(LIBRARY)
    assert len(one.captured_queries) == len(many.captured_queries)
    assert (len(shown.context["page"]), shown.context["page"].paginator.num_pages) == (20, 2)
