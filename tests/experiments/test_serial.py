"""Several sessions at once: whatever was accepted, in the order of its history, is what one person alone would have made of the board.

Hypothesis writes what each session does; real threads do it at the same time on the database of the run. Then one thread repeats
the accepted acts in their order on a second team, and the two boards must be the same.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, Pulse, Team
from experiments import kept
from experiments.face import faces
from experiments.models import Comment, Finding, Task, outcomes
from experiments.models.undo import UNDOABLE, take_back
from experiments.stages import EXPERIMENT_STAGES, Kind, Stage
from tests.world import World, found_world

pytestmark = pytest.mark.django_db(transaction=True)

CARDS, SESSIONS = 5, 4
numbers = count(1)
place = st.integers(0, CARDS + 2)
words = st.text("abc", min_size=1, max_size=4)
act = st.one_of(
    st.tuples(st.just("move"), place, st.sampled_from(["ideation", "active"]), place, st.booleans()),
    st.tuples(st.just("reorder"), place, st.just(""), place, st.booleans()),
    st.tuples(
        st.just("edit"), place, st.sampled_from(["title", "description", "success"]), st.text("abc", min_size=1, max_size=4), st.none()
    ),
    st.tuples(st.just("comment"), place, st.just(""), words, st.none()),
    st.tuples(st.just("undo"), place, st.just(""), st.integers(0, 9), st.none()),
    st.tuples(st.just("delete"), place, st.just(""), st.none(), st.none()),
    st.tuples(st.just("restore"), place, st.just(""), st.none(), st.none()),
    st.tuples(st.just("report"), place, st.just(""), st.none(), st.none()),
    st.tuples(st.just("decide"), place, st.just(""), st.none(), st.none()),
    st.tuples(st.just("plan"), st.just(0), st.just(""), words, st.none()),
)
Act = tuple[str, int, str, Any, Any]


@dataclass
class Board:
    """One team with its cards, and how an act of the lists above is done on it."""

    team: Team
    by: Membership
    done: list[tuple[int, Act]] = field(default_factory=list)

    @classmethod
    def of(cls, world: World) -> "Board":
        team = Team.found(key=f"T{next(numbers)}", name="Serial", lead=world.lead.user)
        board = cls(team, team.memberships.select_related("team", "user").get())
        for number in range(CARDS):
            board.plan(f"Card {number}")
        return board

    def plan(self, title: str) -> Task:
        fields = {"question": "Which signals?", "success": "Three signals.", "hours": 8}
        return Task.plan(self.team, kind=Kind.RESEARCH, title=title, by=self.by, **fields)

    def card(self, number: int) -> Task | None:
        return Task.objects.within(self.team).filter(number=number + 1).first()

    def last(self) -> int:
        return Activity.objects.within(self.team).order_by("-pk").values_list("pk", flat=True)[0]

    def perform(self, one: Act) -> bool:
        """Do it; False when it meant nothing."""
        with transaction.atomic():
            return self.attempt(one)

    def attempt(self, one: Act) -> bool:
        kind, number, stage, other, upper = one
        if kind == "plan":
            self.plan(other)
            return True
        task = self.card(number)
        if task is None:
            return False
        verbs: dict[str, Callable[[], Any]] = {
            "move": lambda: task.move_to(stage, self.by, **self.beside(task, other, bool(upper))),
            "reorder": lambda: task.move_to(task.stage, self.by, **self.beside(task, other, bool(upper))),
            "edit": lambda: task.change(self.by, **{stage: other}),
            "comment": lambda: Comment.write(task, self.by, other),
            "undo": lambda: self.undo(task, other),
            "delete": lambda: task.delete_to_bin(self.by),
            "restore": lambda: task.restore(self.by),
            "report": lambda: Finding.report(task, self.by, tried="Three.", learned="Enough.", results=[]),
            "decide": lambda: outcomes.abandon(task, self.by, why="We know enough.", override_reason="Enough."),
        }
        return bool(verbs[kind]())

    def beside(self, task: Task, other: int, upper: bool) -> dict[str, str]:
        return {"before" if upper else "after": f"{self.team.key}-{other + 1}"} if other + 1 != task.number else {}

    def undo(self, task: Task, back: int) -> Any:
        # Held before its lines are read: another session's line between the two would make this another act than the one repeated.
        self.team.lock()
        lines = list(Activity.objects.of(task.hold()).filter(verb__in=UNDOABLE))
        if not lines:
            raise Refusal("Nothing to undo.")
        # Taking back what is so already says yes and writes nothing: only a new line is an act.
        before = Activity.objects.of(task).count()
        take_back(task, lines[back % len(lines)], self.by)
        return Activity.objects.of(task).count() > before

    def session(self, acts: list[Act]) -> None:
        """What one person does; every accepted act is noted with the line of history that is its place in the order."""
        self.by = Membership.objects.select_related("team", "user").get(pk=self.by.pk)
        for one in acts:
            try:
                with transaction.atomic():
                    if self.attempt(one):
                        self.done.append((self.mark(one), one))
            except Refusal:
                continue

    def mark(self, one: Act) -> int:
        """The last line that this act wrote: its own card's, since others write to theirs at the same time."""
        lines = Activity.objects.within(self.team)
        if one[0] != "plan":
            lines = lines.filter(subject_ref=f"{self.team.key}-{one[1] + 1}")
        else:
            lines = lines.filter(verb="created")
        return lines.order_by("-pk").values_list("pk", flat=True)[0]

    def shown(self) -> dict[str, Any]:
        """Everything of it that people see, in words that are the same for every team."""
        rows = Task.objects.within(self.team).order_by("number")
        cards = {
            task.number: (task.title, task.description, task.success, task.stage, task.version, bool(task.deleted_at), task.comment_count)
            for task in rows
        }
        order = {
            lane: list(rows.filter(lane=lane, rank__isnull=False).order_by("rank").values_list("number", flat=True))
            for lane in {task.lane for task in rows}
        }
        return {"cards": cards, "order": order}


