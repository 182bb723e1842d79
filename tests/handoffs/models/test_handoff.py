"""A handoff from draft to both signatures: who may do what to it in which state, what a change undoes, what accepting opens."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from dsboard.errors import Forbidden, Refusal, Stale
from dsboard.models import Activity, Membership, User
from experiments.models import Task
from handoffs.contract import BY_SLUG, TERMS
from handoffs.models import Handoff, Line, MLModel, Signature, Verification, Version
from handoffs.models.planning import plan_missing
from handoffs.stages import HandoffState
from tests.handoffs.models.conftest import built
from tests.handoffs.table import agree, everything_verified, line, offered, provide_all
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(world: World, model: MLModel) -> Version:
    """v2, at Model Development with everything answered."""
    return built(world, model)


@pytest.fixture
def handoff(world: World, version: Version) -> Handoff:
    return Handoff.start(version, world.mei)


class TestStarting:
    def test_makes_fourteen_lines_in_their_order(self, handoff: Handoff) -> None:
        lines = handoff.read_lines()
        assert [one.slug for one in lines] == [term.slug for term in TERMS]
        assert {one.state for one in lines} == {"missing"}
        assert [len([one for one in lines if one.term.side == side]) for side in ("science", "engineering", None)] == [5, 5, 4]

    def test_twice_for_a_version_is_refused(self, world: World, handoff: Handoff) -> None:
        with pytest.raises(Refusal) as said:
            Handoff.start(handoff.version, world.omar)
        assert said.value.fields == {"version": "A handoff of Recommendation v2 is open already."}

    def test_after_a_withdrawal_begins_anew(self, world: World, handoff: Handoff) -> None:
        handoff.withdraw(world.mei, reason="Wrong version.")
        again = Handoff.start(handoff.version, world.mei)
        assert (again.revision, again.state, {one.state for one in again.read_lines()}) == (2, "draft", {"missing"})

    def test_is_not_for_viewers_nor_other_teams(self, world: World, version: Version) -> None:
        for who in (world.vera, world.ivo):
            with pytest.raises(Forbidden):
                Handoff.start(version, who)
        assert not Handoff.objects.exists()


class TestLines:
    def test_are_given_by_their_own_side(self, world: World, handoff: Handoff) -> None:
        assert line(handoff, "model-card").put("provided", world.mei, evidence="https://wiki.example.org/card")
        found = line(handoff, "model-card")
        assert (found.state, found.evidence, found.provided_by) == (
            "provided",
            {"type": "link", "value": "https://wiki.example.org/card"},
            world.mei.user,
        )

    def test_given_again_change_nothing(self, world: World, handoff: Handoff) -> None:
        line(handoff, "model-card").put("provided", world.mei, evidence="Ours.")
        count = Activity.objects.count()
        assert not line(handoff, "model-card").put("provided", world.lead, evidence="Ours.")
        assert Activity.objects.count() == count

    @pytest.mark.parametrize(
        ("state", "said", "fields"),
        [
            ("provided", {}, {"evidence"}),
            ("blocked", {}, {"reason", "owner", "due_on"}),
            ("blocked", {"reason": "Late.", "owner": "omar@example.org", "due_on": date(2020, 1, 1)}, {"due_on"}),
            ("not_needed", {}, {"reason"}),
            ("verified", {}, {"state"}),
            ("lost", {}, {"state"}),
            ("provided", {"evidence": "x" * 10_001}, {"evidence"}),
            ("provided", {"evidence": "Ours.", "owner": "mei@example.org"}, {"owner"}),
            ("provided", {"evidence": "Ours.", "owner": "vera@example.org"}, {"owner"}),
            ("provided", {"evidence": "Ours.", "owner": "ivo@example.org"}, {"owner"}),
        ],
    )
    def test_ask_for_what_their_state_needs(
        self, world: World, handoff: Handoff, state: str, said: dict[str, Any], fields: set[str]
    ) -> None:
        with pytest.raises(Refusal) as refused:
            line(handoff, "serving-platform").put(state, world.omar, **said)
        assert set(refused.value.fields) == fields
        assert line(handoff, "serving-platform").state == "missing"

    @pytest.mark.parametrize("slug", [slug for slug, term in BY_SLUG.items() if term.always])
    def test_that_are_always_needed_are_not_set_aside(self, world: World, handoff: Handoff, slug: str) -> None:
        with pytest.raises(Refusal) as refused:
            line(handoff, slug).put("not_needed", world.mei, reason="We have none.")
        assert refused.value.fields == {"state": f"{BY_SLUG[slug].label} is part of every handoff."}

    def test_that_are_blocked_name_who_sees_to_it_and_when(self, world: World, handoff: Handoff) -> None:
        day = date(2099, 3, 18)
        line(handoff, "ab-testing-framework").put("blocked", world.omar, reason="Release 4.2.", owner="omar@example.org", due_on=day)
        found = line(handoff, "ab-testing-framework")
        assert (found.state, found.owner, found.due_on) == ("blocked", world.omar.user, day)
        found.put("provided", world.omar, evidence="It is there.")
        found = line(handoff, "ab-testing-framework")
        assert (found.state, found.reason, found.due_on) == ("provided", "", None)

    def test_that_changed_meanwhile_are_not_overwritten(self, world: World, handoff: Handoff) -> None:
        seen = line(handoff, "model-card").version
        line(handoff, "model-card").put("provided", world.mei, evidence="Ours.")
        with pytest.raises(Stale):
            line(handoff, "model-card").put("provided", world.lead, evidence="Mine.", seen=seen)

    def test_keep_what_both_said_when_only_the_owner_changes(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        line(handoff, "model-card").verify(world.omar)
        line(handoff, "model-card").put("provided", world.mei, owner="ines@example.org")
        found = line(handoff, "model-card")
        assert (found.state, found.owner, found.is_settled) == ("verified", world.lead.user, True)


class TestVerifying:
    def test_is_done_by_the_other_side(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        made = line(handoff, "model-card").verify(world.omar)
        assert (made.side, line(handoff, "model-card").state) == ("engineering", "verified")
        assert line(handoff, "model-card").verify(world.omar) == made

    def test_is_not_done_by_who_provided_it_from_another_side_now(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        world.mei.change(world.lead, side="engineering")
        with pytest.raises(Forbidden) as said:
            line(handoff, "model-card").verify(world.mei)
        assert said.value.sentence == "You provided Model card. Somebody else verifies it."

    def test_of_what_is_shared_takes_both(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        line(handoff, "documentation").verify(world.mei)
        assert (line(handoff, "documentation").state, line(handoff, "documentation").is_settled) == ("provided", False)
        line(handoff, "documentation").verify(world.omar)
        assert line(handoff, "documentation").state == "verified"

    def test_of_what_is_shared_is_not_done_twice_by_one_person(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        line(handoff, "documentation").verify(world.mei)
        world.mei.change(world.lead, side="engineering")
        with pytest.raises(Forbidden):
            line(handoff, "documentation").verify(world.mei)

    def test_agrees_that_a_line_is_not_needed(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        line(handoff, "ab-testing-framework").put("not_needed", world.omar, reason="A batch job.")
        assert not line(handoff, "ab-testing-framework").is_settled
        line(handoff, "ab-testing-framework").verify(world.mei)
        found = line(handoff, "ab-testing-framework")
        assert (found.state, found.is_settled) == ("not_needed", True)

    def test_no_longer_counts_once_the_evidence_changed(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        line(handoff, "model-card").verify(world.omar)
        line(handoff, "model-card").put("provided", world.mei, evidence="A newer card.")
        found = line(handoff, "model-card")
        assert (found.state, found.is_settled) == ("provided", False)
        assert Verification.objects.filter(line=found).exclude(void_at=None).count() == 1

    def test_begins_the_review(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        assert handoff.state == "offered"
        line(handoff, "model-card").verify(world.omar)
        handoff.refresh_from_db()
        assert handoff.state == "in_review"

    def test_of_a_line_that_was_returned_waits_for_it(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        line(handoff, "model-card").put("returned", world.omar, reason="The limits are missing.")
        with pytest.raises(Refusal):
            line(handoff, "model-card").verify(world.omar)
        line(handoff, "model-card").put("provided", world.mei)
        assert line(handoff, "model-card").state == "provided"


class TestReturning:
    def test_needs_a_reason_and_the_other_side(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        with pytest.raises(Forbidden):
            handoff.give_back(world.mei, reason="No.")
        with pytest.raises(Refusal):
            handoff.give_back(world.omar, reason=" ")
        handoff.give_back(world.omar, reason="The formats are of v1.")
        assert (handoff.state, handoff.reason) == ("returned", "The formats are of v1.")

    def test_and_offering_again_goes_on_as_often_as_needed(self, world: World, handoff: Handoff) -> None:
        for _ in range(3):
            offered(world, handoff)
            handoff.give_back(world.omar, reason="Not yet.")
        with pytest.raises(Forbidden):
            handoff.offer(world.omar)
        handoff.offer(world.mei)
        assert (handoff.state, handoff.reason) == ("offered", "")

    def test_voids_a_signature(self, world: World, handoff: Handoff) -> None:
        everything_verified(world, handoff)
        handoff.sign(world.mei)
        handoff.give_back(world.omar, reason="One more thing.")
        assert [(one.is_valid, one.void_reason) for one in handoff.signatures.all()] == [(False, "The handoff was returned")]


class TestSigning:
    def test_waits_for_every_line_and_names_them(self, world: World, handoff: Handoff) -> None:
        everything_verified(world, handoff)
        line(handoff, "documentation").put("provided", world.mei, evidence="Other.")
        with pytest.raises(Refusal) as said:
            handoff.sign(world.mei)
        assert said.value.sentence == "Opens when all lines are verified or agreed not needed. Missing: Documentation."

    def test_of_both_sides_accepts_it_and_opens_the_gate(self, world: World, handoff: Handoff) -> None:
        everything_verified(world, handoff)
        handoff.sign(world.mei)
        assert not handoff.version.has_accepted_handoff
        handoff.sign(world.omar)
        assert (handoff.state, handoff.accepted_at is not None) == ("accepted", True)
        handoff.version.advance("deployment", world.mei)
        assert handoff.version.stage == "deployment"

    def test_again_changes_nothing(self, world: World, handoff: Handoff) -> None:
        everything_verified(world, handoff)
        first = handoff.sign(world.mei)
        assert handoff.sign(world.lead) == first

    def test_of_one_person_for_both_sides_is_refused(self, world: World, handoff: Handoff) -> None:
        everything_verified(world, handoff)
        handoff.sign(world.mei)
        world.mei.change(world.lead, side="engineering")
        with pytest.raises(Forbidden):
            handoff.sign(world.mei)

    def test_is_void_once_a_line_changed_and_stays_visible(self, world: World, handoff: Handoff) -> None:
        everything_verified(world, handoff)
        handoff.sign(world.mei)
        line(handoff, "model-card").put("provided", world.mei, evidence="A newer card.")
        signature = handoff.signatures.get()
        assert (signature.is_valid, signature.void_reason) == (False, "Model card changed")
        assert [one["slug"] for one in signature.signed] == [term.slug for term in TERMS]
        assert {one["state"] for one in signature.signed} == {"verified"}
        line(handoff, "model-card").verify(world.omar)
        handoff.sign(world.omar)
        assert handoff.state == "in_review"
        handoff.sign(world.mei)
        assert handoff.state == "accepted"


class TestAccepted:
    @pytest.fixture
    def accepted(self, world: World, handoff: Handoff) -> Handoff:
        everything_verified(world, handoff)
        handoff.sign(world.mei)
        handoff.sign(world.omar)
        return handoff

    def test_is_frozen(self, world: World, accepted: Handoff) -> None:
        for act in (
            lambda: line(accepted, "model-card").put("provided", world.mei, evidence="Other."),
            lambda: line(accepted, "model-card").verify(world.omar),
            lambda: accepted.offer(world.mei),
            lambda: accepted.give_back(world.omar, reason="No."),
            lambda: accepted.withdraw(world.mei, reason="No."),
            lambda: plan_missing(accepted, world.omar),
        ):
            with pytest.raises(Refusal):
                act()
        accepted.refresh_from_db()
        assert accepted.state == "accepted"

    def test_is_changed_by_a_new_revision_with_its_lines_and_what_was_said(self, world: World, accepted: Handoff) -> None:
        again = Handoff.start(accepted.version, world.omar)
        assert (again.revision, again.state) == (2, "draft")
        assert {one.state for one in again.read_lines()} == {"verified"}
        offered(world, again)
        line(again, "model-card").put("provided", world.mei, evidence="A newer card.")
        assert [one.slug for one in again.read_lines() if not one.is_settled] == ["model-card"]
        assert line(accepted, "model-card").state == "verified"
        assert accepted.version.has_accepted_handoff


class TestWithdrawing:
    def test_is_for_who_offered_it(self, world: World, handoff: Handoff) -> None:
        offered(world, handoff)
        with pytest.raises(Forbidden):
            handoff.withdraw(world.omar, reason="Late.")
        with pytest.raises(Refusal):
            handoff.withdraw(world.mei, reason="")
        handoff.withdraw(world.mei, reason="Another version.")
        assert (handoff.state, handoff.reason) == ("withdrawn", "Another version.")
        with pytest.raises(Refusal):
            handoff.offer(world.mei)


class TestPlanning:
    def test_makes_a_card_of_each_engineering_line_that_is_missing_once(self, world: World, handoff: Handoff) -> None:
        line(handoff, "serving-platform").put("provided", world.omar, evidence="Staging.")
        made = plan_missing(handoff, world.omar)
        assert [card.title for card in made][:1] == ["Feature pipeline infrastructure for Recommendation v2"]
        assert (len(made), {card.kind for card in made}) == (4, {"development"})
        assert line(handoff, "feature-pipeline").task == made[0]
        with pytest.raises(Refusal):
            plan_missing(handoff, world.omar)
        assert Task.objects.filter(kind="development").count() == 4

    def test_makes_another_for_a_card_that_was_dropped(self, world: World, handoff: Handoff) -> None:
        made = plan_missing(handoff, world.omar)
        made[0].drop(world.lead, reason="Not now.")
        assert len(plan_missing(handoff, world.omar)) == 1


# ── every cell: roles, sides, states, acts ──

ACTS = {
    "give": lambda handoff, by: line(handoff, "model-card").put("provided", by, evidence=f"Of {by.user.name}."),
    "give-eng": lambda handoff, by: line(handoff, "serving-platform").put("provided", by, evidence=f"Of {by.user.name}."),
    "give-shared": lambda handoff, by: line(handoff, "documentation").put("provided", by, evidence=f"Of {by.user.name}."),
    "return-line": lambda handoff, by: line(handoff, "model-card").put("returned", by, reason="Not yet."),
    "verify": lambda handoff, by: line(handoff, "model-card").verify(by),
    "verify-eng": lambda handoff, by: line(handoff, "serving-platform").verify(by),
    "verify-shared": lambda handoff, by: line(handoff, "documentation").verify(by),
    "offer": lambda handoff, by: handoff.offer(by),
    "return": lambda handoff, by: handoff.give_back(by, reason="Not yet."),
    "withdraw": lambda handoff, by: handoff.withdraw(by, reason="Not this one."),
    "sign": lambda handoff, by: handoff.sign(by),
}
OPEN_STATES = ("draft", "offered", "in_review", "returned")
#: by act and state, the sides that may; a lead is as a member of the own side, a viewer never may
MAY: dict[str, dict[str, str]] = {
    "give": dict.fromkeys(OPEN_STATES, "S"),
    "give-eng": dict.fromkeys(OPEN_STATES, "E"),
    "give-shared": dict.fromkeys(OPEN_STATES, "SE"),
    "return-line": {"offered": "E", "in_review": "E"},
    "verify": {"offered": "E", "in_review": "E"},
    "verify-eng": {"offered": "S", "in_review": "S"},
    "verify-shared": {"offered": "SE", "in_review": "SE"},
    "offer": {"draft": "SE", "offered": "S", "in_review": "S", "returned": "S"},
    "return": {"offered": "E", "in_review": "E"},
    "withdraw": {"draft": "SE", "offered": "S", "in_review": "S", "returned": "S"},
    "sign": {"offered": "SE", "in_review": "SE"},
}
WHO = {"member S": "S", "member E": "E", "lead S": "S", "lead E": "E", "viewer S": "", "viewer E": ""}


def brought_to(world: World, handoff: Handoff, state: str) -> None:
    """A handoff of data science with every line on the table, in this state."""
    if state in ("offered", "in_review", "accepted"):
        everything_verified(world, handoff) if state != "offered" else offered(world, handoff)
    if state == "offered":
        for one in handoff.read_lines():
            agree(world, one)
        Handoff.objects.update(state="offered")
    if state == "accepted":
        handoff.sign(world.mei)
        handoff.sign(world.omar)
    if state == "draft":
        provide_all(world, handoff)
    if state == "returned":
        offered(world, handoff)
        handoff.give_back(world.omar, reason="Not yet.")
    if state == "withdrawn":
        offered(world, handoff)
        handoff.withdraw(world.mei, reason="Not this one.")


@pytest.mark.parametrize("state", HandoffState.values)
def test_every_cell_is_allowed_or_refused_with_a_sentence(world: World, handoff: Handoff, state: str) -> None:
    """Each role on each side tries each act; what is refused changes nothing."""
    brought_to(world, handoff, state)
    somebody = {who: joined(world, number, who) for number, who in enumerate(WHO)}
    found: dict[str, str] = {}
    for act, verb in ACTS.items():
        for who in WHO:
            found[f"{act}, {who}"] = tried(verb, handoff, somebody[who])
    wanted = {f"{act}, {who}": "may" if side and side in MAY[act].get(state, "") else "no" for act in ACTS for who, side in WHO.items()}
    # Who signed already is told so again, whatever the state.
    assert {
        cell: said for cell, said in found.items() if said != wanted[cell] and not (state == "accepted" and cell.startswith("sign"))
    } == {}


def tried(verb: Any, handoff: Handoff, by: Membership) -> str:
    """Try it and take it back: may, or no with a sentence and nothing changed."""
    with transaction.atomic():
        before, point = rows(), transaction.savepoint()
        try:
            verb(Handoff.objects.get(pk=handoff.pk), by)
            return "may"
        except Refusal as refusal:
            assert refusal.sentence[-1] in ".?"
            assert rows() == before
            return "no"
        finally:
            transaction.savepoint_rollback(point)


def joined(world: World, number: int, who: str) -> Membership:
    """A person of that role on that side who has done nothing here yet."""
    role, _, side = who.partition(" ")
    email = f"person{number}@example.org"
    member = Membership.objects.create(team=world.team, user=User.objects.create_user(email, name=f"Person {number}"), role=role)
    member.side = {"S": "science", "E": "engineering"}[side]
    member.save()
    return member


def rows() -> list[Any]:
    return [list(table.objects.order_by("pk").values()) for table in (Handoff, Line, Verification, Signature)]
