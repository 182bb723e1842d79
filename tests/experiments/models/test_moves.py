"""Moving a card: what each stage asks, what a start does, the order people give, and undoing (PRODUCT sections 1 and 2)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from dsboard.errors import Forbidden, Stale
from dsboard.models import Activity
from experiments.models import Task, moves
from experiments.stages import DAYS_ON_BOARD, Lane, Stage
from tests.rows import rows_written
from tests.world import World, history_of, order_of, refuses, wall


def again(task: Task) -> Task:
    return Task.objects.get(pk=task.pk)


class TestWhatAStageAsks:
    @pytest.mark.parametrize(
        ("lacking", "sentence"),
        [
            ({"question": ""}, "Write the question before its clock starts."),
            ({"success": ""}, "Say in a sentence what success would be."),
            ({"hours": None}, "Give it a time box before its clock starts."),
        ],
    )
    def test_research_starts_with_question_success_and_time_box(self, world: World, lacking: dict[str, Any], sentence: str) -> None:
        task = world.research(**lacking)
        with refuses(sentence, fields=set(lacking)):
            task.move_to(Stage.ACTIVE, world.mei)
        assert again(task).stage == Stage.IDEATION

    @pytest.mark.parametrize(
        ("lacking", "sentence"),
        [
            ({"hypothesis": ""}, "Write the hypothesis before its clock starts."),
            ({"success": ""}, "Say in a sentence what success would be."),
            ({"metrics": []}, "Name at least one success metric with a number to meet."),
            ({"hours": None}, "Give it a time box before its clock starts."),
        ],
    )
    def test_an_experiment_needs_a_metric_too(self, world: World, lacking: dict[str, Any], sentence: str) -> None:
        task = world.experiment(**lacking)
        with refuses(sentence, fields=set(lacking)):
            task.move_to(Stage.ACTIVE, world.mei)

    def test_all_that_lacks_is_named_at_once(self, world: World) -> None:
        task = Task.plan(world.team, kind="research", title="A card", by=world.mei)
        question, box = "Write the question before its clock starts.", "Give it a time box before its clock starts."
        sentences = f"{question} Say in a sentence what success would be. {box}"
        with refuses(sentences, fields={"question", "success", "hours"}):
            task.move_to(Stage.ACTIVE, world.mei)

    def test_analysis_asks_for_findings_and_names_the_form(self, world: World) -> None:
        task = world.started(world.experiment())
        with refuses("Report what you learned first: that is what moves a card to Analysis.", fields={"findings"}, way="findings"):
            task.move_to(Stage.ANALYSIS, world.mei)

    def test_decision_is_entered_by_deciding_only(self, world: World) -> None:
        task = world.in_analysis()
        sentence = f"A card enters Decision by a decision. Decide on {task.ref} instead of moving it."
        with refuses(sentence, fields={"stage"}, way="decision"):
            task.move_to(Stage.DECISION, world.lead)

    @pytest.mark.parametrize("stage", [Stage.IDEATION, Stage.ACTIVE, Stage.ANALYSIS])
    def test_and_left_by_reversing_only(self, world: World, stage: str) -> None:
        task = world.decided().task
        sentence = f"{task.ref} is decided. Reverse the decision to take it back to Analysis."
        with refuses(sentence, fields={"stage"}, way="reversal"):
            task.move_to(stage, world.lead)

    @pytest.mark.parametrize(
        ("lacking", "sentence"),
        [
            ({"deliverables": []}, "Name at least one deliverable before work starts."),
            ({"points": None}, "Size it in story points before work starts."),
        ],
    )
    def test_development_starts_with_a_deliverable_and_points(self, world: World, lacking: dict[str, Any], sentence: str) -> None:
        task = world.development(**lacking)
        for stage in (Stage.IN_PROGRESS, Stage.REVIEW):
            with refuses(sentence, fields=set(lacking)):
                task.move_to(stage, world.mei)

    def test_and_ends_with_each_deliverable_ticked_or_struck(self, world: World) -> None:
        task = world.started(world.development(deliverables=["Endpoint", "Client", "Retries"]))
        with refuses("Tick 3 deliverables, or strike with a reason, before it is done.", fields={"deliverables"}):
            task.move_to(Stage.DONE, world.mei)
        settled = [{"text": "Endpoint", "done": True}, {"text": "Client", "struck_reason": "Called directly."}, {"text": "Retries"}]
        task.change(world.mei, deliverables=settled)
        with refuses("Tick “Retries”, or strike with a reason, before it is done.", fields={"deliverables"}):
            task.move_to(Stage.DONE, world.mei)
        settled[2]["done"] = True
        task.change(world.mei, deliverables=settled)
        task.move_to(Stage.DONE, world.mei)
        assert again(task).stage == Stage.DONE

    @pytest.mark.parametrize(
        ("lacking", "sentence"),
        [
            ({"serves": ""}, "Name the model or pipeline that this work serves."),
            ({"work": ""}, "Say what it is: monitoring, retraining, data pipeline, bug fix or improvement."),
        ],
    )
    def test_maintenance_says_what_it_serves_and_what_it_is(self, world: World, lacking: dict[str, Any], sentence: str) -> None:
        task = world.maintenance(**lacking)
        with refuses(sentence, fields=set(lacking)):
            task.move_to(Stage.IN_PROGRESS, world.mei)

    def test_and_ends_with_a_line_on_what_was_done(self, world: World) -> None:
        task = world.started(world.maintenance())
        with refuses("Leave a line on what was done.", fields={"done_note"}):
            task.move_to(Stage.DONE, world.mei)

    @pytest.mark.parametrize("stage", [Stage.READY, Stage.DONE, "", "somewhere"])
    def test_each_kind_walks_its_own_four_stages(self, world: World, stage: str) -> None:
        task = world.experiment()
        with refuses("Experiment walks Ideation, Active, Analysis and Decision. Choose one of these.", fields={"stage"}):
            task.move_to(stage, world.mei)

    def test_what_a_stage_asked_for_can_not_be_taken_away_in_it(self, world: World) -> None:
        task = world.started(world.experiment())
        with refuses("Say in a sentence what success would be.", fields={"success"}):
            task.change(world.mei, success="")
        with refuses("Name at least one success metric with a number to meet.", fields={"metrics"}):
            task.change(world.mei, metrics=[])

    def test_viewers_and_outsiders_move_nothing(self, world: World) -> None:
        task = world.experiment()
        with refuses("You can read everything here. To move cards, ask a lead to make you a member.", kind=Forbidden):
            task.move_to(Stage.ACTIVE, world.vera)
        with refuses("That belongs to another team.", kind=Forbidden):
            task.move_to(Stage.ACTIVE, world.ivo)


class TestWhatAMoveWrites:
    """Four rows at most, whatever it starts or stops: the card, its clock, one line of history and the team's version."""

    def test_a_new_place(self, world: World) -> None:
        world.experiment()
        other = world.experiment(title="Fewer features")
        self.writes({"experiments_task": 1, "dsboard_activity": 1}, other, Stage.IDEATION, world.mei, after="FRAUD-1")

    def test_a_start_a_way_back_and_another_start(self, world: World) -> None:
        task, clock = world.experiment(), {"experiments_task": 1, "experiments_timebox": 1, "dsboard_activity": 1}
        self.writes(clock, task, Stage.ACTIVE, world.omar)
        self.writes(clock, task, Stage.IDEATION, world.mei)
        self.writes(clock, task, Stage.ACTIVE, world.mei)

    def test_back_from_analysis_and_there_again(self, world: World) -> None:
        task, clock = world.in_analysis(), {"experiments_task": 1, "experiments_timebox": 1, "dsboard_activity": 1}
        self.writes(clock, task, Stage.ACTIVE, world.mei)
        self.writes(clock, task, Stage.ANALYSIS, world.mei)

    def test_development_and_maintenance(self, world: World) -> None:
        for task in (world.development(), world.maintenance()):
            self.writes({"experiments_task": 1, "dsboard_activity": 1}, task, Stage.IN_PROGRESS, world.omar)
            self.writes({"experiments_task": 1, "dsboard_activity": 1}, task, Stage.REVIEW, world.omar)

    def test_undoing_a_start(self, world: World) -> None:
        task = world.experiment()
        activity = task.move_to(Stage.ACTIVE, world.omar)
        with rows_written() as rows:
            moves.undo(again(task), activity, world.omar)
        assert rows == {"experiments_task": 1, "experiments_timebox": 1, "dsboard_activity": 1, "dsboard_pulse": 1}

    def writes(self, rows: dict[str, int], task: Task, stage: Stage, *args: Any, **kwargs: Any) -> None:
        with rows_written() as found:
            assert again(task).move_to(stage, *args, **kwargs)
        assert found == rows | {"dsboard_pulse": 1}


