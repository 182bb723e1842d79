"""The figures of a sprint as its review shows them: for several sprints in a fixed number of queries, kept once one is signed off."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from dsboard.models import Calendars
from dsboard.models.calendars import BACK
from sprints.allocation import BUCKETS, NONE, Line, by_bucket, by_owner
from sprints.models import actuals, flow
from sprints.models.capacity import Capacity
from sprints.models.closing import credited_before
from sprints.models.flow import Box
from sprints.models.seat import Seat, earned_before
from sprints.states import End

if TYPE_CHECKING:
    from sprints.models.sprint import Sprint

#: how a seat stands whose sprint still runs and whose task is still to be done
OPEN = "open"


class Change(NamedTuple):
    """How many seats came or went after the start, and the days that they held."""

    seats: int = 0
    days: float = 0.0


class Loaded(NamedTuple):
    """What one person was planned to do beside what they could give, in days; `person` is the key of the user."""

    person: int
    name: str
    planned: float
    capacity: float


@dataclass
class Figures:
    """Days are person-days. Everything in it can be written as JSON and read again."""

    planned: dict[str, float]
    actual: dict[str, float]
    added: Change = field(default_factory=Change)
    removed: Change = field(default_factory=Change)
    #: how many seats ended how, by the words of End; `open` while the sprint runs
    ends: dict[str, int] = field(default_factory=dict)
    #: everybody who had planned days or capacity, by name
    load: list[Loaded] = field(default_factory=list)
    #: points of development and maintenance that were finished; each task is credited once (PRODUCT 4)
    velocity: float = 0.0
    #: every box that ended, by findings or by running out
    boxes: list[Box] = field(default_factory=list)
    #: ideas proposed, started, reported and decided
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
        """What was kept, also by a version that knew fewer or other figures."""
        known = {one.name for one in fields(cls)}
        rows: dict[str, Any] = {
            "added": Change(*kept.get("added", ())),
            "removed": Change(*kept.get("removed", ())),
            "load": [Loaded(*row) for row in kept.get("load", ())],
            "boxes": [Box(*row) for row in kept.get("boxes", ())],
        }
        return cls(**{name: value for name, value in kept.items() if name in known} | rows)

    @property
    def carried(self) -> int:
        return self.ends.get(End.CARRIED, 0)

    @property
    def seats(self) -> int:
        """How many seats the sprint had, those that were taken out again included."""
        return sum(self.ends.values())


def of(sprints: Sequence["Sprint"]) -> dict[int, Figures]:
    """The figures of sprints of one team, by key: signed ones as they were signed, the others as they are now."""
    found = {sprint.pk: Figures.from_json(sprint.figures) for sprint in sprints if sprint.figures}
    open_ones = [sprint for sprint in sprints if sprint.pk not in found]
    return found | (Reading(open_ones).figures() if open_ones else {})


class Reading:
    """Everything about some sprints of one team that the database knows, read once."""

    def __init__(self, sprints: Sequence["Sprint"]) -> None:
        self.sprints, self.team = sprints, sprints[0].team
        for sprint in sprints:
            sprint.team = self.team
        started = type(sprints[0]).objects.within(self.team).started().order_by("started_at")
        self.periods = flow.Periods(started.values_list("pk", "started_at", "closed_at"))
        self.since, self.until = self.periods.span([sprint.pk for sprint in sprints])
        # A box that ends here may have begun long before.
        self.calendars = Calendars.of([self.team], (self.since - BACK).date())

    def figures(self) -> dict[int, Figures]:
        seats: dict[int, list[Seat]] = defaultdict(list)
        for seat in Seat.objects.filter(sprint__in=self.sprints).with_tasks():
            seats[seat.sprint_id].append(seat)
        capacities: dict[int, list[Capacity]] = defaultdict(list)
        for row in Capacity.objects.filter(sprint__in=self.sprints).select_related("user"):
            capacities[row.sprint_id].append(row)
        found = {sprint.pk: self.of_seats(sprint, seats[sprint.pk], capacities[sprint.pk]) for sprint in self.sprints}
        self.add_flow(found)
        return found

    def of_seats(self, sprint: "Sprint", seats: list[Seat], capacities: list[Capacity]) -> Figures:
        """What follows from the seats: plan, actuals, scope change, ends, load and velocity."""
        if sprint.is_running:
            used, tasks = actuals.box_time(sprint, self.calendars), [seat.task_id for seat in seats]
            lines, boxed = actuals.actual_lines(sprint, seats, used, earned_before(tasks)), sum(used.values(), NONE)
            seated = sum((used.get(task, NONE) for task in tasks), NONE)
            ends, points = Counter(map(end_so_far, seats)), finished_so_far(seats, credited_before(tasks))
        else:
            lines, boxed = actuals.closed_lines(sprint, seats), Fraction(sprint.boxed_days or 0)
            seated = sum((Fraction(seat.used_days) for seat in seats), NONE)
            ends, points = Counter(seat.end for seat in seats), sum((seat.finished_points for seat in seats), Decimal(0))
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

    def add_flow(self, found: dict[int, Figures]) -> None:
        """What flowed through the team while these sprints ran."""
        for step, moments in flow.steps(self.team, self.since, self.until).items():
            for moment in moments:
                if mine := found.get(self.periods.at(moment) or 0):
                    mine.flow[step] = mine.flow.get(step, 0) + 1
        for decided in flow.decisions(self.team, self.since, self.until, self.calendars):
            if mine := found.get(self.periods.at(decided.at) or 0):
                mine.flow["decided"] = mine.flow.get("decided", 0) + 1
                mine.outcomes[decided.outcome] = mine.outcomes.get(decided.outcome, 0) + 1
                if decided.waited is not None:
                    mine.waits.append(decided.waited)
        for moment, box in flow.ended_boxes(self.team, self.since, self.until, self.calendars):
            if mine := found.get(self.periods.at(moment) or 0):
                mine.boxes.append(box)


def end_so_far(seat: Seat) -> str:
    """How a seat of a running sprint stands: as it would end if the sprint closed now, and `open` while there is something to do."""
    if seat.removed_at:
        return End.REMOVED
    if actuals.is_finished(seat):
        return End.FINISHED
    return End.DROPPED if seat.task.is_off_boards else OPEN


def finished_so_far(seats: Iterable[Seat], credited: dict[int, Decimal]) -> Decimal:
    """The points that a running sprint has finished, less what earlier ones were credited for the same task."""
    done = [seat.task for seat in seats if seat.task.points is not None and actuals.is_finished(seat)]
    return sum((max(Decimal(0), Decimal(task.points or 0) - credited.get(task.pk, Decimal(0))) for task in done), Decimal(0))


def planned_lines(seats: Iterable[Seat]) -> list[Line]:
    """The plan as it froze."""
    return [Line(seat.planned_bucket, seat.owner_id, Fraction(seat.days or 0)) for seat in seats if seat.planned_bucket]


def load_of(planned: list[Line], capacities: list[Capacity]) -> list[Loaded]:
    """Planned days beside capacity, by name; no ranking."""
    theirs = by_owner(planned)
    return [Loaded(row.user_id, row.user.name, float(theirs.get(row.user_id, NONE)), float(row.days or 0)) for row in capacities]


def count_days(seats: Iterable[Seat]) -> Change:
    """How many seats, and the days that they held."""
    days = [float(seat.days or 0) for seat in seats]
    return Change(len(days), sum(days))


def as_floats(days: dict[str, Fraction]) -> dict[str, float]:
    return {str(bucket): float(days[bucket]) for bucket in BUCKETS}
