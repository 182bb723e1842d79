"""The administration of models: found and read; never typed in."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dsboard.models import User
from handoffs.models import Deployment, MLModel, Version
from tests.handoffs.models.conftest import built, in_deployment
from tests.world import World, every_row

LISTS = ("mlmodel", "version", "deployment")


@pytest.fixture
def staff(world: World) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin@example.org", "Ada Admin", "a long password"))
    return client


@pytest.fixture
def version(world: World) -> Version:
    """v2 of the ranker, in Deployment, live in staging; v1 is at its start."""
    model = MLModel.register(world.team, world.mei, name="Ranker", purpose="What to show next.", owners=["mei@example.org"])
    made = in_deployment(world, model)
    made.change(world.mei, origin=world.experiment(), artifact="s3://ranker/2")
    Deployment.deploy(made, world.mei, environment="staging", share=20)
    return made


def listed(name: str, query: str = "") -> str:
    return reverse(f"admin:handoffs_{name}_changelist") + query


def found(staff: Client, name: str, query: str) -> list[Any]:
    return list(staff.get(listed(name, query)).context["cl"].result_list)


def test_models_are_found_by_team_stage_and_words(world: World, staff: Client, version: Version) -> None:
    theirs, first = MLModel.register(world.other, world.ivo, name="Prices"), version.model.versions.get(name="v1")
    for name, query, expected in [
        ("mlmodel", "", [theirs, version.model]),
        ("mlmodel", "?q=FRAUD", [version.model]),
        ("mlmodel", "?q=show+next", [version.model]),
        ("mlmodel", f"?team__id__exact={world.other.pk}", [theirs]),
        ("version", "?stage=deployment", [version]),
        ("version", "?q=ranker", [first, version]),
        ("version", "?q=s3://ranker", [version]),
        ("deployment", "?environment=staging&retired_at__isempty=1", [version.deployments.get()]),
        ("deployment", "?environment=production", []),
    ]:
        assert found(staff, name, query) == expected, (name, query)
    assert [row.held for row in found(staff, "version", "?q=ranker")] == [0, 1]


def test_a_page_shows_answers_passages_and_deployments(staff: Client, version: Version) -> None:
    text = staff.get(reverse("admin:handoffs_version_change", args=[version.pk])).content.decode()
    for said in ("We looked.", "The service was handed over by mail.", "20.00", "s3://ranker/2", "Mei Tanaka"):
        assert said in text
    text = staff.get(reverse("admin:handoffs_mlmodel_change", args=[version.model_id])).content.decode()
    for said in ("What to show next.", "v1", "v2", "Mei Tanaka"):
        assert said in text


@pytest.mark.parametrize("name", ["mlmodel", "version"])
def test_models_and_versions_show_their_history(staff: Client, version: Version, name: str) -> None:
    row = version if name == "version" else version.model
    page = staff.get(reverse(f"admin:handoffs_{name}_history", args=[row.pk])).content.decode()
    assert listed(name) in page and "Mei Tanaka" in page
    assert ("deployed" if name == "version" else "registered") in page


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_added_edited_or_deleted_here(staff: Client, version: Version, name: str) -> None:
    row = {"mlmodel": version.model, "version": version, "deployment": version.deployments.get()}[name]
    before = every_row()
    assert staff.get(reverse(f"admin:handoffs_{name}_add")).status_code == 403
    assert staff.get(reverse(f"admin:handoffs_{name}_delete", args=[row.pk])).status_code == 403
    page = reverse(f"admin:handoffs_{name}_change", args=[row.pk])
    assert staff.get(page).status_code == 200
    assert staff.post(page, {"name": "Changed", "stage": "monitoring", "share": "1"}).status_code == 403
    assert "_save" not in staff.get(page).content.decode()
    after = every_row()
    assert {label: rows for label, rows in after.items() if label.startswith("handoffs")} == {
        label: rows for label, rows in before.items() if label.startswith("handoffs")
    }


@pytest.mark.parametrize("page", [*LISTS, "version page", "mlmodel page"])
def test_every_page_takes_the_same_queries_for_one_row_and_for_ten(world: World, staff: Client, version: Version, page: str) -> None:
    def grow(number: int) -> None:
        MLModel.register(world.team, world.mei, name=f"Model {number}")
        made = built(world, version.model, f"v{number}")
        Version.add(version.model, world.mei, name=f"v{number}.1", retrains=made, origin=world.experiment())
        Deployment.deploy(made, world.mei, environment="staging")
        Deployment.deploy(version, world.mei, environment="staging", mode="shadow").retire(world.omar)

    def queries() -> int:
        name, row = page.split(" ")[0], version if page.startswith("version") else version.model
        address = reverse(f"admin:handoffs_{name}_change", args=[row.pk]) if " " in page else listed(name)
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(address).status_code == 200
        return len(captured)

    grow(10)
    queries()
    one = queries()
    for number in range(11, 20):
        grow(number)
    assert queries() == one


def test_who_is_no_staff_does_not_get_in(world: World) -> None:
    client = Client()
    client.force_login(world.lead.user)
    assert client.get(listed("mlmodel")).status_code in (302, 403)
