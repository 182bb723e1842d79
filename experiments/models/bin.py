"""Emptying the bin: after 30 days a deleted card is purged, unless it is cited as evidence."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from dsboard import clock
from dsboard.floors import modules
from experiments.models.attachment import Attachment
from experiments.models.decision import Decision
from experiments.models.finding import Finding
from experiments.models.link import TaskLink
from experiments.models.stored_file import discard
from experiments.models.task import Task
from experiments.models.upload import Upload
from experiments.stages import DAYS_TO_UNDO

AT_ONCE = 500


def empty_bins() -> int:
    """Purge up to 500 cards whose 30 days are over; returns how many. Cards with findings, decisions, links or a seat in a sprint stay."""
    cutoff = clock.now() - timedelta(days=DAYS_TO_UNDO)
    cited = (Decision.objects.filter(task=OuterRef("pk")), Finding.objects.filter(task=OuterRef("pk")))
    old = Task.objects.filter(deleted_at__lt=cutoff).exclude(Exists(cited[0])).exclude(Exists(cited[1])).filter(seats=None)
    old = old.exclude(Exists(TaskLink.objects.filter(other=OuterRef("pk")))).exclude(Exists(TaskLink.objects.filter(task=OuterRef("pk"))))
    with transaction.atomic():
        pks = list(old.values_list("pk", flat=True)[:AT_ONCE])
        files = [attachment.file for attachment in Attachment.objects.filter(task__in=pks)]
        Task.objects.filter(pk__in=pks).delete()
    # Rows first: a file without a row is only waste, a row without its file is a broken promise.
    for file in files:
        discard(file.storage, file.name)
    Attachment.objects.purge()
    Upload.forget_old()
    for floor in modules("emptying"):
        floor.empty()
    return len(pks)