class TestAStart:
    def test_it_starts_the_clock_and_makes_the_mover_the_owner(self, world: World) -> None:
        task = world.experiment()
        activity = task.move_to(Stage.ACTIVE, world.omar)
        task = again(task)
        assert (task.stage, task.lane, task.owner, task.version) == (Stage.ACTIVE, Lane.IN_PROGRESS, world.omar.user, 2)
        assert (task.box.state, task.started_at) == ("running", task.box.started_at)
        assert activity is not None
        assert (activity.verb, activity.before, activity.after, activity.actor) == ("moved", "ideation", "active", world.omar.user)
        assert activity.also == {"owner": {"before": None, "after": "omar@example.org"}}
        assert history_of(task)[1:] == [("moved", "stage", "ideation", "active")]

    def test_whoever_names_another_owner_meanwhile_hears_of_it(self, world: World) -> None:
        """One line of history tells of the stage and of the owner, and counts as a change of both."""
        task = world.experiment()
        task.move_to(Stage.ACTIVE, world.omar)
        with refuses("Omar changed the owner of FRAUD-1 first. Your change was not saved.", fields={"owner"}, kind=Stale):
            again(task).change(world.lead, version=1, owner="mei@example.org")
        again(task).change(world.lead, version=1, title="It merges")

    def test_an_owner_stays_the_owner(self, world: World) -> None:
        task = world.development(owner="mei@example.org")
        task.move_to(Stage.IN_PROGRESS, world.omar)
        assert again(task).owner == world.mei.user

    def test_back_from_analysis_the_clock_runs_again(self, world: World) -> None:
        task = world.in_analysis()
        began = again(task).box.started_at
        assert again(task).box.state == "closed"
        task.move_to(Stage.ACTIVE, world.mei)
        assert (again(task).box.state, again(task).box.started_at) == ("running", began)

    def test_the_length_of_the_box_is_settled_then(self, world: World) -> None:
        task = world.started(world.experiment())
        sentence = "The clock has started, so the length of the time box is settled. Extend it with a reason instead."
        with refuses(sentence, fields={"hours"}):
            task.change(world.mei, hours=40)
        assert task.change(world.mei, hours=24) == []

    def test_an_ended_card_says_when_and_an_opened_one_no_more(self, world: World) -> None:
        task = world.done()
        assert again(task).ended_at is not None
        task.move_to(Stage.REVIEW, world.mei)
        assert again(task).ended_at is None

    def test_it_leaves_the_boards_a_fortnight_after_its_end(self, world: World) -> None:
        task = world.done()
        for days, there in ((DAYS_ON_BOARD - 1, True), (DAYS_ON_BOARD + 1, False)):
            with time_machine.travel(timezone.now() + timedelta(days=days)):
                assert Task.objects.within(world.team).on_boards().filter(pk=task.pk).exists() is there


