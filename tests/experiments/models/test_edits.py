"""Editing a card: what changed is in history, what is stale is refused, what differs merges, and a kind can change early."""

import pytest

from dsboard.errors import Forbidden, Stale
from dsboard.models import Activity
from experiments.models import Task
from experiments.models.fields import value_of
from experiments.models.undo import take_back
from experiments.stages import Kind, Lane, Stage
from tests.world import F1, LATENCY, World, history_of, order_of, refuses


def again(task: Task) -> Task:
    return Task.objects.get(pk=task.pk)


def test_what_changed_is_told_field_by_field(world: World) -> None:
    task = world.experiment()
    changed = task.change(world.omar, title="BERT or GPT", success="Better at a third of the cost.", hours=16)
    assert changed == ["title", "hours"]
    assert history_of(task)[1:] == [("edited", "title", "BERT vs GPT comparison", "BERT or GPT"), ("edited", "hours", 24.0, 16.0)]
    assert (again(task).title, float(again(task).hours), again(task).version) == ("BERT or GPT", 16, 2)


def test_what_did_not_change_leaves_no_trace(world: World) -> None:
    task = world.experiment(labels=["nlp"])
    assert task.change(world.omar, title=" BERT vs  GPT comparison", hours="24.00", labels=["nlp"], metrics=[F1]) == []
    assert (again(task).version, len(history_of(task))) == (1, 1)


def test_metrics_deliverables_and_labels_are_replaced(world: World) -> None:
    task = world.experiment(labels=["nlp", "slow"])
    task.change(world.mei, metrics=[LATENCY, F1], labels=["NLP", "fast"])
    assert [metric.name for metric in again(task).metrics.all()] == ["latency", "macro-F1"]
    assert value_of(again(task), "labels") == ["fast", "nlp"]
    work = world.development()
    work.change(world.mei, deliverables=["A", {"text": "B", "done": True}])
    assert value_of(again(work), "deliverables")[1] == {"text": "B", "done": True, "struck_reason": ""}


def test_viewers_and_outsiders_edit_nothing(world: World) -> None:
    task = world.experiment()
    with refuses("You can read everything here. To edit cards, ask a lead to make you a member.", kind=Forbidden):
        task.change(world.vera, title="Mine")
    with refuses("That belongs to another team.", kind=Forbidden):
        task.change(world.ivo, title="Mine")


def test_one_wrong_field_and_nothing_is_written(world: World) -> None:
    task = world.experiment()
    with refuses("A time box has a length: 4 hours, 2 days, a week.", fields={"hours"}):
        task.change(world.mei, title="Another", hours=0)
    with refuses("Experiment has no serves.", fields={"serves"}):
        task.change(world.mei, title="Another", serves="ranker")


def test_a_card_in_the_bin_is_restored_first(world: World) -> None:
    task = world.experiment()
    task.delete_to_bin(world.mei)
    with refuses("FRAUD-1 is in the bin. Restore it first."):
        task.change(world.mei, title="Another")


class TestStale:
    def test_the_same_field_is_refused_and_the_other_named(self, world: World) -> None:
        task = world.experiment()
        seen = task.version
        again(task).change(world.omar, title="Omar's title")
        sentence = "Omar changed the title of FRAUD-1 first. Your change was not saved."
        with refuses(sentence, fields={"title"}, kind=Stale):
            task.change(world.mei, version=seen, title="Mei's title")
        with pytest.raises(Stale) as caught:
            again(task).change(world.mei, version=seen, title="Mei's title")
        assert (caught.value.current.title, caught.value.fields) == ("Omar's title", {"title": "Omar changed this first."})

    def test_another_field_merges(self, world: World) -> None:
        task = world.experiment()
        seen = task.version
        again(task).change(world.omar, title="Omar's title")
        task.change(world.mei, version=seen, success="Mei's sentence")
        assert (again(task).title, again(task).success) == ("Omar's title", "Mei's sentence")

    def test_the_same_value_twice_is_no_clash(self, world: World) -> None:
        task = world.experiment()
        seen = task.version
        again(task).change(world.omar, title="The title")
        assert task.change(world.mei, version=seen, title="The title") == []

    def test_a_stale_save_of_two_fields_saves_neither(self, world: World) -> None:
        task = world.experiment()
        seen = task.version
        again(task).change(world.omar, title="Omar's title")
        with refuses("Omar changed the title of FRAUD-1 first. Your change was not saved.", fields={"title"}, kind=Stale):
            task.change(world.mei, version=seen, title="Mei's title", success="Mei's sentence")

    def test_without_a_version_the_last_one_wins(self, world: World) -> None:
        task = world.experiment()
        again(task).change(world.omar, title="Omar's title")
        assert task.change(world.mei, title="Mei's title") == ["title"]

    def test_a_version_that_never_was(self, world: World) -> None:
        task = world.experiment()
        with refuses("Somebody changed the card of FRAUD-1 first. Your change was not saved.", kind=Stale):
            task.change(world.mei, version=9, title="Another")


