"""Quick add: what a typed line becomes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.quick_add import Quick, kind_for, lines_of, parse
from experiments.stages import Kind
from tests.world import World


def test_hints_become_fields_and_the_rest_is_the_title():
    quick = parse("Test BERT vs GPT 3d @mei #nlp f1>=0.9")
    assert quick == Quick("Test BERT vs GPT", Decimal(24), None, "mei", ("nlp",), (("f1", "higher", 0.9),))


@pytest.mark.parametrize(
    ("typed", "hours"), [("spike 4h", 4), ("spike 2d", 16), ("spike 1w", 40), ("spike 1d 4h", 12), ("spike 0.5d", 4), ("spike 3D", 24)]
)
def test_boxes_are_hours_days_and_weeks_of_the_team(typed, hours):
    assert parse(typed, Decimal(8)).hours == hours


def test_a_day_is_as_long_as_the_team_says():
    assert parse("spike 2d", Decimal(6)).hours == 12


@pytest.mark.parametrize(("typed", "points"), [("serve 5pt", 5), ("serve 0.5pts", Decimal("0.5")), ("serve 3sp", 3)])
def test_points(typed, points):
    assert parse(typed).points == points


@pytest.mark.parametrize(
    ("typed", "metric"),
    [
        ("x auc>0.9", ("auc", "higher", 0.9)),
        ("x p95<=120", ("p95", "lower", 120.0)),
        ("x recall@20≥0.31", ("recall@20", "higher", 0.31)),
        ("x drift<-0.5", ("drift", "lower", -0.5)),
        ("x kept>=98%", ("kept", "higher", 98.0)),
    ],
)
def test_metrics(typed, metric):
    assert parse(typed).metrics == (metric,)


@pytest.mark.parametrize("typed", ["GPT-4 in 3 days", "C# or F#", "mail me@example.org", "a>b", "3dogs", "issue #12", "1:1 with Omar"])
def test_words_that_only_look_like_hints_stay_in_the_title(typed):
    assert parse(typed) == Quick(typed)


def test_a_name_that_nobody_has_goes_back_into_the_title(world: World):
    members = list(world.team.members.all())
    assert parse("Ask @nobody 1d").fields(Kind.RESEARCH, members) == {"title": "Ask @nobody", "hours": Decimal(8)}
    assert parse("Ask @mei 1d").fields(Kind.RESEARCH, members)["owner"] == "mei@example.org"


def test_chips_say_what_was_understood(world: World):
    chips = parse("Test BERT 1w 5pt @mei #nlp f1>=0.9").chips(Decimal(8), list(world.team.members.all()))
    assert chips == ["1w box", "5 pts", "Mei Tanaka", "#nlp", "f1 ≥ 0.9"]


def test_a_paste_is_read_line_by_line_without_its_bullets():
    assert [parse(line).title for line in lines_of("- one\n* two\n\n  3. three\n[ ] four\n-\n")][:4] == ["one", "two", "three", "four"]


def test_the_kind_that_a_line_means():
    assert kind_for(False, parse("x f1>=0.9")) == Kind.EXPERIMENT
    assert kind_for(False, parse("x 3d")) == Kind.RESEARCH
    assert kind_for(True, parse("x 3pt")) == Kind.DEVELOPMENT


@given(st.text(max_size=300))
def test_any_text_is_a_line(text):
    quick = parse(text)
    assert quick.title == " ".join(quick.title.split())
    assert quick.hours is None or quick.hours >= 0


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=30))
def test_plain_words_are_the_title(word):
    assert parse(word).title == " ".join(word.split())