class TestThePlace:
    def three(self, world: World) -> list[Task]:
        return [world.research(title=title) for title in ("A", "B", "C")]

    @pytest.mark.parametrize(
        ("before", "after", "order"),
        [
            ("FRAUD-1", "FRAUD-2", "132"),
            ("FRAUD-1", "", "132"),
            ("", "FRAUD-1", "312"),
            ("", "FRAUD-2", "132"),
            ("FRAUD-2", "", "123"),
            ("", "", "123"),
        ],
    )
    def test_between_the_named_neighbours(self, world: World, before: str, after: str, order: str) -> None:
        third = self.three(world)[2]
        third.move_to(Stage.IDEATION, world.mei, before=before, after=after)
        assert order_of(world.team, Lane.READY) == [f"FRAUD-{number}" for number in order]

    def test_a_new_place_is_one_line_of_history(self, world: World) -> None:
        first, _, _ = self.three(world)
        first.move_to(Stage.IDEATION, world.mei, before="FRAUD-2", after="FRAUD-3")
        assert history_of(first)[1:] == [("reordered", "place", None, "FRAUD-2")]
        assert again(first).version == 2

    def test_where_it_stands_already_nothing_happens(self, world: World) -> None:
        first, second, third = self.three(world)
        for task, before, after in ((third, "", ""), (second, "FRAUD-1", "FRAUD-3"), (third, "FRAUD-2", ""), (first, "", "FRAUD-2")):
            assert task.move_to(Stage.IDEATION, world.mei, before=before, after=after) is None
            assert again(task).version == 1

    def test_a_neighbour_that_left_is_said(self, world: World) -> None:
        first, second, third = self.three(world)
        second.move_to(Stage.ACTIVE, world.mei)
        with refuses("FRAUD-2 is no longer there. Look again and drop the card where it belongs.", kind=Stale):
            third.move_to(Stage.IDEATION, world.mei, before="FRAUD-2")
        theirs = world.research(by=world.ivo)
        with refuses(f"{theirs.ref} is no longer there. Look again and drop the card where it belongs.", kind=Stale):
            first.move_to(Stage.IDEATION, world.mei, after=theirs.ref)

    def test_whoever_came_between_stays_below(self, world: World) -> None:
        first, second, third = self.three(world)
        newcomer = world.research()
        newcomer.move_to(Stage.IDEATION, world.mei, before=first.ref, after=second.ref)
        third.move_to(Stage.IDEATION, world.mei, before=first.ref, after=second.ref)
        assert order_of(world.team, Lane.READY) == [first.ref, third.ref, newcomer.ref, second.ref]

    def test_a_move_writes_one_row_of_tasks(self, world: World, django_assert_max_num_queries: Any) -> None:
        task = [world.research() for _ in range(30)][-1]
        task.move_to(Stage.ACTIVE, world.mei)
        before = {row["id"]: row for row in Task.objects.values()}
        with django_assert_max_num_queries(20) as queries:
            task.move_to(Stage.IDEATION, world.mei, before="FRAUD-3", after="FRAUD-4")
        changed = [row["id"] for row in Task.objects.values() if row != before[row["id"]]]
        assert changed == [task.pk]
        assert len([query for query in queries if query["sql"].startswith("UPDATE") and '"experiments_task"' in query["sql"]]) == 1


