"""A board: its columns with their cards in order and their totals, filtered by the address; a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, QuerySet, Sum, When
from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString

from dsboard import clock
from dsboard.models import Membership, Team
from dsboard.prepared import prepared
from dsboard.roles import Act
from experiments.face import Face
from experiments.kept import for_now, shown
from experiments.models import Task
from experiments.models.metric import plain
from experiments.models.task_rows import still_shown
from experiments.models.time_box import length_in_words
from experiments.search import matching
from experiments.stages import DAYS_ON_BOARD, DELIVERY_STAGES, EXPERIMENT_STAGES, LANE_OF, Kind, Lane, Stage

GLYPHS = {
    "ideation": "c-idea", "active": "c-active", "analysis": "c-analysis", "decision": "c-decision",
    "ready": "c-idea", "in_progress": "c-active", "review": "c-analysis", "done": "check",
}  # fmt: skip
EMPTY = {
    "ideation": "Questions worth a time box. No clock runs here.",
    "active": "Moving a card here starts its time box.",
    "analysis": "Findings are written. What did we learn?",
    "decision": "Productionize, abandon, or more research. All three count.",
    "ready": "Sized and clear enough to start.",
    "in_progress": "Moving a card here starts the work.",
    "review": "Finished by its owner, looked at by somebody else.",
    "done": "Delivered. Every deliverable is ticked, or struck with a reason.",
}
#: what the address calls the shapes of a clock
BOXES = {
    "not started": ("idle",),
    "running": ("calm", "warn"),
    "ending": ("warn",),
    "ended": ("over",),
    "paused": ("paused",),
    "reported": ("done",),
}
NAMED = ("kind", "person", "label", "box")
#: counting stops here: a board says "1,000 earlier decisions" once, not what the exact number is
MANY = 1000
NO_CARDS = SafeString()


@dataclass
class Column:
    """One stage on a board. Counts and totals are of all its cards, whatever the filters hide."""

    team: Team
    stage: Stage
    count: int = 0
    hours: Decimal = Decimal(0)
    points: Decimal = Decimal(0)
    cards: SafeString = NO_CARDS
    may_move: bool = False
    may_create: bool = False
    earlier: int = 0

    @property
    def name(self) -> str:
        return self.stage.label

    @property
    def glyph(self) -> str:
        return GLYPHS[self.stage]

    @property
    def empty(self) -> str:
        return EMPTY[self.stage]

    @property
    def limit(self) -> int:
        return self.team.limits().get(self.stage, 0)

    @property
    def is_full(self) -> bool:
        return 0 < self.limit <= self.count

    @property
    def pips(self) -> list[bool]:
        """The little bars beside the count: which of them are filled."""
        return [at < self.count for at in range(min(self.limit, 8))]

    @property
    def total(self) -> str:
        """What the column adds up to, in a few characters."""
        if self.stage == Stage.ANALYSIS:
            # When the limit is reached the count is said already, and the head has no room for it twice.
            return f"{self.count} to decide" if self.count and not self.is_full else ""
        if self.stage == Stage.DECISION:
            return f"last {DAYS_ON_BOARD} days" if self.count else ""
        if self.stage in EXPERIMENT_STAGES:
            return length_in_words(self.hours, self.team.hours_per_day) if self.hours else ""
        return f"{plain(self.points)} pts" if self.points else ""

    @property
    def total_of(self) -> str:
        return "boxed" if self.stage in (Stage.IDEATION, Stage.ACTIVE) and self.hours else ""

    @property
    def takes_new(self) -> bool:
        return self.may_create and self.stage in (Stage.IDEATION, Stage.READY)

    @property
    def open_url(self) -> str:
        """The form that a drop here asks first; {ref} stands for the card."""
        names = {Stage.ANALYSIS: "experiments:report", Stage.DECISION: "handoffs:decision"}
        if self.stage not in names:
            return ""
        return reverse(names[self.stage], kwargs={"team": self.team.key, "ref": "REF"}).replace("/REF/", "/{ref}/")


@dataclass
class Choice:
    """One line of a filter's menu: a link that switches it on or off."""

    name: str
    query: str
    is_on: bool


