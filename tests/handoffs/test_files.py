"""Files as evidence: kept under keys that nobody guesses, whatever they are called and hold, and handed out as downloads only."""

import hashlib
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dsboard.errors import Forbidden, Refusal
from experiments.models import stored_file
from experiments.models.bin import empty_bins
from handoffs.models import EvidenceFile, Handoff, MLModel, Version, evidence_file
from handoffs.models.line_checks import check_line
from tests.caller import Caller
from tests.handoffs.table import line
from tests.threads import at_once, kinds
from tests.world import World, every_row, found_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]
V1 = "/t/FRAUD/models/ranker/versions/v1/"
API = "/teams/FRAUD/models/ranker/versions/v1/files"


@pytest.fixture
def version(world: World) -> Version:
    return MLModel.register(world.team, world.mei, name="Ranker").versions.get()


def upload(name: str = "report.pdf", content: bytes = b"%PDF-1.7", kind: str = "application/pdf") -> SimpleUploadedFile:
    made = SimpleUploadedFile("x", content, content_type=kind)
    made._name = name  # as a hostile client sends it, before Django tidies it
    return made


def archive() -> bytes:
    """Ten megabytes of nothing in a few kilobytes."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("../../etc/cron.d/x", b"0" * 10_000_000)
    return kept.getvalue()


class TestKeeping:
    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\windows\\win.ini", "win.ini"),
            ("/absolute", "absolute"),
            ("a\x00b\r\nc.txt", "abc.txt"),
            ("invoice\u202egpj.exe", "invoicegpj.exe"),
            ('<img src=x onerror="alert(1)">.png', "img src=x onerror=alert(1).png"),
            (".htaccess", "htaccess"),
            ("...", "file"),
            ("", "file"),
            ("x" * 300 + ".csv", "x" * 146 + ".csv"),
            ("отчёт.pdf", "отчёт.pdf"),
        ],
    )
    def test_a_name_is_only_what_the_download_is_called(self, world: World, version: Version, name: str, kept: str) -> None:
        made = EvidenceFile.add(version, world.mei, upload(name))
        assert made.name == kept
        path = str(made.file.name)
        assert len(path) == 35 and path[2] == "/" and all(c in "0123456789abcdef/" for c in path)
        assert made.key.startswith("f-") and len(made.key) > 20

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("page.html", b"<script>alert(document.cookie)</script>"),
            ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
            ("both.gif", b"GIF89a/*<script>alert(1)</script>*/"),
            ("run.exe", b"MZ\x90\x00"),
            ("model.pkl", b"cos\nsystem\n(S'true'\ntR."),
            ("bomb.zip", archive()),
        ],
    )
    def test_what_it_holds_is_never_opened_and_only_downloaded(
        self, world: World, version: Version, as_: Any, name: str, content: bytes
    ) -> None:
        made = EvidenceFile.add(version, world.mei, upload(name, content, "text/html"))
        answer = as_(world.vera).get(f"{V1}files/{made.key}/")
        assert b"".join(answer.streaming_content) == content
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        assert (answer["X-Content-Type-Options"], answer["Content-Security-Policy"]) == ("nosniff", "sandbox; default-src 'none'")
        assert made.sha256 == hashlib.sha256(content).hexdigest()

    def test_empty_and_too_large_ones_are_refused(self, world: World, version: Version, monkeypatch: Any) -> None:
        monkeypatch.setattr(stored_file, "LARGEST", 10)
        for content, words in [(b"", "report.pdf is empty."), (b"x" * 11, "report.pdf is larger than 20 MB.")]:
            with pytest.raises(Refusal) as said:
                EvidenceFile.add(version, world.mei, upload(content=content))
            assert words in said.value.fields["file"]
        assert not EvidenceFile.objects.exists()

    def test_a_version_has_room_for_so_many_and_so_much(self, world: World, version: Version, monkeypatch: Any) -> None:
        monkeypatch.setattr(evidence_file, "MOST", 2)
        for _ in range(2):
            EvidenceFile.add(version, world.mei, upload())
        with pytest.raises(Refusal, match="at most 2 files"):
            EvidenceFile.add(version, world.mei, upload())
        monkeypatch.setattr(evidence_file, "MOST", 9)
        monkeypatch.setattr(evidence_file, "MOST_BYTES", 20)
        with pytest.raises(Refusal, match="1 GB together"):
            EvidenceFile.add(version, world.mei, upload())

    def test_it_is_not_for_viewers_nor_other_teams(self, world: World, version: Version, as_: Any) -> None:
        made = EvidenceFile.add(version, world.mei, upload())
        for who in (world.vera, world.ivo):
            with pytest.raises(Forbidden):
                EvidenceFile.add(version, who, upload())
            with pytest.raises(Forbidden):
                made.remove(who)
        theirs = MLModel.register(world.other, world.ivo, name="Ranker").versions.get()
        other = EvidenceFile.add(theirs, world.ivo, upload("secret.pdf"))
        assert as_(world.ivo).get(f"{V1}files/{made.key}/").status_code == 404
        assert as_(world.mei).get(f"{V1}files/{other.key}/").status_code == 404
        with pytest.raises(Refusal, match="no such file"):
            version.answer("documented", world.mei, state="met", evidence={"type": "file", "value": other.key})


class TestAsEvidence:
    def test_an_answer_takes_an_upload_and_shows_it_by_name(self, world: World, version: Version, as_: Any) -> None:
        said = {"state": "met", "evidence": "", "reason": "", "file": upload()}
        assert as_(world.mei).post(f"{V1}criteria/documented/", said).status_code == 302
        made = EvidenceFile.objects.get()
        assert version.standing()["documented"].evidence == {"type": "file", "value": made.key, "name": "report.pdf"}
        page = as_(world.vera).get(V1).content.decode()
        assert f'href="{V1}files/{made.key}/" download' in page and page.count("report.pdf") >= 3

    def test_a_refused_answer_keeps_no_file(self, world: World, version: Version, as_: Any, own_folder: Path) -> None:
        said = {"state": "not_applicable", "evidence": "", "reason": "", "file": upload()}
        assert as_(world.mei).post(f"{V1}criteria/documented/", said).status_code == 422
        assert not EvidenceFile.objects.exists()
        assert not [path for path in own_folder.rglob("*") if path.is_file()]

    def test_a_line_takes_an_upload_whose_checksum_is_matched(self, world: World, version: Version, as_: Any) -> None:
        handoff, content = Handoff.start(version, world.mei), b"onnx"
        path = f"{handoff.get_absolute_url()}lines/trained-model-artifact/"
        assert as_(world.mei).post(path, {"state": "provided", "file": upload("model.onnx", content)}).status_code == 302
        assert [one.state for one in check_line(line(handoff, "trained-model-artifact"))] == ["failed"]
        Version.objects.get().change(world.mei, checksum=f"sha256:{hashlib.sha256(content).hexdigest()}")
        assert check_line(line(handoff, "trained-model-artifact"))[0].state == "verified"
        page = as_(world.vera).get(handoff.get_absolute_url()).content.decode()
        assert "model.onnx" in page and EvidenceFile.objects.get().key in page
        assert "model.onnx" in as_(world.vera).get(f"{handoff.get_absolute_url()}export/md/").content.decode()

    def test_a_file_of_any_version_of_the_model_counts(self, world: World, version: Version) -> None:
        made = EvidenceFile.add(version, world.mei, upload())
        after = Version.add(version.model, world.mei, name="v2")
        answer = after.answer("documented", world.mei, state="met", evidence=made.key)
        assert answer and answer.evidence == {"type": "file", "value": made.key, "name": "report.pdf"}

    def test_what_something_stands_on_stays_and_what_is_removed_is_gone_after_a_month(
        self, world: World, version: Version, time_machine: Any, as_: Any
    ) -> None:
        used, spare = (EvidenceFile.add(version, world.mei, upload(name)) for name in ("used.pdf", "spare.pdf"))
        version.answer("documented", world.mei, state="met", evidence=used.key)
        with pytest.raises(Refusal, match=r"used.pdf is evidence"):
            used.remove(world.mei)
        assert as_(world.mei).post(f"{V1}files/{spare.key}/removal/").status_code == 302
        assert as_(world.mei).get(f"{V1}files/{spare.key}/").status_code == 404
        empty_bins()
        assert EvidenceFile.objects.count() == 2
        time_machine.move_to(timezone.now() + timedelta(days=31))
        empty_bins()
        assert list(EvidenceFile.objects.all()) == [used]


class TestApi:
    def send(self, caller: Caller, content: bytes = b"onnx", name: str = "model.onnx") -> Any:
        named = {"Authorization": f"Bearer {caller.token}"}
        return caller.client.post(f"/api/v1{API}", {"file": upload(name, content)}, headers=named)

    def test_uploads_lists_hands_out_and_removes(self, world: World, version: Version) -> None:
        mei = Caller(world.mei)
        answer = self.send(mei)
        told = answer.json()
        assert (answer.status_code, told["name"], told["size"], told["sha256"]) == (
            201,
            "model.onnx",
            4,
            hashlib.sha256(b"onnx").hexdigest(),
        )
        assert answer["Location"] == f"/api/v1{API}/{told['key']}"
        assert mei.get(API).json() == {"items": [told], "count": 1}
        assert b"".join(mei.get(f"{API}/{told['key']}").streaming_content) == b"onnx"
        evidence = {"type": "file", "value": told["key"]}
        criterion = f"{API.removesuffix('/files')}/criteria/documented"
        shown = mei("PUT", criterion, {"state": "met", "evidence": evidence}).json()["evidence"]
        assert shown == evidence
        assert mei.delete(f"{API}/{told['key']}").status_code == 422
        spare = self.send(mei).json()
        assert mei.delete(f"{API}/{spare['key']}").status_code == 204
        assert mei.get(f"{API}/{spare['key']}").status_code == 404

    def test_refuses_and_changes_nothing(self, world: World, version: Version) -> None:
        kept = EvidenceFile.add(version, world.mei, upload())
        before = every_row()
        assert self.send(Caller(world.vera)).status_code == 403
        assert self.send(Caller(world.ivo)).status_code == 404
        assert self.send(Caller(world.mei), content=b"").status_code == 422
        assert Caller(world.mei).post(API, file="x").status_code in (415, 422)
        assert Caller(world.vera).delete(f"{API}/{kept.key}").status_code == 403
        assert Caller(world.ivo).delete(f"{API}/{kept.key}").status_code == 404
        assert self.send(Caller(world.mei), content=b"x" * (21 * 1024 * 1024)).status_code == 413
        after = every_row()
        assert after["handoffs.EvidenceFile"] == before["handoffs.EvidenceFile"]


@pytest.mark.django_db(transaction=True)
def test_eight_uploads_at_once_never_exceed_the_room(monkeypatch: Any) -> None:
    monkeypatch.setattr(evidence_file, "MOST", 3)
    world = found_world()
    version = MLModel.register(world.team, world.mei, name="Ranker").versions.get()

    def add(place: int) -> EvidenceFile:
        fresh = Version.objects.select_related("model__team").get(pk=version.pk)
        mei = type(world.mei).objects.select_related("team", "user").get(pk=world.mei.pk)
        return EvidenceFile.add(fresh, mei, upload(f"{place}.pdf"))

    assert kinds(at_once(add)) == {"EvidenceFile": 3, "Refusal": 5}
