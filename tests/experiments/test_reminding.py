"""Reminders: each person hears of each milestone once, in their hours, and only of what is still true."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard.models import Absence, Activity, Membership, Notice
from dsboard.models.notice import MailState
from dsboard.roles import Role
from experiments import reminding
from experiments.models import Task, TimeBox, outcomes
from experiments.models.departure import Departure
from experiments.models.extension import extend
from experiments.models.pauses import pause
from experiments.models.reminder import about
from experiments.stages import Stage
from tests.world import World, lisbon, wall

Said = list[tuple[str, str, str]]
#: three days from Tuesday, 10 March: four fifths are used on Thursday at 12:12, the end is at 17:00
STARTED, ENDS = "2026-03-10 09:00", "2026-03-12 17:00"


@pytest.fixture
def task(world: World) -> Task:
    """Mei's experiment, watched by Omar."""
    task = world.experiment()
    task.watch(world.omar, on=True)
    with wall(STARTED):
        task.move_to(Stage.ACTIVE, world.mei)
    return task


def sweep(start: str, end: str = "", every: timedelta = timedelta(minutes=20)) -> None:
    """Let the sweep run from one time on the wall to another; without an end, once."""
    moment, last = lisbon(start), lisbon(end or start)
    while moment <= last:
        with time_machine.travel(moment, tick=False):
            reminding.sweep()
        moment += every


def said(since: int = 0) -> Said:
    """What was told: when by the wall, to whom, and the subject without the title."""
    rows = Notice.objects.order_by("at", "user__name").select_related("user")
    zone = lisbon(STARTED).tzinfo
    return [
        (f"{notice.at.astimezone(zone):%a %H:%M}", notice.user.first_name, notice.title.partition(": ")[0])
        for notice in rows
        if notice.kind not in ("mention", "assigned")
    ][since:]


