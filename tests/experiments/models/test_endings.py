"""Leaving the boards before the end: dropped with a reason, into the bin, back again, and purged (PRODUCT sections 1 and 9)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from dsboard.errors import Forbidden
from experiments.models import Comment, Task
from experiments.models.bin import empty_bins
from experiments.models.link import build_on
from experiments.stages import Lane, Stage
from tests.world import World, history_of, order_of, refuses


def again(task: Task) -> Task:
    return Task.objects.get(pk=task.pk)


class TestDropping:
    def test_it_archives_with_a_reason(self, world: World) -> None:
        task = world.research()
        task.drop(world.mei, " Not this year. ")
        task = again(task)
        assert (task.drop_reason, task.rank, task.ended_at, task.stage) == ("Not this year.", None, task.dropped_at, Stage.IDEATION)
        assert history_of(task)[-1] == ("dropped", "dropped", None, "Not this year.")
        assert not Task.objects.on_boards().exists()

    @pytest.mark.parametrize("stage", [Stage.READY, Stage.IN_PROGRESS, Stage.REVIEW])
    def test_from_any_stage_before_the_end(self, world: World, stage: str) -> None:
        task = world.maintenance()
        task.move_to(stage, world.mei)
        task.drop(world.mei, "No need.")
        assert again(task).dropped_at is not None

    def test_it_says_why(self, world: World) -> None:
        task = world.research()
        with refuses("Say why it is dropped.", fields={"reason"}):
            task.drop(world.mei, "\n ")
        with refuses("Keep the reason under 2000 characters.", fields={"reason"}):
            task.drop(world.mei, "x" * 2001)

    def test_once_the_box_has_run_it_is_abandoned_instead(self, world: World) -> None:
        task = world.in_analysis()
        with refuses("The time box of FRAUD-1 has run. Decide to abandon it, so that what was learnt is kept.", way="decision"):
            task.drop(world.mei, "No need.")

    def test_not_what_has_ended(self, world: World) -> None:
        for task in (world.done(), world.decided().task):
            with refuses(f"{task.ref} has ended already."):
                task.drop(world.lead, "No need.")

    def test_it_does_not_move_until_it_is_restored(self, world: World) -> None:
        task = world.research()
        task.drop(world.mei, "No need.")
        with refuses("FRAUD-1 was dropped. Restore it first."):
            task.move_to(Stage.ACTIVE, world.mei)
        task.restore(world.mei)
        task = again(task)
        assert (task.dropped_at, task.drop_reason, task.ended_at) == (None, "", None)
        task.move_to(Stage.ACTIVE, world.mei)


class TestTheBin:
    def test_in_and_out(self, world: World) -> None:
        task, other = world.research(), world.research()
        task.delete_to_bin(world.mei)
        assert (again(task).deleted_by, again(task).rank) == (world.mei.user, None)
        assert list(Task.objects.present()) == [other]
        task.restore(world.omar)
        assert order_of(world.team, Lane.READY) == [other.ref, task.ref]
        assert [line[0] for line in history_of(task)] == ["created", "deleted", "restored"]

    def test_what_carries_a_decision_stays_as_evidence(self, world: World) -> None:
        task = world.decided().task
        with refuses("FRAUD-1 carries a decision and stays as evidence."):
            task.delete_to_bin(world.lead)

    def test_twice_is_once(self, world: World) -> None:
        task = world.research()
        with refuses("FRAUD-1 is on its board already."):
            task.restore(world.mei)
        task.delete_to_bin(world.mei)
        with refuses("FRAUD-1 is in the bin already."):
            task.delete_to_bin(world.mei)
        with refuses("FRAUD-1 is in the bin already."):
            task.drop(world.mei, "No need.")
        with refuses("FRAUD-1 is in the bin. Restore it first."):
            Comment.write(task, world.mei, "Hello?")

    def test_for_thirty_days(self, world: World) -> None:
        task = world.research()
        task.delete_to_bin(world.mei)
        with time_machine.travel(timezone.now() + timedelta(days=31)), refuses("FRAUD-1 left the board over 30 days ago and stays away."):
            task.restore(world.mei)

    def test_a_dropped_card_comes_back_from_the_bin_still_dropped(self, world: World) -> None:
        task = world.research()
        task.drop(world.mei, "No need.")
        task.delete_to_bin(world.mei)
        task.restore(world.mei)
        assert (again(task).deleted_at, again(task).rank, again(task).drop_reason) == (None, None, "No need.")

    def test_a_done_card_comes_back_done(self, world: World) -> None:
        task = world.done()
        ended = again(task).ended_at
        task.delete_to_bin(world.mei)
        task.restore(world.mei)
        assert (again(task).stage, again(task).ended_at) == (Stage.DONE, ended)


class TestSomebodyElsesCard:
    @pytest.mark.parametrize("verb", [lambda task, by: task.drop(by, "No need."), lambda task, by: task.delete_to_bin(by)])
    def test_is_a_lead_s_to_take_away(self, world: World, verb: Callable[[Task, object], object]) -> None:
        task = world.research(owner="mei@example.org")
        with refuses("Only a lead can drop somebody else's card. Ask in a comment.", kind=Forbidden):
            verb(task, world.omar)
        with refuses("You can read everything here. To drop cards, ask a lead to make you a member.", kind=Forbidden):
            verb(task, world.vera)
        verb(task, world.lead)
        assert again(task).is_off_boards

    def test_who_made_it_or_owns_it_may(self, world: World) -> None:
        made, owned = world.research(by=world.omar, owner="mei@example.org"), world.research(owner="omar@example.org")
        for task in (made, owned):
            task.drop(world.omar, "No need.")
            assert again(task).dropped_at is not None


class TestPurging:
    def test_after_thirty_days_it_is_gone(self, world: World) -> None:
        old, young = world.research(), world.research()
        Comment.write(old, world.mei, "Hello.")
        old.delete_to_bin(world.mei)
        with time_machine.travel(timezone.now() + timedelta(days=31)):
            young.delete_to_bin(world.mei)
            assert empty_bins() == 1
        assert list(Task.objects.all()) == [young]
        assert history_of(old)[-1][0] == "deleted"

    def test_what_is_cited_as_evidence_is_never_purged(self, world: World) -> None:
        reported, built = world.in_analysis(), world.development()
        build_on(built, world.decided().task, world.mei)
        for task in (reported, built):
            task.delete_to_bin(world.lead)
        with time_machine.travel(timezone.now() + timedelta(days=31)):
            assert empty_bins() == 0
        assert Task.objects.filter(pk__in=[reported.pk, built.pk]).count() == 2
