"""Importing by the page: look first, then do it; and the file that goes out."""

from collections.abc import Callable
from typing import Any

from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from experiments.models import Task, Upload
from tests.experiments.imports.test_plan import JIRA
from tests.world import World

As = Callable[..., Client]
IMPORT = "/t/FRAUD/import/"


def send(client: Client, content: bytes, name: str = "cards.csv") -> Any:
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content, "text/csv")})


def test_a_file_is_looked_at_before_anything_is_written(world: World, as_: As) -> None:
    client = as_(world.mei)
    answer = send(client, JIRA)
    assert (answer.status_code, answer["Location"]) == (302, f"{IMPORT}{Upload.objects.get().pk}/")
    page = " ".join(client.get(answer["Location"]).content.decode().split())
    assert "7 cards to create, 2 refused." in page
    assert "Research is sized by a time box, not by story points." in page
    assert "=HYPERLINK(&quot;http://evil.example&quot;" in page
    assert Task.objects.count() == 0


def test_good_rows_are_imported_only_when_asked(world: World, as_: As) -> None:
    client = as_(world.mei)
    plan = send(client, JIRA)["Location"]
    refused = client.post(plan)
    assert refused.status_code == 422
    assert "2 rows are refused (line 18, line 19), so nothing was imported." in refused.content.decode()
    assert Task.objects.count() == 0
    done = client.post(plan, {"good_rows": "on"})
    assert (done.status_code, done["Location"]) == (302, "/t/FRAUD/backlog/")
    assert [str(m) for m in get_messages(done.wsgi_request)] == ["Imported 7 cards"]
    assert (Task.objects.count(), Upload.objects.count()) == (7, 0)
    assert {task.created_by for task in Task.objects.all()} == {world.mei.user}


def test_the_plan_of_somebody_else_is_not_there(world: World, as_: As) -> None:
    plan = send(as_(world.mei), JIRA)["Location"]
    for other in (world.lead, world.omar):
        assert as_(other).get(plan).status_code == 404
        assert as_(other).post(plan, {"good_rows": "on"}).status_code == 404
    assert as_(world.ivo).get(plan.replace("FRAUD", "OTHER")).status_code == 404
    assert Task.objects.count() == 0


def test_a_file_that_can_not_be_read_is_refused_at_the_field(world: World, as_: As) -> None:
    client = as_(world.mei)
    unreadable = {
        b'Title\n"open': "Line 2: a quote is never closed",
        b"": "That file is empty.",
        b"T\n" + b"a\n" * 5001: "5,000 is the most",
    }
    for content, sentence in unreadable.items():
        answer = send(client, content)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert "Choose a file first." in client.post(IMPORT, {}).content.decode()
    assert Upload.objects.count() == 0


def test_a_sheet_without_titles_says_so(world: World, as_: As) -> None:
    answer = send(as_(world.mei), b"Foo,Bar\n1,2\n")
    assert answer.status_code == 422
    assert "No column says what the cards are called." in answer.content.decode()


def test_a_second_file_takes_the_place_of_the_first(world: World, as_: As) -> None:
    client = as_(world.mei)
    send(client, JIRA)
    send(client, b"Title\nOne\n", "../../etc/passwd.csv")
    assert [upload.name for upload in Upload.objects.all()] == ["passwd.csv"]


def test_a_viewer_may_not_import(world: World, as_: As) -> None:
    assert as_(world.vera).get(IMPORT).status_code == 403
    assert send(as_(world.vera), JIRA).status_code == 403
    assert Upload.objects.count() == 0


def test_whoever_reads_may_export_and_every_cell_is_text(world: World, as_: As) -> None:
    world.research(title="=1+1", description="@SUM(A1)")
    answer = as_(world.vera).get("/t/FRAUD/export.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer["Content-Disposition"].startswith('attachment; filename="FRAUD-')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "FRAUD-1,research,'=1+1,ideation,'@SUM(A1)," in text