class TestTheClock:
    def test_a_box_that_nobody_reports_on(self, world: World, task: Task) -> None:
        """80 % to the owner, the end to the watchers too, five working days to the owner, on two of them to the lead."""
        sweep(STARTED, "2026-03-24 12:00")
        assert said() == [
            ("Thu 12:20", "Mei", "4h left"),
            ("Thu 17:00", "Mei", "Time box ended"),
            ("Thu 17:00", "Omar", "Time box ended"),
            ("Fri 09:00", "Mei", "Findings still due"),
            ("Mon 09:00", "Inês", "Findings still due"),
            ("Mon 09:00", "Mei", "Findings still due"),
            ("Tue 09:00", "Mei", "Findings still due"),
            ("Wed 09:00", "Mei", "Findings still due"),
            ("Thu 09:00", "Inês", "Findings still due"),
            ("Thu 09:00", "Mei", "Findings still due"),
        ]
        assert TimeBox.objects.get(task=task).next_look_at is None

    def test_the_words_and_buttons_of_each(self, world: World, task: Task) -> None:
        sweep(STARTED, "2026-03-16 09:00")
        told = {(n.user.first_name, n.kind): n for n in Notice.objects.select_related("user")}
        warning, ended = told["Mei", "box_warning"], told["Mei", "box_ended"]
        assert (warning.title, warning.text) == (
            "4h left: BERT vs GPT comparison",
            "Time to start writing down what you know. The target is macro-F1 ≥ 0.9.",
        )
        assert (ended.title, ended.text, ended.why) == (
            "Time box ended: BERT vs GPT comparison",
            "Report what you learned, or extend with a reason. Not finding it counts too.",
            f"you own {task.ref}",
        )
        card = f"/t/FRAUD/tasks/{task.ref}/"
        assert ended.actions == [["Report findings", f"{card}findings/"], ["Extend", f"{card}time-box/extension/"]]
        assert told["Omar", "box_ended"].why == f"you watch {task.ref}"
        assert told["Inês", "findings_due"].text == "Mei owns it. Three sentences are enough."

    def test_the_value_of_the_first_metric_stands_beside_its_target(self, world: World, task: Task) -> None:
        with wall("2026-03-10 12:00"):
            world.report(task, 0.87)
            task.move_to(Stage.ACTIVE, world.mei)
        sweep("2026-03-12 12:20")
        assert Notice.objects.get(kind="box_warning").text.endswith(" macro-F1 is at 0.87, target ≥ 0.9.")

    def test_findings_end_it(self, world: World, task: Task) -> None:
        sweep(STARTED, "2026-03-13 09:00")
        with wall("2026-03-13 09:30"):
            world.report(task)
        told = len(said())
        sweep("2026-03-13 09:40", "2026-03-13 17:00")
        assert said()[told:] == []

    def test_an_extended_box_warns_again(self, world: World, task: Task) -> None:
        sweep(STARTED, "2026-03-12 17:00")
        with wall("2026-03-13 09:00"):
            extend(task, world.mei, hours=12, reason="One more seed.")
        sweep("2026-03-13 09:00", "2026-03-16 17:00")
        assert said(since=3) == [
            ("Fri 14:00", "Mei", "7h left"),
            ("Mon 13:00", "Mei", "Time box ended"),
            ("Mon 13:00", "Omar", "Time box ended"),
        ]

    @pytest.mark.parametrize("how", ["pause", "ideation", "drop", "bin"])
    def test_a_clock_that_stands_still_tells_nothing(self, world: World, task: Task, how: str) -> None:
        with wall("2026-03-12 12:00"):
            {
                "pause": lambda: pause(task, world.mei, reason="Labels."),
                "ideation": lambda: task.move_to(Stage.IDEATION, world.mei),
                "drop": lambda: task.drop(world.mei, "No data."),
                "bin": lambda: task.delete_to_bin(world.mei),
            }[how]()
        sweep("2026-03-12 12:00", "2026-03-13 12:00")
        assert said() == []

    def test_another_owner_is_told_and_the_one_before_is_not(self, world: World, task: Task) -> None:
        with wall("2026-03-12 16:30"):
            task.change(world.lead, owner="omar@example.org")
        sweep("2026-03-12 16:40", "2026-03-13 09:00")
        assert said() == [("Thu 17:00", "Omar", "Time box ended"), ("Fri 09:00", "Omar", "Findings still due")]

    def test_whoever_left_the_team_is_told_nothing(self, world: World, task: Task) -> None:
        with wall("2026-03-12 16:30"):
            Departure(world.omar).settle(world.lead)
        sweep("2026-03-12 17:00")
        assert said() == [("Thu 17:00", "Mei", "Time box ended")]

    def test_a_lead_who_owns_the_box_is_told_once(self, world: World) -> None:
        task = world.experiment()
        with wall(STARTED):
            task.move_to(Stage.ACTIVE, world.lead)
        sweep("2026-03-16 09:00")
        assert said() == [("Mon 09:00", "Inês", "Findings still due")]
        assert Notice.objects.get().why == f"you own {task.ref}"


