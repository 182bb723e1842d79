"""The figures of a sprint as its review shows them: for several sprints in a fixed number of queries, kept once one is signed off.

What flows through the team (ideas, starts, findings, decisions, boxes that end) counts in the sprint in which it happened.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q

from dsboard import clock
from dsboard.models import Calendars
from experiments.models import Decision, Finding, Task, TimeBox
from experiments.models.task import BOXED
from experiments.models.time_box import as_time
from sprints.allocation import BUCKETS, NONE, Line, by_bucket, by_owner, in_days
from sprints.models import actuals
from sprints.models.capacity import Capacity
from sprints.models.seat import Seat, earned_before
from sprints.states import End

if TYPE_CHECKING:
    from sprints.models.sprint import Sprint

#: how a box ended, against its original length (PRODUCT 3), the best first
INSIDE, EXTENDED, AGAIN, LATE, NOTHING = KEPT = ("inside", "extended", "again", "late", "nothing")
FLOW = ("proposed", "started", "reported", "decided")


@dataclass
class Figures:
    """Days are person-days. Everything in it can be written as JSON and read again."""

    planned: dict[str, float]
    actual: dict[str, float]
    #: how many seats came and went after the start, and the days that they held
    added: tuple[int, float] = (0, 0.0)
    removed: tuple[int, float] = (0, 0.0)
    #: how many seats ended how
    ends: dict[str, int] = field(default_factory=dict)
    #: name, planned days and capacity of everybody who had either
    load: list[tuple[str, float, float]] = field(default_factory=list)
    #: points of development and maintenance that were finished
    velocity: float = 0.0
    #: reference, how it was kept, original and used days of every box that ended
    boxes: list[tuple[str, str, float, float]] = field(default_factory=list)
    flow: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    #: working days from findings to decision, one for each decision
    waits: list[float] = field(default_factory=list)
    #: box days that went to tasks without a seat
    unplanned: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Figures":
        return cls(**kept)


def of(sprints: Sequence["Sprint"]) -> dict[int, Figures]:
    """The figures of sprints of one team, by key: signed ones as they were signed, the others as they are now."""
    found = {sprint.pk: Figures.from_json(sprint.figures) for sprint in sprints if sprint.figures}
    open_ones = [sprint for sprint in sprints if sprint.pk not in found]
    return found | (Reading(open_ones).figures() if open_ones else {})


class Reading:
    """Everything about some sprints of one team that the database knows, read once."""

    def __init__(self, sprints: Sequence["Sprint"]) -> None:
        self.sprints, self.team = sprints, sprints[0].team
        periods = [sprint.period() for sprint in sprints]
        self.since, self.until = min(start for start, _ in periods), max(stop for _, stop in periods)
        self.calendars = Calendars.of([self.team], self.since.date())

    def figures(self) -> dict[int, Figures]:
        seats: dict[int, list[Seat]] = defaultdict(list)
        for seat in Seat.objects.filter(sprint__in=self.sprints).with_tasks():
            seats[seat.sprint_id].append(seat)
        capacities: dict[int, list[Capacity]] = defaultdict(list)
        for row in Capacity.objects.filter(sprint__in=self.sprints).select_related("user"):
            capacities[row.sprint_id].append(row)
        found = {sprint.pk: self.of_seats(sprint, seats[sprint.pk], capacities[sprint.pk]) for sprint in self.sprints}
        self.add_flow(found)
        self.add_decisions(found)
        self.add_boxes(found)
        return found

    def of_seats(self, sprint: "Sprint", seats: list[Seat], capacities: list[Capacity]) -> Figures:
        """What follows from the seats: plan, actuals, scope change, ends, load and velocity."""
        if sprint.is_running:
            used = actuals.box_time(sprint, self.calendars)
            earned = earned_before([seat.task_id for seat in seats])
            lines, boxed = actuals.actual_lines(sprint, seats, used, earned), sum(used.values(), NONE)
            seated = sum((used.get(seat.task_id, NONE) for seat in seats), NONE)
            ends = Counter(End.REMOVED if s.removed_at else End.FINISHED if actuals.is_finished(s) else "open" for s in seats)
            points = sum((s.task.points for s in seats if s.task.points and actuals.is_finished(s)), Decimal(0))
        else:
            lines, boxed = actuals.closed_lines(sprint, seats), Fraction(sprint.boxed_days or 0)
            seated = sum((Fraction(seat.used_days) for seat in seats), NONE)
            ends = Counter(seat.end for seat in seats)
            points = sum((seat.finished_points for seat in seats), Decimal(0))
        planned = planned_lines(seats)
        return Figures(
            planned=as_floats(by_bucket(planned)),
            actual=as_floats(by_bucket(lines)),
            added=count_days(seat for seat in seats if seat.is_scope_change),
            removed=count_days(seat for seat in seats if seat.removed_at),
            ends={str(end): count for end, count in ends.items()},
            load=load_of(planned, capacities),
            velocity=float(points),
            unplanned=float(max(NONE, boxed - seated)),
        )

    def sprint_at(self, moment: datetime | None) -> int | None:
        """The key of the sprint that ran at an instant."""
        for sprint in self.sprints:
            start, stop = sprint.period()
            if moment and start <= moment <= stop:
                return sprint.pk
        return None

    def add_flow(self, found: dict[int, Figures]) -> None:
        """How many ideas were proposed, started and reported in each sprint; each search has an index of its own."""
        window = (self.since, self.until)
        cards = Task.objects.within(self.team).present().filter(kind__in=BOXED).order_by()
        earlier = Finding.objects.filter(task=OuterRef("task"), at__lt=OuterRef("at"))
        first = Finding.objects.within(self.team).filter(~Exists(earlier), at__range=window, task__deleted_at=None).order_by()
        happened = {
            "proposed": cards.filter(created_at__range=window).values_list("created_at", flat=True),
            "started": cards.filter(started_at__range=window).values_list("started_at", flat=True),
            "reported": first.values_list("at", flat=True),
        }
        for step, moments in happened.items():
            for pk in filter(None, map(self.sprint_at, moments)):
                found[pk].flow[step] = found[pk].flow.get(step, 0) + 1

    def add_decisions(self, found: dict[int, Figures]) -> None:
        """The standing decisions of each sprint: how they came out, and how long the findings had waited."""
        rows = Decision.objects.within(self.team).filter(standing=True, at__range=(self.since, self.until), task__deleted_at=None)
        working = self.calendars.of_team(self.team.pk)
        # The last report before the decision is what waited.
        waited = Max("task__findings__at", filter=Q(task__findings__at__lte=F("at")))
        for outcome, at, found_at in rows.order_by().annotate(found_at=waited).values_list("outcome", "at", "found_at"):
            if (pk := self.sprint_at(at)) is not None:
                mine = found[pk]
                mine.flow["decided"] = mine.flow.get("decided", 0) + 1
                mine.outcomes[outcome] = mine.outcomes.get(outcome, 0) + 1
                if found_at:
                    mine.waits.append(float(in_days(working.between(found_at, at), self.team.day)))

    def add_boxes(self, found: dict[int, Figures]) -> None:
        """The boxes that ended in each sprint, by findings or by running out, against their original length."""
        window, now = (self.since, self.until), clock.now()
        boxes = TimeBox.objects.within(self.team).filter(Q(closed_at__range=window) | Q(ends_at__range=window), task__deleted_at=None)
        for box in boxes.select_related("task").annotate(times_extended=Count("extensions")).order_by("pk"):
            ran_out = box.ends_at if box.ends_at and box.ends_at <= (box.closed_at or now) else None
            pk = self.sprint_at(ran_out or box.closed_at)
            if pk is None:
                continue
            used = box.used_at(now, self.calendars.of_member(self.team.pk, box.task.owner_id))
            original, spent = (float(in_days(time, self.team.day)) for time in (as_time(box.original_hours), used))
            found[pk].boxes.append((box.task.ref, kept(box, used, box.times_extended), original, spent))


def kept(box: TimeBox, used: Any, times_extended: int) -> str:
    """How a box ended: adherence is measured against the original (PRODUCT 3), whatever was added later."""
    if box.closed_at is None:
        return NOTHING
    if used <= as_time(box.original_hours):
        return INSIDE
    if used > box.length:
        return LATE
    return EXTENDED if times_extended < 2 else AGAIN


def planned_lines(seats: Iterable[Seat]) -> list[Line]:
    """The plan as it froze."""
    return [Line(seat.planned_bucket, seat.owner_id, Fraction(seat.days or 0)) for seat in seats if seat.planned_bucket]


def load_of(planned: list[Line], capacities: list[Capacity]) -> list[tuple[str, float, float]]:
    """Planned days beside capacity, by name; no ranking."""
    theirs = by_owner(planned)
    return [(row.user.name, float(theirs.get(row.user_id, NONE)), float(row.days or 0)) for row in capacities]


def count_days(seats: Iterable[Seat]) -> tuple[int, float]:
    """How many seats, and the days that they held."""
    days = [float(seat.days or 0) for seat in seats]
    return len(days), sum(days)


def as_floats(days: dict[str, Fraction]) -> dict[str, float]:
    return {str(bucket): float(days[bucket]) for bucket in BUCKETS}
