"""A file kept as evidence with a version of a model; answers and lines name it by its key."""

import secrets
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import Q, Sum

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from experiments.models.stored_file import StoredFile, StoredFileQuerySet, keeping
from handoffs.models.version import Version

MOST, MOST_BYTES = 200, 1024**3


def new_key() -> str:
    """What nobody guesses."""
    return f"f-{secrets.token_urlsafe(18)}"


class EvidenceFile(StoredFile):
    team_path = "version__model__team"
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="files")
    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(name="") & ~Q(sha256=""), name="evidence_file_has_a_name_and_a_digest")]

    @classmethod
    def add(cls, version: Version, by: Membership, upload: UploadedFile) -> "EvidenceFile":
        """Keep a file of at most 20 MB with the version. Raises Refusal for one that is empty, too large, or one too many."""
        by.must(Act.CRITERIA, version.team_id)
        with keeping(upload) as kept:
            return cls.enter(version, by, kept)

    @classmethod
    @transaction.atomic
    def enter(cls, version: Version, by: Membership, kept: dict[str, Any]) -> "EvidenceFile":
        """The row of a file that is in the store already. Raises Refusal for one too many."""
        by.must(Act.CRITERIA, version.team_id)
        version.hold()
        there = cls.objects.filter(version=version, removed_at=None).aggregate(count=models.Count("pk"), bytes=Sum("size"))
        if there["count"] >= MOST:
            raise Refusal.of({"file": f"A version has at most {MOST} files."})
        if (there["bytes"] or 0) + kept["size"] > MOST_BYTES:
            raise Refusal.of({"file": "The files of a version have at most 1 GB together. Keep large ones elsewhere and link to them."})
        made = cls.objects.create(version=version, by_id=by.user_id, **kept)
        version.touch()
        Activity.record(version, "filed", by, field="files", after=made.name, key=made.key, sha256=made.sha256)
        return made

    @transaction.atomic
    def remove(self, by: Membership) -> None:
        """Take it away; kept for 30 days. One that an answer or a handoff stands on stays. Raises Refusal."""
        by.must(Act.CRITERIA, self.version.team_id)
        self.version.hold()
        if self.version.model.versions.filter(Q(answers__evidence__value=self.key) | Q(handoffs__lines__evidence__value=self.key)).exists():
            raise Refusal(f"{self.name} is evidence of an answer or a handoff, so it stays.")
        if not EvidenceFile.objects.filter(pk=self.pk, removed_at=None).update(removed_at=clock.now()):
            raise Refusal(f"{self.name} was removed already.")
        self.version.touch()
        Activity.record(self.version, "unfiled", by, field="files", before=self.name, key=self.key)

    def get_absolute_url(self) -> str:
        return f"{self.version.get_absolute_url()}files/{self.key}/"


def find_file(version: Version, key: Any) -> EvidenceFile | None:
    """The file of any version of the same model; those of others do not exist here."""
    if not isinstance(key, str) or not key.startswith("f-") or len(key) > 40:
        return None
    found: EvidenceFile | None = EvidenceFile.objects.present().filter(version__model_id=version.model_id, key=key).first()
    return found