class TestSomebodyWasFirst:
    def test_a_move_on_what_is_no_longer_so_is_refused(self, world: World) -> None:
        task = world.started(world.maintenance())
        seen = task.version
        again(task).move_to(Stage.REVIEW, world.omar)
        sentence = "Omar moved FRAUD-1 first. It is in Review now; your move was not saved."
        with refuses(sentence, kind=Stale):
            task.move_to(Stage.READY, world.mei, version=seen)

    def test_the_answer_holds_the_card_as_it_is(self, world: World) -> None:
        task = world.started(world.maintenance())
        seen = task.version
        again(task).move_to(Stage.REVIEW, world.omar)
        with pytest.raises(Stale) as caught:
            task.move_to(Stage.READY, world.mei, version=seen)
        assert (caught.value.current.stage, caught.value.current.version) == (Stage.REVIEW, seen + 1)

    def test_an_edit_or_a_comment_in_between_is_no_matter(self, world: World) -> None:
        task = world.maintenance()
        seen = task.version
        again(task).change(world.omar, title="Another title")
        task.move_to(Stage.IN_PROGRESS, world.mei, version=seen)
        assert (again(task).stage, again(task).title) == (Stage.IN_PROGRESS, "Another title")

    def test_a_version_that_never_was_is_refused(self, world: World) -> None:
        task = world.maintenance()
        with refuses("Somebody moved FRAUD-1 first. It is in Ready now; your move was not saved.", kind=Stale):
            task.move_to(Stage.IN_PROGRESS, world.mei, version=99)


