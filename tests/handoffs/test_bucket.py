"""Files in a bucket: the same doors, the same rules, and a board that goes on when the bucket does not answer."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from dsboard.bucket import Bucket
from dsboard.errors import Refusal, Unreachable
from experiments.models import Attachment, Task, attachment
from experiments.models.bin import empty_bins
from handoffs.models import EvidenceFile, Handoff, MLModel
from tests.bucket import NAME, Service, serving
from tests.caller import Caller
from tests.processes import manage
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving() as one:
        yield one


@pytest.fixture
def bucket(service: Service, settings: Any) -> Iterator[Service]:
    """The board keeps its files there."""
    cache.clear()
    settings.STORAGES = settings.STORAGES | {"default": service.storages()}
    for key in service.keys:
        service.client.delete_object(Bucket=NAME, Key=key)
    yield service
    cache.clear()


@pytest.fixture
def task(world: World) -> Task:
    return world.experiment()


def report(content: bytes = b"%PDF-1.7") -> SimpleUploadedFile:
    return SimpleUploadedFile("report.pdf", content)


def silent_port() -> socket.socket:
    """Takes connections and never says a word."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    return listening


class TestSameDoors:
    def test_a_file_comes_out_as_it_went_in_and_only_through_the_board(self, world: World, task: Task, bucket: Service, as_: Any) -> None:
        content = bytes(range(256)) * 20_000
        kept = Attachment.add(task, world.mei, report(content))
        assert bucket.keys == [kept.file.name] and "report" not in kept.file.name
        stored = bucket.headers(kept.file.name)
        assert (stored["ContentType"], stored["ContentDisposition"]) == ("application/octet-stream", "attachment")
        answer = as_(world.vera).get(f"/t/FRAUD/tasks/{task.ref}/attachments/{kept.pk}/")
        assert b"".join(answer.streaming_content) == content
        assert (answer["Content-Length"], answer["Content-Disposition"]) == (str(len(content)), 'attachment; filename="report.pdf"')
        assert b"".join(Caller(world.vera).get(f"/tasks/{task.ref}/attachments/{kept.pk}").streaming_content) == content
        page = as_(world.vera).get(task.get_absolute_url()).content.decode()
        assert "report.pdf" in page and bucket.address not in page and kept.file.name not in page

    def test_who_may_not_see_it_never_reaches_the_bucket(
        self, world: World, task: Task, bucket: Service, as_: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = Attachment.add(task, world.mei, report())
        monkeypatch.setattr(Bucket, "_open", lambda *said: pytest.fail("It was asked for."))
        assert as_(world.ivo).get(f"/t/FRAUD/tasks/{task.ref}/attachments/{kept.pk}/").status_code == 404
        assert Caller(world.ivo).get(f"/tasks/{task.ref}/attachments/{kept.pk}").status_code == 404

    def test_what_is_refused_leaves_nothing_behind(self, world: World, task: Task, bucket: Service, as_: Any) -> None:
        task.delete_to_bin(world.mei)
        assert Caller(world.mei).upload(f"/tasks/{task.ref}/attachments").status_code == 404
        MLModel.register(world.team, world.mei, name="Ranker")
        said = {"state": "not_applicable", "evidence": "", "reason": "", "file": report()}
        assert as_(world.mei).post("/t/FRAUD/models/ranker/versions/v1/criteria/documented/", said).status_code == 422
        assert (bucket.keys, EvidenceFile.objects.exists()) == ([], False)

    def test_what_was_removed_leaves_the_bucket_after_a_month(self, world: World, task: Task, bucket: Service, time_machine: Any) -> None:
        kept = Attachment.add(task, world.mei, report())
        kept.remove(world.mei)
        empty_bins()
        assert len(bucket.keys) == 1
        time_machine.move_to(timezone.now() + timedelta(days=31))
        empty_bins()
        assert bucket.keys == []

    def test_a_file_of_a_line_is_read_there(self, world: World, bucket: Service, as_: Any) -> None:
        version = MLModel.register(world.team, world.mei, name="Ranker").versions.get()
        handoff = Handoff.start(version, world.mei)
        formats = SimpleUploadedFile("formats.json", b'{"input": {"type": "object"}}')
        path = f"{handoff.get_absolute_url()}lines/input-output-formats/"
        assert as_(world.mei).post(path, {"state": "provided", "file": formats}).status_code == 302
        told = Caller(world.mei).get(f"/teams/FRAUD/handoffs/{handoff.pk}").json()
        checks = next(one["checks"] for one in told["lines"] if one["slug"] == "input-output-formats")
        assert checks and "missing from the file store" not in str(checks)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_waits_for_the_bucket(world: World, task: Task, bucket: Service, as_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []
    real = Bucket._save

    def seen(self: Bucket, *said: Any) -> str:
        held.append(connection.in_atomic_block)
        return real(self, *said)

    monkeypatch.setattr(Bucket, "_save", seen)
    assert Caller(world.mei).upload(f"/tasks/{task.ref}/attachments").status_code == 201
    MLModel.register(world.team, world.mei, name="Ranker")
    said = {"state": "met", "evidence": "", "reason": "", "file": report()}
    assert as_(world.mei).post("/t/FRAUD/models/ranker/versions/v1/criteria/documented/", said).status_code == 302
    assert held == [False, False]


class TestTrouble:
    def test_nobody_answers(self, world: World, task: Task, bucket: Service, settings: Any, as_: Any) -> None:
        kept = Attachment.add(task, world.mei, report())
        settings.STORAGES = settings.STORAGES | {"default": bucket.storages(endpoint_url="http://127.0.0.1:9")}
        answer = Caller(world.mei).upload(f"/tasks/{task.ref}/attachments")
        assert (answer.status_code, answer["Retry-After"]) == (503, "20")
        assert answer.json()["detail"] == "The file store does not answer. Nothing was changed; try again in a minute."
        page = as_(world.mei).post(f"/t/FRAUD/tasks/{task.ref}/attachments/", {"file": report()})
        assert page.status_code == 503 and "The file store does not answer." in page.content.decode()
        assert as_(world.mei).get(f"/t/FRAUD/tasks/{task.ref}/attachments/{kept.pk}/").status_code == 503
        assert Attachment.objects.count() == 1

    def test_a_refusal_is_told_though_the_file_can_not_be_taken_back(
        self, world: World, task: Task, bucket: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(self: Bucket, name: str) -> None:
            raise Unreachable("The file store does not answer.", seconds=20)

        monkeypatch.setattr(Bucket, "delete", gone)
        monkeypatch.setattr(attachment, "MOST_ON_A_CARD", 0)
        with pytest.raises(Refusal, match="at most 0 files"):
            Attachment.add(task, world.mei, report())

    def test_a_bucket_that_hangs_is_waited_for_once(
        self, world: World, task: Task, bucket: Service, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("dsboard.bucket.READ_TIMEOUT", 0.3)
        with silent_port() as hole:
            settings.STORAGES = settings.STORAGES | {"default": bucket.storages(endpoint_url=f"http://127.0.0.1:{hole.getsockname()[1]}")}
            asked: list[int] = []
            real = Bucket.bucket.fget
            monkeypatch.setattr(Bucket, "bucket", property(lambda self: (asked.append(1), real(self))[1]))
            mei = Caller(world.mei)
            for _ in range(3):
                assert mei.upload(f"/tasks/{task.ref}/attachments").status_code == 503
        assert len(asked) == 1

    def test_a_handoff_opens_and_says_which_file_it_could_not_read(self, world: World, bucket: Service, settings: Any, as_: Any) -> None:
        version = MLModel.register(world.team, world.mei, name="Ranker").versions.get()
        handoff = Handoff.start(version, world.mei)
        formats = SimpleUploadedFile("formats.json", b'{"input": {"type": "object"}}')
        as_(world.mei).post(f"{handoff.get_absolute_url()}lines/input-output-formats/", {"state": "provided", "file": formats})
        settings.STORAGES = settings.STORAGES | {"default": bucket.storages(endpoint_url="http://127.0.0.1:9")}
        page = as_(world.vera).get(handoff.get_absolute_url())
        assert page.status_code == 200 and "The file store does not answer." in page.content.decode()

    def test_a_key_that_is_refused_is_no_silence(
        self, world: World, task: Task, bucket: Service, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[Any] = []
        monkeypatch.setattr("dsboard.bucket.logger.warning", lambda *words: said.append(words))
        settings.STORAGES = settings.STORAGES | {"default": bucket.storages(bucket_name="another-bucket")}
        assert Caller(world.mei).upload(f"/tasks/{task.ref}/attachments").status_code == 503
        assert "NoSuchBucket" in str(said)

    def test_a_file_that_the_store_has_lost(self, world: World, task: Task, bucket: Service, as_: Any) -> None:
        kept = Attachment.add(task, world.mei, report())
        bucket.client.delete_object(Bucket=NAME, Key=kept.file.name)
        answer = as_(world.mei).get(f"/t/FRAUD/tasks/{task.ref}/attachments/{kept.pk}/")
        assert answer.status_code == 422 and "report.pdf is missing from the file store." in answer.content.decode()


class TestSettings:
    def test_a_board_of_its_own_process_keeps_its_files_there(self, bucket: Service, tmp_path: Path) -> None:
        words = "from django.core.files.base import ContentFile; from django.core.files.storage import default_storage as s; "
        words += "print(s.open(s.save('a/b', ContentFile(b'kept'))).read())"
        (tmp_path / "secret").write_text("board-secret\n")
        told = bucket.environment(DSBOARD_DATA=str(tmp_path), DSBOARD_S3_SECRET_FILE=str(tmp_path / "secret"))
        del told["DSBOARD_S3_SECRET"]
        run = manage("shell", "-v0", "-c", words, **told)
        assert run.stdout.strip().endswith("b'kept'"), run.stderr
        assert bucket.keys == ["a/b"] and not (tmp_path / "attachments").exists()

    def test_without_its_library_it_says_what_to_install(self, tmp_path: Path) -> None:
        (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['storages'] = None")
        run = manage("check", DSBOARD_DATA=str(tmp_path), DSBOARD_S3_BUCKET="b", PYTHONPATH=str(tmp_path))
        assert run.returncode == 2
        assert run.stderr == "DSBOARD_S3_BUCKET needs requirements/s3.txt: ./dev installs it, or pip does.\n"
