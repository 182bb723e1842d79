"""A sprint of a team: its dates, its capacity, its start, and who may do what."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dsboard.errors import Forbidden, Stale
from dsboard.models import Absence, Activity
from experiments.models import Task
from sprints.balance import Balance
from sprints.models import Capacity, Seat, Sprint
from sprints.models.capacity import leave
from sprints.states import State
from tests.sprints.conftest import END, START
from tests.world import World, refuses, wall

Plan = Callable[..., Sprint]


def days(sprint: Sprint) -> dict[str, float]:
    """What everybody can give, by first name."""
    return {load.person.first_name: float(load.capacity) for load in Balance(sprint).loads}


class TestDates:
    def test_the_first_begins_on_a_monday_and_has_two_weeks(self, world: World) -> None:
        with wall("2026-03-04 10:00"):
            sprint = Sprint.plan(world.team, world.lead)
        assert (sprint.number, sprint.starts_on, sprint.ends_on) == (1, date(2026, 3, 9), date(2026, 3, 20))

    def test_the_next_follows_the_last(self, world: World, planned: Plan) -> None:
        planned()
        with wall(START):
            second = Sprint.plan(world.team, world.lead)
        assert (second.number, second.starts_on, second.ends_on) == (2, date(2026, 3, 23), date(2026, 4, 3))

    def test_days_off_are_no_first_and_no_last_day(self, world: World) -> None:
        with wall(START):
            world.team.set_calendar(world.lead, country="PT")
            first = Sprint.plan(world.team, world.lead, starts_on=date(2026, 3, 23))
        # Good Friday is 3 April 2026.
        assert first.ends_on == date(2026, 4, 2)

    def test_a_team_may_have_other_weeks(self, world: World) -> None:
        world.team.change(world.lead, sprint_weeks=1)
        with wall(START):
            assert Sprint.plan(world.team, world.lead).ends_on == date(2026, 3, 13)

    @pytest.mark.parametrize(
        ("starts", "ends", "sentence", "field"),
        [
            ("2026-03-16", "2026-03-27", "Sprint 1 has 2026-03-09 to 2026-03-20. Sprints of a team don't overlap.", "starts_on"),
            ("2026-03-20", "2026-03-20", "Sprint 1 has 2026-03-09 to 2026-03-20. Sprints of a team don't overlap.", "starts_on"),
            ("2026-03-30", "2026-03-27", "The last day is before the first.", "ends_on"),
            ("2026-03-28", "2026-03-29", "The team has no working day between these dates.", "ends_on"),
            ("2026-03-23", "2026-06-15", "A sprint is at most 12 weeks long.", "ends_on"),
            ("2036-03-24", "2036-03-28", "2036-03-24 is over three years away. Look at the year again.", "starts_on"),
        ],
    )
    def test_what_dates_may_not_be(self, world: World, planned: Plan, starts: str, ends: str, sentence: str, field: str) -> None:
        planned()
        with wall(START), refuses(sentence, fields={field}):
            Sprint.plan(world.team, world.lead, starts_on=date.fromisoformat(starts), ends_on=date.fromisoformat(ends))

    def test_another_team_has_dates_of_its_own(self, world: World, planned: Plan) -> None:
        planned()
        with wall(START):
            assert Sprint.plan(world.other, world.ivo).number == 1

    def test_a_change_is_history_and_merges(self, world: World, planned: Plan) -> None:
        sprint = planned(goal="One")
        with wall(START):
            assert sprint.change(world.lead, goal="Two", version=1) == ["goal"]
            assert sprint.change(world.lead, ends_on=date(2026, 3, 19), version=1) == ["ends_on"]
            with pytest.raises(Stale):
                sprint.change(world.lead, goal="Three", version=1)
        said = list(Activity.objects.of(sprint).values_list("verb", "field", "before", "after"))
        assert said == [
            ("planned", "", None, "2026-03-09 to 2026-03-20"),
            ("changed", "goal", "One", "Two"),
            ("changed", "ends_on", "2026-03-20", "2026-03-19"),
        ]

    def test_a_running_one_keeps_its_first_day(self, world: World, running: Plan) -> None:
        sprint = running()
        with wall(START):
            with refuses("Sprint 1 has started, so its first day is settled.", fields={"starts_on"}):
                sprint.change(world.lead, starts_on=date(2026, 3, 10))
            sprint.change(world.lead, ends_on=date(2026, 3, 27))
        assert sprint.ends_on == date(2026, 3, 27)

    def test_closed_before_its_end_it_ends_that_day(self, world: World, running: Plan) -> None:
        sprint = running()
        with wall("2026-03-18 16:00"):
            sprint.close(world.lead)
            assert sprint.ends_on == date(2026, 3, 18)
            assert Sprint.plan(world.team, world.lead).starts_on == date(2026, 3, 19)


class TestCapacity:
    def test_is_working_days_less_absences_times_availability(self, world: World, planned: Plan) -> None:
        Absence.add(world.omar, world.omar, first_day=date(2026, 3, 16), last_day=date(2026, 3, 17))
        sprint = planned(availability={"mei@example.org": 0.5, "omar@example.org": 0.5})
        assert days(sprint) == {"Inês": 10, "Mei": 5, "Omar": 4}

    def test_counts_the_hours_of_a_part_time_week(self, world: World, planned: Plan) -> None:
        with wall(START):
            world.mei.set_calendar(world.lead, week="Mon-Wed 09:00-17:00")
            world.omar.set_calendar(world.lead, week="Mon-Fri 09:00-13:00")
        assert days(planned()) == {"Inês": 10, "Mei": 6, "Omar": 5}

    def test_viewers_give_none(self, planned: Plan) -> None:
        assert "Vera" not in days(planned())

    def test_the_next_sprint_inherits_availability(self, world: World, planned: Plan) -> None:
        planned(availability={"mei@example.org": 0.8})
        with wall(START):
            assert days(Sprint.plan(world.team, world.lead)) == {"Inês": 10, "Mei": 8, "Omar": 10}

    def test_freezes_with_the_plan(self, world: World, running: Plan) -> None:
        sprint = running()
        with wall("2026-03-10 09:00"):
            Absence.add(world.omar, world.omar, first_day=date(2026, 3, 16), last_day=date(2026, 3, 17))
            assert days(sprint)["Omar"] == 10
            with refuses("The capacity of Sprint 1 froze with its plan.", fields={"capacity"}):
                sprint.set_availability(world.lead, {"omar@example.org": 0.5})
        with wall(END):
            sprint.close(world.lead)
        assert Capacity.objects.get(sprint=sprint, user=world.omar.user).available == 8

    @pytest.mark.parametrize(
        ("email", "part", "sentence"),
        [
            ("vera@example.org", 1, "Nobody with the address vera@example.org works on cards in this team."),
            ("ivo@example.org", 1, "Nobody with the address ivo@example.org works on cards in this team."),
            ("mei@example.org", 1.5, "The availability of Mei is a number from 0 to 1."),
            ("mei@example.org", "lots", "The availability of Mei is a number from 0 to 1."),
            ("mei@example.org", "nan", "The availability of Mei is a number from 0 to 1."),
        ],
    )
    def test_what_it_may_not_be(self, world: World, planned: Plan, email: str, part: Any, sentence: str) -> None:
        sprint = planned()
        with refuses(sentence, fields={"capacity"}):
            sprint.set_availability(world.lead, {email: part})

    def test_ends_on_the_day_on_which_somebody_leaves(self, world: World, running: Plan) -> None:
        sprint = running()
        with wall("2026-03-11 12:00"):
            leave(world.omar)
        assert days(sprint) == {"Inês": 10, "Mei": 10, "Omar": 3}


class TestStart:
    def test_freezes_plan_guideline_and_rate(self, world: World, planned: Plan) -> None:
        experiment, job = world.experiment(owner="mei@example.org"), world.development(owner="omar@example.org")
        sprint = planned(experiment, job)
        with wall(START):
            sprint.start(world.lead)
            world.team.change(world.lead, guide_committed=70, guide_learning=0, days_per_point=2)
            experiment.change(world.mei, hours=8, bucket="learning")
            job.change(world.mei, points=13, owner="mei@example.org")
        seats = list(Seat.objects.values_list("task__ref", "state", "planned_bucket", "bucket", "days", "owner__email"))
        assert seats == [
            (experiment.ref, "running", "experiments", "experiments", 3, "mei@example.org"),
            (job.ref, "running", "committed", "committed", 2.5, "omar@example.org"),
        ]
        assert (sprint.guideline, sprint.days_per_point, sprint.source_of_rate) == ((60, 30, 10, 5), 0.5, "assumed")

    def test_what_has_ended_meanwhile_leaves_the_plan(self, world: World, planned: Plan) -> None:
        done, dropped, binned, stays = world.development(), world.research(), world.research(), world.maintenance()
        sprint = planned(done, dropped, binned, stays)
        with wall(START):
            world.done(done)
            dropped.drop(world.mei, "Not now.")
            binned.delete_to_bin(world.mei)
            sprint.start(world.lead)
        assert [seat.task for seat in sprint.seats.all()] == [stays]

    def test_one_runs_at_a_time(self, world: World, running: Plan) -> None:
        running()
        with wall(START):
            second = Sprint.plan(world.team, world.lead)
            with refuses("Sprint 1 is running. Close it first."):
                second.start(world.lead)

    def test_and_the_database_holds_it(self, world: World, running: Plan) -> None:
        sprint = running()
        second = Sprint(team=world.team, number=9, starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 5), state=State.RUNNING)
        for name in ("started_at", "rate", "guide_committed", "guide_experiments", "guide_learning", "tolerance"):
            setattr(second, name, getattr(sprint, name))
        with pytest.raises(IntegrityError), transaction.atomic():
            second.save()

    def test_twice_is_once(self, world: World, running: Plan) -> None:
        sprint = running()
        with refuses("Sprint 1 is running already."):
            sprint.start(world.lead)

    def test_an_empty_plan_starts(self, running: Plan) -> None:
        assert running().is_running


class TestDiscard:
    def test_takes_the_pencil_marks_and_nothing_else(self, world: World, planned: Plan) -> None:
        task = world.experiment()
        sprint = planned(task, availability={"mei@example.org": 0.5})
        sprint.discard(world.lead)
        assert (Sprint.objects.count(), Seat.objects.count(), Task.objects.get().stage) == (0, 0, "ideation")

    def test_not_once_it_has_started(self, world: World, running: Plan) -> None:
        sprint = running()
        with refuses("Sprint 1 has started, so it stays."):
            sprint.discard(world.lead)


class TestRoles:
    def test_only_leads_plan_start_and_close(self, world: World, planned: Plan) -> None:
        sprint = planned()
        acts: list[Callable[[], Any]] = [
            lambda: Sprint.plan(world.team, world.mei),
            lambda: sprint.change(world.mei, goal="Mine"),
            lambda: sprint.set_availability(world.mei, {}),
            lambda: sprint.start(world.mei),
            lambda: sprint.close(world.mei),
            lambda: sprint.discard(world.mei),
        ]
        for act in acts:
            with refuses("Only a lead can create, start and close sprints. Ask in a comment.", kind=Forbidden):
                act()
        with refuses("Only a lead can sign a sprint off. Ask in a comment.", kind=Forbidden):
            sprint.sign_off(world.mei, "Fine")

    def test_leads_of_another_team_do_nothing(self, world: World, planned: Plan) -> None:
        sprint = planned(world.experiment())
        with refuses("That belongs to another team.", kind=Forbidden):
            sprint.start(world.ivo)
        with refuses("That belongs to another team.", kind=Forbidden):
            sprint.take_out(Task.objects.get(), world.ivo)
