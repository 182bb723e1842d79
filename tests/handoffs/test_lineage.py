"""The line of a model: what belongs to it, in time, the same on its page and on each of its cards; upkeep that names it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Task
from handoffs.lineage import lineage, model_of, upkeep
from handoffs.models import Deployment, Handoff, MLModel, Version
from handoffs.models.planning import plan_missing
from handoffs.productionize import productionize
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(world: World) -> Task:
    """Decided: there is a model Churn with v1, the draft of its handoff, and a development card."""
    found = world.in_analysis()
    productionize(found, world.lead, why="It works.", model="Churn")
    return found


@pytest.fixture
def model(task: Task) -> MLModel:
    return MLModel.objects.get()


def kinds(model: MLModel) -> list[str]:
    return [entry.kind for entry in lineage(model)]


def test_everything_of_the_path_stands_on_one_line(world: World, task: Task, model: MLModel) -> None:
    version = model.versions.get()
    cards = plan_missing(Handoff.objects.get(), world.omar)
    Deployment.deploy(version, world.mei, environment="staging")
    kept = world.maintenance(serves="churn")
    world.maintenance(serves="Nightly features")
    labels = {entry.label for entry in lineage(model)}
    assert {f"{task.ref} {task.title}", f"Productionize {task.ref}", "v1", "v1, draft", "v1 in staging"} <= labels
    assert {f"{card.ref} {card.title}" for card in (*cards, kept)} <= labels
    assert kinds(model).count("Development") == 6 and kinds(model).count("Maintenance") == 1
    times = [entry.at for entry in lineage(model)]
    assert times == sorted(times)


@pytest.mark.parametrize("named", ["churn", "CHURN", "Churn"])
def test_upkeep_is_bound_by_slug_or_name(world: World, model: MLModel, named: str) -> None:
    card = world.maintenance(serves=named)
    assert model_of(card) == model
    assert upkeep(model) == [card]


def test_upkeep_of_a_pipeline_or_of_another_teams_model_is_not(world: World, model: MLModel) -> None:
    MLModel.register(world.other, world.ivo, name="Prices")
    for named in ("Nightly features", "prices"):
        assert model_of(world.maintenance(serves=named)) is None
    assert upkeep(model) == []


def test_every_card_of_it_shows_the_same_line_with_itself_marked(world: World, task: Task, model: MLModel, as_: Any) -> None:
    made = task.decision.created[0]
    planned = plan_missing(Handoff.objects.get(), world.omar)[0]
    kept = world.maintenance(serves="churn")
    for card in (task, made, planned, kept):
        page = as_(world.vera).get(card.get_absolute_url()).content.decode()
        line = page[page.index('<ol class="line-of">') : page.index("</ol>", page.index('<ol class="line-of">'))]
        assert line.count('aria-current="true"') == 1
        assert f'href="{card.get_absolute_url()}">{card.ref}' in line[line.index("aria-current") :]
        assert "v1, draft" in line
    assert "line-of" not in as_(world.vera).get(world.experiment().get_absolute_url()).content.decode()


def test_what_is_in_the_bin_is_left_out(world: World, task: Task, model: MLModel) -> None:
    task.decision.created[0].delete_to_bin(world.mei)
    assert "Development" not in kinds(model)


def test_the_models_page_shows_line_and_open_maintenance(world: World, model: MLModel, as_: Any) -> None:
    card = world.maintenance(serves="Churn", title="Retrain for March")
    page = as_(world.vera).get(model.versions.get().get_absolute_url()).content.decode()
    assert "Lineage" in page and "Open maintenance" in page
    assert f"{card.ref} Retrain for March" in page


def test_thirty_entries_cost_what_one_costs(world: World, model: MLModel) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            lineage(model)
        return len(seen)

    cost()
    one = cost()
    for number in range(30):
        Version.add(model, world.mei, name=f"v{number + 2}", origin=world.experiment())
        world.maintenance(serves="churn")
    assert cost() == one <= 8


def test_the_form_of_maintenance_suggests_the_models_of_the_team(world: World, model: MLModel, as_: Any) -> None:
    MLModel.register(world.other, world.ivo, name="Prices")
    page = as_(world.mei).get("/t/FRAUD/tasks/new/?kind=maintenance").content.decode()
    assert '<option value="Churn"></option>' in page and "Prices" not in page
    assert page.count('list="id_serves-names"') == page.count('<datalist id="id_serves-names">') == 1
