"""The administration of sprints: found and read; never typed in."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dsboard.models import User
from sprints.models import Sprint
from tests.world import World, every_row, wall

LISTS = ("sprint", "seat", "capacity")


@pytest.fixture
def staff(world: World) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin@example.org", "Ada Admin", "a long password"))
    return client


@pytest.fixture
def sprint(world: World) -> Sprint:
    """Running, with a seat that was planned and one that was taken out."""
    with wall("2026-03-09 09:00"):
        made = Sprint.plan(world.team, world.lead, goal="Rank better", availability={"mei@example.org": 0.5})
        stays, goes = world.experiment(owner="mei@example.org"), world.development()
        made.take_in(stays, world.mei)
        made.take_in(goes, world.mei)
        made.start(world.lead)
        made.take_out(goes, world.lead)
    return made


def listed(name: str, query: str = "") -> str:
    return reverse(f"admin:sprints_{name}_changelist") + query


def found(staff: Client, name: str, query: str) -> list[Any]:
    return list(staff.get(listed(name, query)).context["cl"].result_list)


def test_sprints_are_found_by_team_state_and_goal(world: World, staff: Client, sprint: Sprint) -> None:
    with wall("2026-03-09 09:00"):
        planned, theirs = Sprint.plan(world.team, world.lead), Sprint.plan(world.other, world.ivo)
    assert set(found(staff, "sprint", "")) == {sprint, planned, theirs}
    for query, expected in [
        ("?state=running", [sprint]),
        ("?q=rank", [sprint]),
        ("?state=planned&q=FRAUD", [planned]),
        (f"?team__id__exact={world.other.pk}", [theirs]),
        ("?signed_at__isempty=0", []),
    ]:
        assert found(staff, "sprint", query) == expected, query
    assert [seat.task.ref for seat in found(staff, "seat", "?q=mei@")] == [sprint.seats.get(removed_at=None).task.ref]
    assert {row.user.email: row.availability for row in found(staff, "capacity", "?q=mei@")} == {"mei@example.org": 0.5}


def test_a_page_shows_what_froze_with_seats_and_capacity(world: World, staff: Client, sprint: Sprint) -> None:
    text = staff.get(reverse("admin:sprints_sprint_change", args=[sprint.pk])).content.decode()
    assert f'<a href="/t/FRAUD/sprints/{sprint.number}/board/">Sprint 1</a>' in text
    for said in ("60/30/10", "Rank better", "Mei Tanaka", "FRAUD-1", "FRAUD-2", "0.50"):
        assert said in text


def test_a_sprint_shows_its_history(world: World, staff: Client, sprint: Sprint) -> None:
    page = staff.get(reverse("admin:sprints_sprint_history", args=[sprint.pk])).content.decode()
    assert reverse("admin:sprints_sprint_change", args=[sprint.pk]) in page and listed("sprint") in page
    assert "planned" in page and "started" in page and "Inês Duarte" in page


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_added_edited_or_deleted_here(world: World, staff: Client, sprint: Sprint, name: str) -> None:
    row = {"sprint": sprint, "seat": sprint.seats.first(), "capacity": sprint.capacities.first()}[name]
    assert row is not None
    before = every_row()["sprints.Sprint"]
    assert staff.get(reverse(f"admin:sprints_{name}_add")).status_code == 403
    assert staff.get(reverse(f"admin:sprints_{name}_delete", args=[row.pk])).status_code == 403
    page = reverse(f"admin:sprints_{name}_change", args=[row.pk])
    assert staff.get(page).status_code == 200
    assert staff.post(page, {"goal": "Changed", "days": "1", "availability": "1"}).status_code == 403
    assert "_save" not in staff.get(page).content.decode()
    assert every_row()["sprints.Sprint"] == before


@pytest.mark.parametrize("name", LISTS)
def test_every_list_takes_the_same_queries_for_one_row_and_for_thirty(world: World, staff: Client, name: str) -> None:
    def grow(sprint: Sprint) -> None:
        sprint.take_in(world.experiment(owner="mei@example.org"), world.mei)
        sprint.set_availability(world.lead, {"mei@example.org": 0.5})

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(listed(name)).status_code == 200
        return len(captured)

    grow(Sprint.plan(world.team, world.lead))
    queries()
    one = queries()
    for _ in range(29):
        grow(Sprint.plan(world.team, world.lead))
    assert queries() == one


def test_the_page_of_a_sprint_takes_the_same_queries_for_one_seat_and_for_thirty(world: World, staff: Client) -> None:
    sprint = Sprint.plan(world.team, world.lead)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(reverse("admin:sprints_sprint_change", args=[sprint.pk])).status_code == 200
        return len(captured)

    sprint.take_in(world.experiment(owner="mei@example.org"), world.mei)
    queries()
    one = queries()
    for _ in range(29):
        sprint.take_in(world.experiment(owner="mei@example.org"), world.mei)
    assert queries() == one


def test_who_is_no_staff_does_not_get_in(world: World) -> None:
    client = Client()
    client.force_login(world.lead.user)
    assert client.get(listed("sprint")).status_code in (302, 403)
