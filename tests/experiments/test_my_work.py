"""My work: what needs one person, across teams."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard.errors import Forbidden
from dsboard.models import Membership, Notice
from dsboard.models.team import OwnDecision
from dsboard.roles import Role
from experiments.models import Comment, outcomes
from experiments.models.nudge import nudge
from experiments.models.pauses import pause
from experiments.my_work import Desk, MyWork, Urgent, notices_shown
from experiments.week import Week
from tests.world import World, lisbon, refuses, wall


def refs(rows):
    return [getattr(row, "task", row).ref for row in rows]


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
    assert len(queries) == 13


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
        [(row.task.team.name, row.line, row.clock) for row in work.boxes]
        [(notice.by, notice.team.name) for notice in work.notices]
    assert len(queries) == 10


class TestBoxes:
    """Three days from Tuesday, 10 March, nine o'clock."""

    def started(self, world: World, **fields):
        with wall("2026-03-10 09:00"):
            return world.started(world.experiment(**fields))

    def seen(self, person, at: str):
        with wall(at):
            return [(row.clock.words, row.line) for row in MyWork.of(person.user).boxes]

    def test_an_owner_sees_it_all_the_time(self, world: World):
        self.started(world)
        assert self.seen(world.mei, "2026-03-10 11:00") == [("2d 6h left", "macro-F1, target ≥ 0.9 · Fraud")]

    def test_a_lead_sees_it_on_its_last_day_and_overdue(self, world: World):
        self.started(world)
        assert self.seen(world.lead, "2026-03-11 16:00") == []
        assert self.seen(world.lead, "2026-03-12 14:10") == [("2h 50m left", "Mei · macro-F1, target ≥ 0.9 · Fraud")]
        assert self.seen(world.lead, "2026-03-13 10:00") == [
            ("Ended yesterday, 17:00", "Mei · findings due since yesterday, 17:00 · Fraud")
        ]

    def test_other_members_and_viewers_do_not(self, world: World):
        self.started(world)
        assert self.seen(world.omar, "2026-03-13 10:00") == self.seen(world.vera, "2026-03-13 10:00") == []

    def test_a_pause_takes_it_off_the_leads_list_and_keeps_it_on_the_owners(self, world: World):
        task = self.started(world)
        with wall("2026-03-12 10:00"):
            pause(task, world.mei, reason="Waiting for labels.")
        assert self.seen(world.lead, "2026-03-12 11:00") == []
        assert self.seen(world.mei, "2026-03-12 11:00") == [("Paused, 7h left", "macro-F1, target ≥ 0.9 · Fraud")]

    def test_the_first_to_end_is_on_top(self, world: World):
        long, short = self.started(world), self.started(world, hours=8)
        with wall("2026-03-10 12:00"):
            assert refs(MyWork.of(world.mei.user).boxes) == [short.ref, long.ref]

    def test_late_findings_count_as_urgent(self, world: World):
        self.started(world)
        with wall("2026-03-13 10:00"):
            work = MyWork.of(world.mei.user)
            assert (work.urgent, Urgent.of(world.mei.user, "").count, work.sentence) == (1, 1, "One late finding needs you.")
            assert Urgent.of(world.lead.user, "").count == 0


class TestDecisions:
    def test_a_row_says_what_was_learned_and_how_long_it_waits(self, world: World):
        with wall("2026-03-10 09:00"):
            task = world.started(world.experiment())
        with wall("2026-03-10 15:00"):
            world.report(task, suggestion="abandon")
        with wall("2026-03-11 10:00"):
            (row,) = MyWork.of(world.lead.user).decisions
            assert (row.text, row.waiting) == ("The encoder is enough. Mei suggests Abandon.", "waiting 3 h")
        with wall("2026-03-13 10:00"):
            (row,) = MyWork.of(world.lead.user).decisions
            assert row.waiting == "waiting 2 d"

    def test_the_median_of_several(self, world: World):
        with wall("2026-03-10 09:00"):
            tasks = [world.started(world.experiment()) for _ in range(3)]
        for task, hour in zip(tasks, ("2026-03-10 09:30", "2026-03-11 09:00", "2026-03-11 17:00"), strict=True):
            with wall(hour):
                world.report(task)
        with wall("2026-03-12 17:00"):
            assert MyWork.of(world.lead.user).median_wait == "median wait 2.0 d"