class TestUndo:
    def test_a_move_goes_back_below_the_card_that_was_above(self, world: World) -> None:
        first, second, third = (world.maintenance() for _ in range(3))
        activity = second.move_to(Stage.IN_PROGRESS, world.mei)
        undone = moves.undo(second, activity, world.mei)
        assert order_of(world.team, Lane.READY) == [first.ref, second.ref, third.ref]
        assert undone is not None
        assert (undone.verb, undone.before, undone.after) == ("undid", "in_progress", "ready")
        redone = moves.undo(second, undone, world.mei)
        assert redone is not None
        assert again(second).stage == Stage.IN_PROGRESS

    def test_from_the_top_back_to_the_top(self, world: World) -> None:
        first, second = world.maintenance(), world.maintenance()
        moves.undo(first, first.move_to(Stage.IN_PROGRESS, world.mei), world.mei)
        assert order_of(world.team, Lane.READY) == [first.ref, second.ref]

    def test_a_new_place_too(self, world: World) -> None:
        first, second, third = (world.maintenance() for _ in range(3))
        moves.undo(first, first.move_to(Stage.READY, world.mei, before=third.ref), world.mei)
        moves.undo(third, third.move_to(Stage.READY, world.mei, after=first.ref), world.mei)
        assert order_of(world.team, Lane.READY) == [first.ref, second.ref, third.ref]

    def test_a_start_undone_at_once_never_happened(self, world: World) -> None:
        task = world.experiment()
        activity = task.move_to(Stage.ACTIVE, world.omar)
        moves.undo(task, activity, world.omar)
        task = again(task)
        assert (task.stage, task.started_at, task.owner, task.box.state) == (Stage.IDEATION, None, None, "idle")

    def test_a_start_undone_later_pauses_its_clock_and_keeps_its_owner(self, world: World) -> None:
        task = world.experiment()
        with wall("2026-03-10 09:00"):
            activity = task.move_to(Stage.ACTIVE, world.omar)
        with wall("2026-03-10 09:02"):
            moves.undo(task, activity, world.omar)
        task = again(task)
        assert (task.stage, task.owner, task.box.state) == (Stage.IDEATION, world.omar.user, "paused")

    def test_not_when_the_card_moved_again(self, world: World) -> None:
        task = world.maintenance()
        activity = task.move_to(Stage.IN_PROGRESS, world.mei)
        task.move_to(Stage.REVIEW, world.mei)
        with refuses("FRAUD-1 moved again since; it is in Review now."):
            moves.undo(task, activity, world.mei)

    def test_not_after_thirty_days(self, world: World) -> None:
        task = world.maintenance()
        activity = task.move_to(Stage.IN_PROGRESS, world.mei)
        with time_machine.travel(timezone.now() + timedelta(days=31)), refuses("This was over 30 days ago and can't be undone any more."):
            moves.undo(task, activity, world.mei)

    def test_not_into_or_out_of_a_decision(self, world: World) -> None:
        task = world.in_analysis()
        activity = Activity.objects.of(task).filter(field="stage").last()
        world.decided(task=task)
        with refuses(f"{task.ref} moved again since; it is in Decision now."):
            moves.undo(task, activity, world.lead)
        decided = Activity.objects.of(task).filter(field="stage").last()
        with refuses(f"{task.ref} is decided. Reverse the decision instead.", way="reversal"):
            moves.undo(task, decided, world.lead)

    def test_not_what_is_off_the_board(self, world: World) -> None:
        task = world.maintenance()
        activity = task.move_to(Stage.IN_PROGRESS, world.mei)
        task.delete_to_bin(world.mei)
        with refuses("FRAUD-1 is off the board. Restore it first."):
            moves.undo(task, activity, world.mei)

    def test_not_past_what_a_stage_asks(self, world: World) -> None:
        task = world.started(world.development())
        activity = task.move_to(Stage.READY, world.mei)
        task.change(world.mei, deliverables=[])
        with refuses("Name at least one deliverable before work starts.", fields={"deliverables"}):
            moves.undo(task, activity, world.mei)
