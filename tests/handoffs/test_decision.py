"""The pages of a decision and of its reversal."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from dsboard.models import Activity, Membership
from experiments.models import Decision, Task
from experiments.stages import Outcome
from handoffs.models import Handoff, MLModel
from tests.world import World

As = Callable[[Membership], Client]
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/t/FRAUD/board/"}


def address(task: Task, name: str = "decision") -> str:
    return reverse(f"handoffs:{name}", kwargs={"team": "FRAUD", "ref": task.ref})


def record(client: Client, task: Task, outcome: str, **said: Any) -> Any:
    return client.post(address(task), {"outcome": outcome, "why": "We know.", **said})


def toast(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_the_form_says_what_each_outcome_would_create(world: World, as_: As) -> None:
    task = world.in_analysis()
    page = as_(world.lead).get(address(task)).content.decode()
    assert "Development card <b>Productionize BERT vs GPT comparison</b>, in the backlog" in " ".join(page.split())
    assert "A finding in the library, searchable" in page
    assert "Or, for a hypothesis, an Experiment card, with 1 metric carried over" in page
    assert page.count('class="choice"') == 3
    assert "aria-disabled" not in page
    assert Decision.objects.count() == 0


def test_a_dialog_gets_the_form_alone(world: World, as_: As) -> None:
    page = as_(world.lead).get(address(world.in_analysis()), headers=HTMX).content.decode()
    assert page.lstrip().startswith('<section id="decide">')
    assert "<html" not in page


def test_before_findings_it_can_be_prepared_but_not_recorded(world: World, as_: As) -> None:
    task = world.started(world.experiment())
    page = as_(world.lead).get(address(task)).content.decode()
    assert 'aria-disabled="true" aria-describedby="why-not"' in page
    assert "Available once findings are reported." in page
    answer = record(as_(world.lead), task, "abandon", why="Enough.")
    assert answer.status_code == 422
    assert f"Report the findings of {task.ref} before it is decided." in answer.content.decode()
    assert "Enough." in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "sentence"),
    [("mei", "Only a lead can decide this one. Ask in a comment."), ("vera", "Only a lead can decide this one. Ask in a comment.")],
)
def test_who_may_not_decide_reads_why(world: World, as_: As, who: str, sentence: str) -> None:
    task = world.in_analysis()
    client = as_(getattr(world, who))
    assert sentence in client.get(address(task)).content.decode()
    answer = record(client, task, "abandon")
    assert (answer.status_code, Decision.objects.count()) == (403, 0)
    assert sentence in answer.content.decode()


def test_an_outsider_finds_nothing(world: World, as_: As) -> None:
    task = world.in_analysis()
    for name in ("decision", "reversal"):
        assert as_(world.ivo).get(address(task, name)).status_code == 404
        assert as_(world.ivo).post(address(task, name), {"outcome": "abandon", "why": "x"}).status_code == 404
        theirs = reverse(f"handoffs:{name}", kwargs={"team": "OTHER", "ref": task.ref})
        assert as_(world.ivo).post(theirs, {"outcome": "abandon", "why": "x", "reason": "x"}).status_code == 404
    assert Decision.objects.count() == 0


def test_productionize_makes_the_development_card(world: World, as_: As) -> None:
    task = world.in_analysis()
    answer = record(as_(world.lead), task, "productionize", title="Serve BERT", confidence="high")
    made = Decision.objects.get()
    card = made.created[0]
    assert (answer.status_code, answer["Location"]) == (302, task.get_absolute_url())
    assert (made.outcome, made.confidence, made.by) == ("productionize", "high", world.lead.user)
    assert (card.kind, card.title, card.stage) == ("development", "Serve BERT", "ready")
    assert toast(answer) == f'Recorded Productionize: created <a href="{card.get_absolute_url()}">{card.ref}</a>'


def test_abandon_creates_nothing_and_keeps_the_findings(world: World, as_: As) -> None:
    task = world.in_analysis()
    answer = record(as_(world.lead), task, "abandon")
    assert toast(answer) == f"Recorded Abandon: the findings of {task.ref} stay searchable."
    assert Task.objects.count() == 1
    assert task.finding.learned == "The encoder is enough."


@pytest.mark.parametrize(("field", "kind", "metrics"), [("question", "research", 0), ("hypothesis", "experiment", 1)])
def test_more_research_makes_a_follow_up(world: World, as_: As, field: str, kind: str, metrics: int) -> None:
    task = world.in_analysis()
    record(as_(world.lead), task, "more_research", **{field: "Does it hold on short texts?", "hours": "2d"})
    card = Decision.objects.get().created[0]
    assert (card.kind, card.stage, card.statement, card.hours, card.metrics.count()) == (
        kind, "ideation", "Does it hold on short texts?", 16, metrics,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"outcome": ""}, "Choose one of the three."),
        ({"outcome": "party"}, "Select a valid choice"),
        ({"why": " "}, "Say why, in a sentence or two for whoever finds this in a year."),
        ({"outcome": "more_research", "hours": "2d"}, "What is the next question, or hypothesis?"),
        ({"outcome": "more_research", "question": "Why?"}, "Give the follow-up a time box."),
        ({"outcome": "more_research", "question": "Why?", "hours": "a while"}, "That is not a number."),
        ({"outcome": "more_research", "question": "Why?", "hours": "11d"}, "A time box is at most 10 days (80 hours) here."),
        (
            {"outcome": "more_research", "question": "Why?", "hypothesis": "So!", "hours": "2d"},
            "Give the next question or the next hypothesis, not both.",
        ),
    ],
)
def test_what_is_missing_is_said_at_the_field_and_what_was_typed_stays(world: World, as_: As, said: dict, sentence: str) -> None:
    task = world.in_analysis()
    answer = record(as_(world.lead), task, **({"outcome": "abandon", "why": "Typed before."} | said))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert ("Typed before." in page) == ("why" not in said)
    assert "Record decision" in page
    task.refresh_from_db()
    assert (task.stage, Decision.objects.count(), Task.objects.count()) == ("analysis", 0, 1)


def test_where_no_metric_was_met_a_lead_says_why_all_the_same(world: World, as_: As) -> None:
    task = world.in_analysis(value=0.5)
    client = as_(world.lead)
    assert "No metric was met. Say why it is still worth building." in client.get(address(task)).content.decode()
    assert record(client, task, "productionize").status_code == 422
    assert record(client, task, "productionize", override_reason="The law asks for it.").status_code == 302
    assert Decision.objects.get().override_reason == "The law asks for it."


def test_a_second_press_records_nothing_twice(world: World, as_: As) -> None:
    task = world.in_analysis()
    client = as_(world.lead)
    said = {"outcome": "productionize", "why": "It works.", "version": task.version}
    first, second = client.post(address(task), said), client.post(address(task), said)
    assert (first.status_code, second.status_code) == (302, 422)
    assert f"{task.ref} is decided already." in second.content.decode()
    assert (Decision.objects.count(), Task.objects.count()) == (1, 2)


def test_a_card_that_changed_meanwhile_is_looked_at_again(world: World, as_: As) -> None:
    task = world.in_analysis()
    seen = task.version
    task.change(world.mei, title="Something else")
    answer = record(as_(world.lead), task, "abandon", version=seen)
    assert answer.status_code == 409
    assert f"{task.ref} changed since you opened it. Look again before you decide." in answer.content.decode()
    assert f'name="version" value="{seen + 1}"' in answer.content.decode()
    assert record(as_(world.lead), task, "abandon", version=seen + 1).status_code == 302


def test_a_decided_card_shows_its_decision(world: World, as_: As) -> None:
    made = world.decided(Outcome.PRODUCTIONIZE)
    page = as_(world.vera).get(address(made.task)).content.decode()
    assert "We know enough." in page
    assert made.created[0].ref in page
    assert "Reverse…" not in page
    assert "Reverse…" in as_(world.lead).get(address(made.task)).content.decode()


def test_the_reversal_names_what_goes_and_what_stays(world: World, as_: As) -> None:
    made = world.decided(Outcome.PRODUCTIONIZE)
    task, card = made.task, made.created[0]
    client = as_(world.lead)
    assert "Withdrawn, because nobody has touched it" in client.get(address(task, "reversal")).content.decode()
    card.change(world.omar, owner="omar@example.org")
    page = client.get(address(task, "reversal")).content.decode()
    assert "Kept and marked" in page
    assert "Omar Haddad is told" in page
    answer = client.post(address(task, "reversal"), {"reason": "The data was wrong."})
    assert toast(answer) == f'Reversed. {task.ref} is back in Analysis. Kept: <a href="{card.get_absolute_url()}">{card.ref}</a>.'
    task.refresh_from_db()
    card.refresh_from_db()
    assert (task.stage, card.origin_reversed, card.deleted_at) == ("analysis", True, None)


def test_only_a_lead_reverses_and_says_why(world: World, as_: As) -> None:
    made = world.decided()
    assert as_(world.mei).post(address(made.task, "reversal"), {"reason": "No."}).status_code == 403
    answer = as_(world.lead).post(address(made.task, "reversal"), {"reason": " "})
    assert (answer.status_code, "Say why the decision is reversed." in answer.content.decode()) == (422, True)
    assert Decision.objects.get().standing


def test_the_board_gets_the_card_where_it_is_and_the_follow_up_beside_it(world: World, as_: As) -> None:
    task = world.in_analysis()
    said = {"outcome": "more_research", "why": "Promising.", "question": "Short texts?", "hours": "2d"}
    answer = as_(world.lead).post(address(task), said, headers=HTMX)
    shown, card = answer.content.decode(), Decision.objects.get().created[0]
    assert (answer.status_code, json.loads(answer["HX-Trigger"])) == (
        200,
        {"placed": {"card": f"task-{task.ref}", "list": "list-decision", "before": ""}, "close-dialog": {}},
    )
    assert f'<article hx-swap-oob="true" class="card" id="task-{task.ref}"' in shown
    assert '<div hx-swap-oob="beforeend:#list-ideation"><li data-card>' in shown
    assert f'Recorded More research: created <a href="{card.get_absolute_url()}">{card.ref}</a>' in shown
    for stage in ("analysis", "decision", "ideation"):
        assert f'id="col-{stage}-head"' in shown


def test_another_page_is_shown_again_after_the_dialog(world: World, as_: As) -> None:
    task = world.in_analysis()
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{task.get_absolute_url()}"}
    answer = as_(world.lead).post(address(task), {"outcome": "abandon", "why": "Enough."}, headers=headers)
    assert (answer.status_code, answer["HX-Refresh"]) == (200, "true")
    # With a fragment the browser would only scroll; from elsewhere it is sent there.
    again = world.in_analysis()
    headers["HX-Current-URL"] = f"http://testserver{again.get_absolute_url()}?show=changes#comments"
    answer = as_(world.lead).post(address(again), {"outcome": "abandon", "why": "Enough."}, headers=headers)
    assert answer["HX-Refresh"] == "true"


def test_development_is_not_decided(world: World, as_: As) -> None:
    task = world.development()
    answer = record(as_(world.lead), task, "abandon")
    assert "Development is done, not decided." in answer.content.decode()
    assert answer.status_code == 422
    assert not Activity.objects.filter(verb="decided").exists()


class TestTheWayIntoProduction:
    """The part of the form that makes a version of a model, and the draft of its handoff."""

    def test_is_proposed_with_the_cards_title_and_said_before_it_is_made(self, world: World, as_: As) -> None:
        MLModel.register(world.team, world.mei, name="Ranker")
        MLModel.register(world.other, world.ivo, name="Secret")
        page = " ".join(as_(world.lead).get(address(world.in_analysis())).content.decode().split())
        assert '<option value="ranker">Ranker</option>' in page and "Secret" not in page
        assert "Model <b>BERT vs GPT comparison</b>, new, with version v1 at Model Development" in page
        assert "A handoff draft with fourteen lines, from Data science to Engineering" in page

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"model": "new", "model_name": "Churn"}, "Model <b>Churn</b>, new, with version v1 at Model Development"),
            ({"model": "new", "model_name": ""}, "Model <b>without a name yet</b>, new"),
            ({"model": "new", "model_name": "RANKER"}, "Version <b>Ranker v2</b> at Model Development; the model is there already"),
            ({"model": "ranker", "model_version": "v7"}, "Version <b>Ranker v7</b> at Model Development"),
            ({"model": "ranker", "receiving_side": "science"}, "from Engineering to Data science"),
            ({"model": "secret"}, "Model <b>secret</b>, new"),
        ],
    )
    def test_is_said_again_while_somebody_types(self, world: World, as_: As, said: dict[str, str], words: str) -> None:
        MLModel.register(world.team, world.mei, name="Ranker")
        MLModel.register(world.other, world.ivo, name="Secret")
        answer = as_(world.lead).get(address(world.in_analysis(), "decision-effects"), said)
        assert words in answer.content.decode()
        assert as_(world.ivo).get(address(Task.objects.get(), "decision-effects"), said).status_code == 404

    def test_of_the_card_alone_says_nothing_of_models(self, world: World, as_: As) -> None:
        page = as_(world.lead).get(address(world.in_analysis(), "decision-effects"), {"model": "-"}).content.decode()
        assert "Development card" in page and "odel" not in page

    def test_makes_all_of_it_and_links_it_in_the_toast_and_on_the_card(self, world: World, as_: As) -> None:
        task = world.in_analysis()
        answer = record(as_(world.lead), task, "productionize", model="new", model_name="Churn", receiving_side="engineering")
        handoff = Handoff.objects.get()
        assert f'<a href="/t/FRAUD/handoffs/{handoff.pk}/">Handoff of Churn v1</a>' in toast(answer)
        for page in (task.get_absolute_url(), address(task)):
            shown = as_(world.vera).get(page).content.decode()
            for words in ("Model Churn", "Version Churn v1", "Handoff of Churn v1"):
                assert words in shown

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"model": "new", "model_name": " "}, "A model needs a name."),
            ({"model": "ranker", "model_version": "v1"}, "Ranker has a version v1 already."),
            ({"model": "new", "model_name": "x" * 101}, "at most 100 characters"),
            ({"model": "secret"}, "Select a valid choice"),
        ],
    )
    def test_keeps_what_was_typed_when_it_is_refused(self, world: World, as_: As, said: dict[str, str], words: str) -> None:
        MLModel.register(world.team, world.mei, name="Ranker")
        MLModel.register(world.other, world.ivo, name="Secret")
        answer = record(as_(world.lead), world.in_analysis(), "productionize", title="Serve it", **said)
        page = answer.content.decode()
        assert (answer.status_code, Decision.objects.count()) == (422, 0)
        assert words in page and "We know." in page and "Serve it" in page

    def test_is_named_before_a_reversal_and_said_after_it(self, world: World, as_: As) -> None:
        task = world.in_analysis()
        record(as_(world.lead), task, "productionize", model="new", model_name="Churn")
        page = as_(world.lead).get(address(task, "reversal")).content.decode()
        for words in ("Model Churn", "Version Churn v1", "Handoff of Churn v1"):
            assert words in page[page.index("Withdrawn, because") :]
        answer = as_(world.lead).post(address(task, "reversal"), {"reason": "A leak."})
        assert "Withdrawn: FRAUD-2, Model Churn, Version Churn v1, Handoff of Churn v1." in toast(answer)
        card = as_(world.vera).get(task.get_absolute_url()).content.decode()
        assert "withdrew Model Churn, which nobody had touched" in card
