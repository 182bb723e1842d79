"""Deployments: where each stage may go, one full one live, shares of one traffic, the handoff and its override."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dsboard import clock
from dsboard.errors import Forbidden
from dsboard.models import Activity
from handoffs.models import Deployment, MLModel, Version
from handoffs.models.deployment import NEEDS_HANDOFF
from handoffs.models.gates import OVERRIDDEN_BEFORE
from tests.handoffs.models.conftest import built, in_deployment
from tests.world import World, refuses


def deploy(version: Version, by: Any, environment: str = "staging", **said: Any) -> Deployment:
    return Deployment.deploy(version, by, environment=environment, **said)


def live(model: MLModel) -> list[tuple[str, str, str]]:
    rows = Deployment.objects.live().filter(model=model).select_related("version")
    return [(row.version.name, row.environment, row.mode) for row in rows]


def test_staging_is_open_from_model_development_on(world: World, model: MLModel, version: Version) -> None:
    with refuses("Staging is open from Model Development on; Recommendation v1 is in Problem Definition.", fields={"environment"}):
        deploy(version, world.mei)
    made = deploy(Version.add(model, world.mei, name="v2", starts_at="model-development"), world.mei)
    assert (made.mode, made.share, made.by, made.is_live, made.replaces) == ("full", None, world.mei.user, True, None)


def test_production_asks_for_the_stage_and_the_handoff(world: World, model: MLModel) -> None:
    early = "Production is open from Deployment on; Recommendation v2 is in Model Development."
    version = built(world, model)
    with refuses(early, fields={"environment"}):
        deploy(version, world.lead, "production", override_reason="Hurry.")
    version.advance("deployment", world.lead, override_reason="Hurry.")
    with refuses(NEEDS_HANDOFF, fields={"override_reason"}):
        deploy(version, world.lead, "production")
    with refuses(NEEDS_HANDOFF, kind=Forbidden):
        deploy(version, world.mei, "production", override_reason="Hurry.")
    made = deploy(version, world.lead, "production", mode="shadow", override_reason="Handed over by mail.")
    assert (made.environment, made.mode, made.override_reason) == ("production", "shadow", "Handed over by mail.")
    with refuses(OVERRIDDEN_BEFORE, fields={"override_reason"}):
        deploy(version, world.lead, "production", override_reason="Again.")
    with refuses("Staging asks for no handoff. Leave the override out.", fields={"override_reason"}):
        deploy(version, world.lead, override_reason="Why not.")


def test_a_full_one_replaces_the_full_one_of_its_environment(world: World, model: MLModel) -> None:
    first, second = in_deployment(world, model, "v2"), in_deployment(world, model, "v3")
    old = deploy(first, world.mei)
    deploy(first, world.lead, "production", override_reason="So.")
    deploy(first, world.mei, mode="shadow")
    new = deploy(second, world.omar)
    old.refresh_from_db()
    assert new.replaces == old
    assert (old.replaced_by, old.retired_by, old.is_live) == (new, world.omar.user, False)
    assert live(model) == [("v2", "production", "full"), ("v2", "staging", "shadow"), ("v3", "staging", "full")]
    told = [(line.subject_ref, line.verb, line.facts.get("replaces")) for line in Activity.objects.order_by("-pk")[:2]]
    assert told == [("Recommendation v3", "deployed", "v2"), ("Recommendation v2", "retired", None)]


def test_the_same_version_again_replaces_itself(world: World, model: MLModel) -> None:
    version = built(world, model)
    deploy(version, world.mei)
    edition = version.edition
    again = deploy(version, world.mei)
    assert Deployment.objects.live().get() == again
    assert Version.objects.get(pk=version.pk).edition == version.edition == edition + 2


def test_another_model_serves_beside_it(world: World, model: MLModel) -> None:
    deploy(built(world, model), world.mei)
    other = MLModel.register(world.team, world.mei, name="Churn", starts_at="model-development")
    deploy(other.versions.get(), world.mei)
    assert Deployment.objects.live().count() == 2


def test_shares_of_an_environment_are_at_most_the_whole(world: World, model: MLModel) -> None:
    first, second = built(world, model, "v2"), built(world, model, "v3")
    some = deploy(first, world.mei, share=60)
    assert (some.mode, some.share) == ("share", 60)
    deploy(second, world.mei, mode="share", share=Decimal("39.5"))
    with refuses("99.5 per cent of this traffic have a version already, so 0.5 are left.", fields={"share"}):
        deploy(second, world.mei, share=1)
    deploy(second, world.mei, share="0.5")
    some.retire(world.mei)
    deploy(second, world.mei, share=60)


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"environment": "moon"}, "environment", "A version is deployed to staging or production."),
        ({"mode": "half"}, "mode", "A deployment is shadow, share or full."),
        ({"mode": "share"}, "share", "Say how many per cent of the traffic it gets."),
        ({"mode": "full", "share": 100}, "share", "Only the mode share has one; this is full."),
        ({"share": -1}, "share", "A share is 0 to 100 per cent."),
        ({"share": 100.5}, "share", "A share is 0 to 100 per cent."),
        ({"share": "many"}, "share", "A share is 0 to 100 per cent."),
        ({"share": float("nan")}, "share", "A share is 0 to 100 per cent."),
        ({"share": 1.001}, "share", "Give the share with at most two decimals."),
    ],
)
def test_what_is_no_deployment(world: World, model: MLModel, said: dict[str, Any], field: str, sentence: str) -> None:
    version = built(world, model)
    with refuses(sentence, fields={field}):
        deploy(version, world.mei, **said)


def test_retiring_ends_it_once(world: World, model: MLModel) -> None:
    version = built(world, model)
    made = deploy(version, world.mei)
    made.retire(world.omar)
    ended, count = made.retired_at, Activity.objects.count()
    made.retire(world.mei)
    assert (made.retired_at, made.retired_by, live(model)) == (ended, world.omar.user, [])
    assert Activity.objects.count() == count


def test_viewers_and_strangers_deploy_nothing(world: World, model: MLModel) -> None:
    version = built(world, model)
    made = deploy(version, world.mei)
    viewer = "You can read everything here. To deploy a model, ask a lead to make you a member."
    for by, sentence in ((world.vera, viewer), (world.ivo, "That belongs to another team.")):
        with refuses(sentence, kind=Forbidden):
            deploy(version, by)
        with refuses(sentence, kind=Forbidden):
            made.retire(by)


@pytest.mark.parametrize(
    "said",
    [
        {"mode": "full"},
        {"mode": "share"},
        {"mode": "share", "share": 101},
        {"mode": "shadow", "share": 5},
        {"mode": "shadow", "override_reason": "So."},
        {"mode": "shadow", "retired_at": clock.now() - timedelta(days=9)},
    ],
)
def test_the_database_holds_the_rules(world: World, model: MLModel, said: dict[str, Any]) -> None:
    version = built(world, model)
    deploy(version, world.mei)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deployment.objects.create(model=model, version=version, environment="staging", **said)