class TestTheHours:
    def test_until_a_quarter_past_the_end_of_the_day_and_then_next_morning(self, world: World, task: Task) -> None:
        sweep("2026-03-12 17:14")
        assert said() == [("Thu 17:14", "Mei", "Time box ended"), ("Thu 17:14", "Omar", "Time box ended")]

    def test_after_it_the_next_morning_brings_what_is_true_then(self, world: World, task: Task) -> None:
        """The sweep was late: Mei's findings are one day due by then, Omar only hears of the end."""
        sweep("2026-03-12 17:15", "2026-03-13 09:20")
        assert said() == [("Fri 09:15", "Mei", "Findings still due"), ("Fri 09:15", "Omar", "Time box ended")]

    def test_a_watcher_in_another_zone_hears_in_their_own_hours(self, world: World, task: Task) -> None:
        """17:00 in Lisbon is 22:30 in Kolkata; Friday's nine o'clock there is 03:30 here."""
        world.omar.set_calendar(world.lead, time_zone="Asia/Kolkata")
        sweep("2026-03-12 16:50", "2026-03-13 04:00", timedelta(minutes=10))
        assert said()[-1] == ("Fri 03:30", "Omar", "Time box ended")
        assert ("Thu 17:00", "Mei", "Time box ended") in said()

    def test_a_watcher_who_is_away_hears_on_return_if_it_is_still_true(self, world: World, task: Task) -> None:
        Absence.add(world.omar, world.omar, first_day=date(2026, 3, 12), last_day=date(2026, 3, 17))
        sweep("2026-03-12 17:00", "2026-03-18 09:00")
        assert [line for line in said() if line[1] == "Omar"] == [("Wed 09:00", "Omar", "Time box ended")]

    def test_on_a_weekend_nobody_hears_anything(self, world: World) -> None:
        world.team.set_calendar(world.lead, week="Mon-Sun 09:00-17:00")
        world.mei.set_calendar(world.lead, week="Mon-Fri 09:00-17:00")
        task = world.experiment(hours=8)
        task.watch(world.mei, on=True)
        with wall("2026-03-14 09:00"):
            task.move_to(Stage.ACTIVE, world.omar)
        sweep("2026-03-14 09:00", "2026-03-16 09:00")
        assert [line for line in said() if line[1] == "Mei"] == [("Mon 09:00", "Mei", "Time box ended")]


class TestAfterAStandstill:
    @pytest.mark.parametrize(
        ("back", "heard"),
        [
            ("2026-03-12 16:00", [("Mei", "1h left")]),
            ("2026-03-12 17:10", [("Mei", "Time box ended"), ("Omar", "Time box ended")]),
            ("2026-03-13 10:00", [("Mei", "Findings still due"), ("Omar", "Time box ended")]),
            ("2026-03-17 10:00", [("Inês", "Findings still due"), ("Mei", "Findings still due"), ("Omar", "Time box ended")]),
            ("2026-04-30 10:00", [("Inês", "Findings still due"), ("Mei", "Findings still due"), ("Omar", "Time box ended")]),
        ],
    )
    def test_each_hears_the_highest_milestone_only(self, world: World, task: Task, back: str, heard: list[tuple[str, str]]) -> None:
        sweep(back)
        sweep(back)
        assert sorted((who, what) for _, who, what in said()) == heard

    def test_of_a_box_that_was_reported_meanwhile_nobody_hears(self, world: World, task: Task) -> None:
        with wall("2026-03-12 16:30"):
            world.report(task)
        sweep("2026-03-12 17:10")
        assert said() == []


