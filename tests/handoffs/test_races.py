"""Members and leads at the same moment: a name is given once, one full deployment is live, the whole is never exceeded."""

from typing import Any

import pytest

from dsboard.models import Membership
from handoffs.models import Deployment, MLModel, Passage, Version
from tests.handoffs.models.conftest import answer_all, built, in_deployment
from tests.threads import PEOPLE, at_once, kinds
from tests.world import World, found_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return found_world()


@pytest.fixture
def ranker(world: World) -> MLModel:
    return MLModel.register(world.team, world.mei, name="Ranker")


def lead(world: World) -> Membership:
    """The lead as one request reads them: threads share no objects."""
    return Membership.objects.select_related("team", "user").get(pk=world.lead.pk)


def fresh(version: Version) -> Any:
    return Version.objects.select_related("model__team").get(pk=version.pk)


def test_a_name_is_given_once(world: World, ranker: MLModel) -> None:
    answers = at_once(lambda place: MLModel.register(lead(world).team, lead(world), name="CHURN" if place % 2 else "Churn"))
    assert kinds(answers) == {"MLModel": 1, "Refusal": PEOPLE - 1}
    answers = at_once(lambda place: Version.add(MLModel.objects.select_related("team").get(pk=ranker.pk), lead(world), name="v2"))
    assert kinds(answers) == {"Version": 1, "Refusal": PEOPLE - 1}


def test_slugs_of_many_at_once_are_told_apart(world: World) -> None:
    answers = at_once(lambda place: MLModel.register(lead(world).team, lead(world), name="Churn" + "!" * place))
    assert kinds(answers) == {"MLModel": PEOPLE}
    assert sorted(model.slug for model in answers) == sorted(["churn", *[f"churn-{n}" for n in range(2, PEOPLE + 1)]])


def test_one_full_deployment_is_live(world: World, ranker: MLModel) -> None:
    versions = [built(world, ranker, f"v{number}") for number in range(2, PEOPLE + 2)]
    answers = at_once(lambda place: Deployment.deploy(fresh(versions[place]), lead(world), environment="staging"))
    assert kinds(answers) == {"Deployment": PEOPLE}
    assert Deployment.objects.live().count() == 1
    assert Deployment.objects.filter(replaced_by__isnull=False).count() == PEOPLE - 1


def test_shares_never_exceed_the_whole(world: World, ranker: MLModel) -> None:
    version = built(world, ranker)
    answers = at_once(lambda place: Deployment.deploy(fresh(version), lead(world), environment="staging", share=30))
    assert kinds(answers) == {"Deployment": 3, "Refusal": PEOPLE - 3}


def test_a_gate_is_passed_and_overridden_once(world: World, ranker: MLModel) -> None:
    version = built(world, ranker)
    answers = at_once(lambda place: fresh(version).advance("deployment", lead(world), override_reason="So."))
    assert kinds(answers) == {"Passage": 1, "Refusal": PEOPLE - 1}
    assert Passage.objects.exclude(override_reason="").count() == 1
    live = in_deployment(world, ranker, "v3")
    answers = at_once(lambda place: Deployment.deploy(fresh(live), lead(world), environment="production", override_reason="So."))
    assert kinds(answers) == {"Deployment": 1, "Refusal": PEOPLE - 1}


def test_answers_of_many_at_once_are_all_kept(world: World, ranker: MLModel) -> None:
    version = ranker.versions.get()
    answers = at_once(lambda place: fresh(version).answer("documented", lead(world), state="met", evidence=f"Page {place}."))
    assert kinds(answers) == {"Answer": PEOPLE}
    assert version.answers.count() == PEOPLE
    assert fresh(version).edition == PEOPLE + 1
    answer_all(world, version, "problem-definition")
    assert fresh(version).edition == PEOPLE + 4
