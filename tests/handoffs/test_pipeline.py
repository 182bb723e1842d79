"""The pages of five hundred models with five thousand versions take the queries that those of five take."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks._pipeline_team import fill
from handoffs.models import Version
from tests.world import World

pytestmark = pytest.mark.django_db

PAGES = ("models/", "models/?q=0003", "models/today/", "models/churn-0000/versions/v10/", "handoffs/")


def test_five_hundred_models_take_the_queries_of_five(world: World, as_: Any) -> None:
    client, people = as_(world.mei), [world.mei.user, world.omar.user]

    def queries() -> dict[str, int]:
        counts = {}
        for page in PAGES:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/t/fraud/{page}").status_code == 200
            counts[page] = len(captured)
        return counts

    client.get("/t/fraud/models/")
    fill(world.team, 5, people)
    few = queries()
    fill(world.team, 495, people, first=5)
    assert Version.objects.within(world.team).count() == 5_000
    assert queries() == few
    assert max(few.values()) <= 30