class TestAnotherKind:
    def test_a_question_becomes_a_hypothesis_and_keeps_its_place_and_number(self, world: World) -> None:
        task, other = world.research(), world.research()
        assert task.change(world.mei, kind="experiment") == ["kind"]
        task = again(task)
        assert (task.kind, task.stage, value_of(task, "hypothesis")) == (
            Kind.EXPERIMENT,
            Stage.IDEATION,
            "Which signals tell fraud rings apart?",
        )
        assert float(task.hours) == 8
        assert order_of(world.team, Lane.READY) == [task.ref, other.ref]

    def test_what_no_longer_applies_is_kept_in_history(self, world: World) -> None:
        task = world.experiment()
        task.change(world.mei, kind="development", deliverables=["An endpoint"], points=3)
        task = again(task)
        assert (task.kind, task.stage, task.bucket, task.phase) == (Kind.DEVELOPMENT, Stage.READY, "committed", "prototype")
        assert (task.statement, task.success, task.box, task.metrics.count()) == ("", "", None, 0)
        line = Activity.objects.of(task).get(field="kind")
        assert (line.before, line.after, set(line.facts["gone"])) == (
            "experiment",
            "development",
            {"hypothesis", "success", "hours", "metrics"},
        )
        assert line.facts["gone"]["hours"] == 24

    def test_firm_points_do_not_stay_behind(self, world: World) -> None:
        task = world.development(confidence="firm", requirements_clear=True, technology_known=True)
        task.change(world.mei, kind="maintenance")
        task = again(task)
        assert (task.confidence, task.requirements_clear, float(task.points), task.phase) == ("", False, 5, "")

    def test_a_bucket_chosen_by_hand_stays(self, world: World) -> None:
        task = world.research(bucket="learning")
        task.change(world.mei, kind="maintenance")
        assert again(task).bucket == "learning"

    @pytest.mark.parametrize("kind", ["research", "development", "maintenance"])
    def test_not_once_the_clock_has_started(self, world: World, kind: str) -> None:
        task = world.started(world.experiment())
        task.move_to(Stage.IDEATION, world.mei)
        with refuses("Work on FRAUD-1 has started, so it stays experiment.", fields={"kind"}):
            task.change(world.mei, kind=kind)

    def test_a_dropped_card_gets_no_place_on_the_boards(self, world: World) -> None:
        task = world.research()
        task.drop(world.mei, "Nobody asks any more.")
        task.change(world.mei, kind=Kind.EXPERIMENT)
        assert (task.kind, task.rank) == (Kind.EXPERIMENT, None)

    def test_the_new_kind_refuses_what_is_not_its_own(self, world: World) -> None:
        task = world.experiment()
        with refuses("Development is sized in story points, not by a time box. Give it points instead.", fields={"hours"}):
            task.change(world.mei, kind="development", hours=8)


class TestTakingBack:
    def test_an_assignment(self, world: World) -> None:
        task = world.research()
        task.change(world.mei, owner="omar@example.org")
        said = take_back(task, Activity.objects.of(task).get(verb="assigned"), world.mei)
        assert (said, again(task).owner) == ("The owner of FRAUD-1 is as it was", None)

    def test_not_what_was_changed_again(self, world: World) -> None:
        task = world.research()
        task.change(world.mei, title="First")
        line = Activity.objects.of(task).get(field="title")
        task.change(world.mei, title="Second")
        with refuses("The title of FRAUD-1 changed again since, so this can't be undone."):
            take_back(task, line, world.mei)

    def test_a_drop_and_a_deletion(self, world: World) -> None:
        task = world.research()
        assert take_back(task, task.drop(world.mei, "No time."), world.mei) == "FRAUD-1 is back on the board"
        assert take_back(task, task.delete_to_bin(world.mei), world.mei) == "FRAUD-1 is back on the board"
        assert again(task).rank is not None

    def test_not_a_comment_or_a_decision(self, world: World) -> None:
        decision = world.decided()
        line = Activity.objects.of(decision.task).get(verb="decided")
        with refuses("This can't be undone."):
            take_back(decision.task, line, world.lead)
