"""The pipeline of a team's models, what is live beside what is under research, and a new model."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard.models import Activity
from experiments.stages import Kind
from handoffs.models import Deployment, MLModel, Version
from tests.handoffs.models.conftest import built, in_deployment
from tests.world import World

MODELS = "/t/FRAUD/models/"


def by_stage(response: Any) -> dict[str, list[str]]:
    """The versions of each column."""
    columns = response.context["pipeline"].columns
    return {column.stage.label: [str(line.version) for line in column.lines] for column in columns if column.lines}


class TestThePipeline:
    def test_of_a_team_without_models(self, world: World, as_: Any) -> None:
        assert "Add the first one" in as_(world.mei).get(MODELS).content.decode()
        assert "A member adds the first one." in as_(world.vera).get(MODELS).content.decode()

    def test_has_each_model_where_its_newest_version_stands(self, world: World, model: MLModel, as_: Any) -> None:
        built(world, model, "v2")
        MLModel.register(world.team, world.omar, name="Churn")
        found = by_stage(as_(world.vera).get(MODELS))
        assert found == {"Problem Definition": ["Churn v1"], "Model Development": ["Recommendation v2"]}

    def test_leaves_a_version_in_monitoring_for_one_that_is_being_built(self, world: World, model: MLModel, as_: Any) -> None:
        live = in_deployment(world, model, "v9")
        for slug in ("integration", "monitoring-set-up", "ab-test"):
            live.answer(slug, world.mei, state="met", evidence="It runs.")
        live.advance("monitoring", world.mei)
        assert by_stage(as_(world.mei).get(MODELS)) == {"Problem Definition": ["Recommendation v1"]}

    def test_says_what_is_live_and_how_many_criteria_are_settled(self, world: World, model: MLModel, as_: Any) -> None:
        version = in_deployment(world, model)
        version.answer("integration", world.mei, state="met", evidence="It runs.")
        Deployment.deploy(version, world.mei, environment="staging", share=20)
        html = as_(world.mei).get(MODELS).content.decode()
        assert "v2 Staging, 20%" in html
        Version.objects.filter(name="v1").update(stage="monitoring")
        assert "1 of 3 criteria" in as_(world.mei).get(MODELS).content.decode()

    def test_finds_words_of_name_and_purpose(self, world: World, model: MLModel, as_: Any) -> None:
        client = as_(world.mei)
        assert by_stage(client.get(f"{MODELS}?q=show+next")) == {"Problem Definition": ["Recommendation v1"]}
        assert "No models match." in client.get(f"{MODELS}?q=churn").content.decode()

    def test_shows_nothing_of_another_team(self, world: World, model: MLModel, as_: Any) -> None:
        MLModel.register(world.other, world.ivo, name="Secret")
        assert "Secret" not in as_(world.mei).get(MODELS).content.decode()

    def test_costs_the_same_for_one_model_and_for_thirty(self, world: World, model: MLModel, as_: Any) -> None:
        client = as_(world.mei)
        client.get(MODELS)
        first = queries(client, MODELS)
        for number in range(30):
            other = MLModel.register(world.team, world.mei, name=f"Model {number}", owners=["mei@example.org"])
            Deployment.deploy(built(world, other), world.mei, environment="staging")
        assert queries(client, MODELS) == first


class TestToday:
    def test_has_what_is_in_production_beside_what_is_under_research(self, world: World, model: MLModel, as_: Any) -> None:
        version = in_deployment(world, model)
        Deployment.deploy(version, world.lead, environment="production", override_reason="By mail.")
        Deployment.deploy(version, world.mei, environment="staging")
        card = world.started(world.experiment(title="Graph features"))
        MLModel.register(world.team, world.mei, name="Churn")
        today = as_(world.vera).get(f"{MODELS}today/").context["today"]
        assert [str(one) for one in today.live] == ["Recommendation v2 in production, full"]
        assert [str(one) for one in today.versions] == ["Churn v1"]
        assert [(face.ref, face.kind) for face in today.cards] == [(card.ref, Kind.EXPERIMENT)]

    def test_of_a_team_without_any(self, world: World, as_: Any) -> None:
        html = as_(world.vera).get(f"{MODELS}today/").content.decode()
        assert "Nothing is in production yet." in html
        assert "No version and no card is under research." in html


class TestANewModel:
    def test_is_shown_at_its_first_version(self, world: World, as_: Any) -> None:
        response = as_(world.mei).post(f"{MODELS}new/", {"name": "Fraud score", "purpose": "", "version": "2026-10"})
        assert response.url == f"{MODELS}fraud-score/"
        assert as_(world.mei).get(response.url).url == f"{MODELS}fraud-score/versions/2026-10/"

    def test_is_not_named_like_another_and_keeps_what_was_typed(self, world: World, model: MLModel, as_: Any) -> None:
        response = as_(world.mei).post(f"{MODELS}new/", {"name": "recommendation", "purpose": "Mine.", "version": "v1"})
        html = response.content.decode()
        assert (response.status_code, MLModel.objects.count()) == (422, 1)
        assert "There is a model Recommendation already." in html
        assert "Mine." in html

    def test_does_not_take_the_address_of_a_page(self, world: World, as_: Any) -> None:
        response = as_(world.mei).post(f"{MODELS}new/", {"name": "Today", "version": "v1"})
        assert response.url == f"{MODELS}today-2/"

    def test_is_not_for_viewers(self, world: World, as_: Any) -> None:
        before = Activity.objects.count()
        assert as_(world.vera).get(f"{MODELS}new/").status_code == 403
        assert as_(world.vera).post(f"{MODELS}new/", {"name": "Mine", "version": "v1"}).status_code == 403
        assert Activity.objects.count() == before


def queries(client: Any, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