@dataclass
class Filters:
    """What the address asks for: repeated keys mean or, different keys mean and."""

    q: str = ""
    kind: list[str] = field(default_factory=list)
    person: list[str] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    box: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, query: QueryDict) -> "Filters":
        named = {name: [value for value in query.getlist(name)[:20] if value] for name in NAMED}
        return cls(q=query.get("q", "").replace("\x00", "").strip()[:200], **named)

    def __bool__(self) -> bool:
        return bool(self.q or any(getattr(self, name) for name in NAMED))

    def show(self, face: Face, hits: set[str] | None) -> bool:
        """Does this card match?"""
        people = [face.owner.name.lower(), face.owner.name.partition(" ")[0].lower()] if face.owner else ["nobody"]
        return (
            (not self.kind or face.kind in self.kind)
            and (not self.person or any(wanted.lower() in people for wanted in self.person))
            and (not self.label or any(label in self.label for label in face.labels))
            and (not self.box or bool(face.clock and any(face.clock.shape in BOXES.get(one, ()) for one in self.box)))
            and (hits is None or face.ref in hits)
        )

    def query_with(self, name: str, value: str) -> str:
        """The query string with one choice switched."""
        now: dict[str, Any] = {"q": [self.q] if self.q else []} | {one: getattr(self, one) for one in NAMED}
        kept = [one for one in now[name] if one != value]
        now[name] = kept if value in now[name] else [*kept, value]
        return urlencode({key: values for key, values in now.items() if values}, doseq=True)

    def choices(self, name: str, values: Iterable[tuple[str, str]]) -> list[Choice]:
        chosen = getattr(self, name)
        return [Choice(label, self.query_with(name, value), value in chosen) for value, label in values]


@dataclass
class Board:
    """One flow of a team's work: the experiments, or the deliveries."""

    team: Team
    flow: str
    columns: list[Column]
    filters: Filters
    shown: int
    is_new: bool
    menus: list[dict[str, Any]]
    has_example: bool

    @property
    def is_filtered_empty(self) -> bool:
        return bool(self.filters) and not self.shown


def board(team: Team, by: Membership, flow: str, query: QueryDict) -> Board:
    """Everything that the page shows."""
    stages = EXPERIMENT_STAGES if flow == "experiments" else DELIVERY_STAGES
    filters = Filters.of(query)
    cards = shown(team, flow)
    matched = matching_of(team, stages, filters, cards.faces) if filters else None
    columns = [column_of(team, stage, by) for stage in stages]
    for column in columns:
        column.count, column.hours, column.points = cards.totals.get(column.stage, (0, Decimal(0), Decimal(0)))
        if matched is None:
            column.cards = cards.lists.get(column.stage, NO_CARDS)
        else:
            column.cards = cards.listed(face for face in cards.by_stage.get(column.stage, ()) if face.ref in matched)
    last = columns[-1]
    last.earlier = for_now(team, ("earlier", flow), lambda: earlier(team, last.stage))
    is_new = not cards.faces and not last.earlier and team.last_number == 0
    has_example = by.may(Act.POLICIES) and any("example" in face.labels for face in cards.faces)
    found = len(cards.faces) if matched is None else len(matched)
    return Board(team, flow, columns, filters, found, is_new, menus(filters, cards.faces, stages), has_example)


def matching_of(team: Team, stages: Iterable[Stage], filters: Filters, all_faces: list[Face]) -> set[str]:
    """The references of the cards that the filters let through."""
    hits = None
    if filters.q:
        tasks = Task.objects.within(team).on_boards().filter(stage__in=stages)
        hits = set(matching(tasks, filters.q).values_list("ref", flat=True))
    return {face.ref for face in all_faces if filters.show(face, hits)}


