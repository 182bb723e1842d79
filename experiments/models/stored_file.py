"""A file that the board keeps: under a random name, with its size and digest, handed out as a download only."""

import hashlib
import re
import secrets
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import TeamScoped

LARGEST = 20 * 1024 * 1024


def random_name(row: Any, name: str) -> str:
    """Where the file lies: never under the name that a person gave it."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}"


def safe_name(name: str) -> str:
    """The last part of a path, without control characters: what the download is called."""
    last = re.split(r"[/\\]", name.replace("\x00", ""))[-1]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(" .")
    return kept[-150:] or "file"


def fitting(upload: UploadedFile) -> dict[str, Any]:
    """What is kept of an upload: name, size and SHA-256. Raises Refusal for one that is empty or over 20 MB."""
    name, size = safe_name(upload.name or ""), upload.size or 0
    if size > LARGEST:
        raise Refusal.of({"file": f"{name} is larger than 20 MB. Keep it elsewhere and link to it."})
    if not size:
        raise Refusal.of({"file": f"{name} is empty."})
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    # Django keeps nothing of an upload without a name.
    upload.name = name
    return {"file": upload, "name": name, "size": size, "sha256": digest.hexdigest()}


class StoredFile(TeamScoped):
    """Nothing of what is in it is ever opened, unpacked, loaded or shown as a page."""

    file = models.FileField(upload_to=random_name, max_length=100)
    name = models.CharField(max_length=150)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="In hexadecimal; empty for files from before it was kept.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def start(self, limit: int) -> bytes:
        """The first bytes of it."""
        with self.file.open("rb") as opened:
            return bytes(opened.read(limit))
