"""The gates between the stages of a version: answers, exceptions, the way back, retraining, what is owed."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dsboard.errors import Forbidden
from dsboard.models import Activity
from dsboard.roles import Role
from handoffs import checklists
from handoffs.models import Answer, MLModel, Passage, Version
from handoffs.models.gates import NEEDS_HANDOFF, OVERRIDDEN_BEFORE
from handoffs.stages import VersionStage
from tests.handoffs.models.conftest import answer_all, built, in_deployment
from tests.world import World, refuses, wall

FIRST = ["business-problem-clear", "success-metrics-defined", "data-availability-confirmed"]
SHUT = "Before Data Exploration, answer “Business problem clear”, “Success metrics defined”, “Data availability confirmed”."


def test_the_table_is_the_products() -> None:
    assert [len(checklists.of(stage)) for stage in VersionStage] == [3] * 6
    assert [one.stage.place for one in checklists.CRITERIA] == sorted(one.stage.place for one in checklists.CRITERIA)
    assert [one.slug for one in checklists.CRITERIA if one.if_applicable] == ["ab-test"]
    assert max(len(one.slug) for one in checklists.CRITERIA) <= Activity._meta.get_field("field").max_length  # type: ignore[operator]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (" We looked.\r\nTwice. ", {"type": "text", "value": "We looked.\nTwice."}),
        ("https://example.org/report?a=1", {"type": "link", "value": "https://example.org/report?a=1"}),
        ("javascript:alert(1)", {"type": "text", "value": "javascript:alert(1)"}),
        ("{task}", {"type": "task", "value": "{task}"}),
        ("OTHER-1", {"type": "text", "value": "OTHER-1"}),
        ({"type": "task", "value": "{task}"}, {"type": "task", "value": "{task}"}),
        ({"type": "number", "value": 0.93}, {"type": "number", "value": 0.93}),
        ({"type": "run", "value": "rec/run-7"}, {"type": "run", "value": "rec/run-7"}),
        ({"type": "text", "value": "So."}, {"type": "text", "value": "So."}),
        ({"type": "link", "value": "http://wiki/rec"}, {"type": "link", "value": "http://wiki/rec"}),
    ],
)
def test_what_evidence_is(world: World, version: Version, sent: Any, kept: dict[str, Any]) -> None:
    ref = world.experiment().ref
    world.development(by=world.ivo)
    sent = (
        sent.replace("{task}", ref.lower())
        if isinstance(sent, str)
        else {k: v.replace("{task}", ref) if isinstance(v, str) else v for k, v in sent.items()}
    )
    version.answer("documented", world.mei, state="met", evidence=sent)
    value = kept["value"].replace("{task}", ref) if isinstance(kept["value"], str) else kept["value"]
    assert version.answers.get().evidence == {"type": kept["type"], "value": value}


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        (None, "“Documented” is met with evidence: a link, a file, a run, a card, a number or a sentence."),
        (" ", "“Documented” is met with evidence: a link, a file, a run, a card, a number or a sentence."),
        ({"type": "link", "value": "javascript:alert(1)"}, "A link starts with https:// or http:// and has no spaces."),
        ({"type": "link", "value": "https://"}, "A link starts with https:// or http:// and has no spaces."),
        ({"type": "link", "value": 'https://a/"onclick='}, "A link starts with https:// or http:// and has no spaces."),
        ({"type": "task", "value": "OTHER-1"}, "There is no card OTHER-1 in this team."),
        ({"type": "task", "value": "OTHER-9"}, "There is no card OTHER-9 in this team."),
        ({"type": "number", "value": "many"}, "This evidence is a number, such as 0.93."),
        ({"type": "number", "value": float("inf")}, "This evidence is a number, such as 0.93."),
        ({"type": "number", "value": True}, "This evidence is a number, such as 0.93."),
        ({"type": "text", "value": 5}, "The value of a text is a text."),
        ({"type": "run", "value": ""}, "Evidence needs a value."),
        ({"type": "song", "value": "La"}, "Evidence has a type (link, file, run, task, number, text) and a value."),
        ({"type": "text"}, "Evidence has a type (link, file, run, task, number, text) and a value."),
        ("x" * 10_001, "Keep this under 10000 characters; it has 10001."),
    ],
)
def test_what_evidence_is_not(world: World, version: Version, evidence: Any, sentence: str) -> None:
    assert world.development(by=world.ivo).ref == "OTHER-1"
    with refuses(sentence, fields={"evidence"}):
        version.answer("documented", world.mei, state="met", evidence=evidence)


def test_each_answer_is_a_row_and_the_newest_counts(world: World, version: Version) -> None:
    assert version.answer("documented", world.mei, state="open") is None
    first = version.answer("documented", world.mei, state="met", evidence="Card 1.")
    assert version.answer("documented", world.omar, state="met", evidence="Card 1.") == first
    version.answer("documented", world.omar, state="met", evidence="Card 2.")
    version.answer("documented", world.mei, state="open", reason="It was another card.")
    rows = [(row.state, row.by) for row in version.answers.all()]
    assert rows == [("met", world.mei.user), ("met", world.omar.user), ("open", world.mei.user)]
    assert version.standing()["documented"].state == "open"
    assert "documented" in [one.slug for one in version.open_criteria("model-development")]
    told = [(line.field, line.before, line.after) for line in Activity.objects.of(version).filter(verb="answered")]
    assert told == [("documented", "open", "met"), ("documented", "met", "met"), ("documented", "met", "open")]


def test_a_lead_waives_with_a_reason(world: World, version: Version) -> None:
    with refuses("Only a lead can waive a criterion. Ask in a comment.", kind=Forbidden):
        version.answer("documented", world.mei, state="waived", reason="Nobody reads it.")
    with refuses("Say in a sentence why it is not asked for.", fields={"reason"}):
        version.answer("documented", world.lead, state="waived")
    version.answer("documented", world.lead, state="waived", reason="One table of numbers.")
    assert version.standing()["documented"].is_settled


def test_not_applicable_only_where_it_says_so(world: World, version: Version) -> None:
    with refuses("“Documented” always applies. Meet it, or ask a lead to waive it.", fields={"state"}):
        version.answer("documented", world.lead, state="not_applicable", reason="No.")
    with refuses("Say in a sentence why it is not asked for.", fields={"reason"}):
        version.answer("ab-test", world.mei, state="not_applicable")
    version.answer("ab-test", world.mei, state="not_applicable", reason="A batch job for one customer.")
    assert version.standing()["ab-test"].is_settled


@pytest.mark.parametrize(
    ("criterion", "state", "sentence", "field"),
    [
        ("sleep", "met", "There is no criterion sleep.", "criterion"),
        ("documented", "done", "A criterion is open, met, waived or not_applicable.", "state"),
    ],
)
def test_unknown_criteria_and_states(world: World, version: Version, criterion: str, state: str, sentence: str, field: str) -> None:
    with refuses(sentence, fields={field}):
        version.answer(criterion, world.mei, state=state, evidence="So.")


def test_who_answers(world: World, version: Version) -> None:
    viewer = "You can read everything here. To answer a model's criteria, ask a lead to make you a member."
    for by, sentence in ((world.vera, viewer), (world.ivo, "That belongs to another team.")):
        with refuses(sentence, kind=Forbidden):
            version.answer("documented", by, state="met", evidence="So.")


def test_a_stage_is_left_when_all_is_answered(world: World, version: Version) -> None:
    with refuses(SHUT, fields={"to"}):
        version.advance("data-exploration", world.mei)
    answer_all(world, version, "problem-definition")
    passage = version.advance("data-exploration", world.mei, reason="On we go.")
    assert (passage.from_stage, passage.to_stage, passage.by, passage.exceptions) == (
        "problem-definition",
        "data-exploration",
        world.mei.user,
        [],
    )
    assert Version.objects.get(pk=version.pk).stage == "data-exploration"
    line = Activity.objects.of(version).last()
    assert line and (line.verb, line.field, line.before, line.after) == ("advanced", "stage", "problem-definition", "data-exploration")


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("problem-definition", "Recommendation v1 is in Problem Definition. The next stage is Data Exploration."),
        ("deployment", "Recommendation v1 is in Problem Definition. The next stage is Data Exploration."),
        ("heaven", f"A stage is one of {', '.join(VersionStage.values)}."),
    ],
)
def test_stages_are_left_one_by_one(world: World, version: Version, to: str, sentence: str) -> None:
    answer_all(world, version, "problem-definition")
    with refuses(sentence, fields={"to"}):
        version.advance(to, world.lead, reason="Now.", review_on=date(2100, 1, 1))


def test_a_lead_passes_with_exceptions(world: World, version: Version) -> None:
    version.answer(FIRST[0], world.mei, state="met", evidence="So.")
    shut = "Before Data Exploration, answer “Success metrics defined”, “Data availability confirmed”."
    why, when = "Or say why it may pass all the same.", "Or name the day on which the exceptions are looked at again."
    with wall("2026-03-09 09:00"):
        with refuses(f"{shut} {why} {when}", fields={"to", "reason", "review_on"}):
            version.advance("data-exploration", world.lead)
        with refuses(f"{shut} {when}", fields={"to", "review_on"}):
            version.advance("data-exploration", world.lead, reason="The budget ends.")
        for day in (date(2026, 3, 9), date(2027, 4, 1)):
            with refuses("The exceptions are looked at again on a day after today, within a year.", fields={"review_on"}):
                version.advance("data-exploration", world.lead, reason="The budget ends.", review_on=day)
        with refuses("Only a lead can let a model pass with exceptions. Ask in a comment.", kind=Forbidden):
            version.advance("data-exploration", world.mei, reason="The budget ends.", review_on=date(2026, 3, 20))
        passage = version.advance("data-exploration", world.lead, reason="The budget ends.", review_on=date(2026, 3, 20))
    assert (passage.exceptions, passage.review_on, passage.by) == (FIRST[1:], date(2026, 3, 20), world.lead.user)
    assert [one.slug for one in version.owed()] == FIRST[1:]


def test_the_gate_into_deployment_asks_for_what_is_owed(world: World, model: MLModel) -> None:
    version = Version.add(model, world.mei, name="v2", starts_at="model-development")
    answer_all(world, version, "model-development")
    assert [one.slug for one in version.owed()] == [one.slug for one in checklists.before("model-development")]
    answer_all(world, version, "problem-definition", "data-exploration")
    asks = "Before Deployment, answer “Several approaches tried”, “Experiments tracked systematically”, “Best performer selected”."
    with refuses(asks, fields={"to"}):
        version.advance("deployment", world.mei)
    answer_all(world, version, "model-experimentation")
    assert version.owed() == []
    with refuses(NEEDS_HANDOFF, fields={"override_reason"}):
        version.advance("deployment", world.lead)
    with refuses(NEEDS_HANDOFF, kind=Forbidden):
        version.advance("deployment", world.mei, override_reason="Hurry.")
    assert version.advance("deployment", world.lead, override_reason="Hurry.").override_reason == "Hurry."


def test_the_handoff_is_overridden_once(world: World, model: MLModel) -> None:
    version = in_deployment(world, model)
    version.go_back("model-development", world.mei, reason="The latency.")
    answer_all(world, version, "model-development")
    with refuses(OVERRIDDEN_BEFORE, fields={"override_reason"}):
        version.advance("deployment", world.lead, override_reason="Again.")


def test_no_other_gate_is_overridden(world: World, version: Version) -> None:
    answer_all(world, version, "problem-definition")
    with refuses("Only the gate into Deployment asks for a handoff. Leave the override out.", fields={"override_reason"}):
        version.advance("data-exploration", world.lead, override_reason="Hurry.")


def test_the_last_stage_has_no_next(world: World, model: MLModel) -> None:
    version = in_deployment(world, model)
    answer_all(world, version, "deployment", "monitoring")
    version.advance("monitoring", world.mei)
    with refuses("Recommendation v2 is in Monitoring & Iteration, the last stage. What comes next is a new version.", fields={"to"}):
        version.advance("monitoring", world.mei)


def test_going_back_opens_criteria_again_and_keeps_answers(world: World, model: MLModel) -> None:
    version = built(world, model)
    rows = version.answers.count()
    passage = version.go_back("data-exploration", world.mei, reason="The data leaks.")
    assert passage.is_back
    assert (version.stage, version.starts_at) == ("data-exploration", "model-development")
    assert version.answers.count() == rows + 9
    assert {row.reason for row in version.answers.filter(state="open")} == {"The data leaks."}
    assert version.owed() == []
    assert [len(version.open_criteria(stage)) for stage in VersionStage] == [0, 3, 3, 3, 3, 3]
    line = Activity.objects.of(version).last()
    assert line and (line.verb, line.after, len(line.facts["reopened"])) == ("went_back", "data-exploration", 9)


@pytest.mark.parametrize(
    ("to", "reason", "sentence", "field"),
    [
        ("data-exploration", " ", "Say in a sentence why it goes back.", "reason"),
        ("model-development", "So.", "Recommendation v2 is in Model Development, so that is not back.", "to"),
        ("deployment", "So.", "Recommendation v2 is in Model Development, so that is not back.", "to"),
        ("hell", "So.", f"A stage is one of {', '.join(VersionStage.values)}.", "to"),
    ],
)
def test_what_is_no_way_back(world: World, model: MLModel, to: str, reason: str, sentence: str, field: str) -> None:
    version = built(world, model)
    with refuses(sentence, fields={field}):
        version.go_back(to, world.mei, reason=reason)


@pytest.mark.parametrize(("said", "stage", "along"), [("", "model-experimentation", 6), ("model-development", "model-development", 9)])
def test_a_version_that_retrains_brings_earlier_answers_along(world: World, model: MLModel, said: str, stage: str, along: int) -> None:
    old = built(world, model, "v2.2")
    old.answer("baseline-established", world.lead, state="waived", reason="There is none.")
    new = Version.add(model, world.omar, name="v2.3", retrains=old, starts_at=said)
    assert (new.stage, new.starts_at, new.retrains) == (stage, stage, old)
    standing = new.standing()
    assert len(standing) == len(new.owed()) == along
    assert all(row.as_of == old and row.is_to_confirm for row in standing.values())
    assert standing["baseline-established"].reason == "There is none."
    assert standing["features-identified"].evidence == {"type": "text", "value": "We looked."}


def test_what_came_along_is_confirmed_by_answering_again(world: World, model: MLModel) -> None:
    old = built(world, model, "v2.2")
    new = Version.add(model, world.omar, name="v2.3", retrains=old, starts_at="model-development")
    again = Version.add(model, world.omar, name="v2.4", retrains=new)
    assert {row.as_of for row in again.standing().values()} == {old}
    for criterion in new.owed():
        new.answer(criterion.slug, world.mei, state="met")
    assert new.owed() == []
    row = new.standing()["features-identified"]
    assert (row.as_of, row.evidence, row.by) == (None, {"type": "text", "value": "We looked."}, world.mei.user)
    answer_all(world, new, "model-development")
    new.advance("deployment", world.lead, override_reason="Only the data is new.")


def test_the_gate_asks_to_confirm(world: World, model: MLModel) -> None:
    new = Version.add(model, world.omar, name="v3", retrains=built(world, model), starts_at="model-development")
    answer_all(world, new, "model-development", "problem-definition", "data-exploration")
    new.answer("several-approaches-tried", world.mei, state="met")
    with refuses("Before Deployment, answer “Experiments tracked systematically”, “Best performer selected”.", fields={"to"}):
        new.advance("deployment", world.mei)


def test_what_may_be_retrained(world: World, model: MLModel, version: Version) -> None:
    other = MLModel.register(world.team, world.mei, name="Churn").versions.get()
    with refuses("v1 is no version of Recommendation.", fields={"retrains"}):
        Version.add(model, world.mei, name="v2", retrains=other)
    with refuses("A version that retrains another starts at Model Experimentation or Model Development.", fields={"starts_at"}):
        Version.add(model, world.mei, name="v2", retrains=version, starts_at="data-exploration")


@pytest.mark.parametrize(
    "row",
    [
        lambda version: Answer(version=version, criterion="documented", state="met"),
        lambda version: Answer(version=version, criterion="documented", state="waived"),
        lambda version: Answer(version=version, criterion="sleep", state="open"),
        lambda version: Answer(version=version, criterion="documented", state="not_applicable", reason="No."),
        lambda version: Passage(version=version, from_stage="deployment", to_stage="deployment"),
        lambda version: Passage(version=version, from_stage="deployment", to_stage="monitoring", exceptions=["ab-test"]),
        lambda version: Passage(version=version, from_stage="deployment", to_stage="monitoring", review_on=date(2026, 1, 1)),
        lambda version: Passage(version=version, from_stage="deployment", to_stage="monitoring", override_reason="No."),
        lambda version: Version(model=version.model, name="V1", key="v1", sort_key="", stage="deployment", starts_at="data-exploration"),
        lambda version: Version(model=version.model, name="2", key="2", sort_key="", stage="deployment", starts_at="deployment"),
        lambda version: Version(model=version.model, name="2", key="2", sort_key="", stage="gone", starts_at="data-exploration"),
        lambda version: MLModel(team=version.model.team, slug="recommendation", name="Other", key="other"),
        lambda version: MLModel(team=version.model.team, slug="other", name="Other", key="recommendation"),
    ],
)
def test_the_database_holds_the_rules(version: Version, row: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        row(version).save()


def test_a_role_that_was_lost_counts_at_once(world: World, version: Version) -> None:
    world.mei.role = Role.VIEWER
    with pytest.raises(Forbidden):
        version.answer("documented", world.mei, state="met", evidence="So.")
