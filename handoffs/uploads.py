"""A form that answers with a file: the file and what it is evidence of are kept together, or neither is."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from dsboard.models import Membership
from handoffs.models import EvidenceFile, Version


def with_file(version: Version, by: Membership, said: dict[str, Any], verb: Callable[..., Any]) -> Any:
    """Keep the upload of a form first and give it as the evidence; when the verb refuses, neither stays."""
    upload = said.pop("file", None)
    if upload is None:
        return verb(**said)
    stored: EvidenceFile | None = None
    try:
        with transaction.atomic():
            stored = EvidenceFile.add(version, by, upload)
            return verb(**{**said, "evidence": stored.key})
    except Exception:
        if stored is not None:
            stored.file.storage.delete(str(stored.file.name))
        raise
