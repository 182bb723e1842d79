"""How cards hang together: origin, follow-up, builds on, phase."""

from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F, Q

from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, TeamScoped
from dsboard.roles import Act
from experiments.stages import Kind

if TYPE_CHECKING:
    from experiments.models.task import Task


class Rel(models.TextChoices):
    ORIGIN = "origin", "Comes from"
    FOLLOW_UP = "follow_up", "Followed by"
    BUILDS_ON = "builds_on", "Builds on"
    PHASE = "phase", "Earlier phase"


class TaskLink(TeamScoped):
    """`task` stands in relation `rel` to `other`; both are cards of one team. `decision` made it, if any."""

    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="links")
    rel = models.CharField(max_length=9, choices=Rel)
    other = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="links_here")
    decision = models.ForeignKey("experiments.Decision", on_delete=models.SET_NULL, null=True, blank=True, related_name="links")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["task", "rel", "other"], name="link_once"),
            models.CheckConstraint(condition=~Q(task=F("other")), name="link_to_another_card"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.rel} {self.other_id}"


@transaction.atomic
def build_on(task: "Task", other: "Task", by: Membership) -> TaskLink:
    """A development card names a decided experiment or research card that it builds on; twice is once."""
    by.must(Act.EDIT, task.team_id)
    by.must(Act.EDIT, other.team_id)
    task.hold()
    if task.kind != Kind.DEVELOPMENT:
        raise Refusal.of({"ref": f"Only development builds on experiments; {task.ref} is {task.get_kind_display().lower()}."})
    if not other.is_boxed or other.decision is None or other.deleted_at:
        raise Refusal.of({"ref": f"{other.ref} is not a decided experiment or research card."})
    link, made = TaskLink.objects.get_or_create(task=task, rel=Rel.BUILDS_ON, other=other)
    if made:
        task.touch()
        Activity.record(task, "linked", by, field="builds_on", after=other.ref)
    return link


@transaction.atomic
def build_on_no_more(task: "Task", other: "Task", by: Membership) -> None:
    """Take the link away; a link that a decision made stays as evidence."""
    by.must(Act.EDIT, task.team_id)
    task.hold()
    link = task.links.filter(rel=Rel.BUILDS_ON, other=other).first()
    if link is None:
        raise Refusal.of({"ref": f"{task.ref} does not build on {other.ref}."})
    if link.decision_id:
        raise Refusal.of({"ref": f"The decision on {other.ref} made this link, so it stays."})
    link.delete()
    task.touch()
    Activity.record(task, "unlinked", by, field="builds_on", before=other.ref)
