"""A notice: a line in a person's inbox and, in the same row, its mail; written in the transaction of what it tells of."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from dsboard import clock
from dsboard.errors import Forbidden, Refusal
from dsboard.kinds import ICONS, Kind, topic_of
from dsboard.models.pulse import subject as named
from dsboard.models.pulse import tell
from dsboard.models.scoped import TeamQuerySet, TeamScoped

if TYPE_CHECKING:
    from dsboard.models.user import User

LONGEST_SNOOZE = timedelta(days=92)


class MailState(models.TextChoices):
    """Where the mail of a notice stands. `perhaps`: the hand-over was cut off, so a person decides whether to send it again."""

    NONE = "none", "No mail wanted"
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being handed over"
    SENT = "sent", "Sent"
    PERHAPS = "perhaps", "Perhaps sent"
    FAILED = "failed", "Refused by the mail server"
    WITHDRAWN = "withdrawn", "Not sent: no longer true"


#: what only a person sends again
ENDED = (MailState.SENT, MailState.PERHAPS, MailState.FAILED, MailState.WITHDRAWN, MailState.NONE)


class NoticeQuerySet(TeamQuerySet):
    def to(self, user: "User") -> "NoticeQuerySet":
        """This person's notices from the teams they are still in."""
        return self.filter(user=user, team__memberships__user=user)

    def unread(self) -> "NoticeQuerySet":
        """Not read, and not put off until later."""
        return self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=clock.now()), read_at=None)

    def snoozed(self) -> "NoticeQuerySet":
        return self.filter(read_at=None, snoozed_until__gt=clock.now())

    def mark_all_read(self) -> int:
        """All of these are read; how many were not."""
        unread = self.model.objects.filter(pk__in=self.values("pk"), read_at=None)
        whose = set(unread.order_by().values_list("team_id", "user_id"))
        count = int(unread.update(read_at=clock.now(), snoozed_until=None))
        for team_id, user_id in whose:
            tell(team_id, named("notice", user_id))
        return count

    def post(self, **values: Any) -> None:
        """Put one notice in the inbox once: a second one with the same `key` for the same person is ignored."""
        self.post_all([self.model.of(**values)])

    def post_all(self, notices: "Iterable[Notice]") -> None:
        """Put notices in the inbox, each once."""
        notices = list(notices)
        self.bulk_create(notices, ignore_conflicts=True)
        for notice in notices:
            notice.tell_its_person()

    def withdraw(self, about: str) -> None:
        """What these tell of is no longer true: mail that has not left yet stays here. The inbox keeps what it has."""
        self.filter(about=about, mail=MailState.WAITING).update(mail=MailState.WITHDRAWN)


class Notice(TeamScoped):
    """The row is complete in itself (title, url, text, buttons), so that showing it never looks up another floor."""

    team = models.ForeignKey("dsboard.Team", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=30, choices=Kind)
    key = models.CharField(max_length=100, help_text="One notice for one person and key.")
    about = models.CharField(max_length=60, blank=True, help_text="What has to stay true until its mail leaves.")
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=300, blank=True)
    why = models.CharField(max_length=120, blank=True, help_text="Why this person gets it: you own FRAUD-42.")
    url = models.CharField(max_length=200)
    actions = models.JSONField(default=list, blank=True, help_text="Buttons of the mail: pairs of words and address.")
    at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    # the mail
    mail = models.CharField(max_length=9, choices=MailState, default=MailState.WAITING)
    mail_due_at = models.DateTimeField(default=clock.now)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    letter = models.UUIDField(null=True, blank=True, help_text="The mail it went in: several notices may share one.")
    handed_at = models.DateTimeField(null=True, blank=True)
    mail_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_once"),
            models.CheckConstraint(condition=Q(mail__in=MailState.values), name="notice_mail_known"),
            models.CheckConstraint(condition=~Q(mail=MailState.SENDING) | Q(letter__isnull=False), name="notice_sending_in_a_letter"),
        ]
        indexes = [
            models.Index(fields=["user", "read_at", "id"], name="notice_inbox"),
            # Few of many are under way: the mail sweep reads these and no other.
            models.Index(fields=["mail_due_at"], name="notice_to_mail", condition=Q(mail=MailState.WAITING)),
            models.Index(fields=["handed_at"], name="notice_in_hand", condition=Q(mail=MailState.SENDING)),
            models.Index(fields=["about"], name="notice_about", condition=Q(mail=MailState.WAITING)),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def of(
        cls,
        *,
        team_id: int,
        user_id: int,
        kind: str,
        key: str,
        title: str,
        url: str,
        text: str = "",
        by_id: int | None = None,
        about: str = "",
        why: str = "",
        actions: Sequence[tuple[str, str]] = (),
    ) -> "Notice":
        """A notice, not yet saved; words that are too long are cut."""
        said = {"title": " ".join(title.split())[:200], "text": text[:300], "why": why[:120]}
        return cls(
            team_id=team_id, user_id=user_id, kind=kind, key=key, url=url, by_id=by_id, about=about, actions=[*map(list, actions)], **said
        )

    @property
    def icon(self) -> str:
        """What stands for it where nobody's face does."""
        return ICONS[topic_of(self.kind)]

    def tell_its_person(self) -> None:
        """Let the open pages of this notice's person count again."""
        tell(self.team_id, named("notice", self.user_id))

    def mark_read(self) -> Any:
        """Read by its person; reading twice keeps the first time."""
        read = Notice.objects.filter(pk=self.pk, read_at=None).update(read_at=clock.now(), snoozed_until=None)
        self.tell_its_person()
        return read

    def mark_unread(self) -> None:
        """Back among what waits."""
        Notice.objects.filter(pk=self.pk).update(read_at=None, snoozed_until=None)
        self.tell_its_person()

    def snooze(self, until: datetime) -> None:
        """Out of sight until a moment to come, three months at most; then it waits again."""
        now = clock.now()
        if until <= now:
            raise Refusal.of({"until": "Choose a day to come."})
        if until - now > LONGEST_SNOOZE:
            raise Refusal.of({"until": "Three months is the longest. Mark it as read instead."})
        Notice.objects.filter(pk=self.pk).update(snoozed_until=until, read_at=None)
        self.tell_its_person()

    def resend(self, by: "User") -> None:
        """Send its mail once more: an administrator has looked at it, the board never does so by itself."""
        if not by.is_staff:
            raise Forbidden("Only an administrator of this server can do that.")
        again = Notice.objects.filter(pk=self.pk, mail__in=ENDED)
        if not again.update(mail=MailState.WAITING, mail_due_at=clock.now(), mail_tries=0, mail_error="", letter=None, read_at=None):
            raise Refusal(f"“{self.title}” is on its way already.")
