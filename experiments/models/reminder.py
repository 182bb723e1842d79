"""When a card needs its next look by the reminders: one row a card, claimed by whoever looks first."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F

from dsboard import clock
from dsboard.models import Notice, TeamScoped
from experiments.stages import BoxState, Stage

if TYPE_CHECKING:
    from experiments.models.task import Task


class Reminder(TeamScoped):
    """`due_at` is empty while nothing is to come. `turn` grows with every change: a sweep that read an older one has lost its claim."""

    team_path = "task__team"
    task = models.OneToOneField("experiments.Task", on_delete=models.CASCADE, primary_key=True, related_name="reminder")
    due_at = models.DateTimeField(null=True, blank=True)
    turn = models.PositiveIntegerField(default=0)

    class Meta:
        # Few of many rows are due: a sweep reads these and no other.
        indexes = [models.Index(fields=["due_at"], name="reminder_due", condition=models.Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.task_id} {self.due_at or 'nothing to come'}"

    @classmethod
    def plan(cls, task: "Task") -> None:
        """Something changed about the card: plan its next look anew, in the transaction of the change."""
        due_at = next_look(task, clock.now())
        Notice.objects.withdraw(about(task))
        if not cls.objects.filter(pk=task.pk).update(due_at=due_at, turn=F("turn") + 1) and due_at:
            cls.objects.create(task=task, due_at=due_at)

    def claim(self, due_at: datetime | None) -> bool:
        """Take this look and name the next one; False when another sweep was first, or the card has changed since."""
        claimed: int = Reminder.objects.filter(pk=self.pk, turn=self.turn).update(due_at=due_at, turn=F("turn") + 1)
        return claimed == 1


def about(task: "Task") -> str:
    """What reminders of a card hang on: it changed, and mail that has not left yet stays here."""
    return f"clock:{task.pk}"


def next_look(task: "Task", now: datetime) -> datetime | None:
    """The next instant at which something may be due; for what takes a calendar to tell, now: the sweep works it out."""
    box = task.box
    if box is None or task.is_off_boards:
        return None
    match box.state_at(now):
        case BoxState.RUNNING:
            return box.warns_at if box.warns_at and box.warns_at > now else box.ends_at
        case BoxState.ENDED | BoxState.PAUSED:
            return now
        case BoxState.CLOSED if task.stage == Stage.ANALYSIS:
            return now
    return None
