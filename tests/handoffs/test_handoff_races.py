"""Both sides at the same moment: one signature a side, none over a line that changes, one winner for each act."""

from datetime import date

import pytest

from dsboard.models import Membership
from experiments.models import Task
from handoffs.models import Handoff, MLModel, Signature, Verification, Version
from handoffs.models.planning import plan_missing
from handoffs.stages import HandoffState, LineState
from tests.handoffs.models.conftest import built
from tests.handoffs.table import everything_verified, line, offered
from tests.threads import PEOPLE, at_once, kinds
from tests.world import World, found_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return found_world()


@pytest.fixture
def handoff(world: World) -> Handoff:
    return Handoff.start(built(world, MLModel.register(world.team, world.mei, name="Ranker")), world.mei)


def place_of(who: Membership) -> Membership:
    """Somebody as one request reads them: threads share no objects."""
    return Membership.objects.select_related("team", "user").get(pk=who.pk)


def fresh(handoff: Handoff) -> Handoff:
    return Handoff.objects.select_related("version__model__team").get(pk=handoff.pk)


def test_a_version_has_one_open_handoff(world: World) -> None:
    version = built(world, MLModel.register(world.team, world.mei, name="Ranker"))

    def start(place: int) -> Handoff:
        return Handoff.start(Version.objects.select_related("model__team").get(pk=version.pk), place_of(world.mei))

    assert kinds(at_once(start)) == {"Handoff": 1, "Refusal": PEOPLE - 1}
    assert version.handoffs.get().lines.count() == 14


def test_two_signing_at_once_accept_it_once_and_each_side_signs_once(world: World, handoff: Handoff) -> None:
    everything_verified(world, handoff)
    at_once(lambda place: fresh(handoff).sign(place_of(world.omar if place % 2 else world.mei)))
    kept = fresh(handoff)
    assert kept.state == HandoffState.ACCEPTED
    assert sorted(Signature.objects.filter(handoff=handoff, void_at=None).values_list("side", flat=True)) == ["engineering", "science"]
    assert Signature.objects.filter(handoff=handoff).count() == 2


def test_no_signature_stands_over_a_line_that_changed_at_the_same_moment(world: World, handoff: Handoff) -> None:
    """Whichever came first: accepted before the change, which is refused then; or changed, and what was signed is void."""
    everything_verified(world, handoff)

    def act(place: int) -> object:
        if place < 2:
            return fresh(handoff).sign(place_of(world.omar if place else world.mei))
        return line(handoff, "model-card").put("provided", place_of(world.mei), evidence=f"Card {place}.")

    at_once(act)
    kept, card = fresh(handoff), line(handoff, "model-card")
    valid = Signature.objects.filter(handoff=handoff, void_at=None).count()
    if kept.state == HandoffState.ACCEPTED:
        assert (card.state, valid) == (LineState.VERIFIED, 2)
    else:
        assert (kept.state, card.state, valid) == (HandoffState.IN_REVIEW, LineState.PROVIDED, 0)


def test_one_yes_a_side_however_many_say_it(world: World, handoff: Handoff) -> None:
    offered(world, handoff)
    answers = at_once(lambda place: line(handoff, "documentation").verify(place_of(world.omar if place % 2 else world.mei)))
    assert kinds(answers) == {"Verification": PEOPLE}
    assert Verification.objects.filter(line__handoff=handoff, void_at=None).count() == 2
    assert line(handoff, "documentation").state == LineState.VERIFIED


def test_of_eight_who_saw_the_same_line_one_changes_it(world: World, handoff: Handoff) -> None:
    seen = line(handoff, "model-card").version
    answers = at_once(lambda place: line(handoff, "model-card").put("provided", place_of(world.mei), evidence=f"{place}.", seen=seen))
    assert kinds(answers) == {"bool": 1, "Stale": PEOPLE - 1}


def test_offer_return_and_withdrawal_at_once_leave_one_state_and_its_record(world: World, handoff: Handoff) -> None:
    offered(world, handoff)

    def act(place: int) -> object:
        one = fresh(handoff)
        if place % 2:
            return one.give_back(place_of(world.omar), reason=f"No {place}.")
        return one.withdraw(place_of(world.mei), reason=f"Enough {place}.")

    answers = at_once(act)
    done = [answer for answer in answers if answer is None]
    assert len(done) in (1, 2)  # a return may come before the withdrawal, never after it
    assert fresh(handoff).state == HandoffState.WITHDRAWN


def test_missing_lines_are_planned_once(world: World, handoff: Handoff) -> None:
    answers = at_once(lambda place: plan_missing(fresh(handoff), place_of(world.omar)))
    assert sorted(len(answer) for answer in answers if isinstance(answer, list)).count(5) == 1
    assert Task.objects.filter(handoff_lines__handoff=handoff).count() == 5


def test_a_line_blocked_by_many_keeps_one_reason(world: World, handoff: Handoff) -> None:
    day = date(2099, 1, 2)

    def block(place: int) -> bool:
        return line(handoff, "serving-platform").put(
            "blocked", place_of(world.omar), reason=f"Reason {place}.", owner="omar@example.org", due_on=day
        )

    assert kinds(at_once(block)) == {"bool": PEOPLE}
    kept = line(handoff, "serving-platform")
    assert (kept.state, kept.version) == (LineState.BLOCKED, PEOPLE + 1)
