"""What is searched of a card: one text a card, indexed by the database (FTS5 on SQLite, GIN on PostgreSQL)."""

from typing import TYPE_CHECKING

from django.db import models

from dsboard.models import Team, TeamScoped

if TYPE_CHECKING:
    from experiments.models.task import Task


class SearchEntry(TeamScoped):
    """The verbs write the row; the index beside it is kept by the database itself (migration 0002)."""

    task = models.OneToOneField("experiments.Task", on_delete=models.CASCADE, primary_key=True, related_name="search_entry")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    body = models.TextField()

    def __str__(self) -> str:
        return self.body[:60]

    @classmethod
    def begin(cls, task: "Task") -> None:
        """The first text of a card that has just been written."""
        cls.objects.create(task=task, team_id=task.team_id, body=cls.text_of(task))

    @classmethod
    def index(cls, task: "Task") -> None:
        """Write the card's text again."""
        cls.objects.update_or_create(task=task, defaults={"team_id": task.team_id, "body": cls.text_of(task)})

    @staticmethod
    def text_of(task: "Task") -> str:
        """What a card is found by: title, question or hypothesis, success, findings, decision."""
        parts = [task.ref, task.title, task.statement, task.success, task.description, task.serves]
        if task.finding:
            parts += [task.finding.tried, task.finding.learned, task.finding.next]
        if task.decision:
            parts.append(task.decision.why)
        return "\n".join(part for part in parts if part)
