"""A model of team FRAUD, and a version at each stage that can be reached."""

import pytest

from handoffs import checklists
from handoffs.models import MLModel, Version
from handoffs.stages import VersionStage
from tests.world import World


@pytest.fixture
def model(world: World) -> MLModel:
    return MLModel.register(world.team, world.mei, name="Recommendation", purpose="What to show next.")


@pytest.fixture
def version(model: MLModel) -> Version:
    """v1, in Problem Definition."""
    return model.versions.get()


def built(world: World, model: MLModel, name: str = "v2") -> Version:
    """A version that starts at Model Development, all answered; nothing is owed."""
    made = Version.add(model, world.mei, name=name, starts_at="model-development")
    answer_all(world, made, *[stage for stage in VersionStage if stage.place <= VersionStage.MODEL_DEVELOPMENT.place])
    return made


def in_deployment(world: World, model: MLModel, name: str = "v2") -> Version:
    """A version that a lead let into Deployment without a handoff."""
    made = built(world, model, name)
    made.advance("deployment", world.lead, override_reason="The service was handed over by mail.")
    return made


def answer_all(world: World, version: Version, *stages: str) -> None:
    """Meet every criterion of these stages with a sentence."""
    for stage in stages:
        for criterion in checklists.of(stage):
            version.answer(criterion.slug, world.mei, state="met", evidence="We looked.")
