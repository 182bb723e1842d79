"""The four kinds of task: what each is made of, sized by, and refuses (PRODUCT section 1)."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dsboard.errors import Forbidden, Refusal
from dsboard.models import Notice, Team
from experiments.models import SearchEntry, Task, TimeBox
from experiments.models.fields import fields_of, value_of
from experiments.stages import Bucket, Kind, Lane, Phase, Stage
from tests.world import F1, World, history_of, order_of, refuses

BOX = "sized by a time box, not by story points. Give it hours instead."
POINTS = "sized in story points, not by a time box. Give it points instead."
KINDS = (
    (Kind.RESEARCH, Stage.IDEATION, Bucket.EXPERIMENTS, Phase.EXPLORE),
    (Kind.EXPERIMENT, Stage.IDEATION, Bucket.EXPERIMENTS, Phase.EXPLORE),
    (Kind.DEVELOPMENT, Stage.READY, Bucket.COMMITTED, Phase.PROTOTYPE),
    (Kind.MAINTENANCE, Stage.READY, Bucket.COMMITTED, ""),
)


@pytest.mark.parametrize(("kind", "stage", "bucket", "phase"), KINDS)
def test_a_title_is_enough_to_plan_a_card_of_any_kind(world: World, kind: str, stage: str, bucket: str, phase: str) -> None:
    task = Task.plan(world.team, kind=kind, title="  Look   closer ", by=world.mei)
    task.refresh_from_db()
    assert (task.ref, task.title, task.kind, task.stage, task.lane) == ("FRAUD-1", "Look closer", kind, stage, Lane.READY)
    assert (task.bucket, task.phase, task.owner, task.created_by, task.version) == (bucket, phase, None, world.mei.user, 1)
    assert history_of(task) == [("created", "", None, "Look closer")]
    assert SearchEntry.objects.get(task=task).team == world.team


def test_new_cards_go_to_the_end_of_a_lane_that_all_kinds_share(world: World) -> None:
    refs = [task.ref for task in (world.experiment(), world.maintenance(), world.research(), world.development())]
    assert order_of(world.team, Lane.READY) == refs == ["FRAUD-1", "FRAUD-2", "FRAUD-3", "FRAUD-4"]


def test_numbers_are_the_team_s_own_and_never_given_twice(world: World) -> None:
    world.experiment().delete_to_bin(world.lead)
    assert world.experiment().ref == "FRAUD-2"
    assert world.research(by=world.ivo).ref == "OTHER-1"


def test_every_field_of_a_kind_is_kept(world: World) -> None:
    task = world.experiment(
        description="Look at **all** of it.",
        owner="omar@example.org",
        decider="ines@example.org",
        labels=["nlp", "NLP", " fraud  rings "],
        bucket="learning",
        metrics=[F1, {"name": "cost", "direction": "lower", "better_than_baseline_by": 2, "baseline": 10}],
        hours="4.5",
    )
    task = Task.objects.get(pk=task.pk)
    assert {name: value_of(task, name) for name in fields_of(Kind.EXPERIMENT)} == {
        "title": "BERT vs GPT comparison",
        "description": "Look at **all** of it.",
        "owner": "omar@example.org",
        "decider": "ines@example.org",
        "labels": ["fraud rings", "nlp"],
        "bucket": "learning",
        "hypothesis": "Fine-tuned BERT beats GPT-2.",
        "success": "Better at a third of the cost.",
        "metrics": [
            {"name": "macro-F1", "direction": "higher", "target": 0.9, "better_than_baseline_by": None, "baseline": None},
            {"name": "cost", "direction": "lower", "target": None, "better_than_baseline_by": 2.0, "baseline": 10.0},
        ],
        "hours": 4.5,
    }
    assert "<strong>all</strong>" in task.description_html
    assert (TimeBox.objects.get(task=task).hours, task.box.state) == (Decimal("4.5"), "idle")


@pytest.mark.parametrize(
    ("kind", "fields", "named", "sentence"),
    [
        ("research", {"points": 3}, "points", "Research is " + BOX),
        ("experiment", {"points": 3}, "points", "Experiment is " + BOX),
        (
            "experiment",
            {"confidence": "firm"},
            "confidence",
            "Experiment is " + BOX,
        ),
        ("development", {"hours": 8}, "hours", "Development is " + POINTS),
        ("maintenance", {"hours": 8}, "hours", "Maintenance is " + POINTS),
        ("maintenance", {"deliverables": ["x"]}, "deliverables", "Maintenance has no deliverables."),
        ("research", {"hypothesis": "x"}, "hypothesis", "Research has no hypothesis."),
        ("development", {"done_note": "x"}, "done_note", "Development has no done note."),
        ("maintenance", {"confidence": "rough"}, "confidence", "Maintenance has no confidence."),
    ],
)
def test_a_kind_refuses_what_is_not_its_own_and_says_what_to_use(world: World, kind: str, fields: Any, named: str, sentence: str) -> None:
    with refuses(sentence, fields={named}):
        Task.plan(world.team, kind=kind, title="A card", by=world.mei, **fields)


def test_an_empty_field_of_another_kind_is_no_matter(world: World) -> None:
    task = Task.plan(world.team, kind="research", title="A card", by=world.mei, points=None, deliverables=[], serves="")
    assert task.points is None


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("title", " ", "A title can't be empty."),
        ("title", "x" * 201, "A title is at most 200 characters; this has 201."),
        ("description", "x" * 65_537, "The description is longer than 64 KB. Keep the long part elsewhere and link to it."),
        ("owner", "ivo@example.org", "Nobody with the address ivo@example.org is in this team."),
        ("owner", "vera@example.org", "Vera Lind is a viewer here. Cards are for members and leads."),
        ("decider", "nobody@example.org", "Nobody with the address nobody@example.org is in this team."),
        ("labels", ["x" * 41], "A label is at most 40 characters."),
        ("labels", [str(i) for i in range(21)], "A card has at most 20 labels."),
        ("bucket", "other", "A card counts as committed, experiments or learning."),
        ("hypothesis", "x" * 2001, "A hypothesis is at most 2000 characters; this has 2001."),
        ("success", "x" * 501, "The success sentence is at most 500 characters; this has 501."),
        ("hours", 0, "A time box has a length: 4 hours, 2 days, a week."),
        ("hours", -1, "A time box has a length: 4 hours, 2 days, a week."),
        ("hours", 81, "A time box is at most 10 days (80 hours) here. Split the question."),
        ("hours", "NaN", "That is not a number."),
        ("hours", "soon", "That is not a number."),
        ("hours", "1.005", "Give the hours with at most two decimals."),
        ("metrics", [{"name": " ", "target": 1}], "A metric needs a name."),
        ("metrics", [F1, F1], "macro-F1 is there twice."),
        ("metrics", [F1 | {"direction": "up"}], "For macro-F1, say whether higher or lower is better."),
        ("metrics", [{"name": "AUC"}], "AUC needs a target, or a margin over the baseline; one of the two."),
        ("metrics", [F1 | {"better_than_baseline_by": 1}], "macro-F1 needs a target, or a margin over the baseline; one of the two."),
        ("metrics", [F1 | {"target": "high"}], "A target needs a number. Try “macro-F1 ≥ 0.90”."),
        ("metrics", [F1 | {"target": float("inf")}], "A target needs a number. Try “macro-F1 ≥ 0.90”."),
        ("metrics", [{"name": "AUC", "better_than_baseline_by": -1}], "A margin over the baseline is zero or more."),
    ],
)
def test_each_field_says_what_is_wrong_with_it(world: World, name: str, value: Any, sentence: str) -> None:
    with refuses(sentence, fields={name}):
        world.experiment(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("points", 4, "Story points are 0.5, 1, 2, 3, 5, 8 or 13."),
        ("points", "many", "That is not a number."),
        ("confidence", "sure", "Points are rough or firm."),
        ("deliverables", [" "], "A deliverable says what is delivered."),
        ("deliverables", [{"text": "x", "done": True, "struck_reason": "y"}], "“x” is either done or struck, not both."),
        ("deliverables", ["x" * 201], "A deliverable and its reason are at most 200 characters each."),
        ("comparable_to", "FRAUD-99", "FRAUD-99 is not a finished development card of this team."),
    ],
)
def test_each_field_of_development_too(world: World, name: str, value: Any, sentence: str) -> None:
    with refuses(sentence, fields={name}):
        world.development(**{name: value})


def test_all_that_is_wrong_is_said_at_once(world: World) -> None:
    with refuses("A title can't be empty. That is not a number.", fields={"title", "hours"}):
        world.experiment(title="", hours="x")


@pytest.mark.parametrize("kind", ["", "epic", None])
def test_an_unknown_kind_is_refused(world: World, kind: Any) -> None:
    with refuses("A card is research, an experiment, development or maintenance.", fields={"kind"}):
        Task.plan(world.team, kind=kind, title="A card", by=world.mei)


def test_viewers_and_outsiders_add_nothing(world: World) -> None:
    with refuses("You can read everything here. To add cards, ask a lead to make you a member.", kind=Forbidden):
        world.research(by=world.vera)
    with refuses("That belongs to another team.", kind=Forbidden):
        Task.plan(world.team, kind="research", title="A card", by=world.ivo)


def test_somebody_of_another_team_is_never_found_by_address(world: World) -> None:
    task = world.experiment()
    with refuses("Nobody with the address ivo@example.org is in this team.", fields={"owner"}):
        task.change(world.lead, owner="IVO@example.org ")


@pytest.mark.parametrize(("points", "kept"), [(0.5, "0.5"), ("13", "13.0"), (1.0, "1.0"), ("", None)])
def test_story_points(world: World, points: Any, kept: str | None) -> None:
    task = world.maintenance(points=points)
    assert task.points == (Decimal(kept) if kept else None)


class TestFirmPoints:
    """Firm points ask for two ticks and name a comparable finished card."""

    def test_both_ticks_are_asked_for(self, world: World) -> None:
        asked = (
            "Firm points need clear requirements. Tick it, or keep the points rough. "
            "Firm points need known technology. Tick it, or keep the points rough."
        )
        with refuses(asked, fields={"requirements_clear", "technology_known"}):
            world.development(confidence="firm")

    def test_with_both_ticks_they_stand_beside_a_finished_card(self, world: World) -> None:
        finished = world.done()
        task = world.development(confidence="firm", requirements_clear=True, technology_known=True, comparable_to=finished.ref)
        assert (task.confidence, task.comparable_to, task.phase) == ("firm", finished, Phase.PRODUCTIONIZE)

    def test_a_tick_can_not_be_taken_back_while_they_are_firm(self, world: World) -> None:
        task = world.development(confidence="firm", requirements_clear=True, technology_known=True)
        with refuses("Firm points need known technology. Tick it, or keep the points rough.", fields={"technology_known"}):
            task.change(world.mei, technology_known=False)
        task.change(world.mei, technology_known=False, confidence="rough")
        assert Task.objects.get(pk=task.pk).confidence == "rough"

    def test_only_a_finished_development_card_is_comparable(self, world: World) -> None:
        for other in (world.development(), world.done(world.maintenance()), world.decided().task):
            with refuses(f"{other.ref} is not a finished development card of this team.", fields={"comparable_to"}):
                world.development(comparable_to=other.ref)


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "research"},
        {"stage": "done", "lane": "done", "kind": "experiment"},
        {"lane": "done"},
        {"points": 4},
        {"confidence": "firm"},
        {"stage": "in_progress", "lane": "in_progress", "points": None},
        {"kind": "maintenance", "stage": "done", "lane": "done", "confidence": ""},
        {"title": ""},
        {"bucket": "other"},
        {"dropped_at": "2026-01-01T00:00Z"},
        {"deleted_at": "2026-01-01T00:00Z"},
        {"ref": "FRAUD-2"},
        {"number": 2},
    ],
)
def test_the_database_itself_holds_the_rules(world: World, columns: dict[str, Any]) -> None:
    task, _ = world.development(), world.development()
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(**columns)


def test_two_cards_never_share_a_place(world: World) -> None:
    first, second = world.development(), world.research()
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=first.pk).update(rank=second.rank)


def test_watching_is_for_anyone_who_can_read(world: World) -> None:
    task = world.research()
    task.watch(world.vera, on=True)
    task.watch(world.vera, on=True)
    assert list(task.watchers.all()) == [world.vera.user]
    task.watch(world.vera, on=False)
    assert list(task.watchers.all()) == []
    with refuses("That belongs to another team.", kind=Forbidden):
        task.watch(world.ivo, on=True)


def test_who_gets_a_card_from_somebody_else_is_told(world: World) -> None:
    task = world.research()
    task.change(world.mei, owner="omar@example.org")
    task.change(world.lead, owner="ines@example.org")
    notices = list(Notice.objects.values_list("user__name", "title", "text"))
    assert notices == [("Omar Haddad", "Mei gave you FRAUD-1", "Look for ring signals")]


def test_within_a_team_there_is_nothing_of_another(world: World) -> None:
    mine, theirs = world.research(), world.research(by=world.ivo)
    assert list(Task.objects.within(world.team)) == [mine]
    assert list(Task.objects.within(world.other)) == [theirs]
    assert Team.objects.get(pk=world.other.pk).tasks.count() == 1


def test_lists_run_by_lane_then_place(world: World) -> None:
    done, active, idea = world.done(), world.started(world.experiment()), world.research()
    binned = world.research()
    binned.delete_to_bin(world.mei)
    assert list(Task.objects.within(world.team).in_order()) == [idea, binned, active, done]
    assert list(Task.objects.within(world.team).present().in_order()) == [idea, active, done]
    assert list(Task.objects.within(world.team).open().in_order()) == [idea, active]


def test_refusal_is_raised_before_a_number_is_spent(world: World) -> None:
    with pytest.raises(Refusal):
        world.experiment(hours=-1)
    assert world.experiment().number == 1
