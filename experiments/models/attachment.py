"""A file on a card."""

from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership
from dsboard.roles import Act
from experiments.models.stored_file import StoredFile, StoredFileQuerySet, keeping

if TYPE_CHECKING:
    from experiments.models.task import Task

MOST_ON_A_CARD = 50


class Attachment(StoredFile):
    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="attachments")

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="attachment_has_a_name")]

    @classmethod
    def add(cls, task: "Task", by: Membership, upload: UploadedFile) -> "Attachment":
        """Keep a file of at most 20 MB on the card. Raises Refusal for one that is empty, too large, or one too many."""
        by.must(Act.EDIT, task.team_id)
        with keeping(upload) as kept, transaction.atomic():
            task.hold()
            if task.deleted_at:
                raise Refusal(f"{task.ref} is in the bin. Restore it first.")
            if task.attachments.filter(removed_at=None).count() >= MOST_ON_A_CARD:
                raise Refusal.of({"file": f"A card has at most {MOST_ON_A_CARD} files."})
            attachment = cls.objects.create(task=task, by_id=by.user_id, **kept)
            task.touch()
            Activity.record(task, "attached", by, field="attachments", after=attachment.name, attachment=attachment.pk)
        return attachment

    @transaction.atomic
    def remove(self, by: Membership) -> Activity:
        """Take the file off the card; it can be put back for 30 days."""
        by.must(Act.EDIT, self.task.team_id)
        if not Attachment.objects.filter(pk=self.pk, removed_at=None).update(removed_at=clock.now()):
            raise Refusal(f"{self.name} was removed already.")
        self.task.hold().touch()
        return Activity.record(self.task, "detached", by, field="attachments", before=self.name, attachment=self.pk)

    @transaction.atomic
    def put_back(self, by: Membership) -> Activity:
        """Undo a removal."""
        by.must(Act.EDIT, self.task.team_id)
        if not Attachment.objects.filter(pk=self.pk, removed_at__isnull=False).update(removed_at=None):
            raise Refusal(f"{self.name} is on the card already.")
        self.task.hold().touch()
        return Activity.record(self.task, "attached", by, field="attachments", after=self.name, attachment=self.pk)
