"""When a person leaves a team."""

from typing import Any

import pytest

from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity, ApiToken, Membership, Notice, User
from experiments.models import Task
from experiments.models.departure import Departure
from tests.world import World


def owners(*tasks: Task) -> list[User | None]:
    return [Task.objects.get(pk=task.pk).owner for task in tasks]


def test_it_lists_what_is_open_and_what_waits(world: World) -> None:
    running = world.started(world.experiment())
    idle = world.development(owner="mei@example.org")
    world.done(world.development(owner="mei@example.org"))
    binned = world.development(owner="mei@example.org")
    binned.delete_to_bin(world.mei)
    world.development(owner="omar@example.org")
    waiting = world.in_analysis(world.experiment(by=world.omar, owner="omar@example.org", decider="mei@example.org"))
    leaving = Departure(world.mei)
    assert [t.ref for t in leaving.open_cards] == [idle.ref, running.ref]
    assert [t.ref for t in leaving.waiting_decisions] == [waiting.ref]
    assert [m.user.first_name for m in leaving.successors()] == ["Inês", "Omar"]


def test_a_successor_takes_everything_open_on(world: World) -> None:
    mine, done = world.started(world.experiment()), world.done(world.development(owner="mei@example.org"))
    waiting = world.in_analysis(world.experiment(by=world.omar, owner="omar@example.org", decider="mei@example.org"))
    waiting.watch(world.mei, on=True)
    Departure(world.mei).settle(world.lead, successor=world.omar)
    assert owners(mine, done) == [world.omar.user, world.mei.user]
    waiting.refresh_from_db()
    assert waiting.decider == world.omar.user
    assert world.mei.user not in waiting.watchers.all()
    line = Activity.objects.of(mine).filter(field="owner").last()
    assert line is not None
    assert (line.actor, line.before, line.after) == (world.lead.user, "mei@example.org", "omar@example.org")
    assert Notice.objects.to(world.omar.user).filter(kind="assigned").exists()
    assert not Membership.objects.filter(team=world.team, user=world.mei.user).exists()


def test_nobody_takes_it_on(world: World) -> None:
    task = world.started(world.experiment())
    Departure(world.mei).settle(world.lead)
    assert owners(task) == [None]
    assert Task.objects.get(pk=task.pk).stage == "active"


def test_tokens_stop_and_names_stay(world: World) -> None:
    decision = world.decided()
    token = ApiToken.issue(world.mei)
    Departure(world.mei).settle(world.lead)
    assert ApiToken.holder(token) is None
    decision.task.refresh_from_db()
    assert decision.task.finding.by == world.mei.user
    assert decision.task.owner == world.mei.user


def test_cards_elsewhere_are_not_touched(world: World) -> None:
    Membership.objects.create(team=world.other, user=world.mei.user, role="member")
    elsewhere = world.development(by=world.ivo, owner="mei@example.org")
    Departure(world.mei).settle(world.lead)
    assert owners(elsewhere) == [world.mei.user]


@pytest.mark.parametrize("who", ["mei", "omar", "vera", "ivo"])
def test_only_a_lead_of_the_team_removes(world: World, who: str) -> None:
    task = world.development(owner="mei@example.org")
    with pytest.raises(Forbidden):
        Departure(world.mei).settle(getattr(world, who))
    assert owners(task) == [world.mei.user]


def test_a_refused_departure_moves_nothing(world: World) -> None:
    task = world.development(by=world.lead, owner="ines@example.org")
    with pytest.raises(Refusal, match="only lead"):
        Departure(world.lead).settle(world.lead)
    assert owners(task) == [world.lead.user]
    Departure(world.lead).settle(world.lead, successor=world.omar)
    assert owners(task) == [world.omar.user]
    assert Membership.objects.get(team=world.team, user=world.omar.user).role == "lead"


@pytest.mark.parametrize("who", ["vera", "ivo", "mei"])
def test_a_successor_works_in_the_team(world: World, who: str) -> None:
    with pytest.raises(Refusal) as caught:
        Departure(world.mei).settle(world.lead, successor=getattr(world, who))
    assert list(caught.value.fields) == ["successor"]


def test_it_reads_the_same_number_of_rows_for_thirty_cards(world: World, django_assert_num_queries: Any) -> None:
    world.development(owner="mei@example.org")
    with django_assert_num_queries(3):
        look(Departure(world.mei))
    for _ in range(29):
        world.development(owner="mei@example.org")
    with django_assert_num_queries(3):
        look(Departure(world.mei))


def look(leaving: Departure) -> None:
    """Read all that the page shows."""
    for task in leaving.open_cards:
        assert task.box is None or task.box.state
        assert task.get_absolute_url()
    assert leaving.waiting_decisions == []
    assert leaving.successors()
