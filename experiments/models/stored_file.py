"""A file that the board keeps: under a random name, with its size and digest, handed out as a download only."""

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import models

from dsboard import clock
from dsboard.errors import Refusal, Unreachable
from dsboard.models import TeamQuerySet, TeamScoped
from experiments.stages import DAYS_TO_UNDO

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


@contextmanager
def keeping(upload: UploadedFile) -> Iterator[dict[str, Any]]:
    """Put an upload into the store and give the fields of its row; when the row fails, the file goes again.

    To be entered before the transaction: a database that waits for a disk or a bucket keeps everybody waiting.
    Raises Refusal for one that is empty or over 20 MB.
    """
    name, size = safe_name(upload.name or ""), upload.size or 0
    if size > LARGEST:
        raise Refusal.of({"file": f"{name} is larger than 20 MB. Keep it elsewhere and link to it."})
    if not size:
        raise Refusal.of({"file": f"{name} is empty."})
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored = default_storage.save(random_name(None, name), upload)
    try:
        yield {"file": stored, "name": name, "size": size, "sha256": digest.hexdigest()}
    except BaseException:
        discard(default_storage, stored)
        raise


def discard(store: Storage, name: str) -> None:
    """Delete a file that has no row any more. Where the store does not answer it stays: that is only waste."""
    with suppress(Unreachable):
        store.delete(name)


class StoredFileQuerySet(TeamQuerySet):
    def present(self) -> Any:
        return self.filter(removed_at=None)

    def purge(self) -> int:
        """Delete rows and files of what was removed over 30 days ago; returns how many."""
        old = self.filter(removed_at__lt=clock.now() - timedelta(days=DAYS_TO_UNDO))[:500]
        for one in old:
            one.delete()
            discard(one.file.storage, one.file.name)
        return len(old)


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

    def opened(self) -> File:
        """It, to be read. Raises Refusal when the store has lost it, or does not answer."""
        try:
            return self.file.open("rb")
        except FileNotFoundError as error:
            raise Refusal(f"{self.name} is missing from the file store. Whoever runs this board has it in a backup, perhaps.") from error

    def start(self, limit: int) -> bytes:
        """The first bytes of it. Raises Refusal as `opened` does."""
        with self.opened() as opened:
            return bytes(opened.read(limit))
