"""A tracking server of a team: where its MLflow is, what signs in there, and how reading it went last."""

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from dsboard import clock, outbound, vault
from dsboard.destinations import LONGEST, Destination, Unreachable
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, Team, TeamScoped
from dsboard.roles import Act

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from experiments.tracking.mlflow import NotRead

#: how often a server is read, give or take a fifth, so that a hundred teams do not all ask at once
EVERY = timedelta(minutes=5)
#: how long one reading may hold it before another worker takes over; far above the budget of one reading
LEASE = timedelta(minutes=3)
#: after the third, the fourth and every further failure in a row
WAITS = [timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60)]
LONGEST_WAIT = WAITS[-1]
#: after so long somebody should look at the worker
LATE = timedelta(minutes=3)
MOST = 20
LONGEST_CERTIFICATE = 64 * 1024


class Auth(models.TextChoices):
    NONE = "none", "Nothing: it is open"
    BASIC = "basic", "A user and a password"
    TOKEN = "token", "A token"


class Tracker(TeamScoped):
    """The secret is encrypted, written and never shown. `trouble` and `said` tell of the last reading, empty when it went well."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="trackers")
    name = models.CharField(max_length=60)
    url = models.CharField(max_length=LONGEST)
    auth = models.CharField(max_length=5, choices=Auth, default=Auth.NONE)
    user = models.CharField(max_length=200, blank=True)
    sealed = models.TextField(blank=True, editable=False, help_text="The password or token, encrypted.")
    certificate = models.TextField(blank=True, help_text="Of who vouches for it, as PEM; empty for one that this system knows.")
    by_tag = models.BooleanField(default=True, help_text="Runs tagged dsboard.card are found in all of its experiments.")
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    next_at = models.DateTimeField(default=clock.now, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False, help_text="When it was last asked, whatever came of it.")
    synced_at = models.DateTimeField(null=True, editable=False)
    read = models.PositiveIntegerField(default=0, editable=False, help_text="Runs read since the last reading began.")
    trouble = models.CharField(max_length=12, blank=True, editable=False)
    said = models.CharField(max_length=400, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    # How far the runs with a tag have been read: milliseconds since 1970.
    begun = models.BigIntegerField(default=0, editable=False)
    ended = models.BigIntegerField(default=0, editable=False)
    full_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="tracker_name_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(url=""), name="tracker_has_name_and_address"),
            models.CheckConstraint(condition=Q(auth__in=Auth.values), name="tracker_signs_in_a_known_way"),
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(is_on=True), name="tracker_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.lower()

    @property
    def state(self) -> str:
        """off, syncing, waiting, trouble or well."""
        if not self.is_on:
            return "off"
        if self.is_held:
            return "syncing"
        if self.trouble:
            return "trouble"
        return "well" if self.synced_at else "waiting"

    @property
    def is_held(self) -> bool:
        return self.leased_until is not None and self.leased_until > clock.now()

    @property
    def is_due(self) -> bool:
        """It is about to be read: somebody asked for it."""
        return self.is_on and not self.is_held and self.next_at <= clock.now()

    @property
    def is_late(self) -> bool:
        """It has waited so long that the worker may not be running."""
        return self.is_due and self.next_at < clock.now() - LATE

    # ── what a lead does ──

    @classmethod
    @transaction.atomic
    def connect(cls, team: Team, by: Membership, *, name: str, url: str, secret: str = "", **said: Any) -> "Tracker":
        """A new one; `said` may have auth, user, certificate, by_tag, is_on. Nothing is called yet. Raises Refusal by field."""
        by.must(Act.TRACKERS, team)
        team.lock()
        if cls.objects.within(team).count() >= MOST:
            raise Refusal(f"A team has at most {MOST} tracking servers.")
        made = cls(team=team, created_by_id=by.user_id, name=name, url=url, sealed=vault.seal(secret), **said)
        made.clean_up()
        made.save()
        Activity.record(team, "changed", by, field="tracker", before=None, after=f"{made.name} at {made.host}")
        return made

    @transaction.atomic
    def change(self, by: Membership, *, secret: str = "", **said: Any) -> list[str]:
        """Change what differs and return the names; an empty secret keeps the one that there is, unless the host changes."""
        self.claim(by)
        before = {name: getattr(self, name) for name in said}
        was = self.host
        for name, value in said.items():
            setattr(self, name, value)
        if self.auth == Auth.NONE:
            self.sealed = ""
        elif secret:
            self.sealed = vault.seal(secret)
        elif self.host != was and self.sealed:
            # Or whoever may change the address could have the secret sent to a host of their own.
            raise Refusal.of({"secret": "Enter the secret again: it was given for another host."})
        self.clean_up()
        changed = [name for name in said if getattr(self, name) != before[name]] + (["secret"] if secret else [])
        if not changed:
            return []
        if "url" in changed:
            self.begun = self.ended = 0
            self.links.update(begun=0, ended=0)
        self.next_at, self.failures = clock.now(), 0
        self.save()
        for name in changed:
            shown = {"secret": ("the old one", "a new one"), "url": (was, self.host), "certificate": ("one", "another")}
            old, new = shown.get(name, (before.get(name), getattr(self, name, None)))
            Activity.record(self.team, "changed", by, field=f"tracker_{name}"[:30], before=old, after=f"{new} ({self.name})")
        return changed

    @transaction.atomic
    def remove(self, by: Membership) -> None:
        """Read it no more; the runs that it told stay."""
        self.claim(by)
        Activity.record(self.team, "changed", by, field="tracker", before=f"{self.name} at {self.host}", after=None)
        self.delete()

    def ask_now(self, by: Membership) -> None:
        """Have it read at the next beat, whatever went wrong before."""
        by.must(Act.RUNS, self.team_id)
        if not self.is_on:
            raise Refusal(f"{self.name} is switched off.")
        Tracker.objects.filter(pk=self.pk).update(next_at=clock.now())

    def claim(self, by: Membership) -> None:
        """Ask the role, hold the team and read the row again. Raises Refusal when it was removed meanwhile."""
        by.must(Act.TRACKERS, self.team_id)
        self.team.lock()
        try:
            self.refresh_from_db()
        except Tracker.DoesNotExist as error:
            raise Refusal("This tracking server was removed in the meantime. Load the page again.") from error

    def clean_up(self) -> None:
        """Bring the fields into their form; a sentence for each that can't be."""
        self.name, self.url, self.user = " ".join(self.name.split()), self.url.strip().rstrip("/"), self.user.strip()
        wrong: dict[str, str] = {}
        if not 0 < len(self.name) <= 60:
            wrong["name"] = "Give it a name of at most 60 characters."
        elif Tracker.objects.within(self.team).filter(name=self.name).exclude(pk=self.pk).exists():
            wrong["name"] = f"There is one named {self.name} already."
        try:
            Destination.of(self.url, settings.TRACKER_ALLOW)
        except Unreachable as error:
            wrong["url"] = error.sentence
        if self.auth not in Auth.values:
            wrong["auth"] = f"It is one of {', '.join(Auth.values)}."
        if self.auth == Auth.BASIC and (not self.user or ":" in self.user):
            wrong["user"] = "Name the user, without a colon."
        if self.auth in (Auth.BASIC, Auth.TOKEN) and not self.sealed:
            wrong["secret"] = "Enter the password or token."  # noqa: S105 - a sentence
        self.certificate = self.certificate.strip()
        if self.certificate and not is_certificate(self.certificate):
            wrong["certificate"] = "Paste a certificate as PEM: it begins with -----BEGIN CERTIFICATE-----."
        if wrong:
            raise Refusal.of(wrong)

    # ── what reading it comes to ──

    @classmethod
    def due(cls) -> "QuerySet[Tracker]":
        """Those to read now, the longest waiting first."""
        now = clock.now()
        free = Q(leased_until=None) | Q(leased_until__lte=now)
        return cls.objects.filter(free, is_on=True, next_at__lte=now).select_related("team").order_by("next_at", "pk")

    def take(self) -> bool:
        """Take it for one lease; False when another worker has it."""
        until = clock.now() + LEASE
        taken = Tracker.due().filter(pk=self.pk, next_at=self.next_at).update(leased_until=until, read=0)
        self.leased_until, self.read = until, 0
        return bool(taken)

    def went_well(self, *, unfinished: bool = False, trouble: "NotRead | None" = None) -> None:
        """It was read, all but what there is `trouble` with; what the time did not suffice for is read at the next beat."""
        now = clock.now()
        told = {"trouble": trouble.why, "said": trouble.sentence[:400]} if trouble else {"trouble": "", "said": ""}
        self.let_go(now if unfinished else now + spread(EVERY), synced_at=now, failures=0, **told)

    def went_wrong(self, trouble: str, sentence: str, wait: timedelta | None = None) -> None:
        """It was not read; asked again later and later, and not before it wants to be."""
        failures = self.failures + 1
        least = spread(WAITS[min(failures - 3, len(WAITS) - 1)] if failures >= 3 else EVERY)
        again = max(least, min(wait, LONGEST_WAIT)) if wait else least
        self.let_go(clock.now() + again, trouble=trouble, said=sentence[:400], failures=failures)

    def let_go(self, next_at: datetime, **outcome: Any) -> None:
        """Write the outcome down while the lease is still this worker's; what was asked for meanwhile comes first."""
        mine = Tracker.objects.filter(pk=self.pk, leased_until=self.leased_until)
        asked = Tracker.objects.filter(pk=self.pk).values_list("next_at", flat=True).first()
        kept = asked if asked and asked != self.next_at and asked < next_at else next_at
        mine.update(leased_until=None, next_at=kept, tried_at=clock.now(), **outcome)


def spread(time: timedelta) -> timedelta:
    return time * random.uniform(0.8, 1.2)  # noqa: S311 - to spread load, nothing is guessed


def is_certificate(text: str) -> bool:
    """True for PEM that holds at least one certificate and nothing that OpenSSL can't read."""
    if len(text) > LONGEST_CERTIFICATE or not text.isascii():
        return False
    try:
        return bool(outbound.trust(text).get_ca_certs())
    except (ValueError, OSError):
        return False