def column_of(team: Team, stage: Stage, by: Membership) -> Column:
    return Column(team, stage, may_move=by.may(Act.MOVE), may_create=by.may(Act.CREATE))


def earlier(team: Team, stage: Stage) -> int:
    """How many ended cards have left the board, counted to a thousand."""
    ended = Task.objects.within(team).present().filter(stage=stage, dropped_at=None, shown_until__lte=clock.now())
    return int(ended.order_by()[:MANY].count())


@prepared
def open_totals(team: int, stage: str, other: str) -> QuerySet[Any, tuple[str, int, Any, Any]]:
    """Count, hours and points of the open cards of two stages; no row for one without any."""
    return totals(Task.objects.within(Team(pk=team)).filter(stage__in=[stage, other], shown_until=None))


@prepared
def shown_totals(team: int, stage: str, now: datetime) -> QuerySet[Any, tuple[str, int, Any, Any]]:
    """The same of a stage whose cards have ended and are shown still."""
    return totals(Task.objects.within(Team(pk=team)).filter(still_shown(now), stage=stage))


def totals(cards: Any) -> Any:
    sums = cards.present().filter(dropped_at=None).order_by().values("stage").annotate(Count("pk"), Sum("time_box__hours"), Sum("points"))
    return sums.values_list("stage", "pk__count", "time_box__hours__sum", "points__sum")


def heads(team: Team, stages: Iterable[str], by: Membership) -> list[Column]:
    """Columns with their counts and totals only: what a move changes beside the card."""
    columns = {stage: column_of(team, stage, by) for stage in map(Stage, stages)}
    opened = [stage for stage in columns if LANE_OF[stage] != Lane.DONE]
    # Each is one search of one index; both joined, as on_boards has them, cost a move ten times as much.
    pairs = [opened[at : at + 2] for at in range(0, len(opened), 2)]
    found = [row for pair in pairs for row in open_totals(team.pk, pair[0], pair[-1])]
    found += [row for stage in columns if stage not in opened for row in shown_totals(team.pk, stage, clock.now())]
    for stage, count, hours, points in found:
        column = columns[Stage(stage)]
        column.count, column.hours, column.points = count, hours or Decimal(0), points or Decimal(0)
    return list(columns.values())


def below(task: Task, near: str = "") -> str:
    """The reference of the card under this one in its column, `near` if that is below; empty at the end."""
    found = next_shown(task.team_id, task.lane, task.stage, task.rank or 0, clock.now(), near)
    return found[0] if found else ""


@prepared
def next_shown(team: int, lane: str, stage: str, rank: int, now: datetime, near: str) -> QuerySet[Any, str]:
    """The card of a column with the next rank, or the one that is named."""
    placed = Task.objects.within(Team(pk=team)).filter(still_shown(now), lane=lane, stage=stage, rank__gt=rank)
    return placed.order_by(Case(When(ref=near, then=0), default=1), "rank").values_list("ref", flat=True)[:1]


def menus(filters: Filters, all_faces: list[Face], stages: Iterable[str]) -> list[dict[str, Any]]:
    """The filters' menus: the kinds of this board, the people and labels on its cards."""
    boxed = Stage.IDEATION in stages
    kinds = [(kind.value, kind.label) for kind in Kind if kind.is_boxed == boxed]
    people = sorted({face.owner.name for face in all_faces if face.owner} | {p for p in filters.person if p != "nobody"})
    names = sorted({label for face in all_faces for label in face.labels} | set(filters.label), key=str.lower)
    choices = {
        "Kind": filters.choices("kind", kinds),
        "Person": filters.choices("person", [*((name, name) for name in people), ("nobody", "Unassigned")]),
        "Label": filters.choices("label", [(name, name) for name in names]),
    }
    if boxed:
        choices["Time box"] = filters.choices("box", [(name, name.capitalize()) for name in BOXES])
    return [{"name": name, "choices": of_it, "chosen": [one for one in of_it if one.is_on]} for name, of_it in choices.items() if of_it]
