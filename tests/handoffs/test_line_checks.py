"""Checks at the table: what a failed one asks of whoever verifies, and where it is told."""

import json
from typing import Any

import pytest

from dsboard.errors import Refusal
from handoffs.models import CardEdition, Deployment, Handoff, MLModel, Version
from handoffs.models.line_checks import check_line, checks_of
from tests.caller import Caller
from tests.handoffs.models.conftest import built
from tests.handoffs.table import everything_verified, line
from tests.world import World

pytestmark = pytest.mark.django_db
SCHEMA = {"input": {"type": "object"}, "output": {"type": "number"}, "sample": {"input": {}, "output": 0.4}}


@pytest.fixture
def handoff(world: World) -> Handoff:
    made = Handoff.start(built(world, MLModel.register(world.team, world.mei, name="Ranker")), world.mei)
    made.offer(world.mei)
    return made


def states(handoff: Handoff, slug: str) -> list[str]:
    return [one.state for one in check_line(line(handoff, slug))]


def test_a_failed_check_takes_a_reason_which_is_kept_and_told(world: World, handoff: Handoff, as_: Any) -> None:
    line(handoff, "input-output-formats").put("provided", world.mei, evidence="Rows of customers.")
    with pytest.raises(Refusal) as said:
        line(handoff, "input-output-formats").verify(world.omar)
    assert said.value.fields == {"reason": "A check failed. It has no input and no output. Say why it counts all the same."}
    path = f"{handoff.get_absolute_url()}lines/input-output-formats/verification/"
    refused = as_(world.omar).post(path, {})
    assert (refused.status_code, "A check failed." in refused.content.decode()) == (422, True)
    assert as_(world.omar).post(path, {"reason": "One column, agreed by mail."}).status_code == 302
    page = as_(world.vera).get(handoff.get_absolute_url()).content.decode()
    assert "Verified all the same: One column, agreed by mail." in page and "It has no input and no output." in page
    exported = as_(world.vera).get(f"{handoff.get_absolute_url()}export/md/").content.decode()
    assert "failed: It has no input and no output." in exported and "all the same: One column, agreed by mail" in exported


def test_a_schema_whose_sample_fits_needs_no_word(world: World, handoff: Handoff) -> None:
    line(handoff, "input-output-formats").put("provided", world.mei, evidence=json.dumps(SCHEMA))
    assert states(handoff, "input-output-formats") == ["verified", "verified"]
    line(handoff, "input-output-formats").verify(world.omar)


def test_the_card_that_the_board_keeps_is_judged(world: World, handoff: Handoff) -> None:
    line(handoff, "model-card").put("provided", world.mei, evidence="https://wiki.example.org/card")
    assert states(handoff, "model-card") == ["attested"]
    CardEdition.write(handoff.version, world.mei, "# Ranker\n\n## Limitations\n\nTODO\n")
    assert states(handoff, "model-card") == ["failed", "failed"]


def test_benchmarks_stand_against_the_experiment_and_what_serves(world: World, handoff: Handoff) -> None:
    version, task = handoff.version, world.in_analysis()
    serving = built(world, version.model, "v1.9")
    serving.change(world.mei, metrics={"macro-F1": 0.95})
    serving.advance("deployment", world.lead, override_reason="By mail.")
    Deployment.deploy(serving, world.lead, environment="production", override_reason="By mail.")
    Version.objects.get(pk=version.pk).change(world.mei, origin=task, metrics={"macro-F1": 0.93})
    line(handoff, "performance-benchmarks").put("provided", world.mei, evidence="The replay of March.")
    told = [(one.state, one.reason) for one in check_line(line(handoff, "performance-benchmarks"))]
    assert told == [
        ("verified", "macro-F1 meets its target, ≥ 0.9."),
        ("failed", "Worse than what serves: macro-F1 0.93, in production 0.95 (v1.9)."),
    ]


def test_formats_are_compared_with_those_of_the_version_before(world: World, handoff: Handoff) -> None:
    line(handoff, "input-output-formats").put("provided", world.mei, evidence=json.dumps(SCHEMA))
    handoff.refresh_from_db()
    for one in handoff.read_lines():
        if one.slug != "input-output-formats":
            giver = world.omar if one.term.side == "engineering" else world.mei
            line(handoff, one.slug).put("provided", giver, evidence="We looked.")
    for one in handoff.read_lines():
        for side in one.term.verifiers:
            line(handoff, one.slug).verify(world.mei if side == "science" else world.omar)
    handoff.sign(world.mei)
    handoff.sign(world.omar)
    after = Handoff.start(Version.add(handoff.version.model, world.mei, name="v3", starts_at="model-development"), world.mei)
    changed = {**SCHEMA, "output": {"type": "string"}, "sample": {"input": {}, "output": "high"}}
    line(after, "input-output-formats").put("provided", world.mei, evidence=json.dumps(changed))
    assert [one.reason for one in check_line(line(after, "input-output-formats")) if one.state == "failed"] == [
        "Callers of the version before break: the output was number and is string."
    ]


def test_the_api_tells_checks_of_a_handoff_and_a_line(world: World, handoff: Handoff) -> None:
    mei, path = Caller(world.mei), f"/teams/FRAUD/handoffs/{handoff.pk}"
    told = mei("PUT", f"{path}/lines/model-card", {"state": "provided", "evidence": "https://wiki.example.org/card"}).json()
    assert [check["state"] for check in told["checks"]] == ["attested"]
    lines = {row["slug"]: row["checks"] for row in mei.get(path).json()["lines"]}
    assert (lines["model-card"], lines["feature-pipeline"]) == (told["checks"], [])
    assert mei.get("/teams/FRAUD/handoffs").json()["items"][0]["lines"][0]["checks"] is None
    refused = mei("PUT", f"{path}/lines/input-output-formats", {"state": "provided", "evidence": "Rows."})
    assert refused.status_code == 200
    answer = Caller(world.omar).post(f"{path}/lines/input-output-formats/verification")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "reason")


def test_fourteen_lines_take_the_queries_of_three(world: World, handoff: Handoff, django_assert_max_num_queries: Any) -> None:
    version = Version.add(handoff.version.model, world.mei, name="v3", starts_at="model-development", origin=world.in_analysis())
    full = Handoff.start(version, world.mei)
    everything_verified(world, full)
    lines = full.read_lines()
    with django_assert_max_num_queries(7):
        assert len(checks_of(version, lines)) == 14
