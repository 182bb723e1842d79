"""Files on cards over the HTTP API: kept, listed, handed out as downloads, removed; refused as on the card's page."""

import hashlib

import pytest

from dsboard.models import Activity
from experiments.models import Attachment
from tests.caller import Caller
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]


def test_the_whole_way(world: World) -> None:
    task, mei = world.experiment(), Caller(world.mei)
    path = f"/tasks/{task.ref}/attachments"
    answer = mei.upload(path, "../roc.svg", b"<svg onload='alert(1)'/>")
    told = answer.json()
    digest = hashlib.sha256(b"<svg onload='alert(1)'/>").hexdigest()
    assert (answer.status_code, told["name"], told["sha256"], told["by"]) == (201, "roc.svg", digest, "mei@example.org")
    assert answer["Location"] == f"/api/v1{path}/{told['id']}"
    assert mei.get(path).json() == {"items": [told], "count": 1}
    kept = mei.get(f"{path}/{told['id']}")
    assert (kept["Content-Type"], kept["Content-Disposition"]) == ("application/octet-stream", 'attachment; filename="roc.svg"')
    assert mei.delete(f"{path}/{told['id']}").status_code == 204
    assert (mei.get(f"{path}/{told['id']}").status_code, mei.get(path).json()["count"]) == (404, 0)
    assert [row.verb for row in Activity.objects.of(task) if row.field == "attachments"] == ["attached", "detached"]


def test_a_file_is_found_on_its_own_card_only(world: World) -> None:
    one, other, mei = world.experiment(), world.experiment(), Caller(world.mei)
    pk = mei.upload(f"/tasks/{one.ref}/attachments").json()["id"]
    assert mei.get(f"/tasks/{other.ref}/attachments/{pk}").status_code == 404
    assert mei.delete(f"/tasks/{other.ref}/attachments/{pk}").status_code == 404
    assert Caller(world.ivo).get(f"/tasks/{one.ref}/attachments/{pk}").status_code == 404


def test_viewers_and_empty_files_are_refused(world: World) -> None:
    task = world.experiment()
    path = f"/tasks/{task.ref}/attachments"
    assert Caller(world.vera).upload(path).status_code == 403
    refused = Caller(world.mei).upload(path, content=b"")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "file")
    assert not Attachment.objects.exists()
