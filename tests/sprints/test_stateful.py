"""Whatever is planned, started, added, removed, finished, carried over and closed: no task is lost and no day counted twice."""

import random
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dsboard.errors import Refusal
from dsboard.models import Calendars
from dsboard.working_time import NONE
from experiments.models import Task, TimeBox
from experiments.stages import Lane, Stage
from sprints.allocation import in_days
from sprints.balance import Balance
from sprints.models import Seat, Sprint
from sprints.states import End, State
from tests.world import World, found_world, lisbon

MONDAY = lisbon("2026-03-09 09:00")
KINDS = ("experiment", "development", "research", "maintenance")
#: how often each is tried
WEIGHTS = {"take_in": 8, "work": 6, "finish": 5, "start": 3, "close": 2, "plan": 2, "later": 3}
WEIGHTS |= {"take_out": 1, "reopen": 1, "drop": 1, "add": 1}
STEPS = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
BUCKETS = ("", "committed", "experiments", "learning")


class Life:
    """A team that does anything in any order; what is refused has changed nothing, and the next thing is tried."""

    def __init__(self, world: World) -> None:
        self.world, self.now = world, MONDAY
        self.done: Counter[str] = Counter()
        self.tasks: list[int] = []
        for number in range(6):
            self.add(number, number)
        self.plan(0, 0)

    def run(self, steps: list[tuple[str, int, int]]) -> None:
        for name, which, how in steps:
            with time_machine.travel(self.now, tick=False), suppress(Refusal):
                getattr(self, name)(which, how)
                self.done[name] += 1
            if name in ("start", "close"):
                self.check()
        self.check()

    def sprint(self, state: str) -> Sprint:
        found = Sprint.objects.filter(state=state).order_by("starts_on").first()
        if found is None:
            raise Refusal("There is none.")
        return found

    def card(self, which: int) -> Task:
        return Task.objects.select_related("team").get(pk=self.tasks[which % len(self.tasks)])

    # ── steps ──

    def add(self, which: int, how: int) -> None:
        owner = (self.world.mei, self.world.omar)[how % 2]
        self.tasks.append(getattr(self.world, KINDS[which % 4])(owner=owner.user.email).pk)

    def plan(self, which: int, how: int) -> None:
        if Sprint.objects.filter(state=State.PLANNED).count() < 2:
            Sprint.plan(self.world.team, self.world.lead)

    def take_in(self, which: int, how: int) -> None:
        self.sprint(State.RUNNING if how % 4 == 0 else State.PLANNED).take_in(self.card(which), self.world.lead, BUCKETS[how % 4])

    def take_out(self, which: int, how: int) -> None:
        self.sprint(State.RUNNING if how % 2 else State.PLANNED).take_out(self.card(which), self.world.lead)

    def start(self, which: int, how: int) -> None:
        self.sprint(State.PLANNED).start(self.world.lead)
        self.later(which, 0)

    def work(self, which: int, how: int) -> None:
        card = self.card(which)
        card.move_to(Stage.ACTIVE if card.is_boxed else Stage.IN_PROGRESS, self.world.mei)
        self.later(which, how)

    def later(self, which: int, how: int) -> None:
        self.now += timedelta(hours=(1, 3, 8, 24)[how % 4])

    def finish(self, which: int, how: int) -> None:
        pointed = Seat.objects.filter(state=State.RUNNING, removed_at=None, task__points__isnull=False, task__ended_at=None).first()
        card = pointed.task if pointed and how % 2 else self.card(which)
        if card.is_boxed:
            self.world.report(card)
        elif card.lane == Lane.IN_PROGRESS:
            ticked = [{"text": d.text, "done": True} for d in card.deliverables.all()]
            card.change(self.world.mei, **({"deliverables": ticked} if card.kind == "development" else {"done_note": "Done."}))
            card.move_to(Stage.DONE, self.world.mei)

    def reopen(self, which: int, how: int) -> None:
        card = self.card(which)
        card.move_to(Stage.ACTIVE if card.is_boxed else Stage.IN_PROGRESS, self.world.mei)

    def drop(self, which: int, how: int) -> None:
        self.card(which).drop(self.world.lead, "Not now.")

    def close(self, which: int, how: int) -> None:
        sprint = self.sprint(State.RUNNING)
        pointed = [seat.task.ref for seat in sprint.seats.held() if seat.task.points and not seat.task.ended_at]
        earned: dict[str, Any] = dict.fromkeys(pointed, 30 * (how % 4)) if how % 2 else {}
        outcome = sprint.close(self.world.lead, unfinished=("carry", "backlog")[which % 2], earned=earned)
        self.done.update(finished=len(outcome.finished), carried=len(outcome.carried), backlog=len(outcome.backlog))

    # ── what always holds ──

    def check(self) -> None:
        with time_machine.travel(self.now, tick=False):
            self.no_task_is_lost()
            self.seats_are_what_they_should_be()
            self.shares_sum_to_100()
            self.no_point_is_earned_or_credited_twice()
            self.no_day_is_counted_twice()

    def no_task_is_lost(self) -> None:
        assert set(Task.objects.values_list("pk", flat=True)) == set(self.tasks)
        shown = list(Task.objects.within(self.world.team).on_boards().values_list("pk", flat=True))
        still_open = set(Task.objects.within(self.world.team).open().values_list("pk", flat=True))
        assert len(shown) == len(set(shown))
        assert still_open == {pk for pk in self.tasks if Task.objects.get(pk=pk).ended_at is None}
        assert still_open <= set(shown)

    def seats_are_what_they_should_be(self) -> None:
        for state in (State.PLANNED, State.RUNNING):
            held = list(Seat.objects.filter(state=state, removed_at=None).values_list("task", flat=True))
            assert len(held) == len(set(held))
        for seat in Seat.objects.select_related("sprint", "task"):
            assert seat.state == seat.sprint.state
            assert seat.end in (End.values if seat.sprint.is_closed else [""])
            assert seat.task.carried == Seat.objects.filter(task=seat.task, end=End.CARRIED).count()

    def shares_sum_to_100(self) -> None:
        for sprint in Sprint.objects.all():
            balance = Balance(sprint)
            for found in (balance.planned, balance.actual):
                total = sum((part.share or Fraction(0) for part in found.values()), Fraction(0))
                assert total == (100 if sum(part.days for part in found.values()) else 0)

    def no_point_is_earned_or_credited_twice(self) -> None:
        for task in Task.objects.exclude(points=None):
            seats = Seat.objects.filter(task=task, state=State.CLOSED)
            assert sum(seat.earned_points for seat in seats) <= task.points
            assert sum(seat.finished_points for seat in seats) <= task.points

    def no_day_is_counted_twice(self) -> None:
        """All sprints together count no more box days of a person than that person worked while any clock ran."""
        started = Sprint.objects.exclude(state=State.PLANNED)
        counted = sum((Fraction(s.boxed_days) if s.is_closed else sum(Balance(s).used.values(), Fraction(0)) for s in started), Fraction(0))
        working = Calendars.of([self.world.team], MONDAY.date()).of_team(self.world.team.pk)
        worked = NONE
        ran = sorted((one for box in TimeBox.objects.all() for one in box.intervals), key=lambda one: one.started_at)
        for owner in {one.owner_id for one in ran}:
            until: datetime = MONDAY
            for one in ran:
                if one.owner_id == owner:
                    worked += working.between(max(one.started_at, until), one.stopped_at or self.now)
                    until = max(until, one.stopped_at or self.now)
        # A row keeps four decimals of a day.
        assert counted <= in_days(worked, self.world.team.day) + Fraction(1, 1000)


class TestAnySequence(TestCase):
    """Each example rolls back what it wrote."""

    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        with time_machine.travel(MONDAY, tick=False):
            cls.world = found_world()

    @settings(max_examples=12, deadline=None)
    @given(st.integers(0, 2**32))
    def test_loses_no_task_and_counts_no_day_twice(self, seed: int) -> None:
        # Drawn from a seed: a list of steps that hypothesis draws is mostly the same step again.
        chance = random.Random(seed)
        with time_machine.travel(MONDAY, tick=False):
            life = Life(self.world)
        life.run([(chance.choice(STEPS), chance.randrange(12), chance.randrange(8)) for _ in range(80)])
