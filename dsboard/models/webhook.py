"""A team's webhook: one address outside that hears what happens, and the secret that it tells dsboard by."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac

from dsboard import clock
from dsboard.destinations import LONGEST, Destination, Unreachable
from dsboard.errors import Refusal
from dsboard.models.activity import Activity
from dsboard.models.message import Format, facts_of, plain
from dsboard.models.scoped import TeamScoped
from dsboard.roles import Act

if TYPE_CHECKING:
    from dsboard.models.delivery import Delivery
    from dsboard.models.membership import Membership
    from dsboard.models.team import Team

#: characters of the address after its host from which on its last four give nothing away
LONG_ENOUGH = 16
#: characters from which on a part of the address may be what makes it secret
SECRETIVE = 10


class Event(models.TextChoices):
    """What a team can have told."""

    BOX_ENDED = "box_ended", "A time box ends"
    FINDINGS = "findings", "Findings are reported"
    DECISION = "decision", "A decision is made"
    DECISION_WAITING = "decision_waiting", "A decision waits"
    REVERSAL = "reversal", "A decision is reversed"


#: the event of a test, which nobody chooses
TEST = "test"
#: what history calls each field
FIELDS = {"url": "webhook_address", "format": "webhook_format", "events": "webhook_events", "is_on": "webhook"}


class Webhook(TeamScoped):
    """The address is kept as it is, because it must be called, and shown to nobody; the secret is never kept, see `secret`."""

    team = models.OneToOneField("dsboard.Team", on_delete=models.CASCADE, related_name="webhook")
    url = models.CharField(max_length=LONGEST)
    format = models.CharField(max_length=10, choices=Format, default=Format.SLACK)
    events = models.JSONField(default=list)
    is_on = models.BooleanField(default=True)
    rotation = models.PositiveIntegerField(default=1, help_text="How many secrets there have been.")
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["team__name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(url=""), name="webhook_has_an_address"),
            models.CheckConstraint(condition=Q(format__in=Format.values), name="webhook_format_known"),
        ]

    def __str__(self) -> str:
        return f"{self.host} of {self.team}"

    # ── what is shown, and what is not ──

    @property
    def host(self) -> str:
        """Host and port: all that history and the pages say of the address."""
        return urlsplit(self.url).netloc.lower()

    @property
    def masked(self) -> str:
        """The host and the last four characters, to tell two addresses apart; only the host of a short one."""
        after = self.url.partition("//")[2].partition("/")[2]
        return f"{self.host}/…{after[-4:] if len(after) >= LONG_ENOUGH else ''}"

    def excerpt(self, text: str) -> str:
        """The start of an answer, without the parts of the address that a talkative server says back."""
        parts = urlsplit(self.url)
        path = f"{parts.path}?{parts.query}".rstrip("?")
        for known in (self.url, path, parts.query, *parts.path.split("/")):
            text = text.replace(known, "…") if len(known) >= SECRETIVE else text
        return " ".join(plain(text).split())[:500]

    @property
    def secret(self) -> str:
        """What deliveries are signed with: made anew each time from the server's own key, this row and its rotation."""
        return salted_hmac("dsboard.webhook", f"{self.pk}:{self.rotation}", algorithm="sha256").hexdigest()

    def signature(self, timestamp: str, body: bytes) -> str:
        """HMAC-SHA256 of "<timestamp>.<body>" in hex; the time is inside, so that nobody sends an old one again."""
        return hmac.new(self.secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()

    # ── what a lead does ──

    @classmethod
    @transaction.atomic
    def set_up(
        cls, team: "Team", by: "Membership", *, url: str, format: str = Format.SLACK, events: list[str] | None = None, is_on: bool = True
    ) -> "Webhook":
        """The team's one webhook. Raises Refusal for a second one and for an address that is never called."""
        by.must(Act.WEBHOOKS, team)
        team.lock()
        if cls.objects.within(team).exists():
            raise Refusal("This team has a webhook already. Load the page again to change it.")
        chosen = in_order(Event.values if events is None else events)
        made = cls(team=team, url=url.strip(), format=format, events=chosen, is_on=is_on, created_by_id=by.user_id)
        made.vet(["url", "format", "events"])
        made.save()
        Activity.record(team, "changed", by, field="webhook", before=None, after=made.host)
        return made

    @transaction.atomic
    def change(
        self, by: "Membership", *, url: str = "", format: str | None = None, events: list[str] | None = None, is_on: bool | None = None
    ) -> list[str]:
        """Change what differs and return the names; an empty address keeps the one that there is."""
        self.claim(by)
        given = {"url": url.strip() or None, "format": format, "events": events and in_order(events), "is_on": is_on}
        before = self.as_history()
        changed = [name for name, value in given.items() if value is not None and value != getattr(self, name)]
        for name in changed:
            setattr(self, name, given[name])
        self.vet(changed)
        self.save(update_fields=changed)
        for name in changed:
            after = self.as_history()[name]
            after = f"another address at {after}" if before[name] == after else after
            Activity.record(self.team, "changed", by, field=FIELDS[name], before=before[name], after=after)
        return changed

    @transaction.atomic
    def rotate(self, by: "Membership") -> str:
        """A new secret; the old one signs nothing any more. Returns it: this is the only time that it is shown."""
        self.claim(by)
        self.rotation += 1
        self.save(update_fields=["rotation"])
        Activity.record(self.team, "changed", by, field="webhook_secret", before="the old one", after="a new one")
        return self.secret

    @transaction.atomic
    def remove(self, by: "Membership") -> None:
        """Tell nobody any more; what waits and the log go with it."""
        self.claim(by)
        Activity.record(self.team, "changed", by, field="webhook", before=self.host, after=None)
        self.delete()

    @transaction.atomic
    def test(self, by: "Membership") -> "Delivery":
        """Queue a message that says who tried, so that a lead sees the whole way work."""
        self.claim(by)
        if not self.is_on:
            raise Refusal("The webhook is off. Switch it on first.")
        title, text = f"{by.user.name} tests the webhook of {self.team.name}", "This is how a message looks."
        facts = facts_of(title, text, reverse("team-webhook", args=[self.team.key]))
        made: Delivery = self.deliveries.create(event=TEST, key=f"test:{uuid4()}", facts=facts)
        return made

    # ── rules ──

    def claim(self, by: "Membership") -> None:
        """Ask the role, hold the team and read the row again. Raises Refusal when it was removed meanwhile."""
        by.must(Act.WEBHOOKS, self.team_id)
        self.team.lock()
        try:
            self.refresh_from_db()
        except Webhook.DoesNotExist as error:
            raise Refusal("The webhook was removed in the meantime. Load the page again.") from error

    def vet(self, names: list[str]) -> None:
        """Raise a Refusal with a sentence for each of these fields that can't be; where a name leads shows when it is called."""
        wrong = {}
        try:
            Destination.of(self.url, settings.WEBHOOK_ALLOW)
        except Unreachable as error:
            wrong["url"] = error.sentence
        if self.format not in Format.values:
            wrong["format"] = "Choose one of the formats."
        if not self.events or set(self.events) - set(Event.values):
            wrong["events"] = "Choose at least one event of the list, or switch the webhook off."
        if told := {name: sentence for name, sentence in wrong.items() if name in names}:
            raise Refusal.of(told)

    def as_history(self) -> dict[str, Any]:
        """Each field as history keeps it: of the address the host alone."""
        labels = ", ".join(event.label for event in Event if event in self.events)
        return {"url": self.host, "format": self.get_format_display(), "events": labels, "is_on": "on" if self.is_on else "off"}


def in_order(events: Iterable[str]) -> list[str]:
    """Each once, in the order of Event; what is none of them comes last, to be refused."""
    known = list(Event.values)
    return sorted(set(events), key=lambda event: (known.index(event) if event in known else len(known), event))
