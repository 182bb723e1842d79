"""Cards of others, written after real habits: each is read without loss, judged right, and stable over export and import."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handoffs.model_card.check import check
from handoffs.model_card.placeholders import is_placeholder
from handoffs.model_card.reading import LONGEST, plain, read
from handoffs.model_card.results import number_of, shown
from handoffs.model_card.writing import Known, draft, export

CARDS = Path(__file__).parent.parent / "cards"
WHOLE = "Performance and limitations are said."
NO_LIMITS, NO_NUMBERS = "Limitations has no section.", "Performance has no section."
#: what each card of others is to be judged as; every sentence that fails it
JUDGED = {
    "whole": [WHOLE],
    "no-front-matter": [WHOLE],
    "broken-yaml": ["The front matter is no YAML in line 4."],
    "tabs-in-yaml": ["The front matter is no YAML in line 4. A tab stands where YAML wants spaces."],
    "unterminated": ["The front matter begins with --- and has no second one."],
    "front-matter-is-a-list": ["The front matter is no list of names and values."],
    "alias-bomb": ["The front matter is no YAML that can be read."],
    "integer-without-end": ["The front matter is no YAML that can be read."],
    "head-in-braces": [WHOLE],
    "head-indented": [WHOLE],
    "object-in-yaml": ["The front matter is no YAML in line 2."],
    "crlf": [WHOLE],
    "bom": [WHOLE],
    "old-mac": [WHOLE],
    "latin-1": [WHOLE],
    "ruler-first": [WHOLE],
    "french": [WHOLE],
    "german": [WHOLE],
    "spanish": [WHOLE],
    "norway": [WHOLE],
    "russian": [WHOLE],
    "chinese": [WHOLE],
    "japanese": [WHOLE],
    "value-with-spread": [WHOLE],
    "value-percent": [WHOLE],
    "value-decimal-comma": [WHOLE],
    "value-nan": [NO_NUMBERS, "mean_reward in the model-index is no number: nan."],
    "value-nan-with-spread": [NO_NUMBERS, "mean_reward in the model-index is no number: nan +/- nan."],
    "value-list": [NO_NUMBERS, "mean_reward in the model-index is no number: [0.91, 0.93]."],
    "value-boolean": [NO_NUMBERS, "mean_reward in the model-index is no number: True."],
    "index-without-metrics": [NO_NUMBERS],
    "index-of-another-shape": [WHOLE],
    "index-without-dataset": [WHOLE],
    "hub-template": ["Performance is a placeholder.", "Limitations is a placeholder."],
    "trainer-template": ["Limitations is a placeholder."],
    "todo": ["Limitations is a placeholder."],
    "not-applicable": ["Limitations is a placeholder."],
    "lorem": ["Limitations is a placeholder."],
    "too-short": ["Limitations has fewer than 120 characters."],
    "performance-in-words": ["Performance has no number and fewer than 120 characters."],
    "headings-in-code": [NO_LIMITS],
    "other-headings": [WHOLE],
    "setext-headings": [WHOLE],
    "only-front-matter": [NO_NUMBERS, NO_LIMITS],
    "empty": ["The card is empty."],
    "hostile": [WHOLE],
}
METRICS = {"AUC": 0.93, "latency ms": 22.0}


def raw(name: str) -> bytes:
    return (CARDS / f"{name}.md").read_bytes()


def test_every_card_is_judged() -> None:
    assert sorted(path.stem for path in CARDS.iterdir()) == sorted(JUDGED)
    assert len(JUDGED) >= 30


@pytest.mark.parametrize("name", JUDGED)
def test_each_is_judged_right(name: str) -> None:
    found = check(read(raw(name)).text)
    assert [one.reason for one in found] == JUDGED[name]
    assert {one.state for one in found} == {"verified" if JUDGED[name] == [WHOLE] else "failed"}


@pytest.mark.parametrize("name", JUDGED)
def test_in_and_out_and_in_again_is_stable(name: str) -> None:
    kept = read(raw(name)).text
    assert kept == plain(raw(name))
    out = export(kept, "Churn v1", METRICS)
    again = read(out.encode()).text
    assert (again, export(again, "Churn v1", METRICS)) == (out, out)
    assert check(again)[0].state == check(kept)[0].state or "model-index" in out
    assert read(out).trouble == read(kept).trouble


def test_an_export_brings_the_numbers_of_the_version_as_a_model_index() -> None:
    out = read(export("# Churn\n", "Churn v1", METRICS))
    assert [(one.name, one.number) for one in shown(out.facts)] == list(METRICS.items())
    assert out.body.strip() == "# Churn"


def test_a_head_that_is_there_is_kept_word_by_word() -> None:
    head = "license: mit # ours\nlanguage: no\n"
    out = read(export(f"---\n{head}---\n# Churn\n", "Churn v1", METRICS))
    assert out.head is not None and out.head.startswith(head)


@pytest.mark.parametrize("name", ["head-in-braces", "head-indented"])
def test_a_head_without_place_for_another_line_goes_out_as_it_is(name: str) -> None:
    kept = read(raw(name)).text
    assert export(kept, "Churn v1", METRICS) == kept


@pytest.mark.parametrize("line", ["*\n", ">\n", "_\n", "<!--", "> ", "\n", "what ", "what ?*", "## Limitations\n", "#"])
def test_the_longest_cards_are_judged_at_once(line: str) -> None:
    """Each took up to minutes where a search began anew at every line."""
    words = "# Churn\n\n## Limitations\n\n" + line * (LONGEST // len(line) - 10)
    assert check(words)[0].reason == "Performance has no section."


@pytest.mark.parametrize(
    "words",
    ["<!-- a\nb -->", "<!-- a --><!-- b -->", "> What is it not for?", "\n\n* Which groups?\n", "TBD <!-- soon -->", "### Risks\n\nTODO"],
)
def test_what_templates_ask_says_nothing(words: str) -> None:
    assert is_placeholder(words)


def test_a_comment_without_an_end_is_text() -> None:
    assert not is_placeholder("<!-- Scores of new accounts are no better than a guess.")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("251.3 +/- 19.9", 251.3),
        ("251.3 ± 19.9", 251.3),
        ("-3.5e-2", -0.035),
        ("93.4%", 93.4),
        ("0,934", 0.934),
        ("1,234.5", 1234.5),
        ("12,000", 12000.0),
        (7, 7.0),
        (True, None),
        (None, None),
        ("nan +/- nan", None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        ("1e999", None),
        ("about 3", None),
        ([1], None),
        ({"a": 1}, None),
    ],
)
def test_values_as_people_write_them(value: object, number: float | None) -> None:
    assert number_of(value) == number


def test_a_card_older_than_its_version_is_stale() -> None:
    built = datetime(2026, 3, 10, tzinfo=UTC)
    words = read(raw("whole")).text
    assert check(words, built - timedelta(days=1), built)[0].state == "stale"
    assert check(words, built, built)[0].state == "verified"
    assert check(read(raw("todo")).text, built - timedelta(days=1), built)[0].state == "failed"


def test_a_draft_is_a_card_that_asks_for_what_the_board_does_not_know() -> None:
    known = Known(
        name="Churn",
        version="v1",
        purpose="Who is about to leave.",
        owners=["Mei Tanaka"],
        origin="FRAUD-1",
        hypothesis="Tenure tells more.",
        results=["- AUC 0.93, target 0.9 or higher, run-7"],
        tried="Three seeds.",
        learned="Tenure ranks first.",
        decision="It works.",
        metrics={"AUC": 0.93},
    )
    words = draft(known)
    for said in ("# Churn v1", "Who is about to leave.", "Tenure ranks first.", "- AUC 0.93", "FRAUD-1: It works."):
        assert said in words
    assert [one.reason for one in check(words)] == ["Limitations is a placeholder."]
    assert export(words, "Churn v1", {"AUC": 0.93}) == words


@settings(deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@example(b"---\n" + b"[" * 3000 + b"\n---\n")
@example(b"---\na: " + b"9" * 6000 + b"\n---\n")
@example(b"---\n\xff\xfe\n---\n")
def test_anything_can_be_read_and_nothing_is_lost(words: bytes) -> None:
    card = read(words)
    assert read(card.text) == card
    check(card.text)
    out = export(card.text, "Churn v1", METRICS)
    assert export(read(out).text, "Churn v1", METRICS) == out
    assert card.body.strip() in out


NAMES = st.sampled_from(["results", "metrics", "dataset", "name", "value"])
YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["results", "metrics", "dataset", "name", "value"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(YAML)
def test_an_index_of_any_shape_is_looked_through(value: object) -> None:
    for one in shown({"model-index": value}):
        assert one.number is None or one.number == one.number
