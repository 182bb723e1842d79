"""When a person leaves: a successor takes on models and lines; signatures keep the name; a side is not left without anybody."""

from typing import Any

import pytest

from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, User
from experiments.models.departure import Departure
from handoffs.models import Handoff, MLModel
from tests.handoffs.models.conftest import built
from tests.handoffs.table import everything_verified, line
from tests.world import World


def test_models_keep_their_other_owners_and_all_that_was_said(world: World) -> None:
    model = MLModel.register(world.team, world.mei, name="Ranker", owners=["mei@example.org", "omar@example.org"])
    untouched = MLModel.register(world.team, world.mei, name="Churn", owners=["omar@example.org"])
    version = model.versions.get()
    version.answer("documented", world.mei, state="met", evidence="So.")
    Departure(world.mei).settle(world.lead)
    model.refresh_from_db()
    assert (model.owner_emails(), model.version) == (["omar@example.org"], 2)
    line = Activity.objects.of(model).last()
    assert line and (line.field, line.before, line.after) == ("owners", ["mei@example.org", "omar@example.org"], ["omar@example.org"])
    assert line.actor == world.lead.user
    assert version.standing()["documented"].by == world.mei.user
    assert Activity.objects.of(untouched).count() == 1


@pytest.fixture
def handoff(world: World) -> Handoff:
    model = MLModel.register(world.team, world.mei, name="Ranker", owners=["mei@example.org"])
    return Handoff.start(built(world, model), world.mei)


def test_a_successor_takes_on_models_and_the_lines_of_the_same_side(world: World, handoff: Handoff) -> None:
    line(handoff, "model-card").put("missing", world.mei, owner="mei@example.org")
    line(handoff, "documentation").put("missing", world.mei, owner="mei@example.org")
    Departure(world.mei).settle(world.lead, successor=world.omar)
    assert handoff.version.model.owner_emails() == ["omar@example.org"]
    assert (line(handoff, "model-card").owner, line(handoff, "documentation").owner) == (None, world.omar.user)


def test_what_was_signed_and_verified_keeps_the_name_and_counts(world: World, handoff: Handoff) -> None:
    everything_verified(world, handoff)
    handoff.sign(world.mei)
    mei = world.mei.user
    Departure(world.mei).settle(world.lead)
    assert [(one.by, one.is_valid) for one in handoff.signatures.all()] == [(mei, True)]
    assert line(handoff, "serving-platform").yes["science"].by == mei
    handoff.sign(world.omar)
    assert handoff.state == "accepted"


def test_the_last_of_a_side_hands_it_on_while_a_handoff_is_open(world: World, handoff: Handoff) -> None:
    with pytest.raises(Refusal) as said:
        Departure(world.omar).settle(world.lead)
    assert said.value.fields == {
        "successor": "Omar Haddad is the last of engineering while a handoff is open. Choose who takes the side from now on."
    }
    Departure(world.omar).settle(world.lead, successor=world.mei)
    world.mei.refresh_from_db()
    assert world.mei.side == "engineering"


def test_who_is_the_last_of_the_other_side_can_not_take_it(world: World, handoff: Handoff) -> None:
    Departure(world.mei).settle(world.lead)
    with pytest.raises(Refusal) as said:
        Departure(world.omar).settle(world.lead, successor=world.lead)
    assert "Add somebody first." in said.value.fields["successor"]
    assert Membership.objects.filter(pk=world.omar.pk).exists()


def test_the_last_of_a_side_goes_when_no_handoff_is_open(world: World, handoff: Handoff) -> None:
    handoff.withdraw(world.mei, reason="Not now.")
    Departure(world.omar).settle(world.lead)
    assert not Membership.objects.filter(team=world.team, user=User.objects.get(email="omar@example.org")).exists()


def test_the_page_lists_what_stays_behind(world: World, handoff: Handoff, as_: Any) -> None:
    line(handoff, "model-card").put("missing", world.mei, owner="mei@example.org")
    html = as_(world.lead).get(f"/t/FRAUD/settings/members/{world.mei.pk}/departure/").content.decode()
    assert "1 model<" in html
    assert "Model card, Ranker v2" in html
