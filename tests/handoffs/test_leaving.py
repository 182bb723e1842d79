"""When a person leaves: models lose them as an owner, and keep their name in what they did."""

from dsboard.models import Activity
from experiments.models.departure import Departure
from handoffs.models import MLModel
from tests.world import World


def test_models_keep_their_other_owners_and_all_that_was_said(world: World) -> None:
    model = MLModel.register(world.team, world.mei, name="Ranker", owners=["mei@example.org", "omar@example.org"])
    untouched = MLModel.register(world.team, world.mei, name="Churn", owners=["omar@example.org"])
    version = model.versions.get()
    version.answer("documented", world.mei, state="met", evidence="So.")
    Departure(world.mei).settle(world.lead, successor=world.omar)
    model.refresh_from_db()
    assert (model.owner_emails(), model.version) == (["omar@example.org"], 2)
    line = Activity.objects.of(model).last()
    assert line and (line.field, line.before, line.after) == ("owners", ["mei@example.org", "omar@example.org"], ["omar@example.org"])
    assert line.actor == world.lead.user
    assert version.standing()["documented"].by == world.mei.user
    assert Activity.objects.of(untouched).count() == 1
