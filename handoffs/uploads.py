"""A form that answers with a file: the file and what it is evidence of are kept together, or neither is."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from dsboard.models import Membership
from dsboard.roles import Act
from experiments.models.stored_file import keeping
from handoffs.models import EvidenceFile, Version


def with_file(version: Version, by: Membership, said: dict[str, Any], verb: Callable[..., Any]) -> Any:
    """Keep the upload of a form first and give it as the evidence; when the verb refuses, neither stays."""
    upload = said.pop("file", None)
    if upload is None:
        return verb(**said)
    by.must(Act.CRITERIA, version.team_id)
    with keeping(upload) as kept, transaction.atomic():
        stored = EvidenceFile.enter(version, by, kept)
        return verb(**{**said, "evidence": stored.key})
