"""My work: what needs one person, across teams."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard.models import Membership, Notice
from dsboard.models.team import OwnDecision
from dsboard.roles import Role
from experiments.models import Comment, outcomes
from experiments.my_work import MyWork
from tests.world import World


def refs(tasks):
    return [task.ref for task in tasks]


def test_nothing_waits(world: World):
    work = MyWork.of(world.mei.user)
    assert work == MyWork()
    assert work.sentence == "Nothing is waiting for you. Enjoy the quiet."


def test_running_boxes_and_other_cards_of_mine(world: World):
    running = world.started(world.experiment())
    later = world.experiment(owner="mei@example.org")
    world.started(world.experiment(), world.omar)
    work = MyWork.of(world.mei.user)
    assert (refs(work.boxes), refs(work.cards)) == ([running.ref], [later.ref])
    assert work.sentence == "One running time box needs you."


def test_a_decision_waits_for_leads_only(world: World):
    task = world.in_analysis()
    assert refs(MyWork.of(world.lead.user).decisions) == [task.ref]
    assert MyWork.of(world.omar.user).decisions == []
    world.team.deciders = "members"
    world.team.save()
    assert refs(MyWork.of(world.omar.user).decisions) == [task.ref]
    assert MyWork.of(world.vera.user).decisions == []


def test_a_named_decider_is_the_only_one_it_waits_for(world: World):
    second = Membership.objects.get(pk=world.omar.pk)
    second.role = Role.LEAD
    second.save()
    task = world.in_analysis()
    task.change(world.lead, decider="omar@example.org")
    assert MyWork.of(world.lead.user).decisions == []
    assert refs(MyWork.of(world.omar.user).decisions) == [task.ref]


@pytest.mark.parametrize(("policy", "waits"), [(OwnDecision.AUTO, True), (OwnDecision.ALLOWED, True), (OwnDecision.REFUSED, False)])
def test_an_owner_decides_alone_where_the_policy_lets(world: World, policy, waits):
    world.team.own_decisions = policy
    world.team.save()
    task = world.in_analysis(world.experiment(owner="ines@example.org"))
    assert refs(MyWork.of(world.lead.user).decisions) == ([task.ref] if waits else [])


def test_a_member_who_owns_a_card_decides_it_while_the_team_has_one_lead(world: World):
    world.team.deciders = "members"
    world.team.save()
    task = world.in_analysis(world.experiment(owner="mei@example.org"))
    assert refs(MyWork.of(world.mei.user).decisions) == [task.ref]
    outcomes.abandon(task, Membership.objects.get(pk=world.mei.pk), why="We know enough.")
    assert task.decision.by == world.mei.user


@pytest.mark.parametrize("cards", [1, 30])
def test_own_cards_that_wait_cost_one_query_a_team(world: World, cards):
    for _ in range(cards):
        world.in_analysis(world.experiment(owner="ines@example.org"))
    with CaptureQueriesContext(connection) as queries:
        assert len(MyWork.of(world.lead.user).decisions) == cards
    assert len(queries) == 5


def test_mentions_until_they_are_read(world: World):
    Comment.write(world.experiment(), world.mei, "What do you think, @ines?")
    (notice,) = MyWork.of(world.lead.user).mentions
    assert (notice.title, notice.text) == ("Mei mentioned you on FRAUD-1", "What do you think, @ines?")
    notice.mark_read()
    assert MyWork.of(world.lead.user).mentions == []


def test_a_team_that_somebody_left_shows_nothing(world: World):
    task = world.started(world.experiment())
    Comment.write(task, world.lead, "@mei look")
    world.mei.delete()
    assert MyWork.of(world.mei.user) == MyWork()


def test_the_sentence_counts_what_is_there(world: World):
    world.in_analysis()
    world.in_analysis()
    world.started(world.research(), world.lead)
    Comment.write(world.experiment(), world.mei, "@ines")
    assert MyWork.of(world.lead.user).sentence == "Four things need you: two decisions, one running time box and one notice."


@pytest.mark.parametrize("cards", [1, 30])
def test_as_many_queries_for_one_card_as_for_thirty(world: World, cards):
    for _ in range(cards):
        world.started(world.experiment())
        Notice.objects.post(team_id=world.team.pk, user_id=world.mei.user_id, kind="mention", key=f"k{_}", title="x", url="/")
    with CaptureQueriesContext(connection) as queries:
        work = MyWork.of(world.mei.user)
        [(task.team.name, task.box) for task in work.boxes + work.cards]
    assert len(queries) == 4
