"""The face of a card: everything that a board shows of it, as plain values, so that the same face is drawn only once."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, FilteredRelation, JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from dsboard import clock
from dsboard.models import Calendars, Team, User
from dsboard.prepared import prepared
from dsboard.working_time import WorkingTime
from experiments.clock import Clock, read
from experiments.models import Finding, Metric, Result, Task, TaskLink, TimeBox
from experiments.models.metric import plain
from experiments.models.time_box import length_in_words
from experiments.stages import Kind, Outcome

#: people and goals kept made: those of a few boards of two thousand cards
KEPT = 10_000
#: faces kept drawn beside those of the boards that kept.py keeps: each change makes another one
DRAWN = 2_000
#: for clocks that don't run, where no calendar is asked
NEVER = WorkingTime(ZoneInfo("UTC"), ((),) * 7)


class Person(NamedTuple):
    """Whose avatar it is."""

    name: str
    initials: str
    hue: int


class Spark(NamedTuple):
    """The best so far, run by run, as the points of a line in a box of 80 by 28; where the target and the last point lie."""

    points: str
    target: float | None
    x: float
    y: float


class Goal(NamedTuple):
    """The first success metric: its name, what to meet, what came out, and the line of its runs."""

    name: str
    goal: str
    value: str
    met: bool | None
    spark: Spark | None = None


class Verdict(NamedTuple):
    """What was decided, and what it created."""

    outcome: str
    day: Any
    by: str
    learned: str
    made_ref: str
    made_title: str
    made_kind: str

    @property
    def name(self) -> str:
        return Outcome(self.outcome).label

    @property
    def icon(self) -> str:
        return {"productionize": "ship", "abandon": "archive", "more_research": "loop"}[self.outcome]

    @property
    def look(self) -> str:
        """The word of the style sheet: productionize, abandon, more."""
        return self.outcome.partition("_")[0]


class Face(NamedTuple):
    """Nothing in it depends on who looks."""

    ref: str
    version: int
    kind: str
    stage: str
    title: str
    statement: str
    owner: Person | None
    box: str
    clock: Clock | None
    hours: Decimal | None
    points: str
    confidence: str
    comments: int
    carried: int
    origin_reversed: bool
    labels: tuple[str, ...]
    goal: Goal | None
    verdict: Verdict | None

    @property
    def team_key(self) -> str:
        return self.ref.rpartition("-")[0]

    @property
    def is_boxed(self) -> bool:
        return Kind(self.kind).is_boxed


@lru_cache(KEPT)
def person(pk: int, name: str) -> Person:
    user = User(pk=pk, name=name)
    return Person(name, user.initials, user.hue)


@lru_cache(KEPT)
def goal(
    name: str,
    direction: str,
    target: float | None,
    margin: float | None,
    baseline: float | None,
    best: float | None,
    value: float | None,
    line: tuple[float, ...] = (),
) -> Goal:
    """What was reported stands before what the runs say."""
    metric = Metric(name=name, direction=direction, target=target, margin=margin, baseline=baseline)
    shown = best if value is None else value
    return Goal(name, metric.goal, plain(shown), metric.met(shown), spark(line, metric.bar))


def spark(line: tuple[float, ...], bar: float | None) -> Spark | None:
    """The line from the left edge to the last point, the target among its heights; None for fewer than two runs."""
    if len(line) < 2:
        return None
    heights = [*line, *([] if bar is None else [bar])]
    low, span = min(heights), (max(heights) - min(heights)) or 1.0

    def y(value: float) -> float:
        return round(24 - 20 * ((value - low) / span), 1)

    step = 74 / (len(line) - 1)
    points = [(round(2 + step * place, 1), y(value)) for place, value in enumerate(line)]
    return Spark(" ".join(f"{x:g},{height:g}" for x, height in points), None if bar is None else y(bar), *points[-1])


@lru_cache(500)
def box_words(hours: Decimal | None, hours_per_day: Decimal) -> str:
    return "" if hours is None else length_in_words(hours, hours_per_day)


#: a box that has not started looks like every other one of its size
IDLE = TimeBox()
BOX = ("hours", "started_at", "runs_since", "used", "left", "ends_at", "paused_at", "closed_at")
GOAL = ("name", "direction", "target", "margin", "baseline", "best")
COLUMNS = (
    "pk", "rank", "shown_until", "ref", "version", "kind", "stage", "title", "statement", "owner_id", "owner__name", "points", "confidence",
    "comment_count", "carried", "origin_reversed", "names", "value", "first__spark", "standing__outcome", "standing__at",
    "standing__by__name", "learned", "made", *(f"first__{name}" for name in GOAL), *(f"time_box__{name}" for name in BOX),
)  # fmt: skip


class Gathered(Aggregate):
    """Values of many rows as one list."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_AGG", **extra)


@cache
def told() -> QuerySet[Any]:
    """Beside each task what a face shows: its labels, its first metric with the last result, its standing decision with what
    was learned and which card it created. One query, however many tasks there are. Written once: writing it costs more than asking.
    """
    labels: Any = Task.labels.through.objects.filter(task=OuterRef("pk")).order_by().values("task")
    results = Result.objects.filter(finding__task=OuterRef("pk"), metric_name=OuterRef("first__name")).order_by("-finding_id")
    made = TaskLink.objects.filter(decision=OuterRef("standing__pk"), rel="origin").order_by("-pk")
    return Task.objects.annotate(
        first=FilteredRelation("metrics", condition=Q(metrics__position=0)),
        standing=FilteredRelation("decisions", condition=Q(decisions__standing=True)),
        names=Subquery(labels.annotate(names=Gathered("label__name")).values("names")),
        value=Subquery(results.values("value")[:1]),
        learned=Subquery(Finding.objects.filter(task=OuterRef("pk")).order_by("-pk").values("learned")[:1]),
        made=Subquery(made.values(card=JSONObject(ref="task__ref", title="task__title", kind="task__kind"))[:1]),
    )


