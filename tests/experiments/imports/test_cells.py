"""Lists in one cell: out and in again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.imports.cells import deliverables_cell, deliverables_of, labels_cell, labels_of, metrics_cell, metrics_of
from experiments.models.cleaning import No
from experiments.models.fields import CLEANERS

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=12)
TEXT = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
REAL = st.floats(allow_nan=False, allow_infinity=False)


def metric(name: str, higher: bool, number: float, margin: bool, baseline: float | None, besides: dict) -> dict:
    return besides | {
        "name": name,
        "direction": "higher" if higher else "lower",
        "target": None if margin else number,
        "better_than_baseline_by": abs(number) if margin else None,
        "baseline": baseline,
    }


BESIDES = st.fixed_dictionaries(
    {},
    optional={
        "aggregation": st.just("best"), "guardrail": st.just(True), "least_runs": st.integers(2, 999),
        "data": TEXT.filter(lambda text: not {"]", ";"} & set(text)),
    },
)  # fmt: skip


@given(
    st.lists(
        st.builds(metric, TEXT, st.booleans(), REAL, st.booleans(), st.none() | REAL, BESIDES), max_size=4, unique_by=lambda m: m["name"]
    )
)
def test_metrics_come_back_as_they_were(metrics: list[dict]) -> None:
    clean = CLEANERS["metrics"]
    assert clean.show(clean.clean(None, metrics_of(metrics_cell(metrics)))) == metrics


@given(
    st.lists(
        st.builds(
            lambda text, mark, why: {"text": text, "done": mark == "x", "struck_reason": why if mark == "-" else ""},
            TEXT,
            st.sampled_from("x- "),
            TEXT,
        ),
        max_size=5,
    )
)
def test_deliverables_come_back_as_they_were(deliverables: list[dict]) -> None:
    assert CLEANERS["deliverables"].clean(None, deliverables_of(deliverables_cell(deliverables))) == deliverables


@given(st.lists(TEXT, max_size=5, unique_by=str.lower))
def test_labels_come_back_as_they_were(labels: list[str]) -> None:
    assert labels_of(labels_cell(labels)) == labels or len(labels) > 1
    assert CLEANERS["labels"].clean(None, labels_of(labels_cell(labels))) == sorted(labels, key=str.lower)


@pytest.mark.parametrize(
    ("line", "metric"),
    [
        ("f1>=0.9", ("f1", "higher", "0.9", None, None)),
        ("p95 latency ≤ 120 (baseline 310)", ("p95 latency", "lower", "120", None, "310")),
        ("AUC > baseline 0.86 + 0.02", ("AUC", "higher", None, "0.02", "0.86")),
        ("cost < baseline - 5", ("cost", "lower", None, "5", None)),
        ("share > 30 >= 0.5", ("share > 30", "higher", "0.5", None, None)),
    ],
)
def test_a_metric_is_written_as_people_write_it(line: str, metric: tuple) -> None:
    found = metrics_of(line)[0]
    assert (found["name"], found["direction"], found["target"], found["better_than_baseline_by"], found["baseline"]) == metric


def test_a_line_without_a_number_is_no_metric() -> None:
    with pytest.raises(No, match="“good enough” is not a metric"):
        metrics_of("good enough")


def test_a_plain_line_is_an_open_deliverable_and_a_struck_one_says_why() -> None:
    assert deliverables_of("- API\n* Report\n[X] Docs") == [
        {"text": "API", "done": False, "struck_reason": ""},
        {"text": "Report", "done": False, "struck_reason": ""},
        {"text": "Docs", "done": True, "struck_reason": ""},
    ]
    with pytest.raises(No, match="“API” is struck without a reason"):
        deliverables_of("[-] API")
