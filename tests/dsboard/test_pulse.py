"""The pulse of a team: raised once for each accepted change, after its commit; what it forgets it calls everything."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from dsboard.models import Activity, Notice, Pulse
from dsboard.models.pulse import EVERYTHING, KEPT, MANY, heal, subject
from experiments.models import Comment, Run
from experiments.stages import Stage
from handoffs.models import Deployment, MLModel, Series
from tests.handoffs.models.conftest import in_deployment
from tests.world import World, found_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return found_world()


def pulse(world: World) -> Pulse:
    return Pulse.objects.get(team=world.team)


def test_a_change_raises_it_by_one_and_says_what_changed(world: World) -> None:
    task = world.experiment()
    before = pulse(world).version
    Comment.write(task, world.mei, "Looks good.")
    assert pulse(world).version == before + 1
    assert pulse(world).since(before) == {f"task:{task.ref}"}


def test_a_change_of_several_rows_is_one(world: World) -> None:
    task = world.experiment()
    before = pulse(world).version
    task.change(world.mei, title="Another", description="Longer", labels=["nlp"])
    assert pulse(world).version == before + 1


def test_what_was_rolled_back_is_not_told(world: World) -> None:
    task = world.experiment()
    before = pulse(world).version
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        task.change(world.mei, title="Never")
        raise ZeroDivisionError
    assert pulse(world).version == before
    task.change(world.mei, title="Now")
    assert pulse(world).version == before + 1


def test_one_team_s_changes_are_nothing_to_another(world: World) -> None:
    before = Pulse.objects.get(team=world.other).version
    world.experiment()
    assert Pulse.objects.get(team=world.other).version == before


def test_a_notice_names_its_person_only(world: World) -> None:
    task = world.experiment()
    before = pulse(world).version
    task.change(world.mei, owner=world.omar.user.email)
    assert pulse(world).since(before) == {f"task:{task.ref}", f"notice:{world.omar.user.pk}"}
    before = pulse(world).version
    Notice.objects.get(user=world.omar.user, kind="assigned").mark_read()
    assert pulse(world).since(before) == {f"notice:{world.omar.user.pk}"}


def test_whose_name_changes_is_told_to_every_team_with_this_person(world: World) -> None:
    before = pulse(world).version, Pulse.objects.get(team=world.other).version
    world.mei.user.change(name="Mei Sato", theme="dark", single_keys=True)
    assert pulse(world).since(before[0]) == {"membership:Mei_Sato"}
    world.mei.user.change(name="Mei Sato", theme="light", single_keys=True)
    assert (pulse(world).version, Pulse.objects.get(team=world.other).version) == (before[0] + 1, before[1])


def test_a_run_that_changes_no_verdict_is_told_too(world: World) -> None:
    """The picture on the card's face has a point more."""
    task = world.started(world.experiment())
    before = pulse(world).version
    Run.tell(task, world.mei, "run-1", metrics={"macro-F1": 0.5})
    Run.tell(task, world.mei, "run-2", notes="Nothing to judge.")
    assert (pulse(world).version, pulse(world).since(before)) == (before + 2, {f"task:{task.ref}"})


def test_a_value_in_operation_is_told(world: World) -> None:
    model = MLModel.register(world.team, world.mei, name="Recommendation")
    Deployment.deploy(in_deployment(world, model), world.lead, environment="production", override_reason="By mail.")
    Series.watch(model, world.mei, "precision")
    before = pulse(world).version
    Series.tell(model, world.mei, name="precision", value=0.9)
    assert (pulse(world).version, pulse(world).since(before)) == (before + 1, {"mlmodel:Recommendation"})


def test_it_writes_one_row_more_than_the_change(world: World) -> None:
    """A move within a column: the card, a line of history, the pulse."""
    first, second = world.experiment(), world.experiment(title="Second")
    with CaptureQueriesContext(connection) as queries:
        second.move_to(Stage.IDEATION, world.mei, after=first.ref)
    written = [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    assert len(written) == 3, written


def test_more_than_many_things_are_everything(world: World) -> None:
    Pulse.beat(world.team.pk, [subject("task", f"FRAUD-{number}") for number in range(MANY + 1)])
    now = pulse(world)
    assert now.since(now.version - 1) == {EVERYTHING}


def test_what_is_too_long_ago_is_everything(world: World) -> None:
    first = pulse(world).version
    for number in range(KEPT // 20 + 20):
        Pulse.beat(world.team.pk, [f"task:FRAUD-{number:0>12}"])
    now = pulse(world)
    assert now.since(first) == {EVERYTHING}
    assert now.since(now.version - 2) == {f"task:FRAUD-{number:0>12}" for number in (KEPT // 20 + 18, KEPT // 20 + 19)}
    assert len(now.recent) < KEPT * 2


@given(st.lists(st.lists(st.text("abc:-\n ", max_size=9), min_size=1, max_size=4), min_size=1, max_size=6), st.integers(0, 6))
def test_what_was_told_since_a_version_is_all_that_was_told_after_it(rounds: list[list[str]], version: int) -> None:
    row, lines = Pulse(version=0), ""
    for words in rounds:
        row.version += 1
        lines += f"{row.version} {' '.join(sorted({subject('task', word) for word in words}))}\n"
    row.recent = lines
    expected = {subject("task", word) for words in rounds[version:] for word in words}
    assert row.since(version) == (expected if version < len(rounds) else set())


def test_a_line_that_a_killed_process_did_not_tell_is_found(world: World) -> None:
    task = world.experiment()
    before = pulse(world)
    with transaction.atomic():
        # The commit without its word: the callbacks of a killed process never run.
        Activity.record(task, "edited", world.mei, field="title", before="a", after="b")
        connection.run_on_commit.clear()
    assert pulse(world).version == before.version
    heal(world.team.pk)
    assert pulse(world).since(before.version) == {f"task:{task.ref}"}
    heal(world.team.pk)
    assert pulse(world).version == before.version + 1