class TestADecision:
    def test_it_is_named_after_one_working_day_and_then_every_third_three_times(self, world: World, task: Task) -> None:
        with wall("2026-03-12 15:00"):
            world.report(task, suggestion="productionize", learned="Sixty features keep it.")
        sweep("2026-03-12 15:00", "2026-04-10 12:00")
        assert said() == [
            ("Fri 15:00", "Inês", "Waiting for your decision"),
            ("Wed 15:00", "Inês", "Waiting for your decision"),
            ("Mon 15:00", "Inês", "Waiting for your decision"),
        ]
        notice = Notice.objects.first()
        assert notice and notice.text == "Sixty features keep it. Mei suggests Productionize."
        assert notice.actions == [["Decide", f"/t/FRAUD/tasks/{task.ref}/decision/"]]

    def test_decided_it_waits_for_nobody(self, world: World, task: Task) -> None:
        with wall("2026-03-12 15:00"):
            world.report(task)
        sweep("2026-03-12 15:00", "2026-03-13 15:00")
        with wall("2026-03-13 15:10"):
            world.decided(task=task)
        sweep("2026-03-13 15:20", "2026-03-20 15:00")
        assert len(said()) == 1

    def test_a_named_decider_is_asked_alone(self, world: World, task: Task) -> None:
        world.team.change(world.lead, deciders="members")
        task.change(world.lead, decider="omar@example.org")
        with wall("2026-03-12 15:00"):
            world.report(task)
        sweep("2026-03-12 15:00", "2026-03-13 15:00")
        assert said() == [("Fri 15:00", "Omar", "Waiting for your decision")]

    def test_an_owner_who_may_not_decide_alone_is_not_asked(self, world: World, task: Task) -> None:
        world.team.change(world.lead, deciders="members", own_decisions="refused")
        with wall("2026-03-12 15:00"):
            world.report(task)
        sweep("2026-03-12 15:00", "2026-03-13 15:00")
        assert {who for _, who, _ in said()} == {"Inês", "Omar"}

    def test_reported_again_it_has_waited_since_the_first_time(self, world: World, task: Task) -> None:
        with wall("2026-03-12 15:00"):
            world.report(task)
        with wall("2026-03-13 11:00"):
            world.report(task, 0.95, learned="Better still.")
        sweep("2026-03-13 12:00", "2026-03-13 17:00")
        assert said() == [("Fri 15:00", "Inês", "Waiting for your decision")]
        assert Notice.objects.get().text == "Better still."

    def test_reversed_it_waits_again(self, world: World, task: Task) -> None:
        with wall("2026-03-12 15:00"):
            world.report(task)
        with wall("2026-03-12 16:00"):
            made = world.decided(task=task)
        assert TimeBox.objects.get(task=task).next_look_at is None
        with wall("2026-03-12 16:30"):
            outcomes.reverse(made.task, world.lead, reason="A leak.")
        sweep("2026-03-13 15:00")
        assert said() == []
        sweep("2026-03-13 16:30")
        assert said() == [("Fri 16:30", "Inês", "Waiting for your decision")]


class TestAPause:
    def test_on_its_date_the_clock_runs_on_and_the_owner_hears(self, world: World, task: Task) -> None:
        with wall("2026-03-11 11:30"):
            pause(task, world.mei, reason="Labels come on Monday.", until=date(2026, 3, 16))
        sweep("2026-03-11 12:00", "2026-03-16 09:00")
        box = TimeBox.objects.get(task=task)
        assert (box.runs_since, box.ends_at) == (lisbon("2026-03-16 09:00"), lisbon("2026-03-17 14:30"))
        assert said() == [("Mon 09:00", "Mei", "The clock runs again")]
        line = Activity.objects.of(task).last()
        assert (line.verb, line.actor) == ("resumed", None)

    def test_after_a_standstill_it_has_run_since_that_morning(self, world: World, task: Task) -> None:
        with wall("2026-03-11 11:30"):
            pause(task, world.mei, reason="Labels come on Monday.", until=date(2026, 3, 16))
        sweep("2026-03-16 12:00")
        assert TimeBox.objects.get(task=task).ends_at == lisbon("2026-03-17 14:30")

    def test_a_date_on_a_day_off_means_the_next_working_day(self, world: World, task: Task) -> None:
        with wall("2026-03-11 11:30"):
            pause(task, world.mei, reason="Labels come at the weekend.", until=date(2026, 3, 14))
        sweep("2026-03-13 12:00", "2026-03-16 09:20")
        assert TimeBox.objects.get(task=task).runs_since == lisbon("2026-03-16 09:00")

    def test_back_in_ideation_it_does_not_run_on_by_itself(self, world: World, task: Task) -> None:
        with wall("2026-03-11 11:30"):
            pause(task, world.mei, reason="Labels come on Monday.", until=date(2026, 3, 16))
            task.move_to(Stage.IDEATION, world.mei)
        sweep("2026-03-16 09:00", "2026-03-16 12:00")
        assert TimeBox.objects.get(task=task).runs_since is None

    def test_after_five_paused_working_days_the_leads_hear_once(self, world: World, task: Task) -> None:
        with wall("2026-03-11 11:30"):
            pause(task, world.mei, reason="The GPU is broken.")
        sweep("2026-03-11 11:40", "2026-03-25 12:00")
        assert said() == [("Wed 11:40", "Inês", "Paused for 5 working days")]
        assert Notice.objects.get().text == "Mei waits for something: The GPU is broken."


