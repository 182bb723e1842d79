"""Who hears of a handoff: the side that has the next act, never who did the last; mail that is no longer true is taken back."""

import pytest

from dsboard.kinds import TOPIC_OF, Kind, Topic
from dsboard.models import Membership, Notice, User
from dsboard.models.notice import MailState
from dsboard.roles import Role, Side
from handoffs.models import Handoff, MLModel
from tests.handoffs.models.conftest import built
from tests.handoffs.table import agree, everything_verified, line, offered, provide_all
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def handoff(world: World) -> Handoff:
    model = MLModel.register(world.team, world.lead, name="Recommendation")
    return Handoff.start(built(world, model), world.mei)


def another(world: World) -> Membership:
    """A second data scientist."""
    sam = User.objects.create_user("sam@example.org", name="Sam Roe")
    return Membership.objects.create(team=world.team, user=sam, role=Role.MEMBER, side=Side.SCIENCE)


def to_mail(who: Membership) -> list[str]:
    """The titles whose mail has not left and is still true."""
    return [notice.title for notice in Notice.objects.filter(user=who.user, mail=MailState.WAITING).order_by("pk")]


def told(who: Membership) -> list[tuple[str, str]]:
    """The unread notices of handoffs, the first one first: kind and title."""
    rows = Notice.objects.filter(user=who.user, kind__startswith="handoff", read_at=None).order_by("pk")
    return [(notice.kind, notice.title) for notice in rows]


def test_a_draft_says_nothing_and_an_offer_tells_the_other_side_once(world: World, handoff: Handoff) -> None:
    provide_all(world, handoff)
    assert not Notice.objects.filter(kind__startswith="handoff").exists()
    handoff.offer(world.mei)
    assert told(world.omar) == [(Kind.HANDOFF_VERIFY, "Your side: verify Recommendation v2")]
    assert told(world.mei) == told(world.vera) == told(world.ivo) == []
    notice = Notice.objects.get(user=world.omar.user)
    assert notice.text == "Mei offered the handoff. 9 lines wait for engineering."
    assert (notice.why, notice.url) == ("you work on engineering here", handoff.get_absolute_url())


def test_a_line_given_later_tells_its_verifiers_and_a_second_change_replaces_the_first_notice(world: World, handoff: Handoff) -> None:
    handoff.offer(world.mei)
    line(handoff, "model-card").put("provided", world.mei, evidence="https://wiki.example.org/card")
    line(handoff, "model-card").put("provided", world.mei, evidence="https://wiki.example.org/card/2")
    notices = Notice.objects.filter(user=world.omar.user, title="Your side: verify Model card")
    assert [notice.text for notice in notices if notice.mail == MailState.WAITING] == ["Mei added https://wiki.example.org/card/2"]
    assert {notice.url for notice in notices} == {f"{handoff.get_absolute_url()}#model-card"}


def test_not_needed_asks_the_other_side_whether_it_agrees(world: World, handoff: Handoff) -> None:
    handoff.offer(world.mei)
    line(handoff, "ab-testing-framework").put("not_needed", world.omar, reason="A batch job has no traffic to split.")
    notice = Notice.objects.get(user=world.mei.user, kind=Kind.HANDOFF_VERIFY)
    assert notice.text == "Omar says it is not needed: A batch job has no traffic to split."


def test_verifying_takes_the_question_back(world: World, handoff: Handoff) -> None:
    handoff.offer(world.mei)
    line(handoff, "model-card").put("provided", world.mei, evidence="We looked.")
    assert "Your side: verify Model card" in to_mail(world.omar)
    agree(world, line(handoff, "model-card"))
    assert "Your side: verify Model card" not in to_mail(world.omar)


def test_a_shared_line_stays_asked_until_both_have_said_yes(world: World, handoff: Handoff) -> None:
    handoff.offer(world.mei)
    line(handoff, "documentation").put("provided", world.mei, evidence="The runbook.")
    title = "Your side: verify Documentation"
    line(handoff, "documentation").verify(world.mei)
    assert title in to_mail(world.omar)
    line(handoff, "documentation").verify(world.omar)
    assert title not in to_mail(world.omar)


def test_a_returned_line_tells_who_gave_it_and_who_owns_it(world: World, handoff: Handoff) -> None:
    second = another(world)
    handoff.offer(world.mei)
    line(handoff, "model-card").put("provided", world.mei, evidence="A draft.", owner="sam@example.org")
    line(handoff, "model-card").put("returned", world.omar, reason="No limitations in it.")
    for who in (world.mei, second):
        assert (Kind.HANDOFF_RETURNED, "Returned: Model card") in told(who)
    assert told(world.lead)[-1:] != [(Kind.HANDOFF_RETURNED, "Returned: Model card")]
    assert Notice.objects.get(user=world.mei.user, kind=Kind.HANDOFF_RETURNED).text == "No limitations in it."


def test_with_the_last_line_both_sides_hear_that_they_can_sign(world: World, handoff: Handoff) -> None:
    everything_verified(world, handoff)
    asked = {notice.user_id for notice in Notice.objects.filter(kind=Kind.HANDOFF_SIGN)}
    assert asked == {world.mei.user_id, world.lead.user_id}  # Omar said the last yes
    assert Notice.objects.filter(kind=Kind.HANDOFF_SIGN).first().title == "Your side: sign Recommendation v2"


def test_a_return_tells_the_side_that_offered_it(world: World, handoff: Handoff) -> None:
    offered(world, handoff)
    handoff.give_back(world.omar, reason="The sample is missing.")
    assert told(world.mei)[-1] == (Kind.HANDOFF_RETURNED, "Returned: Recommendation v2")
    assert (Kind.HANDOFF_RETURNED, "Returned: Recommendation v2") not in told(world.omar)


def test_the_second_signature_tells_both_sides(world: World, handoff: Handoff) -> None:
    everything_verified(world, handoff)
    handoff.sign(world.mei)
    handoff.sign(world.omar)
    assert told(world.mei)[-1] == (Kind.HANDOFF_ACCEPTED, "Both sides signed: Recommendation v2")
    assert (Kind.HANDOFF_ACCEPTED, "Both sides signed: Recommendation v2") not in told(world.omar)


def test_nobody_without_work_on_handoffs_hears_of_them(world: World, handoff: Handoff) -> None:
    everything_verified(world, handoff)
    assert not Notice.objects.filter(user__in=[world.vera.user, world.ivo.user], kind__startswith="handoff").exists()


def test_each_kind_belongs_to_one_topic_that_can_be_switched_off() -> None:
    assert {TOPIC_OF[kind] for kind in Kind if kind.startswith("handoff")} == {Topic.HANDOFF}
