"""The time box: its clock starts, pauses, is extended, changes hands and stops; what is used is exact."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dsboard.errors import Forbidden
from dsboard.models import Activity, User
from experiments.models import Amendment, Task, TimeBox, moves, running
from experiments.models.extension import extend
from experiments.models.pauses import pause, resume
from experiments.models.time_box import as_time
from experiments.models.undo import take_back
from experiments.stages import BoxState, Stage
from tests.world import F1, World, history_of, lisbon, refuses, wall

HOUR = timedelta(hours=1)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (f"2026-03-{day:02}" for day in (9, 10, 11, 12, 13))


def again(task: Task) -> Task:
    return Task.objects.select_related("team", "owner", "time_box").get(pk=task.pk)


def box_of(task: Task) -> TimeBox:
    return TimeBox.objects.get(task=task)


def used(task: Task, at: datetime) -> timedelta:
    """What the clock has taken, by the calendar of the owner."""
    return box_of(task).used_at(at, running.working_time_of(again(task)))


def started(world: World, at: str = f"{TUESDAY} 09:00", **fields: Any) -> Task:
    """An experiment with a box of three days, started by Mei."""
    task = world.experiment(**fields)
    with wall(at):
        task.move_to(Stage.ACTIVE, world.mei)
    return task


def stretches(task: Task) -> list[tuple[str, timedelta | None]]:
    """Whose clock ran, and how much working time each stretch took."""
    emails = dict(User.objects.values_list("pk", "email"))
    return [(emails[ran.owner_id], ran.used) for ran in box_of(task).intervals]


class TestAStart:
    def test_three_days_end_at_the_last_instant_of_the_third(self, world: World) -> None:
        box = box_of(started(world))
        assert (box.started_at, box.ends_at) == (lisbon(f"{TUESDAY} 09:00"), lisbon(f"{THURSDAY} 17:00"))
        assert box.warns_at == lisbon(f"{THURSDAY} 12:12")
        assert box.state_at(lisbon(f"{THURSDAY} 16:59")) == BoxState.RUNNING
        assert box.state_at(lisbon(f"{THURSDAY} 17:00")) == BoxState.ENDED

    def test_on_a_saturday_the_clock_waits_for_monday(self, world: World) -> None:
        task = started(world, "2026-03-14 11:00", hours=4)
        assert box_of(task).ends_at == lisbon("2026-03-16 13:00")
        assert used(task, lisbon("2026-03-16 10:00")) == HOUR

    def test_the_card_and_its_box_start_at_one_instant(self, world: World) -> None:
        task = again(world.started(world.experiment()))
        assert task.started_at == task.box.started_at == task.box.runs_since
        assert task.started_at == task.box.intervals[0].started_at
        assert task.started_at == Activity.objects.of(task).get(field="stage").at

    def test_development_has_no_clock(self, world: World) -> None:
        task = world.started(world.development())
        assert TimeBox.objects.count() == 0
        with refuses("Development has no time box. It is sized in story points."):
            pause(task, world.mei, reason="Waiting.")

    def test_undone_within_its_first_working_minute_it_never_happened(self, world: World) -> None:
        task = world.experiment()
        with wall("2026-03-14 11:00"):
            activity = task.move_to(Stage.ACTIVE, world.mei)
        with wall("2026-03-16 09:01"):
            moves.undo(task, activity, world.mei)
        box = box_of(task)
        assert (box.state, box.started_at, box.ends_at, box.left, box.used) == (BoxState.IDLE, None, None, timedelta(0), timedelta(0))
        assert (again(task).started_at, again(task).owner, stretches(task)) == (None, None, [])

    def test_undone_later_it_pauses(self, world: World) -> None:
        task = world.experiment()
        with wall("2026-03-14 11:00"):
            activity = task.move_to(Stage.ACTIVE, world.mei)
        with wall("2026-03-16 09:01:01"):
            moves.undo(task, activity, world.mei)
        assert (box_of(task).state, box_of(task).used) == (BoxState.PAUSED, timedelta(seconds=61))

    def test_the_length_changes_freely_before_it(self, world: World) -> None:
        task = world.experiment()
        task.change(world.mei, hours=8)
        task.change(world.mei, hours=4)
        assert (box_of(task).hours, box_of(task).original_hours) == (4, 4)


class TestThePause:
    def test_it_stops_the_clock_and_keeps_what_is_left(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"):
            pause(task, world.mei, reason="  The GPU is\nbroken. ")
        box = box_of(task)
        assert (box.state, box.pause_reason) == (BoxState.PAUSED, "The GPU is broken.")
        assert (box.used, box.left, box.ends_at, box.warns_at) == (10.5 * HOUR, 13.5 * HOUR, None, None)
        assert used(task, lisbon("2026-03-20 17:00")) == 10.5 * HOUR
        assert history_of(task)[-1] == ("paused", "clock", None, "The GPU is broken.")

    def test_resumed_it_runs_on_with_what_was_left(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"):
            pause(task, world.mei, reason="The GPU is broken.")
        with wall(f"{FRIDAY} 16:00"):
            resume(task, world.omar)
        box = box_of(task)
        assert (box.state_at(lisbon(f"{FRIDAY} 16:00")), box.pause_reason, box.paused_at) == (BoxState.RUNNING, "", None)
        assert box.ends_at == lisbon("2026-03-17 13:30")
        assert used(task, lisbon("2026-03-16 10:00")) == 12.5 * HOUR
        assert stretches(task) == [("mei@example.org", 10.5 * HOUR), ("mei@example.org", None)]
        assert history_of(task)[-1] == ("resumed", "clock", "The GPU is broken.", None)

    def test_it_may_have_a_date(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"):
            pause(task, world.mei, reason="Labels come on Monday.", until=date(2026, 3, 16))
        assert box_of(task).resumes_on == date(2026, 3, 16)

    @pytest.mark.parametrize(
        ("reason", "until", "sentence", "field"),
        [
            (" ", None, "Say why the clock stands still.", "reason"),
            ("x" * 501, None, "Keep the reason under 500 characters.", "reason"),
            ("Labels.", date(2026, 3, 11), "Choose a day after today; without one, somebody lets it run on by hand.", "until"),
            ("Labels.", date(2027, 4, 1), "A pause is at most a year. Drop the card with a reason instead.", "until"),
        ],
    )
    def test_it_asks_for_a_reason_and_a_day_to_come(self, world: World, reason: str, until: date | None, sentence: str, field: str) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"), refuses(sentence, fields={field}):
            pause(task, world.mei, reason=reason, until=until)

    def test_back_in_ideation_it_pauses_and_in_active_it_runs_on(self, world: World) -> None:
        task = started(world)
        with wall(f"{TUESDAY} 12:00"):
            task.move_to(Stage.IDEATION, world.mei)
        assert (box_of(task).state, box_of(task).pause_reason) == (BoxState.PAUSED, "Back in Ideation.")
        with wall("2026-03-16 09:00"):
            task.move_to(Stage.ACTIVE, world.mei)
        assert box_of(task).ends_at == lisbon("2026-03-18 14:00")

    def test_what_is_not_running_is_not_paused(self, world: World) -> None:
        idle, ended, reported = world.experiment(), started(world), world.in_analysis()
        with wall("2026-03-16 10:00"):
            with refuses(f"The clock of {idle.ref} has not started. Until then the length of its box can simply be changed."):
                pause(idle, world.mei, reason="Waiting.")
            sentence = f"The time box of {ended.ref} has ended. Report what you learned, or extend it with a reason."
            with refuses(sentence, way="findings"):
                pause(ended, world.mei, reason="Waiting.")
            with refuses(f"The findings of {reported.ref} are reported, so its clock has stopped."):
                pause(reported, world.mei, reason="Waiting.")
            with refuses(f"{reported.ref} is not paused."):
                resume(reported, world.mei)
        with wall(f"{TUESDAY} 10:00"):
            pause(ended, world.mei, reason="Waiting.")
            with refuses(f"{ended.ref} is paused already: Waiting."):
                pause(ended, world.mei, reason="Again.")

    def test_in_ideation_it_does_not_run_on(self, world: World) -> None:
        task = started(world)
        with wall(f"{TUESDAY} 12:00"):
            task.move_to(Stage.IDEATION, world.mei)
            with refuses(f"The clock runs in Active. Move {task.ref} there."):
                resume(task, world.mei)

    def test_viewers_and_outsiders_pause_nothing(self, world: World) -> None:
        task = started(world)
        for who in (world.vera, world.ivo):
            with pytest.raises(Forbidden):
                pause(task, who, reason="Waiting.")
            with pytest.raises(Forbidden):
                resume(task, who)
            with pytest.raises(Forbidden):
                extend(task, who, hours=1, reason="More.")


class TestAnExtension:
    def test_a_running_box_ends_by_that_much_later(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"):
            extension = extend(task, world.mei, hours=12, reason="Two more seeds. The first looks good.")
        box = box_of(task)
        assert (box.hours, box.original_hours, extension.hours) == (36, 24, 12)
        assert (box.ends_at, box.warns_at) == (lisbon("2026-03-16 13:00"), lisbon(f"{FRIDAY} 13:48"))
        assert used(task, lisbon(f"{WEDNESDAY} 12:30")) == 11.5 * HOUR
        assert history_of(task)[-1] == ("extended", "hours", 24.0, 36.0)

    def test_an_ended_box_ends_by_that_much_from_now(self, world: World) -> None:
        task = started(world)
        with wall(f"{FRIDAY} 12:00"):
            extend(task, world.mei, hours=4, reason="One more seed.")
        box = box_of(task)
        assert box.ends_at == lisbon(f"{FRIDAY} 16:00")
        assert used(task, lisbon(f"{FRIDAY} 16:00")) == 31 * HOUR, "what went over the end counts as used"

    def test_a_paused_box_has_that_much_more_left(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"):
            pause(task, world.mei, reason="The GPU is broken.")
            extend(task, world.mei, hours=4, reason="A slower GPU.")
        assert (box_of(task).state, box_of(task).left) == (BoxState.PAUSED, 17.5 * HOUR)

    @pytest.mark.parametrize(
        ("hours", "reason", "sentence", "fields"),
        [
            (12.5, "More.", "The first extension is at most half of the original, 12 hours. A lead can give more.", {"hours"}),
            (4, "  ", "Say why it needs more time, and what you know so far.", {"reason"}),
            (4, "x" * 2001, "Keep the reason under 2000 characters.", {"reason"}),
            (0, "More.", "An extension has a length, such as 4 hours.", {"hours"}),
            (-1, "More.", "An extension has a length, such as 4 hours.", {"hours"}),
            ("soon", "More.", "That is not a number.", {"hours"}),
            (0.001, "More.", "Give the hours with at most two decimals.", {"hours"}),
            (1e300, "More.", "That is more than any box may have.", {"hours"}),
        ],
    )
    def test_the_owner_extends_by_half_at_most_and_says_why(
        self, world: World, hours: Any, reason: str, sentence: str, fields: set[str]
    ) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"), refuses(sentence, fields=fields):
            extend(task, world.mei, hours=hours, reason=reason)

    def test_the_owner_extends_once_and_then_a_lead(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"):
            extend(task, world.mei, hours=1, reason="More.")
            sentence = "This box was extended before. A lead can extend it again; consider deciding with what you know."
            with refuses(sentence, kind=Forbidden):
                extend(task, world.mei, hours=1, reason="Still more.")
            extend(task, world.lead, hours=30, reason="It is worth it.")
        assert box_of(task).hours == 55

    def test_somebody_elses_box_is_extended_by_a_lead(self, world: World) -> None:
        task = started(world)
        with refuses(f"Only the owner of {task.ref}, once, or a lead can extend its time box.", kind=Forbidden):
            extend(task, world.omar, hours=1, reason="More.")

    def test_a_box_is_at_most_twenty_days(self, world: World) -> None:
        task = started(world)
        extend(task, world.lead, hours=136, reason="A long one.")
        with refuses("With its extensions a box is at most 20 days (160 hours). Split the question.", fields={"hours"}):
            extend(task, world.lead, hours=0.01, reason="Longer.")

    def test_an_idle_box_is_changed_instead_and_a_decided_one_is_over(self, world: World) -> None:
        idle, decided = world.experiment(), world.decided().task
        with refuses(f"The clock of {idle.ref} has not started. Until then the length of its box can simply be changed."):
            extend(idle, world.lead, hours=1, reason="More.")
        with refuses(f"{decided.ref} is decided. Reverse the decision first.", way="reversal"):
            extend(decided, world.lead, hours=1, reason="More.")


class TestTheFindings:
    def test_they_stop_the_clock(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 15:00"):
            finding = world.report(task)
        box = box_of(task)
        assert (box.state, box.closed_at, box.used, box.left) == (BoxState.CLOSED, finding.at, 14 * HOUR, 10 * HOUR)
        assert stretches(task) == [("mei@example.org", 14 * HOUR)]

    def test_late_ones_show_what_was_really_used(self, world: World) -> None:
        task = started(world)
        with wall(f"{FRIDAY} 12:00"):
            world.report(task)
        box = box_of(task)
        assert (box.used, box.left, box.ends_at) == (27 * HOUR, timedelta(0), lisbon(f"{THURSDAY} 17:00"))

    def test_they_end_a_pause(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"):
            pause(task, world.mei, reason="The GPU is broken.")
        with wall(f"{FRIDAY} 12:00"):
            world.report(task)
        assert (box_of(task).state, box_of(task).used, box_of(task).paused_at) == (BoxState.CLOSED, 10.5 * HOUR, None)

    def test_reported_again_in_analysis_the_clock_stays_stopped(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 15:00"):
            first = world.report(task)
        with wall(f"{FRIDAY} 15:00"):
            world.report(task, 0.95)
        assert (box_of(task).closed_at, box_of(task).used) == (first.at, 14 * HOUR)

    def test_back_in_active_the_clock_runs_on_with_what_is_left(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 15:00"):
            world.report(task)
        with wall(f"{FRIDAY} 09:00"):
            task.move_to(Stage.ACTIVE, world.mei)
        assert box_of(task).ends_at == lisbon("2026-03-16 11:00")

    def test_back_in_active_it_asks_for_hours_when_none_are_left(self, world: World) -> None:
        task = started(world)
        with wall(f"{FRIDAY} 12:00"):
            world.report(task)
            sentence = f"No time is left in the box of {task.ref}. Extend it by some hours first."
            with refuses(sentence, fields={"hours"}, way="extension"):
                task.move_to(Stage.ACTIVE, world.mei)
            extend(task, world.mei, hours=2, reason="The metric was wrong.")
            assert box_of(task).state == BoxState.CLOSED
            task.move_to(Stage.ACTIVE, world.mei)
        assert box_of(task).ends_at == lisbon(f"{FRIDAY} 14:00")

    def test_undone_the_box_is_as_ended_as_it_was(self, world: World) -> None:
        task = started(world)
        with wall(f"{FRIDAY} 12:00"):
            world.report(task)
            take_back(task, Activity.objects.of(task).filter(field="stage").last(), world.mei)
        box = box_of(task)
        assert box.state_at(lisbon(f"{FRIDAY} 12:00")) == BoxState.ENDED
        assert box.ends_at == lisbon(f"{THURSDAY} 17:00")


class TestTheOwner:
    def test_another_owner_goes_on_by_their_own_calendar(self, world: World) -> None:
        """Omar works in the mornings: eight hours that are left take him two days."""
        world.omar.set_calendar(world.lead, week="Mon-Fri 09:00-13:00")
        task = started(world)
        with wall(f"{THURSDAY} 09:00"):
            task.change(world.lead, owner="omar@example.org")
        assert box_of(task).ends_at == lisbon(f"{FRIDAY} 13:00")
        assert stretches(task) == [("mei@example.org", 16 * HOUR), ("omar@example.org", None)]

    def test_without_an_owner_it_stands_still(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 09:00"):
            task.change(world.lead, owner=None)
            assert (box_of(task).state, box_of(task).pause_reason) == (BoxState.PAUSED, "Nobody owns it.")
            sentence = f"Nobody owns {task.ref}. Give it an owner first: the clock goes by the owner's calendar."
            with refuses(sentence, fields={"owner"}):
                resume(task, world.mei)

    def test_the_owner_of_a_paused_box_changes_quietly(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 09:00"):
            pause(task, world.mei, reason="Waiting.")
            task.change(world.lead, owner="omar@example.org")
        assert (box_of(task).state, box_of(task).left) == (BoxState.PAUSED, 16 * HOUR)

    def test_the_owner_of_an_ended_box_changes_nothing_about_its_end(self, world: World) -> None:
        task = started(world)
        with wall(f"{FRIDAY} 12:00"):
            task.change(world.lead, owner="omar@example.org")
        assert box_of(task).ends_at == lisbon(f"{THURSDAY} 17:00")


class TestOffTheBoard:
    def test_a_dropped_card_stands_still_and_comes_back_paused(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"):
            task.drop(world.mei, "No data.")
        assert (box_of(task).state, box_of(task).used) == (BoxState.PAUSED, 10.5 * HOUR)
        with wall(f"{FRIDAY} 09:00"):
            task.restore(world.mei)
            resume(task, world.mei)
        assert box_of(task).ends_at == lisbon("2026-03-16 14:30")

    def test_so_does_one_in_the_bin(self, world: World) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"):
            task.delete_to_bin(world.mei)
        assert box_of(task).state == BoxState.PAUSED
        with refuses(f"{task.ref} is off the board. Restore it first."):
            extend(task, world.lead, hours=1, reason="More.")

    def test_one_whose_box_has_run_is_not_dropped(self, world: World) -> None:
        task = started(world)
        sentence = f"The time box of {task.ref} has run. Report what you learned, then abandon it: not finding it counts too."
        with wall(f"{FRIDAY} 09:00"), refuses(sentence, way="findings"):
            task.drop(world.mei, "No luck.")


class TestTheLock:
    def test_before_the_start_an_edit_is_an_edit(self, world: World) -> None:
        task = world.experiment()
        task.change(world.mei, hypothesis="Another one.", metrics=[F1 | {"target": 0.8}])
        assert Amendment.objects.count() == 0
        assert {line[0] for line in history_of(task)} == {"created", "edited"}

    @pytest.mark.parametrize(
        ("field", "value"), [("hypothesis", "Another one."), ("success", "Less of it."), ("metrics", [F1 | {"target": 0.8}])]
    )
    def test_after_it_an_edit_is_a_dated_amendment(self, world: World, field: str, value: Any) -> None:
        task = started(world)
        with wall(f"{WEDNESDAY} 11:30"):
            task.change(world.mei, **{field: value})
        amendment = Amendment.objects.get()
        assert (amendment.field, amendment.by, amendment.at) == (field, world.mei.user, lisbon(f"{WEDNESDAY} 11:30"))
        assert amendment.before != amendment.after
        verb, name, before, after = history_of(task)[-1]
        assert (verb, name, before, after) == ("amended", field, amendment.before, amendment.after)

    def test_a_title_is_no_part_of_it(self, world: World) -> None:
        task = started(world)
        task.change(world.mei, title="BERT against GPT-2")
        assert Amendment.objects.count() == 0

    def test_an_amendment_can_be_taken_back_and_is_one_again(self, world: World) -> None:
        task = started(world)
        task.change(world.mei, success="Less of it.")
        take_back(task, Activity.objects.of(task).filter(verb="amended").last(), world.mei)
        assert again(task).success == "Better at a third of the cost."
        assert Amendment.objects.count() == 2


class TestTheDatabase:
    """What no code may write."""

    @pytest.mark.parametrize(
        "values",
        [
            {"hours": 0},
            {"hours": 481},
            {"hours": 20},  # shorter than it was
            {"started_at": None},
            {"ends_at": None},
            {"paused_at": lisbon(f"{TUESDAY} 10:00"), "pause_reason": "Both at once."},
            {"runs_since": None},
            {"runs_since": None, "paused_at": lisbon(f"{TUESDAY} 10:00"), "pause_reason": ""},
            {"used": timedelta(seconds=-1)},
            {"closed_at": lisbon(f"{TUESDAY} 10:00")},
        ],
        ids=str,
    )
    def test_a_box_is_in_one_state(self, world: World, values: dict[str, Any]) -> None:
        task = started(world)
        with pytest.raises(IntegrityError), transaction.atomic():
            TimeBox.objects.filter(task=task).update(**values)

    def test_what_stands_still_runs_for_nobody(self, world: World) -> None:
        task = world.experiment()
        with pytest.raises(IntegrityError), transaction.atomic():
            TimeBox.objects.filter(task=task).update(runs_for=world.mei.user)

    def test_hours_are_exact_to_the_second(self) -> None:
        assert as_time(Decimal("0.01")) == timedelta(seconds=36)
