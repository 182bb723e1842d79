"""A comment on a card, in safe markdown, with mentions."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import F

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.kinds import Kind
from dsboard.models import Activity, Membership, Notice, TeamScoped, User
from dsboard.roles import Act
from experiments import markdown

if TYPE_CHECKING:
    from experiments.models.task import Task


class Comment(TeamScoped):
    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    html = models.TextField(editable=False)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="comment_says_something")]

    def __str__(self) -> str:
        return self.text[:60]

    @classmethod
    @transaction.atomic
    def write(cls, task: "Task", by: Membership, text: str) -> "Comment":
        """Comment on a card: tells those it mentions, and makes the writer a watcher."""
        by.must(Act.COMMENT, task.team_id)
        text = text.replace("\x00", "").replace("\r\n", "\n").strip()
        if not text:
            raise Refusal.of({"text": "Write something first."})
        try:
            markdown.too_long(text, "A comment")
        except Refusal as refusal:
            raise Refusal.of({"text": refusal.sentence}) from refusal
        task.hold()
        if task.deleted_at:
            raise Refusal(f"{task.ref} is in the bin. Restore it first.")
        members = list(task.team.members.filter(is_active=True))
        comment = cls.objects.create(task=task, by_id=by.user_id, text=text, html=markdown.render(text, task.team, members))
        task.comment_count = F("comment_count") + 1
        task.touch("comment_count")
        task.refresh_from_db(fields=["comment_count"])
        task.watchers.add(by.user_id)
        Activity.record(task, "commented", by, after=text[:200], comment=comment.pk)
        comment.tell(markdown.mentioned(text, members), by)
        return comment

    def tell(self, people: list[User], by: Membership) -> None:
        for user in people:
            if user.pk != by.user_id:
                Notice.objects.post(
                    team_id=by.team_id,
                    user_id=user.pk,
                    by_id=by.user_id,
                    kind=Kind.MENTION,
                    key=f"mention:{self.pk}",
                    title=f"{by.user.first_name} mentioned you on {self.task.ref}",
                    text=self.text,
                    url=f"{self.task.get_absolute_url()}#comment-{self.pk}",
                    why=f"{by.user.first_name} mentioned you",
                    actions=[("Reply", f"{self.task.get_absolute_url()}#stream")],
                )