class TestTheSweep:
    def test_mail_that_has_not_left_is_withdrawn_when_it_is_no_longer_true(self, world: World, task: Task) -> None:
        sweep("2026-03-12 17:00")
        assert set(Notice.objects.values_list("mail", "about")) == {(MailState.WAITING, about(task))}
        with wall("2026-03-12 17:01"):
            world.report(task)
        assert set(Notice.objects.values_list("mail", flat=True)) == {MailState.WITHDRAWN}

    def test_two_sweeps_at_once_tell_once(self, world: World, task: Task) -> None:
        """The second has read the same rows; its claim finds them taken."""
        with wall(ENDS):
            batch = reminding.due()
            assert reminding.look_at(batch) == 1
            assert reminding.look_at(batch) == 0
        assert len(said()) == 2

    def test_what_changed_since_it_was_read_is_not_told(self, world: World, task: Task) -> None:
        with wall(ENDS):
            batch = reminding.due()
            extend(task, world.mei, hours=4, reason="One more seed.")
            assert reminding.look_at(batch) == 0
        assert said() == []

    def test_one_broken_card_holds_up_no_other(self, world: World, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
        other = world.experiment(title="Fewer features")
        with wall(STARTED):
            other.move_to(Stage.ACTIVE, world.omar)
        real = reminding.look

        def look(box: TimeBox, facts: Any) -> int:
            if box.task_id == task.pk:
                raise ValueError("Broken.")
            return real(box, facts)

        monkeypatch.setattr(reminding, "look", look)
        sweep(ENDS)
        assert said() == [("Thu 17:00", "Omar", "Time box ended")]
        monkeypatch.undo()
        sweep("2026-03-12 17:10")
        assert len(said()) == 3

    @pytest.mark.parametrize("size", [1, 40])
    def test_a_batch_costs_a_few_queries_and_two_for_each_card_that_is_due(self, world: World, size: int) -> None:
        Membership.objects.filter(pk=world.omar.pk).update(role=Role.LEAD)
        with wall(STARTED):
            for number in range(size):
                task = world.experiment(title=f"Number {number}", hours=8)
                task.watch(world.omar, on=True)
                task.move_to(Stage.ACTIVE, world.mei)
            for number in range(60):
                world.started(world.experiment(title=f"Not due {number}", hours=80))
        with wall("2026-03-10 17:00"), CaptureQueriesContext(connection) as queries:
            reminding.sweep()
        assert len(said()) == size * 2
        savepoints = [q for q in queries if "SAVEPOINT" in q["sql"]]
        assert len(queries) - len(savepoints) == 8 + 2 * size

    def test_with_nothing_due_it_is_one_query_however_many_run(self, world: World) -> None:
        with wall(STARTED):
            for number in range(30):
                world.started(world.experiment(title=f"Number {number}"))
        with wall("2026-03-10 10:00"), CaptureQueriesContext(connection) as queries:
            reminding.sweep()
        assert len(queries) == 1


def test_ends_are_exact_to_the_second(world: World) -> None:
    """Two boxes that end within one minute are two keys."""
    task = world.experiment(hours=1)
    with wall(STARTED):
        task.move_to(Stage.ACTIVE, world.mei)
    sweep("2026-03-10 10:00")
    with wall("2026-03-10 10:00:01"):
        extend(task, world.lead, hours=0.01, reason="A little.")
    sweep("2026-03-10 10:00:40")
    keys = Notice.objects.filter(user=world.mei.user, kind="box_ended").values_list("key", flat=True)
    assert set(keys) == {f"ended:{task.pk}:{datetime(2026, 3, 10, 10, 0, second):%Y%m%d%H%M%S}" for second in (0, 37)}  # noqa: DTZ001