def with_pulse(team: Team) -> Team:
    return Team.objects.select_related("pulse").get(pk=team.pk)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.lists(act, min_size=1, max_size=8), min_size=SESSIONS, max_size=SESSIONS))
def check(world: World, sessions: list[list[Act]]) -> None:
    board = Board.of(world)
    began = Pulse.objects.get(team=board.team).version
    kept.shown(with_pulse(board.team), "experiments")
    trouble: list[BaseException] = []
    done: list[tuple[int, Act]] = []
    gate = threading.Barrier(SESSIONS)

    def run(acts: list[Act]) -> None:
        own = Board(board.team, board.by)
        try:
            gate.wait(20)
            own.session(acts)
        except BaseException as error:
            trouble.append(error)
        finally:
            done.extend(own.done)
            connections.close_all()

    threads = [threading.Thread(target=run, args=(acts,)) for acts in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert trouble == []

    alone = Board.of(world)
    for _, one in sorted(done):
        assert alone.perform(one), one
    assert board.shown() == alone.shown()

    for task in Task.objects.within(board.team):
        versions = [line.version for line in Activity.objects.of(task)]
        assert versions == sorted(versions)
    ranks = list(Task.objects.within(board.team).filter(rank__isnull=False).values_list("lane", "rank"))
    assert len(ranks) == len(set(ranks))
    assert Pulse.objects.get(team=board.team).version == began + len(done)

    # What this process keeps of the board is what the database says.
    team = with_pulse(board.team)
    fresh = faces(team, Task.objects.within(team).on_boards().filter(stage__in=EXPERIMENT_STAGES).order_by("rank", "pk"))
    assert [face._replace(clock=None) for face in kept.shown(team, "experiments").faces] == [face._replace(clock=None) for face in fresh]


def test_many_sessions_are_as_one_after_the_other(transactional_db: None) -> None:
    check(found_world())


def test_the_check_sees_a_lost_move(transactional_db: None) -> None:
    """Were a rank written past the verbs, the boards would differ."""
    world = found_world()
    one, other = Board.of(world), Board.of(world)
    assert one.shown() == other.shown()
    one.perform(("reorder", 0, "", 3, True))
    assert one.shown() != other.shown()
    assert Stage.IDEATION in {task.stage for task in Task.objects.within(one.team)}
