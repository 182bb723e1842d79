"""The time box of a research or experiment card: how long the team is willing to spend, and where its clock stands."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dsboard import clock
from dsboard.models import TeamQuerySet, TeamScoped
from dsboard.working_time import NONE, WorkingTime
from experiments.models.interval import Interval
from experiments.stages import WARN_AT, BoxState


class TimeBoxQuerySet(TeamQuerySet):
    def that_ran(self, since: datetime, until: datetime) -> "TimeBoxQuerySet":
        """The boxes whose clock may have run between two instants: started before the second, not over before the first."""
        return self.filter(started_at__lt=until).exclude(closed_at__lte=since)


class TimeBox(TeamScoped):
    """Lengths are working time of the card's owner.

    The clock starts when the card first enters Active and stops when findings are reported. While it runs, `runs_since`
    says since when, `left` what was left at that moment and `used` what was used before it; `ends_at` follows from them and
    from the owner's calendar, and moves by an act only. What is used after the end counts as used too.

    `next_look_at` is when the reminders look at it next, empty while nothing is to come. `turn` grows with every change: a sweep
    that read an older one has lost its claim. Both are columns here, not rows of their own, as are the intervals that have ended:
    a card that is started or put back writes its clock as one row.
    """

    team_path = "task__team"
    task = models.OneToOneField("experiments.Task", on_delete=models.CASCADE, related_name="time_box")
    hours = models.DecimalField(max_digits=5, decimal_places=2, help_text="Working hours, extensions included.")
    original_hours = models.DecimalField(max_digits=5, decimal_places=2, help_text="What adherence is measured against.")
    started_at = models.DateTimeField(null=True, blank=True)
    runs_since = models.DateTimeField(null=True, blank=True)
    runs_for = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    used = models.DurationField(default=timedelta)
    left = models.DurationField(default=timedelta)
    warns_at = models.DateTimeField(null=True, blank=True, help_text="When four fifths are used.")
    ends_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=500, blank=True)
    resumes_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    ended_intervals = models.JSONField(default=list, blank=True, help_text="Those of Interval that are over, the first one first.")
    next_look_at = models.DateTimeField(null=True, blank=True)
    turn = models.PositiveIntegerField(default=0)

    objects = TimeBoxQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "time boxes"
        # Few of many rows are due: a sweep reads these and no other.
        indexes = [models.Index(fields=["next_look_at"], name="time_box_to_look_at", condition=Q(next_look_at__isnull=False))]
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=480), name="time_box_has_a_length"),
            models.CheckConstraint(condition=Q(original_hours__gt=0, original_hours__lte=models.F("hours")), name="time_box_only_grows"),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(started_at__isnull=False), name="time_box_closed_after_start"),
            # Once started it does exactly one of three: it runs, it is paused, or it is closed.
            models.CheckConstraint(
                condition=Q(started_at=None, runs_since=None, paused_at=None, closed_at=None)
                | Q(started_at__isnull=False, runs_since__isnull=False, ends_at__isnull=False, paused_at=None, closed_at=None)
                | Q(started_at__isnull=False, runs_since=None, paused_at__isnull=False, closed_at=None)
                | Q(started_at__isnull=False, runs_since=None, paused_at=None, closed_at__isnull=False),
                name="time_box_in_one_state",
            ),
            models.CheckConstraint(condition=Q(runs_for=None) | Q(runs_since__isnull=False), name="time_box_runs_for_somebody"),
            models.CheckConstraint(condition=Q(paused_at=None) | ~Q(pause_reason=""), name="time_box_paused_with_reason"),
            models.CheckConstraint(condition=Q(left__gte=timedelta(0), used__gte=timedelta(0)), name="time_box_no_negative_time"),
        ]

    def __str__(self) -> str:
        return f"{self.hours.normalize():f} h"

    @property
    def length(self) -> timedelta:
        """How long the box is, extensions included."""
        return as_time(self.hours)

    @property
    def state(self) -> BoxState:
        """Where the clock stands now."""
        return self.state_at(clock.now())

    def state_at(self, now: datetime) -> BoxState:
        """Where the clock stands at an instant; at `ends_at` itself the box has ended."""
        if self.started_at is None:
            return BoxState.IDLE
        if self.closed_at:
            return BoxState.CLOSED
        if self.runs_since is None or self.ends_at is None:
            return BoxState.PAUSED
        return BoxState.RUNNING if now < self.ends_at else BoxState.ENDED

    @property
    def intervals(self) -> list[Interval]:
        """The intervals during which the clock ran, the first one first; the last may still run."""
        ended = [Interval.of(kept) for kept in self.ended_intervals]
        return [*ended, Interval(self.runs_for_id, self.runs_since)] if self.runs_since else ended

    def used_at(self, now: datetime, working: WorkingTime) -> timedelta:
        """Working time used so far by the calendar of the owner, also beyond the end of the box."""
        return self.used + (working.between(self.runs_since, now) if self.runs_since else NONE)

    def left_at(self, now: datetime, working: WorkingTime) -> timedelta:
        """Working time that is left; none once the box has ended."""
        if self.started_at is None:
            return self.length
        if self.runs_since is None:
            return self.left
        return max(NONE, self.left - working.between(self.runs_since, now))

    def claim(self, next_look_at: datetime | None) -> bool:
        """Take this look and name the next one; False when another sweep was first, or the card has changed since."""
        mine = TimeBox.objects.filter(pk=self.pk, turn=self.turn)
        claimed: int = mine.update(next_look_at=next_look_at, turn=F("turn") + 1)
        return claimed == 1

    # ── steps that the verbs take, under the card's lock; none of them saves ──

    def run(self, now: datetime, working: WorkingTime, owner_id: int | None) -> None:
        """Let the clock run from `now` on with what is left. With nothing left the box has ended, when it did."""
        self.runs_since, self.runs_for_id, self.paused_at, self.closed_at = now, owner_id, None, None
        self.pause_reason, self.resumes_on = "", None
        self.reckon(now, working)

    def reckon(self, since: datetime, working: WorkingTime) -> None:
        """Work out the end, and when four fifths are used, from what was left at `since`."""
        if self.left or self.ends_at is None:
            self.ends_at = working.add(since, self.left)
        until_warning = self.left - self.length * (100 - WARN_AT) / 100
        self.warns_at = working.add(since, until_warning) if until_warning > NONE else None

    def halt(self, now: datetime, working: WorkingTime) -> None:
        """Stop the clock, if it runs, and settle its interval. The caller says what the box is then."""
        if self.runs_since is None:
            return
        # A system clock that was set back must not end an interval before it began.
        now = max(now, self.runs_since)
        spent = working.between(self.runs_since, now)
        self.ended_intervals.append(Interval.kept(self.runs_for_id, self.runs_since, now, spent))
        self.used += spent
        self.left = max(NONE, self.left - spent)
        self.runs_since = self.runs_for_id = self.warns_at = None
        if self.left:
            self.ends_at = None


def in_state(state: BoxState, now: datetime) -> Q:
    """The boxes whose clock stands so at an instant: `state_at` as a condition."""
    runs = Q(runs_since__isnull=False)
    return {
        BoxState.IDLE: Q(started_at=None),
        BoxState.RUNNING: runs & Q(ends_at__gt=now),
        BoxState.ENDED: runs & Q(ends_at__lte=now),
        BoxState.PAUSED: Q(paused_at__isnull=False),
        BoxState.CLOSED: Q(closed_at__isnull=False),
    }[state]


def as_time(hours: Decimal | float) -> timedelta:
    """Hours to the second: no box is measured finer."""
    return timedelta(seconds=round(float(hours) * 3600))


def length_in_words(hours: Decimal, hours_per_day: Decimal) -> str:
    """A box as people say it: 4h, 2d, 1d 4h, 1w (a week is five days)."""
    days, rest = divmod(hours, hours_per_day)
    if rest == 0 and days > 0 and days % 5 == 0:
        return f"{int(days) // 5}w"
    parts = [f"{int(days)}d"] if days else []
    if rest or not parts:
        parts.append(f"{rest.normalize():f}h")
    return " ".join(parts)


LENGTH = re.compile(r"(?:(?P<w>[\d.]+)\s*w)?\s*(?:(?P<d>[\d.]+)\s*d)?\s*(?:(?P<h>[\d.]+)\s*h?)?")


def hours_in_words(text: str, hours_per_day: Decimal) -> Decimal | str:
    """The way back: "16", "2d", "1w", "1d 4h" as hours; what is none of these stays as it is, for the rule to refuse."""
    found = LENGTH.fullmatch(text.strip().lower().replace(",", "."))
    if not found or not any(found.groups()):
        return text.strip()
    try:
        weeks, days, hours = (Decimal(found[unit] or 0) for unit in "wdh")
    except InvalidOperation:
        return text.strip()
    return (weeks * 5 + days) * hours_per_day + hours
