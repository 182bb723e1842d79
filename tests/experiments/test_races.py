"""Eight people at once, on whichever database the run uses: nothing is lost, nothing doubled, and the only no is an honest one."""

import contextlib
import random
import threading
import time
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count

from dsboard.errors import Refusal, Stale
from dsboard.models import Activity, Membership, Notice
from experiments import reminding
from experiments.models import Comment, Decision, Finding, Label, Task, outcomes
from experiments.models.decision import Reversal
from experiments.models.moving import moving
from experiments.models.pauses import pause, resume
from experiments.stages import Stage
from tests.threads import PEOPLE, at_once, kinds
from tests.world import World, found_world, wall

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return found_world()


def fresh(task: Task) -> Task:
    """The row as one request reads it: threads share no objects."""
    return Task.objects.get(pk=task.pk)


def someone(world: World, place: int) -> Membership:
    """A member or lead of the team, read anew."""
    return Membership.objects.select_related("team", "user").get(pk=(world.lead, world.mei, world.omar)[place % 3].pk)


def test_eight_movers_lose_no_card_and_share_no_place(world: World, request: pytest.FixtureRequest) -> None:
    seconds = 10 if request.config.getoption("--long") else 3
    experiments = [world.experiment(title=f"Experiment {i}") for i in range(20)]
    upkeep = [world.maintenance(title=f"Upkeep {i}", done_note="Done.") for i in range(20)]
    for task in experiments[:10]:
        world.in_analysis(task)
    refs = {task.ref for task in [*experiments, *upkeep]}
    moved, refused = Counter[int](), Counter[int]()
    until = time.monotonic() + seconds

    def mover(place: int) -> None:
        chance, by = random.Random(place), someone(world, place)
        while time.monotonic() < until:
            task = Task.objects.within(world.team).get(ref=chance.choice(sorted(refs)))
            stages = task.stages if not task.is_boxed else task.stages[:3] if task.finding else task.stages[:2]
            stage = chance.choice(stages)
            seen = list(
                Task.objects.within(world.team).filter(stage=stage).exclude(pk=task.pk).order_by("rank").values_list("ref", flat=True)
            )
            # Half of all drops go right below the top card: that is how a gap is used up.
            spot = 0 if chance.random() < 0.5 else chance.randrange(len(seen) + 1)
            before, after = ([*seen[spot : spot + 1], ""][0], [*seen[spot + 1 : spot + 2], ""][0])
            try:
                task.move_to(stage, by, before=before, after=after, version=task.version)
                moved[place] += 1
            except Stale:
                refused[place] += 1

    assert kinds(at_once(mover)) == {"NoneType": PEOPLE}
    rows = list(Task.objects.within(world.team).values_list("ref", "lane", "rank"))
    assert {ref for ref, *_ in rows} == refs
    assert len({(lane, rank) for _, lane, rank in rows}) == len(rows)
    assert all(rank is not None for *_, rank in rows)
    assert sum(moved.values()) > PEOPLE
    for task in Task.objects.within(world.team):
        steps = list(Activity.objects.of(task).filter(field="stage").values_list("before", "after"))
        assert [before for before, _ in steps[1:]] == [after for _, after in steps[:-1]]
        assert not steps or steps[-1][1] == task.stage
        assert Activity.objects.of(task).order_by("pk").last().version == task.version


def test_every_new_card_gets_a_number_of_its_own(world: World) -> None:
    def plan(place: int) -> list[int]:
        by = someone(world, place)
        return [Task.plan(by.team, kind="maintenance", title=f"Card {place} {i}", by=by, labels=["new"]).number for i in range(5)]

    answers = at_once(plan)
    assert kinds(answers) == {"list": PEOPLE}
    assert sorted(number for answer in answers for number in answer) == list(range(1, PEOPLE * 5 + 1))
    assert Task.objects.values("lane", "rank").distinct().count() == PEOPLE * 5


def test_one_decision_stands(world: World) -> None:
    task = world.in_analysis()
    seen = task.version

    def decide(place: int) -> Decision:
        by = Membership.objects.select_related("team", "user").get(pk=world.lead.pk)
        if place % 2:
            return outcomes.abandon(fresh(task), by, why="Enough.", version=seen)
        return outcomes.more_research(fresh(task), by, why="More.", question="And then?", hours=8, version=seen)

    answers = at_once(decide)
    assert kinds(answers) == {"Decision": 1, "Refusal": PEOPLE - 1}
    made = next(answer for answer in answers if isinstance(answer, Decision))
    assert list(Decision.objects.all()) == [made]
    assert world.team.tasks.count() == 1 + (made.outcome == "more_research")
    assert Activity.objects.of(task).filter(verb="decided").count() == 1


def test_a_decision_submitted_twice_is_made_once(world: World) -> None:
    task = world.in_analysis()

    def decide(place: int) -> Decision:
        return outcomes.abandon(fresh(task), someone(world, 0), why="Enough.")

    answers = at_once(decide, 2)
    assert kinds(answers) == {"Decision": 1, "Refusal": 1}
    refusal = next(answer for answer in answers if isinstance(answer, Refusal))
    assert refusal.sentence == f"{task.ref} is decided already. Reverse that decision first."


def test_one_reversal(world: World) -> None:
    task = world.decided("more_research").task
    answers = at_once(lambda place: outcomes.reverse(fresh(task), someone(world, 0), reason="A leak."))
    assert kinds(answers) == {"Consequences": 1, "Refusal": PEOPLE - 1}
    assert Reversal.objects.count() == 1
    assert fresh(task).stage == Stage.ANALYSIS


