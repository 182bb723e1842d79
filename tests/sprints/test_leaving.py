"""When a person leaves while a sprint runs and another is planned: seats stay with the tasks, capacity ends that day."""

from datetime import date

import pytest

from dsboard.errors import Refusal
from dsboard.models import Absence, Activity
from experiments.models.departure import Departure
from sprints.balance import Balance
from sprints.models import Sprint
from tests.world import World, every_row, wall


def capacity_of(sprint: Sprint) -> dict[str, float]:
    return {load.person.first_name: float(load.capacity) for load in Balance(Sprint.objects.get(pk=sprint.pk)).loads}


def test_seats_stay_and_capacity_ends_that_day(world: World) -> None:
    with wall("2026-03-09 09:00"):
        running, planned = Sprint.plan(world.team, world.lead), Sprint.plan(world.team, world.lead)
        mine, also, next_one = world.experiment(owner="mei@example.org"), world.development(owner="mei@example.org"), world.research()
        next_one.change(world.mei, owner="mei@example.org")
        for task in (mine, also):
            running.take_in(task, world.mei)
        running.start(world.lead)
        planned.take_in(next_one, world.mei)
        planned.set_availability(world.lead, {"mei@example.org": 0.5, "omar@example.org": 0.8})
        Absence.add(world.mei, world.mei, first_day=date(2026, 3, 10), last_day=date(2026, 3, 10))
        world.started(mine)
        assert capacity_of(running) == {"Inês": 10, "Mei": 10, "Omar": 10}
        assert capacity_of(planned) == {"Inês": 10, "Mei": 5, "Omar": 8}
    with wall("2026-03-11 13:00"):
        before = [seat.days for seat in running.seats.order_by("pk")]
        Departure(world.mei).settle(world.lead, successor=world.omar)
        # Monday and Wednesday; on Tuesday Mei was away.
        row = running.capacities.get(user=world.mei.user)
        assert (row.left_on, row.days, row.available) == (date(2026, 3, 11), 2, 2)
        assert capacity_of(running) == {"Inês": 10, "Mei": 2, "Omar": 10}
        assert capacity_of(planned) == {"Inês": 10, "Omar": 8}
        assert not planned.capacities.filter(user=world.mei.user).exists()
        line = Activity.objects.of(running).last()
        assert line is not None
        assert (line.field, line.before, line.after, line.facts, line.actor) == ("capacity", 10, 2, {"who": "Mei Tanaka"}, world.lead.user)
        # The seats are the tasks': what was planned stays as it froze, what is pencilled counts as the successor's.
        assert [(seat.task.ref, seat.owner, seat.days) for seat in running.seats.order_by("pk")] == [
            (task.ref, world.mei.user, days) for task, days in zip((mine, also), before, strict=True)
        ]
        assert [seat.task.ref for seat in planned.seats.all()] == [next_one.ref]
        for task in (mine, also, next_one):
            task.refresh_from_db()
            assert task.owner == world.omar.user
        assert {load.person.first_name: float(load.planned) for load in Balance(planned).loads} == {"Inês": 0, "Omar": 1}
    with wall("2026-03-20 16:00"):
        outcome = running.close(world.lead)
        assert [task.ref for task in outcome.carried] == [mine.ref, also.ref]
        available = {row.user.first_name: row.available for row in running.capacities.select_related("user")}
        assert available == {"Inês": 10, "Mei": 2, "Omar": 10}


def test_removing_alone_is_enough(world: World) -> None:
    with wall("2026-03-09 09:00"):
        sprint = Sprint.plan(world.team, world.lead, availability={"mei@example.org": 0.5})
        world.mei.remove(world.lead)
        assert not sprint.capacities.exists()


def test_sprints_of_other_teams_are_not_touched(world: World) -> None:
    with wall("2026-03-09 09:00"):
        there = world.other.memberships.create(user=world.mei.user, role="member", side="science")
        ours, theirs = Sprint.plan(world.team, world.lead), Sprint.plan(world.other, world.ivo)
        for sprint, lead in ((ours, world.lead), (theirs, world.ivo)):
            sprint.start(lead)
        Departure(there).settle(world.ivo)
        assert ours.capacities.get(user=world.mei.user).left_on is None
        assert theirs.capacities.get(user=world.mei.user).left_on == date(2026, 3, 9)


def test_a_refused_departure_ends_no_capacity(world: World) -> None:
    sprint = Sprint.plan(world.team, world.lead, availability={"ines@example.org": 0.5})
    sprint.start(world.lead)
    before = every_row()
    with pytest.raises(Refusal, match="only lead"):
        Departure(world.lead).settle(world.lead)
    assert every_row() == before


def test_a_second_place_in_the_team_counts_from_its_day(world: World) -> None:
    """Who comes back gives days again; those before the departure stay."""
    with wall("2026-03-09 09:00"):
        sprint = Sprint.plan(world.team, world.lead)
        sprint.start(world.lead)
    with wall("2026-03-10 17:00"):
        Departure(world.mei).settle(world.lead)
    with wall("2026-03-19 09:00"):
        world.team.invite(world.lead, email="mei@example.org")
    with wall("2026-03-20 16:00"):
        sprint.close(world.lead)
        assert sprint.capacities.get(user=world.mei.user).available == 4