class Clocks:
    """The clocks of a team's cards as they stand at one instant; calendars are read only when a clock runs."""

    def __init__(self, team: Team) -> None:
        self.team, self.now, self.zone = team, clock.now(), ZoneInfo(team.time_zone)

    @cached_property
    def calendars(self) -> Calendars:
        return Calendars.of([self.team])

    def of(self, owner_pk: int | None, hours: Decimal | None, *times: Any) -> Clock | None:
        """The clock of one box, from the columns of BOX."""
        if hours is None:
            return None
        box = TimeBox(**dict(zip(BOX, (hours, *times), strict=True))) if times[0] else IDLE
        working = self.calendars.of_member(self.team.pk, owner_pk) if box.runs_since else NEVER
        return read(box, box_words(hours, self.team.hours_per_day), self.now, working, self.team.day, self.zone)


class Row(NamedTuple):
    """What the database says of one card's face: where it stands, and all that does not change with the time."""

    pk: int
    rank: int | None
    shown_until: datetime | None
    owner_pk: int | None
    box: tuple[Any, ...]
    face: Face


def rows(team: Team, tasks: QuerySet[Any]) -> list[Row]:
    """The rows of these tasks in their order, in one query; their faces have no clock yet."""
    return rows_from(team, (told() & tasks).values_list(*COLUMNS))


@prepared
def told_of(team: int, card: int) -> QuerySet[Any, Any]:
    return (told() & Task.objects.within(Team(pk=team)).filter(pk=card)).values_list(*COLUMNS)


def rows_from(team: Team, said: Iterable[Any]) -> list[Row]:
    """The rows from what the database said, each card once."""
    found: dict[int, Row] = {}
    for values in said:
        row = row_of(team, *values)
        found.setdefault(row.pk, row)
    return list(found.values())


def row_of(
    team: Team, pk: int, rank: int | None, shown_until: datetime | None, ref: str, version: int, kind: str, stage: str, title: str,
    statement: str, owner_pk: int | None, owner_name: str | None, points: Decimal | None, confidence: str, comments: int, carried: int,
    origin_reversed: bool, names: list[str] | None, value: float | None, line: list[float] | None, outcome: str | None, at: datetime | None,
    decider: str | None, learned: str | None, made: dict[str, str] | None, *rest: Any,
) -> Row:  # fmt: skip
    """One row from COLUMNS."""
    of_goal, box = rest[: len(GOAL)], rest[len(GOAL) :]
    verdict = None
    if outcome and at:
        made = made or {}
        made_words = (made.get("ref", ""), made.get("title", ""), made.get("kind", ""))
        verdict = Verdict(outcome, at.date(), (decider or "").partition(" ")[0], learned or "", *made_words)
    face = Face(
        ref=ref,
        version=version,
        kind=kind,
        stage=stage,
        title=title,
        statement="" if statement.startswith(title.rstrip("…")) else statement,
        owner=person(owner_pk, owner_name or "") if owner_pk else None,
        box=box_words(box[0], team.hours_per_day),
        clock=None,
        hours=box[0],
        points=plain(points),
        confidence=confidence,
        comments=comments,
        carried=carried,
        origin_reversed=origin_reversed,
        labels=tuple(sorted(names or ())),
        goal=goal(*of_goal, value, tuple(line or ())) if of_goal[0] else None,
        verdict=verdict,
    )
    return Row(pk, rank, shown_until, owner_pk, box, face)


def timed(row: Row, clocks: Clocks) -> Face:
    """The face with its clock as it stands at that instant; a decided card has none."""
    if row.face.verdict:
        return row.face
    clock = clocks.of(row.owner_pk, *row.box)
    return row.face._replace(clock=clock) if clock else row.face


def faces(team: Team, tasks: QuerySet[Any]) -> list[Face]:
    """The faces of these tasks in their order: one query, however many they are, and three more when a clock runs."""
    clocks = Clocks(team)
    return [timed(row, clocks) for row in rows(team, tasks)]


def goals_of(tasks: QuerySet[Any]) -> dict[int, Goal]:
    """The first metric of each task with its last result."""
    last = Result.objects.filter(finding__task=OuterRef("task"), metric_name=OuterRef("name")).order_by("-finding_id").values("value")[:1]
    found = Metric.objects.filter(task__in=tasks, position=0).annotate(value=Subquery(last))
    return {pk: goal(*rest, tuple(line)) for pk, *rest, line in found.values_list("task_id", *GOAL, "value", "spark")}


def face_of(task: Task) -> Face:
    """The face of one card as it is now."""
    return timed(rows_from(task.team, told_of(task.team_id, task.pk))[0], Clocks(task.team))


@lru_cache(DRAWN)
def html(face: Face) -> SafeString:
    """The card, drawn; its template takes the face and nothing else."""
    return mark_safe(render_to_string("experiments/_card.html", {"task": face}).strip())  # noqa: S308  the template has escaped it


def swapped(face: Face) -> SafeString:
    """The card, drawn to replace itself on the page."""
    return mark_safe(html(face).replace("<article ", '<article hx-swap-oob="true" ', 1))  # noqa: S308  drawn by html()


def drawn(many: Iterable[Face]) -> list[SafeString]:
    return [html(face) for face in many]