class TestNotices:
    def test_put_off_until_its_day(self, world: World):
        with wall("2026-03-10 09:00"):
            Comment.write(world.experiment(), world.mei, "@ines")
            (notice,) = MyWork.of(world.lead.user).notices
            notice.snooze(lisbon("2026-03-11 09:00"))
            assert MyWork.of(world.lead.user).notices == []
            assert notices_shown(world.lead.user, "later") == [notice]
        with wall("2026-03-11 09:00"):
            assert MyWork.of(world.lead.user).notices == [notice]
            assert notices_shown(world.lead.user, "later") == []

    def test_read_ones_are_kept(self, world: World):
        Comment.write(world.experiment(), world.mei, "@ines")
        (notice,) = MyWork.of(world.lead.user).notices
        notice.mark_read()
        assert notices_shown(world.lead.user, "done") == [notice]
        notice.mark_unread()
        assert MyWork.of(world.lead.user).notices == [notice]


class TestNudge:
    @pytest.fixture
    def task(self, world: World):
        with wall("2026-03-10 09:00"):
            return world.started(world.experiment())

    def nudges(self):
        return list(Notice.objects.filter(kind="nudge").values_list("user__name", "title", "text"))

    def test_once_a_day(self, world: World, task):
        for day in ("2026-03-13", "2026-03-13", "2026-03-16"):
            with wall(f"{day} 10:00"):
                nudge(task, world.lead)
        assert self.nudges() == [("Mei Tanaka", "Inês waits for your findings: BERT vs GPT comparison", "Three sentences are enough.")] * 2

    def test_not_before_the_end(self, world: World, task):
        with wall("2026-03-12 16:59"), refuses(f"The findings of {task.ref} are not due."):
            nudge(task, world.lead)

    def test_by_a_lead(self, world: World, task):
        with wall("2026-03-13 10:00"), refuses("Only a lead can remind others of their findings. Ask in a comment.", kind=Forbidden):
            nudge(task, world.omar)

    def test_not_oneself(self, world: World, task):
        with wall("2026-03-10 09:05"):
            task.change(world.lead, owner="ines@example.org")
        with wall("2026-03-13 10:00"), refuses(f"You own {task.ref}: report its findings."):
            nudge(task, world.lead)


class TestWeek:
    """From Monday, 9 March: what is under way, and what was reported."""

    def bars(self, world: World, at: str):
        with wall(at):
            week = Week(Desk(world.mei.user))
            return [(bar.task.ref, bar.shape, bar.x, round(bar.x + bar.width, 1)) for bar in week.bars], week.now_x

    def test_a_day_is_as_wide_as_its_working_hours(self, world: World):
        with wall("2026-03-10 09:00"):
            task = world.started(world.experiment(hours=12))
        bars, now = self.bars(world, "2026-03-10 11:00")
        assert (bars, now) == ([(task.ref, "calm", 20.0, 50.0)], 25.0)

    def test_findings_due_stretch_to_now(self, world: World):
        with wall("2026-03-10 09:00"):
            task = world.started(world.experiment(hours=8))
        bars, _ = self.bars(world, "2026-03-12 13:00")
        assert bars == [(task.ref, "over", 20.0, 70.0)]

    def test_from_last_week_and_into_the_next(self, world: World):
        with wall("2026-03-06 09:00"):
            task = world.started(world.experiment(hours=80))
        bars, _ = self.bars(world, "2026-03-10 13:00")
        assert bars == [(task.ref, "calm", 0.0, 100.0)]

    def test_what_was_reported_this_week_and_not_what_was_before(self, world: World):
        with wall("2026-03-05 09:00"):
            before, this = world.started(world.experiment()), world.started(world.experiment())
        with wall("2026-03-06 17:00"):
            world.report(before)
        with wall("2026-03-09 13:00"):
            world.report(this)
        bars, _ = self.bars(world, "2026-03-11 09:00")
        assert bars == [(this.ref, "done", 0.0, 10.0)]

    def test_no_line_of_now_at_the_weekend(self, world: World):
        world.started(world.experiment())
        assert self.bars(world, "2026-03-14 12:00")[1] is None

    def test_other_teams_have_no_bar(self, world: World):
        with wall("2026-03-10 09:00"):
            world.started(world.experiment())
            assert Week(Desk(world.ivo.user)).bars == []
