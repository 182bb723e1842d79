"""What software finds of a line by itself: checksums, schemas with samples, what breaks for callers, benchmarks, ages."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoffs.checks.facts import Facts, Goal, StoredFile
from handoffs.checks.formats import breaks, read
from handoffs.checks.lists import CHECKS, check
from handoffs.contract import TERMS

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
DIGEST = "a" * 64
INPUT = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
OUTPUT = {"type": "number"}
GOOD = {"input": INPUT, "output": OUTPUT, "sample": {"input": {"age": 3}, "output": 0.4}}
MLMODEL = """
flavors: {sklearn: {pickled_model: model.pkl}}
signature:
  inputs: '[{"name": "age", "type": "long", "required": true}, {"name": "plan", "type": "string", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
"""


def found(slug: str, **facts: Any) -> list[tuple[str, str]]:
    return [(one.state, one.reason) for one in check(Facts(slug=slug, now=NOW, **{"kind": "text", "given_at": NOW, **facts}))]


def states(slug: str, **facts: Any) -> list[str]:
    return [state for state, _ in found(slug, **facts)]


def file(name: str = "model.onnx", sha256: str = DIGEST, content: bytes = b"") -> StoredFile:
    return StoredFile(name, sha256, len(content), content)


def test_every_line_of_the_contract_has_its_checks() -> None:
    assert sorted(CHECKS) == sorted(term.slug for term in TERMS)


@pytest.mark.parametrize("slug", CHECKS)
def test_nothing_is_found_of_a_line_that_was_not_given(slug: str) -> None:
    assert found(slug, kind="") == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"file": file(), "checksum": f"sha256:{DIGEST.upper()}"}, ["verified"]),
        ({"file": file(), "checksum": f"sha256:{'b' * 64}"}, ["failed"]),
        ({"file": file()}, ["failed"]),
        ({"kind": "link", "checksum": f"sha256:{DIGEST}"}, ["attested"]),
        ({"kind": "link"}, ["attested"]),
        ({"kind": "link", "artifact": "s3://models/churn.PKL?v=2"}, ["attested", "attested"]),
        ({"file": file("model.joblib"), "checksum": f"sha256:{DIGEST}"}, ["verified", "attested"]),
        ({"kind": "link", "given_at": NOW - timedelta(days=1), "built_at": NOW}, ["attested", "stale"]),
    ],
)
def test_an_artifact_is_the_one_that_its_checksum_names(facts: dict[str, Any], expected: list[str]) -> None:
    assert states("trained-model-artifact", **facts) == expected


@pytest.mark.parametrize(
    ("words", "expected", "said"),
    [
        (json.dumps(GOOD), ["verified", "verified"], "the sample fits"),
        ("input: {type: object}\noutput: {type: number}\nsample: {input: {}, output: 1}", ["verified", "verified"], "fits"),
        (MLMODEL, ["verified", "verified"], "its signature can be read"),
        ("Rows of customers.", ["failed"], "no input and no output"),
        ('{"input": ', ["failed"], "neither JSON nor YAML, see line 1"),
        ("a: &a [1]\nb: *a", ["failed"], "neither JSON nor YAML"),
        ("signature: {inputs: '[', outputs: ''}", ["failed"], "The inputs of the signature are no JSON"),
        ("signature: {}", ["failed"], "has no signature"),
        (json.dumps({"input": INPUT}), ["failed"], "says nothing of the output"),
        (
            json.dumps({**GOOD, "sample": {"input": {"age": "three"}, "output": 1}}),
            ["failed", "verified"],
            "at age: 'three' is",
        ),
        (json.dumps({**GOOD, "sample": {}}), ["failed", "failed"], "no sample to try it with"),
        (json.dumps({**GOOD, "input": {"type": "nonsense"}}), ["failed", "verified"], "is no JSON Schema"),
        (json.dumps({**GOOD, "input": {"$ref": "https://evil.example/schema"}}), ["failed", "verified"], "not followed"),
        (json.dumps({**GOOD, "input": {"$ref": "file:///etc/passwd"}}), ["failed", "verified"], "not followed"),
        (json.dumps({**GOOD, "input": {"$ref": "#/$defs/none"}}), ["failed", "verified"], "which is not there"),
        (json.dumps({**GOOD, "input": {"$ref": "#"}}), ["failed", "verified"], "not followed"),
        (json.dumps({**GOOD, "input": {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}}), ["failed", "verified"], "itself"),
        (json.dumps({**GOOD, "input": {"type": "string", "pattern": "(a+)+$"}}), ["attested", "verified"], "patterns"),
        (json.dumps({**GOOD, "sample": {"input": [1] * 6000, "output": 1}}), ["failed", "verified"], "too long"),
        ("x" * 300_000, ["failed"], "longer than 256 KB"),
        ("[" * 5000, ["failed"], "neither JSON nor YAML"),
        ('{"input":' * 5000, ["failed"], "neither JSON nor YAML"),
    ],
)
def test_formats_are_schemas_with_samples_that_fit(words: str, expected: list[str], said: str) -> None:
    told = found("input-output-formats", words=words)
    assert [state for state, _ in told] == expected
    assert any(said in reason for _, reason in told), told


def test_a_schema_that_doubles_with_every_reference_is_not_tried() -> None:
    defs = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(30)} | {"d30": {"type": "null"}}
    words = json.dumps({**GOOD, "input": {"$ref": "#/$defs/d0", "$defs": defs}})
    assert found("input-output-formats", words=words)[0][1].startswith("The input is too large")


def test_formats_elsewhere_are_attested_and_a_file_is_read() -> None:
    assert states("input-output-formats", kind="link", words="https://wiki.example.org") == ["attested"]
    assert states("input-output-formats", kind="file", file=file("schema.json", content=json.dumps(GOOD).encode())) == ["verified"] * 2


@pytest.mark.parametrize(
    ("part", "old", "new", "expected"),
    [
        ("input", INPUT, INPUT, []),
        ("input", INPUT, {**INPUT, "required": []}, []),
        ("input", {**INPUT, "required": []}, INPUT, ["age is required now"]),
        ("input", INPUT, {"type": "object", "properties": {}}, ["age is gone from the input"]),
        ("input", INPUT, {"type": "object", "properties": {"age": {"type": "number"}}, "required": ["age"]}, []),
        (
            "output",
            INPUT,
            {"type": "object", "properties": {"age": {"type": "number"}}, "required": ["age"]},
            ["age was integer and is number"],
        ),
        ("input", {"type": "number"}, {"type": "integer"}, ["the input was number and is integer"]),
        ("output", INPUT, {**INPUT, "required": []}, ["age may be missing from the output now"]),
        ("output", INPUT, {**INPUT, "properties": {**INPUT["properties"], "plan": {"type": "string"}}}, []),  # type: ignore[dict-item]
        (
            "input",
            INPUT,
            {**INPUT, "properties": {**INPUT["properties"], "plan": {}}, "required": ["age", "plan"]},
            ["plan is required now"],
        ),  # type: ignore[dict-item]
        (
            "output",
            {"type": "array", "items": {"type": "string"}},
            {"type": "array", "items": {"type": "null"}},
            ["[] was string and is null"],
        ),
    ],
)
def test_what_breaks_for_callers_of_the_version_before(part: str, old: Any, new: Any, expected: list[str]) -> None:
    assert breaks(old, new, part) == expected


def test_the_difference_is_told_beside_the_schemas() -> None:
    years = {"type": "object", "properties": {"years": {"type": "integer"}}}
    newer = json.dumps({**GOOD, "input": years, "sample": {"input": {}, "output": 1}})
    told = found("input-output-formats", words=newer, before=json.dumps(GOOD))
    assert told[-1] == ("failed", "Callers of the version before break: age is gone from the input.")
    assert found("input-output-formats", words=json.dumps(GOOD), before=json.dumps(GOOD))[-1][0] == "verified"
    assert len(found("input-output-formats", words=json.dumps(GOOD), before="Rows of customers.")) == 2


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ["attested"]),
        ({"goals": (Goal("AUC", "≥ 0.9", True),)}, ["verified"]),
        ({"goals": (Goal("AUC", "≥ 0.9", False), Goal("ms", "≤ 60", None))}, ["failed", "attested"]),
        ({"metrics": {"AUC": 0.93}, "champion": {"AUC": 0.91}, "directions": {"AUC": "higher"}}, ["verified"]),
        ({"metrics": {"AUC": 0.90}, "champion": {"AUC": 0.91}, "directions": {"AUC": "higher"}}, ["failed"]),
        ({"metrics": {"AUC": 0.90}, "champion": {"AUC": 0.91}}, ["attested"]),
        ({"metrics": {"ms": 22.0}, "champion": {"ms": 30.0}, "directions": {"ms": "lower"}}, ["verified"]),
        ({"metrics": {"ms": 40.0}, "champion": {"ms": 30.0}, "directions": {"ms": "lower"}}, ["failed"]),
        ({"metrics": {"AUC": 0.93}, "champion": {"F1": 0.7}}, []),
    ],
)
def test_benchmarks_stand_against_goals_and_production(facts: dict[str, Any], expected: list[str]) -> None:
    assert states("performance-benchmarks", **facts) == expected


@pytest.mark.parametrize(
    ("slug", "days", "expected"),
    [
        ("scaling-and-reliability", 91, ["stale"]),
        ("scaling-and-reliability", 89, []),
        ("incident-response", 181, ["stale"]),
        ("incident-response", 179, []),
        ("documentation", 999, []),
    ],
)
def test_drills_and_runbooks_grow_old(slug: str, days: int, expected: list[str]) -> None:
    assert states(slug, given_at=NOW - timedelta(days=days)) == expected


def test_an_address_is_attested_and_never_refused() -> None:
    for term in TERMS:
        told = states(term.slug, kind="link", words="https://wiki.example.org/a")
        assert "failed" not in told and "verified" not in told


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_is_too_strange_to_be_judged(words: str, before: str) -> None:
    for slug in CHECKS:
        told = check(Facts(slug=slug, now=NOW, kind="text", words=words, before=before))
        assert all(one.state in ("verified", "attested", "failed", "stale") for one in told)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "properties", "required", "items", "$ref", "anyOf", "input", "enum"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(JSON, JSON, JSON)
def test_no_schema_is_too_strange_to_be_tried(schema: Any, sample: Any, before: Any) -> None:
    words = json.dumps({"input": schema, "output": schema, "sample": {"input": sample, "output": sample}})
    check(Facts(slug="input-output-formats", now=NOW, kind="text", words=words, before=json.dumps({"input": before, "output": before})))
    assert read(words).source in ("JSON Schema", "MLmodel signature")
