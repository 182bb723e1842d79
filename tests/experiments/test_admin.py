"""The administration of the team's work: found, read, and put back; never typed in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dsboard.models import User
from experiments.models import Attachment, Label, Task
from experiments.models.pauses import pause
from experiments.stages import Outcome, Stage
from tests.world import World, wall

LISTS = ("task", "timebox", "finding", "decision", "comment", "attachment", "label")


@pytest.fixture
def staff(world: World) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin@example.org", "Ada Admin", "a long password"))
    return client


def listed(name: str, query: str = "") -> str:
    return reverse(f"admin:experiments_{name}_changelist") + query


def run(client: Client, action: str, *tasks: Task) -> list[str]:
    answer = client.post(listed("task"), {"action": action, "_selected_action": [task.pk for task in tasks]})
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    client.get(listed("task"))
    return said


def test_the_list_of_time_boxes_by_state(world: World, staff: Client) -> None:
    idle, running, paused = world.experiment(), world.started(world.experiment()), world.started(world.experiment())
    pause(paused, world.mei, reason="Waiting for labels.")
    closed = world.in_analysis()
    with wall("2026-03-10 09:00"):
        ended = world.started(world.experiment())
    expected = {"idle": idle, "running": running, "paused": paused, "closed": closed, "ended": ended}
    for state, task in expected.items():
        text = staff.get(listed("timebox", f"?state={state}")).content.decode()
        assert {one.ref for one in expected.values() if one.ref in text} == {task.ref}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_takes_the_same_queries_for_one_row_and_for_thirty(world: World, staff: Client, name: str) -> None:
    def grow() -> None:
        task = world.decided(Outcome.PRODUCTIONIZE, world.in_analysis(world.experiment(labels=[f"label {Label.objects.count()}"]))).task
        type(task).objects.get(pk=task.pk).comments.create(by=world.mei.user, text="Good.", html="")
        Attachment.add(task, world.mei, SimpleUploadedFile("roc.png", b"png"))

    def queries() -> int:
        return count_queries(lambda: staff.get(listed(name)))

    grow()
    queries()
    one = queries()
    for _ in range(29):
        grow()
    assert queries() == one


def count_queries(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert work().status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["task", "finding", "decision", "comment", "attachment"])
def test_nothing_is_added_edited_or_deleted_here(world: World, staff: Client, name: str) -> None:
    task = world.decided().task
    task.comments.create(by=world.mei.user, text="Good.", html="")
    file = Attachment.add(task, world.mei, SimpleUploadedFile("roc.png", b"png"))
    row = {"task": task, "finding": task.finding, "decision": task.decision, "comment": task.comments.get(), "attachment": file}[name]
    assert staff.get(reverse(f"admin:experiments_{name}_add")).status_code == 403
    assert staff.get(reverse(f"admin:experiments_{name}_delete", args=[row.pk])).status_code == 403
    page = reverse(f"admin:experiments_{name}_change", args=[row.pk])
    assert staff.get(page).status_code == 200
    assert staff.post(page, {"title": "Changed", "learned": "Changed", "why": "Changed", "text": "Changed"}).status_code == 403
    assert "_save" not in staff.get(page).content.decode()


def test_cards_are_found_by_reference_title_owner_and_where_they_are(world: World, staff: Client) -> None:
    task, binned = world.experiment(owner="mei@example.org"), world.research(title="Elsewhere")
    binned.delete_to_bin(world.mei)
    for query, found in [
        ("?q=FRAUD-1", [task]),
        ("?q=bert", [task]),
        ("?q=mei@", [task]),
        ("?where=bin", [binned]),
        ("?where=open", [task]),
    ]:
        assert list(staff.get(listed("task", query)).context["cl"].result_list) == found, query


def test_a_card_shows_its_history(world: World, staff: Client) -> None:
    task = world.started(world.experiment())
    page = staff.get(reverse("admin:experiments_task_history", args=[task.pk])).content.decode()
    assert "created" in page
    assert "Mei Tanaka" in page
    assert "active" in page
    # The owner whom the start set is a change of its own to whoever reads it here.
    assert "<td>owner</td><td></td><td>mei@example.org</td>" in page


def test_a_time_box_shows_for_whom_it_ran(world: World, staff: Client) -> None:
    task = world.experiment()
    with wall("2026-03-10 09:00"):
        task.move_to(Stage.ACTIVE, world.mei)
    with wall("2026-03-10 11:30"):
        task.change(world.mei, owner="omar@example.org")
    page = staff.get(reverse("admin:experiments_timebox_change", args=[task.box.pk])).content.decode()
    assert "Mei Tanaka: 2026-03-10 09:00 to 2026-03-10 11:30, 2:30:00 used" in page
    assert "Omar Haddad: 2026-03-10 11:30 to now, running" in page


def test_cards_go_to_the_bin_and_come_back_through_the_verbs(world: World, staff: Client) -> None:
    task, decided = world.experiment(), world.decided().task
    assert run(staff, "move_to_bin", task, decided) == [
        f"{decided.ref} carries a decision and stays as evidence.",
        f"Moved to the bin: {task.ref}.",
    ]
    task.refresh_from_db()
    assert (task.deleted_at is not None, task.deleted_by.name) == (True, "Ada Admin")
    assert run(staff, "restore", task) == [f"Restored: {task.ref}."]
    task.refresh_from_db()
    assert task.deleted_at is None


def test_a_label_that_cards_have_stays(world: World, staff: Client) -> None:
    world.experiment(labels=["used"])
    used, unused = Label.objects.get(), Label.objects.create(team=world.team, name="unused")
    assert staff.post(reverse("admin:experiments_label_delete", args=[used.pk]), {"post": "yes"}).status_code == 403
    assert staff.post(reverse("admin:experiments_label_delete", args=[unused.pk]), {"post": "yes"}).status_code == 302
    assert list(Label.objects.all()) == [used]


def test_who_is_no_staff_does_not_get_in(world: World) -> None:
    client = Client()
    client.force_login(world.lead.user)
    assert client.get(listed("task")).status_code in (302, 403)
