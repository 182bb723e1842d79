"""What a file would do, row by row, before it does it; and that it does just that."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity
from experiments.imports.export import exported
from experiments.imports.plan import Plan, imported, planned
from experiments.models import Task
from experiments.models.extension import extend
from experiments.models.fields import fields_of, value_of
from experiments.stages import Kind
from sprints.models import Seat, Sprint
from tests.world import World, wall

JIRA = (Path(__file__).parents[2] / "data" / "jira_export.csv").read_bytes()


def file(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def only(plan: Plan):
    assert len(plan.rows) == 1
    return plan.rows[0]


def test_a_plan_writes_nothing(world: World) -> None:
    before = world.team.last_number
    plan = planned(world.mei, JIRA)
    world.team.refresh_from_db()
    assert plan.in_words() == "7 cards to create, 2 refused."
    assert (Task.objects.count(), Activity.objects.count(), world.team.last_number) == (0, 0, before)


def test_a_jira_export_becomes_cards_of_all_kinds(world: World) -> None:
    plan = imported(world.lead, JIRA, good_rows=True)
    cards = {task.external_id: task for task in Task.objects.within(world.team)}
    assert {key: (task.kind, task.stage) for key, task in cards.items()} == {
        "CHURN-101": ("research", "ideation"),
        "CHURN-102": ("experiment", "active"),
        "CHURN-97": ("development", "review"),
        "CHURN-98": ("maintenance", "ready"),
        "CHURN-99": ("development", "ready"),
        "CHURN-104": ("development", "ready"),
        "CHURN-106": ("experiment", "active"),
    }
    question, hypothesis, story, bug = (cards[f"CHURN-{n}"] for n in (101, 102, 97, 98))
    assert (question.statement, question.hours, question.owner) == (
        "Is tenure a stronger signal of churn than weekly usage?",
        8,
        world.mei.user,
    )
    assert value_of(question, "labels") == ["churn", "signals"]
    assert question.description.startswith(
        'We keep arguing about this.\n\nLook at the last 18 months:\n* tenure\n* weekly usage, "active days"'
    )
    assert "Imported from CHURN-101. Reported by Dana Whitfield on 2 February 2026." in question.description
    assert "> **3 February 2026**\n> Usage is confounded by plan type; see the notebook." in question.description
    assert (hypothesis.hours, str(hypothesis.metrics.get()), hypothesis.started_at is not None) == (24, "AUC ≥ 0.85", True)
    assert (story.points, [str(d) for d in story.deliverables.all()], story.owner) == (
        5,
        ["Endpoint answers in 100 ms", "Load test report"],
        None,
    )
    assert (bug.serves, bug.work, bug.points) == ("feature pipeline", "bug", 2)
    assert {row.line: row.problem for row in plan.refused} == {
        18: "Kind: “Epic” is not a kind of card. Write research, experiment, development or maintenance.",
        19: "Points: Research is sized by a time box, not by story points. Give it hours instead.",
    }
    assert {row.line: row.notes for row in plan.to_create if row.notes} == {
        10: ["Owner left out: Tomás Rivera is not a member here."],
        17: ["In Ready, not in Done: Name at least one deliverable before work starts."],
    }
    assert {a.actor for a in Activity.objects.all()} == {world.lead.user}


def test_every_row_or_none(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        imported(world.lead, JIRA, good_rows=False)
    assert refused.value.sentence == (
        "2 rows are refused (line 18, line 19), so nothing was imported. Correct the file, or import the good rows only."
    )
    assert Task.objects.count() == 0


def test_the_same_file_twice_makes_no_card_twice(world: World) -> None:
    imported(world.lead, JIRA, good_rows=True)
    again = imported(world.lead, JIRA, good_rows=True)
    assert (len(again.to_create), len(again.skipped), len(again.refused)) == (0, 7, 2)
    assert again.skipped[0].problem == "CHURN-101 is here already."
    assert Task.objects.count() == 7


def test_the_same_key_twice_in_a_file_is_one_card(world: World) -> None:
    plan = imported(world.lead, file("Key,Title", "A-1,One", "A-1,Two"), good_rows=False)
    assert [row.will for row in plan.rows] == ["create", "skip"]
    assert Task.objects.get().title == "One"


def test_a_refused_row_leaves_no_half_of_it(world: World) -> None:
    rows = file(
        "Title,Kind,Labels,Metrics,Stage,Drop reason",
        'A,experiment,"new label",f1 >= 0.9,Decision,',
        f"B,experiment,other,f1 >= 0.9,,{'x' * 2001}",
    )
    plan = imported(world.lead, rows, good_rows=True)
    assert [row.will for row in plan.rows] == ["create", "refuse"]
    assert [label.name for label in world.team.labels.all()] == ["new label"]
    assert Task.objects.count() == 1


def test_a_viewer_may_not_import_but_may_export(world: World) -> None:
    for door in (lambda: planned(world.vera, JIRA), lambda: imported(world.vera, JIRA, good_rows=True)):
        with pytest.raises(Forbidden, match="To import cards, ask a lead"):
            door()
    assert "".join(exported(world.vera)).startswith("\ufeffref,kind,title")


@pytest.mark.parametrize(
    ("header", "row", "problem"),
    [
        ("Title,Kind,Points", "A,experiment,3", "Points: Experiment is sized by a time box, not by story points. Give it hours instead."),
        ("Title,Kind,Hours", "A,development,2d", "Hours: Development is sized in story points, not by a time box. Give it points instead."),
        ("Title,Kind,Points", "A,development,4", "Points: Story points are 0.5, 1, 2, 3, 5, 8 or 13."),
        ("Title,Kind,Points", "A,development,many", "Points: That is not a number."),
        ("Title,Kind,Hours", "A,research,a while", "Hours: That is not a number."),
        ("Title,Kind,Hours", "A,research,3w", "Hours: A time box is at most 10 days (80 hours) here. Split the question."),
        ("Title,Kind,Hypothesis", "A,research,It works.", "Hypothesis: Research has no hypothesis."),
        ("Title,Kind,Metrics", "A,experiment,good", "Metrics: “good” is not a metric. Write it like “macro-F1 >= 0.9”."),
        ("Title,Kind,Confidence", "A,development,firm", "Requirements clear: Firm points need clear requirements."),
        ("Title,Kind,Bucket", "A,development,fun", "Bucket: A card counts as committed, experiments or learning."),
        ("Title,Kind", f"{'x' * 201},development", "Title: A title is at most 200 characters; this has 201."),
        ("Title,Kind", ",development", "Title: A title can't be empty."),
        ("Title,Kind", "A,gadget", "Kind: “gadget” is not a kind of card. Write research, experiment, development or maintenance."),
        ("Title,Key", f"A,{'k' * 101}", "Key: A key is at most 100 characters."),
    ],
)
def test_every_rule_is_asked_of_a_row(world: World, header: str, row: str, problem: str) -> None:
    found = only(planned(world.lead, file(header, row)))
    assert (found.line, found.will) == (2, "refuse")
    assert found.problem.startswith(problem)


@pytest.mark.parametrize(
    ("cells", "stage", "note"),
    [
        ("A,research,Active,q,s,4", "active", "You become its owner."),
        (
            "A,research,Decision,q,s,4",
            "active",
            "In Active, not in Decision: Report what you learned first: that is what moves a card to Analysis.",
        ),
        ("A,research,Active,q,,4", "ideation", "In Ideation, not in Active: Say in a sentence what success would be."),
        ("A,research,In Progress,q,s,4", "active", "You become its owner."),
        ("A,research,Parked,q,s,4", "ideation", "“Parked” is not a stage here, so it starts in Ideation."),
    ],
)
def test_a_card_goes_as_far_as_the_rules_allow_and_says_so(world: World, cells: str, stage: str, note: str) -> None:
    row = only(imported(world.lead, file("Title,Kind,Stage,Question,Success,Hours", cells), good_rows=False))
    assert (row.stage, row.notes[0]) == (stage, note)
    assert Task.objects.get().stage == stage


def test_without_a_title_column_nothing_is_read(world: World) -> None:
    with pytest.raises(Refusal, match=r"Name one of them Title or Summary\. Found: Foo, Bar\."):
        planned(world.lead, file("Foo,Bar", "1,2"))


def test_nothing_of_another_team_is_shown_or_changed(world: World) -> None:
    theirs = Task.plan(world.other, kind="development", title="Secret", by=world.ivo)
    rows = file(
        "Ref,Title,Kind,Owner,Comparable to",
        f"{theirs.ref},Mine,development,ivo@example.org,{theirs.ref}",
        "X-1,Mine,development,nobody@example.org,X-9",
    )
    known, unknown = imported(world.lead, rows, good_rows=False).rows
    assert known.notes == [
        "Owner left out: ivo@example.org is not a member here.",
        "Without the comparable card OTHER-1: it is not a finished card here.",
    ]
    assert [note.replace("nobody", "ivo").replace("X-9", "OTHER-1") for note in unknown.notes] == known.notes
    theirs.refresh_from_db()
    assert (theirs.title, theirs.version, Task.objects.within(world.other).count()) == ("Secret", 1, 1)


def every_kind(world: World) -> None:
    plan = {"team": world.team, "by": world.lead}
    Task.plan(
        **plan, kind="research", title="=1+1", question="Why?", success="We know.", hours=12, labels=["a, b"], owner="omar@example.org"
    )
    f1 = {"name": "F1 > all", "direction": "higher", "target": 0.9, "baseline": 0.1}
    cost = {"name": "cost", "direction": "lower", "better_than_baseline_by": 1e-7}
    wins = {"hypothesis": "It wins.\n\nBy far.", "success": "It does.", "hours": "4.5", "bucket": "learning", "metrics": [f1, cost]}
    Task.plan(**plan, kind="experiment", title="'@home", **wins)
    Task.plan(
        **plan,
        kind="development",
        title="Build; it",
        points=0.5,
        deliverables=["API", {"text": "Docs", "done": True}, {"text": "UI", "struck_reason": "-none"}],
        labels=["x", "Y"],
    )
    Task.plan(
        **plan,
        kind="development",
        title="Firm",
        points=13,
        confidence="firm",
        requirements_clear=True,
        technology_known=True,
        description='# Text\n\n"quoted", and\ttabs',
    )
    card = Task.plan(**plan, kind="maintenance", title="Keep it up", serves="pipeline", work="bug", points=3, done_note="+fixed")
    card.move_to("done", world.lead)


def test_an_export_can_be_imported_again_elsewhere(world: World) -> None:
    every_kind(world)
    content = "".join(exported(world.lead)).encode()
    plan = imported(world.ivo, content, good_rows=False)
    assert plan.refused == []
    theirs = {task.external_id: task for task in Task.objects.within(world.other)}
    for task in Task.objects.within(world.team):
        copy = theirs[task.ref]
        assert (copy.kind, copy.stage) == (task.kind, task.stage)
        for name in fields_of(Kind(task.kind)):
            if name not in ("owner", "decider"):
                assert value_of(copy, name) == value_of(task, name), name


def test_an_export_says_where_each_clock_stands(world: World) -> None:
    with wall("2026-03-10 09:00"):
        world.experiment()
        task = world.started(world.experiment())
    with wall("2026-03-10 13:30"):
        extend(task, world.mei, hours=4, reason="One more seed.")
        lines = list(csv.DictReader(io.StringIO("".join(exported(world.vera)).removeprefix("\ufeff"))))
    names = ("hours", "original_hours", "used_hours", "box", "box_started_at", "box_ends_at", "box_extensions")
    assert sorted(tuple(line[name] for name in names) for line in lines) == [
        ("24", "24", "", "idle", "", "", ""),
        ("28", "24", "4.50", "running", "2026-03-10T09:00:00+00:00", "2026-03-13T13:00:00+00:00", "4: One more seed."),
    ]


def test_an_export_says_where_each_card_is_planned(world: World) -> None:
    carried, planned, free = world.development(), world.research(), world.maintenance()
    sprint = Sprint.plan(world.team, world.lead)
    sprint.take_in(carried, world.mei)
    sprint.start(world.lead)
    sprint.close(world.lead)
    Sprint.plan(world.team, world.lead).take_in(planned, world.mei)
    text = "".join(exported(world.vera)).removeprefix("\ufeff")
    told = {line["ref"]: (line["sprint"], line["carried_over"]) for line in csv.DictReader(io.StringIO(text))}
    assert told == {carried.ref: ("2", "1"), planned.ref: ("3", ""), free.ref: ("", "")}
    # To read only: elsewhere nobody knows the sprint, so the columns are named and left out.
    plan = imported(world.ivo, text.encode(), good_rows=False)
    assert [row.will for row in plan.rows] == ["create"] * 3
    assert {"sprint", "carried_over", "used_hours"} <= set(plan.unknown)
    assert not Seat.objects.within(world.other).exists()
    assert not Task.objects.within(world.other).exclude(carried=0).exists()


def test_an_own_export_makes_no_second_card(world: World) -> None:
    every_kind(world)
    plan = imported(world.lead, "".join(exported(world.lead)).encode(), good_rows=False)
    assert [(row.will, row.problem) for row in plan.rows] == [
        ("skip", f"{task.ref} is here already.") for task in Task.objects.within(world.team).in_order()
    ]


def test_every_cell_of_an_export_is_harmless(world: World) -> None:
    every_kind(world)
    text = "".join(exported(world.lead))
    assert '"\'=1+1"' in text or ",'=1+1," in text
    assert ",''@home," in text
    assert ",'+fixed," in text


def test_an_export_takes_the_same_queries_for_one_card_and_for_thirty(world: World, django_assert_num_queries) -> None:
    every_kind(world)
    with django_assert_num_queries(11):
        list(exported(world.lead))
    for number in range(30):
        Task.plan(world.team, kind="research", title=f"Q{number}", hours=4, labels=["a"], by=world.lead)
    with django_assert_num_queries(11):
        list(exported(world.lead))


CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
COLUMNS = [
    "Title",
    "Kind",
    "Stage",
    "Hours",
    "Points",
    "Labels",
    "Metrics",
    "Deliverables",
    "Owner",
    "Created",
    "Reporter",
    "Comment",
    "Comment",
    "Work",
    "Original Estimate",
]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(CELL, min_size=len(COLUMNS), max_size=len(COLUMNS)), min_size=1, max_size=3), st.sampled_from(["", *Kind.values]))
def test_no_cells_break_a_plan(world: World, rows: list[list[str]], kind: str) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in [row[0], kind or row[1], *row[2:]]) for row in rows]
    try:
        plan = planned(world.lead, file(",".join(COLUMNS), *quoted))
    except Refusal:
        return
    assert all(row.will in ("create", "refuse") for row in plan.rows)
    assert Task.objects.count() == 0
