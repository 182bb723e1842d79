"""What flows through a team while its sprints run: ideas, starts, findings, decisions, boxes that end; each counts in one sprint."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Exists, Max, OuterRef, Q

from dsboard import clock
from dsboard.models import Calendars, Team
from experiments.models import Decision, Finding, Task, TimeBox
from experiments.models.task import BOXED
from experiments.models.time_box import as_time
from sprints.allocation import in_days

#: how a box ended, against its original length (PRODUCT 3), the best first
INSIDE, EXTENDED, AGAIN, LATE, NOTHING = KEPT = ("inside", "extended", "again", "late", "nothing")
FLOW = ("proposed", "started", "reported", "decided")


class Box(NamedTuple):
    """A time box that ended. Days are working days of its owner: `used` of the `original`, `late` after its last end."""

    ref: str
    kept: str
    original: float
    used: float
    late: float
    extensions: int


class Decided(NamedTuple):
    """A decision that stands, and how many working days the findings had waited for it."""

    at: datetime
    outcome: str
    waited: float | None


class Periods:
    """The sprint in which an instant counts.

    What happens between two sprints, such as a box that runs out after the one was closed, counts in the later one:
    nothing is lost and nothing is counted twice, whichever sprints are read together.
    """

    def __init__(self, rows: Iterable[tuple[int, datetime, datetime | None]]) -> None:
        """`rows` are key, start and close of every sprint of a team that has started, in the order in which they ran."""
        self.rows = list(rows)
        now = clock.now()
        self.stops = [stop or max(start, now) for _, start, stop in self.rows]

    def at(self, moment: datetime) -> int | None:
        """The key of the first sprint that was not closed before it; None before the first and after the last."""
        place = bisect_left(self.stops, moment)
        if place == len(self.rows) or moment < self.rows[0][1]:
            return None
        return self.rows[place][0]

    def span(self, keys: list[int]) -> tuple[datetime, datetime]:
        """From where on and until when something can count in one of these sprints."""
        places = [place for place, (pk, _, _) in enumerate(self.rows) if pk in keys]
        first = min(places)
        return (self.stops[first - 1] if first else self.rows[0][1]), self.stops[max(places)]


def steps(team: Team, since: datetime, until: datetime) -> dict[str, list[datetime]]:
    """When ideas were proposed, started and first reported; each search has an index of its own."""
    window = (since, until)
    cards = Task.objects.within(team).present().filter(kind__in=BOXED).order_by()
    earlier = Finding.objects.filter(task=OuterRef("task"), at__lt=OuterRef("at"))
    first = Finding.objects.within(team).filter(~Exists(earlier), at__range=window, task__deleted_at=None).order_by()
    return {
        "proposed": list(cards.filter(created_at__range=window).values_list("created_at", flat=True)),
        "started": list(cards.filter(started_at__range=window).values_list("started_at", flat=True)),
        "reported": list(first.values_list("at", flat=True)),
    }


def decisions(team: Team, since: datetime, until: datetime, calendars: Calendars) -> Iterator[Decided]:
    """The decisions that stand. The wait begins when the box closed or, after a reversal, with that: as My work counts it."""
    working = calendars.of_team(team.pk)
    rows = Decision.objects.within(team).filter(standing=True, at__range=(since, until), task__deleted_at=None).order_by("at", "pk")
    taken_back = Max("task__decisions__reversal__at")
    for outcome, at, closed, back in rows.annotate(back=taken_back).values_list("outcome", "at", "task__time_box__closed_at", "back"):
        begun = waiting_since(at, closed, back)
        yield Decided(at, outcome, float(in_days(working.between(begun, at), team.day)) if begun else None)


def waiting_since(decided: datetime, closed: datetime | None, taken_back: datetime | None) -> datetime | None:
    """From when on findings waited for the decision that was made then; None where that is not known."""
    return max((moment for moment in (closed, taken_back) if moment and moment <= decided), default=None)


def ended_boxes(team: Team, since: datetime, until: datetime, calendars: Calendars) -> Iterator[tuple[datetime, Box]]:
    """Every box that ended, by findings or by running out, whichever came first; with the instant at which it did."""
    window, now = (since, until), clock.now()
    boxes: Any = TimeBox.objects.within(team).filter(Q(closed_at__range=window) | Q(ends_at__range=window), task__deleted_at=None)
    for box in boxes.select_related("task").annotate(times_extended=Count("extensions")).order_by("pk"):
        working = calendars.of_member(team.pk, box.task.owner_id)
        ran_out = box.ends_at if box.ends_at and box.ends_at <= (box.closed_at or now) else None
        ended = ran_out or box.closed_at
        if ended is None:
            continue
        used = box.used_at(now, working)
        late = working.between(ran_out, box.closed_at or box.paused_at or now) if ran_out else timedelta(0)
        original, spent, over = (float(in_days(time, team.day)) for time in (as_time(box.original_hours), used, late))
        yield ended, Box(box.task.ref, kept(box, used, box.times_extended), original, spent, over, box.times_extended)


def kept(box: TimeBox, used: timedelta, extensions: int) -> str:
    """How a box ended: adherence is measured against the original (PRODUCT 3), whatever was added later.

    Late is what came after the last end. A box that ran out, was extended and then reported in time was extended.
    """
    if box.closed_at is None:
        return NOTHING
    if used <= as_time(box.original_hours):
        return INSIDE
    if extensions == 0 or (box.ends_at and box.ends_at < box.closed_at):
        return LATE
    return EXTENDED if extensions == 1 else AGAIN
