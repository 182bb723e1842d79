"""A delivery: one message to one webhook, a row from the moment it happens until it is sent or given up.

At least once: a worker that is stopped between sending and writing that down leaves a lease that runs out, and the next
one sends again, with the same id.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import models
from django.db.models import Q

from dsboard import clock, mail, outbound
from dsboard.destinations import Unreachable
from dsboard.errors import Refusal
from dsboard.models.message import Message, facts_of
from dsboard.models.scoped import TeamScoped
from dsboard.models.webhook import TEST, Event, Webhook
from dsboard.roles import Act

if TYPE_CHECKING:
    from dsboard.models.membership import Membership
    from dsboard.models.team import Team

#: how long to wait after the first, the second … try; after the last one it is given up
WAITS = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), *(timedelta(hours=hours) for hours in (1, 3, 8, 24))]
TRIES = len(WAITS) + 1
#: how long a worker may take over one try; far above outbound.SECONDS
LEASE = timedelta(minutes=1)
#: seconds of one sweep, so that with its last try it ends before the next begins
BUDGET = 12.0
#: how long what is over is kept
KEPT = timedelta(days=30)


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Given up"


OPEN = [State.WAITING, State.SENDING]
OVER = [State.SENT, State.FAILED]


@dataclass(frozen=True)
class News:
    """Something that happened in a team. `url` is a path of this server; there is one delivery for a webhook and `key`."""

    team: "Team"
    event: str
    title: str
    text: str
    url: str
    key: str


class Delivery(TeamScoped):
    """`facts` are a title, a text and a path; the format is the webhook's at the time of sending."""

    team_path = "webhook__team"
    TRIES = TRIES
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False, help_text="The same for every try.")
    event = models.CharField(max_length=20, choices=[*Event.choices, (TEST, "A test")])
    key = models.CharField(max_length=100, help_text="One delivery for a webhook and key.")
    facts = models.JSONField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("tries", default=0)
    due_at = models.DateTimeField(default=clock.now, help_text="Of the next try; while one is made, when its lease ends.")
    leased_until = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the last answer.")
    answer = models.CharField(max_length=500, blank=True, help_text="The start of the last answer.")
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "key"], name="delivery_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="delivery_state_known"),
            models.CheckConstraint(condition=Q(attempts__lte=TRIES), name="delivery_tries"),
            models.CheckConstraint(condition=Q(state=State.SENT) ^ Q(sent_at=None), name="delivery_sent_has_a_time"),
            models.CheckConstraint(condition=Q(state=State.SENDING) ^ Q(leased_until=None), name="delivery_sending_has_a_lease"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(state__in=OPEN)),
            models.Index(fields=["due_at"], name="delivery_over", condition=Q(state__in=OVER)),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.facts['title']}"

    @property
    def is_over(self) -> bool:
        """True when it can be sent once more."""
        return self.state in OVER

    # ── what happens is written down ──

    @classmethod
    def post(cls, team: "Team", event: str, *, title: str, text: str, url: str, key: str) -> None:
        """Write down what the team's webhook is to be told, in the caller's own transaction; nothing where nobody listens."""
        cls.post_all([News(team, event, title, text, url, key)])

    @classmethod
    def post_all(cls, news: Iterable[News]) -> None:
        """The same for many: two queries at most, one where nobody listens."""
        news = list(news)
        listening = {hook.team_id: hook for hook in Webhook.objects.filter(team__in={one.team.pk for one in news}, is_on=True)}
        heard = [(listening[one.team.pk], one) for one in news if one.team.pk in listening and one.event in listening[one.team.pk].events]
        rows = [cls(webhook=hook, event=one.event, key=one.key, facts=facts_of(one.title, one.text, one.url)) for hook, one in heard]
        if rows:
            cls.objects.bulk_create(rows, ignore_conflicts=True)

    # ── and sent ──

    @classmethod
    def sweep(cls, leaving: Callable[[], bool] = lambda: False, budget: float = BUDGET) -> int:
        """Send what is due, the oldest first, for `budget` seconds at most or until `leaving`; returns how many tries there were.

        A webhook that was not reached is left alone until the next sweep: one black hole must not eat the time of all.
        """
        until, tries, not_reached = time.monotonic() + budget, 0, set[int]()
        while time.monotonic() < until and not leaving():
            due = cls.objects.filter(state__in=OPEN, due_at__lte=clock.now()).exclude(webhook__in=not_reached)
            first = due.order_by("due_at", "pk").first()
            if first is None:
                break
            if first.claim():
                tries += 1
                if not first.attempt():
                    not_reached.add(first.webhook_id)
        return tries

    def claim(self) -> bool:
        """Take the next try for one lease; False when somebody else has it, or when a worker was stopped in the very last one."""
        now = clock.now()
        unchanged = Delivery.objects.filter(pk=self.pk, state=self.state, due_at=self.due_at, attempts=self.attempts)
        if self.attempts == TRIES:
            unchanged.update(state=State.FAILED, leased_until=None, error="The worker was stopped in the middle of the last try.")
            return False
        self.leased_until, self.attempts = now + LEASE, self.attempts + 1
        claimed = unchanged.update(state=State.SENDING, leased_until=self.leased_until, due_at=self.leased_until, attempts=self.attempts)
        return bool(claimed)

    def attempt(self) -> bool:
        """Send it, outside any transaction, and write down what came of it. False if it did not arrive."""
        hook = Webhook.objects.select_related("team").filter(pk=self.webhook_id, is_on=True).first()
        if hook is None:
            self.settle(State.FAILED, error="The webhook was switched off before this was sent.")
            return False
        try:
            answer = self.send(hook)
        except Unreachable as unreachable:
            self.settle(self.state_after_failure(), error=unreachable.sentence, status=None, answer="")
            return False
        arrived = 200 <= answer.status < 300
        error = "" if arrived else complaint(hook.host, answer.status)
        state = State.SENT if arrived else self.state_after_failure()
        self.settle(state, error=error, status=answer.status, answer=hook.excerpt(answer.text))
        return arrived

    def send(self, hook: Webhook) -> outbound.Answer:
        """One signed try. Raises Unreachable."""
        body = self.message(hook).body(hook.format)
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Dsboard-Delivery": str(self.uuid),
            "X-Dsboard-Timestamp": timestamp,
            "X-Dsboard-Signature": f"v1={hook.signature(timestamp, body)}",
        }
        return outbound.send(hook.url, body, headers)

    def message(self, hook: Webhook) -> Message:
        """What to say, with the full address of what it is about."""
        at = self.created_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        title, text, url = self.facts["title"], self.facts["text"], mail.address_of(self.facts["url"])
        return Message(event=self.event, team=hook.team.key, title=title, text=text, url=url, at=at, delivery=str(self.uuid))

    def state_after_failure(self) -> State:
        return State.FAILED if self.attempts >= TRIES else State.WAITING

    def settle(self, state: State, **outcome: Any) -> None:
        """Write the outcome down while the lease is still this worker's; otherwise another one is at it, whose outcome counts."""
        now = clock.now()
        due_at = now + WAITS[self.attempts - 1] if state == State.WAITING else now
        sent_at = now if state == State.SENT else None
        mine = Delivery.objects.filter(pk=self.pk, state=State.SENDING, leased_until=self.leased_until)
        mine.update(state=state, due_at=due_at, sent_at=sent_at, leased_until=None, **outcome)

    # ── and looked after ──

    def replay(self, by: "Membership") -> None:
        """Send it once more, with eight new tries.

        The row is used again, and with it the id: it is the same news, and a receiver that has it already can tell.
        Two leads who press at once send it once.
        """
        by.must(Act.WEBHOOKS, self.webhook.team_id)
        if not self.webhook.is_on:
            raise Refusal("The webhook is off. Switch it on first.")
        over = Delivery.objects.filter(pk=self.pk, state__in=OVER)
        if not over.update(state=State.WAITING, attempts=0, due_at=clock.now(), sent_at=None):
            raise Refusal("This one is on its way already.")

    @classmethod
    def drop_old(cls, batch: int) -> int:
        """Forget what was sent or given up over thirty days ago, `batch` rows at most; returns how many."""
        old = cls.objects.filter(state__in=OVER, due_at__lt=clock.now() - KEPT).values_list("pk", flat=True)[:batch]
        return int(cls.objects.filter(pk__in=list(old)).delete()[0])


def complaint(host: str, status: int) -> str:
    """What an answer that is no yes means, and what to do about it."""
    if 300 <= status < 400:
        return f"{host} answered {status}, which leads elsewhere. Redirects are not followed: enter the address it leads to."
    if status in (401, 403, 404, 410):
        return f"{host} answered {status}. Is the address still the right one?"
    return f"{host} answered {status}."