def test_of_eight_edits_of_one_field_one_is_kept_and_the_others_are_told(world: World) -> None:
    task = world.experiment()
    seen = task.version
    answers = at_once(lambda place: fresh(task).change(someone(world, place), version=seen, title=f"Title {place}"))
    assert kinds(answers) == {"list": 1, "Stale": PEOPLE - 1}
    winner = next(place for place, answer in enumerate(answers) if answer == ["title"])
    assert fresh(task).title == f"Title {winner}"


def test_edits_of_different_fields_merge(world: World) -> None:
    task = world.experiment()
    seen = task.version
    edits: list[dict[str, Any]] = [
        {"title": "New title"},
        {"description": "New words"},
        {"hypothesis": "Another one"},
        {"success": "Half a point"},
        {"hours": 16},
        {"labels": ["nlp"]},
        {"owner": "omar@example.org"},
        {"bucket": "learning"},
    ]
    answers = at_once(lambda place: fresh(task).change(someone(world, place), version=seen, **edits[place]))
    assert answers == [list(edit) for edit in edits]
    now = fresh(task)
    assert (now.title, now.description, now.statement, now.success) == ("New title", "New words", "Another one", "Half a point")
    assert (float(now.hours), [label.name for label in now.labels.all()]) == (16, ["nlp"])
    assert (now.owner, now.bucket, now.version) == (world.omar.user, "learning", seen + PEOPLE)


def test_a_new_label_given_to_eight_cards_is_one_label(world: World) -> None:
    tasks = [world.experiment() for _ in range(PEOPLE)]
    spelled = ["Fraud", "fraud", "FRAUD", "frauD"]
    answers = at_once(lambda place: fresh(tasks[place]).change(someone(world, place), labels=[spelled[place % 4], f"own {place}"]))
    assert kinds(answers) == {"list": PEOPLE}
    assert Label.objects.filter(name__iexact="fraud").count() == 1
    assert list(Task.objects.annotate(n=Count("labels")).values_list("n", flat=True)) == [2] * PEOPLE


def test_comments_are_all_counted_and_a_mention_told_once_each(world: World) -> None:
    task = world.experiment()
    answers = at_once(lambda place: Comment.write(fresh(task), someone(world, place % 2), f"Look, @omar: {place}"))
    assert kinds(answers) == {"Comment": PEOPLE}
    assert (fresh(task).comment_count, Comment.objects.count(), Notice.objects.filter(user=world.omar.user).count()) == (PEOPLE,) * 3


def test_findings_reported_by_two_are_both_kept_and_move_the_card_once(world: World) -> None:
    task = world.started(world.research())
    said = {"tried": "This.", "learned": "That."}
    answers = at_once(lambda place: Finding.report(fresh(task), someone(world, place), **said), 2)
    assert kinds(answers) == {"Finding": 2}
    assert Activity.objects.of(task).filter(field="stage", after="analysis").count() == 1


def test_a_card_dropped_and_moved_at_once_is_either(world: World) -> None:
    tasks = [world.experiment() for _ in range(4)]

    def work(place: int) -> Any:
        task, by = fresh(tasks[place // 2]), someone(world, 0)
        return task.drop(by, "No time.") if place % 2 else task.move_to(Stage.ACTIVE, by)

    answers = at_once(work)
    assert {type(answer) for answer in answers} <= {Activity, Refusal}
    for task in map(fresh, tasks):
        assert (task.rank is None) == (task.dropped_at is not None)


def test_a_calendar_that_changes_while_a_clock_is_paused_lets_it_stand(world: World) -> None:
    """Whoever waited for the card sees its box as it is by then."""
    tasks = [world.started(world.experiment()) for _ in range(4)]
    paused = threading.Event()

    def work(place: int) -> Any:
        by = someone(world, 0)
        if place:
            paused.wait(20)
            return moving(by.team, by, lambda: by.team.set_calendar(by, week="Mon-Fri 09:00-13:00"), from_now=True)
        with transaction.atomic():
            for task in tasks:
                pause(fresh(task), by, reason="Waiting for labels.")
            paused.set()
            time.sleep(0.5)
        return None

    assert kinds(at_once(work, 2)) == {"NoneType": 1, "tuple": 1}
    assert {task.box.pause_reason for task in map(fresh, tasks)} == {"Waiting for labels."}


def test_pauses_that_end_by_themselves_and_by_hand_end_once(world: World) -> None:
    """The sweep and a person hold card and box in the same order: neither waits for the other, and history has one line."""
    with wall("2026-03-10 09:00"):
        tasks = [world.started(world.experiment()) for _ in range(6)]
        for task in tasks:
            pause(fresh(task), someone(world, 0), reason="Waiting for labels.", until=date(2026, 3, 11))

    def work(place: int) -> Any:
        if place % 2:
            return reminding.sweep()
        by = someone(world, 0)
        for task in tasks:
            with contextlib.suppress(Refusal):
                resume(fresh(task), by)
        return 0

    with wall("2026-03-11 09:30"):
        assert kinds(at_once(work)) == {"int": PEOPLE}
    for task in tasks:
        assert fresh(task).box.runs_since
        assert Activity.objects.of(task).filter(verb="resumed").count() == 1
