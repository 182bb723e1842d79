"""Planning a sprint: the backlog on one side, the three buckets on the other, and what to look at before it starts."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.http import QueryDict
from django.urls import reverse

from dsboard.models import Membership
from dsboard.roles import Act
from experiments.backlog import waiting
from experiments.models import Metric, Task
from experiments.models.metric import plain
from experiments.models.task import POINTED
from experiments.search import matching
from experiments.stages import Kind
from sprints.balance import Balance, Load, in_words
from sprints.bars import Bar
from sprints.models import Seat, Sprint
from sprints.models.rate import Proposal, proposal
from sprints.rows import Group, Row, groups, waiting_rows
from sprints.states import State

A_PAGE = 50
ORDERS = {"order": "By hand", "ready": "Ready first", "newest": "Newest first", "size": "Largest first"}
A_WEEK = 5


class Link(NamedTuple):
    """What to do about a check."""

    label: str
    url: str


@dataclass(frozen=True)
class Check:
    """One line of "Before you start": bad, warn or ok, in words, with what to do about it."""

    tone: str
    words: str
    links: list[Link] = field(default_factory=list)


class Candidates:
    """The cards that could get a seat: a page of those that match, in the order that was asked for."""

    def __init__(self, sprint: Sprint, asked: QueryDict) -> None:
        self.sprint, self.team = sprint, sprint.team
        self.q = asked.get("q", "").replace("\x00", "").strip()[:200]
        self.kind = asked.get("kind", "") if asked.get("kind") in Kind.values else ""
        self.order = asked.get("sort", "") if asked.get("sort") in ORDERS else "order"
        self.number = asked.get("page", "1")

    @cached_property
    def every(self) -> Any:
        """The backlog without what has a seat in this sprint."""
        here = Seat.objects.filter(sprint=self.sprint, removed_at=None).values("task")
        return waiting(self.team).exclude(pk__in=here)

    @cached_property
    def count(self) -> int:
        return int(self.every.order_by().count())

    @cached_property
    def page(self) -> Page[Any]:
        tasks = matching(self.every, self.q) if self.q else self.every
        if self.kind:
            tasks = tasks.filter(kind=self.kind)
        return Paginator(in_order(tasks, self.order), A_PAGE).get_page(self.number)

    @cached_property
    def rows(self) -> list[Row]:
        return waiting_rows(self.page.object_list, self.team.hours_per_day)

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.kind)

    @property
    def query(self) -> str:
        """What was asked for, without the page."""
        asked = {"q": self.q, "kind": self.kind, "sort": "" if self.order == "order" else self.order}
        return urlencode({name: value for name, value in asked.items() if value})

    @property
    def orders(self) -> list[tuple[str, str]]:
        return list(ORDERS.items())

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.value, kind.label) for kind in Kind]


def in_order(tasks: Any, order: str) -> Any:
    """By hand, what could start tomorrow, the newest, or the largest first."""
    by_hand = ("rank", "pk")
    if order == "newest":
        return tasks.order_by("-number")
    if order == "size":
        return tasks.order_by(F("points").desc(nulls_last=True), F("time_box__hours").desc(nulls_last=True), *by_hand)
    if order == "ready":
        said = Q(time_box__isnull=False) & ~Q(statement="") & ~Q(success="")
        has_target = Exists(Metric.objects.filter(task=OuterRef("pk")))
        ready = Q(kind__in=POINTED, points__isnull=False) | Q(kind=Kind.RESEARCH) & said | Q(kind=Kind.EXPERIMENT) & said & has_target
        return tasks.annotate(is_ready=Case(When(ready, then=Value(0)), default=Value(1), output_field=IntegerField())).order_by(
            "is_ready", *by_hand
        )
    return tasks.order_by(*by_hand)


class PlanPage:
    """Everything that the page shows, and every fragment of it that an act changes; a fixed number of queries."""

    def __init__(self, sprint: Sprint, viewer: Membership) -> None:
        self.sprint, self.team, self.viewer = sprint, sprint.team, viewer
        self.balance = Balance(sprint)
        self.may_lead, self.may_edit = viewer.may(Act.SPRINTS), viewer.may(Act.EDIT)
        self.may_seat = not sprint.is_closed and viewer.may(Act.SCOPE if sprint.is_running else Act.SEATS)

    @cached_property
    def bar(self) -> Bar:
        return Bar(self.balance.planned, self.balance.guide)

    @cached_property
    def groups(self) -> list[Group]:
        return groups(self.balance)

    @property
    def points(self) -> str:
        return plain(sum((one.task.points or Decimal(0) for one in self.balance.seated), Decimal(0))) or "0"

    @property
    def boxed(self) -> str:
        return in_words(sum((one.days for one in self.balance.seated if one.task.is_boxed), Fraction(0)))

    @property
    def planned_days(self) -> str:
        return in_words(self.balance.planned_days)

    @property
    def capacity_days(self) -> str:
        return in_words(self.balance.capacity_days)

    @property
    def unassigned(self) -> str:
        return in_words(self.balance.unassigned) if self.balance.unassigned > 0 else ""

    @cached_property
    def people(self) -> list["LoadLine"]:
        return [LoadLine(load, self.balance.rate) for load in self.balance.loads]

    @cached_property
    def rate_words(self) -> str:
        """1 pt counts as 0.6 d, and where that comes from."""
        source = {"assumed": "assumed", "set": "set by a lead", "measured": "measured"}[self.balance.rate_source]
        return f"1 pt counts as {plain(self.balance.rate)} d, {source}"

    @cached_property
    def proposal(self) -> Proposal | None:
        """A rate to take, when closed sprints say something else than what is counted with."""
        if not (self.may_lead and self.sprint.is_planned):
            return None
        found = proposal(self.team)
        return found if found and found.rate != self.balance.rate else None

    @cached_property
    def to_carry(self) -> int:
        """How many unfinished tasks of the running sprint have no pencilled seat yet."""
        if not (self.sprint.is_planned and self.may_seat):
            return 0
        return unfinished(self.sprint).count()

    @cached_property
    def checks(self) -> list[Check]:
        """What to look at before the sprint starts, the worst first; a plan without cards has nothing to look at."""
        if not self.balance.seated:
            return []
        return [*self.about_people(), *self.about_cards(), *self.about_boxes(), *self.about_carried()]

    def about_people(self) -> list[Check]:
        over = [load for load in self.balance.loads if load.over]
        if not over:
            return [Check("ok", "Nobody is over capacity")]
        return [Check("bad", over_words(load), self.relief(load)) for load in over]

    def relief(self, load: Load) -> list[Link]:
        """Whom to give a card of somebody who has too much: the smallest that is enough, to whoever has the most room for it."""
        theirs = sorted((one for one in self.balance.seated if one.task.owner_id == load.person.pk and one.days), key=lambda one: one.days)
        enough = next((one for one in theirs if one.days >= load.over), theirs[-1] if theirs else None)
        roomy = max(self.balance.loads, key=lambda other: other.capacity - other.planned)
        if not self.may_edit or enough is None or roomy.person == load.person or roomy.capacity - roomy.planned < enough.days:
            return []
        return [Link(f"Give {enough.task.title} to {roomy.person.first_name}", self.field_of(enough.task, "people"))]

    def about_cards(self) -> list[Check]:
        """Cards that lack something, one line for each thing that is missing."""
        found = []
        named = {"no_target": ("metrics", "Add one to {}"), "no_success": ("success", "Say it for {}"), "no_size": ("", "Size {}")}
        for code, (form, label) in named.items():
            tasks = [warn.task for warn in self.balance.warnings if warn.code == code and warn.task]
            if tasks:
                links = [Link(label.format(t.title), self.field_of(t, form or ("hours" if t.is_boxed else "points"))) for t in tasks]
                found.append(Check("warn", missing_words(code, len(tasks)), links if self.may_edit else []))
        if not any(warn.code == "no_target" for warn in self.balance.warnings) and any(
            one.task.kind == Kind.EXPERIMENT for one in self.balance.seated
        ):
            found.append(Check("ok", "Every experiment has a target"))
        return found

    def about_boxes(self) -> list[Check]:
        boxes = [one.task for one in self.balance.seated if one.task.box]
        long = [task for task in boxes if task.hours > self.team.hours_per_day * A_WEEK]
        if long:
            count = "1 time box is" if len(long) == 1 else f"{len(long)} time boxes are"
            return [Check("warn", f"{count} longer than a week", [Link(task.title, task.get_absolute_url()) for task in long])]
        return [Check("ok", "Every time box is a week or less")] if boxes else []

    def about_carried(self) -> list[Check]:
        times = Counter(one.task.carried for one in self.balance.seated if one.task.carried)
        count = sum(times.values())
        again = [one.task for one in self.balance.seated if one.task.carried > 1]
        found = [Check("ok", f"{count} card{'s' if count > 1 else ''} carried over, counted with what is left")] if count else []
        links = [Link(task.title, task.get_absolute_url()) for task in again]
        return found + ([Check("warn", f"{len(again)} carried over more than once", links)] if again else [])

    def field_of(self, task: Task, name: str) -> str:
        return reverse("experiments:field", kwargs={"team": self.team.key, "ref": task.ref, "name": name})


@dataclass(frozen=True)
class LoadLine:
    """One person's capacity as a line with a bar, in per cent of what is larger: the plan or the capacity."""

    load: Load
    rate: Decimal

    @property
    def planned(self) -> str:
        return in_words(self.load.planned)

    @property
    def capacity(self) -> str:
        return in_words(self.load.capacity)

    @property
    def is_over(self) -> bool:
        return bool(self.load.over)

    @property
    def over_words(self) -> str:
        """1.6 d over. Move 3 pts."""
        points = -int(-self.load.over // Fraction(self.rate))
        return f"{in_words(self.load.over)} d over. Move {points} pt{'s' if points > 1 else ''}."

    @property
    def away(self) -> str:
        return f"{in_words(self.load.away)} d away" if self.load.away else ""

    @property
    def inside(self) -> float:
        """The part of the bar that fits."""
        whole = max(self.load.planned, self.load.capacity)
        return round(float(min(self.load.planned, self.load.capacity) * 100 / whole), 1) if whole else 0.0

    @property
    def outside(self) -> float:
        return round(100 - self.inside, 1) if self.is_over else 0.0


def over_words(load: Load) -> str:
    per_cent = load.per_cent
    return f"{load.person.first_name} is at {per_cent}%" if per_cent else f"{load.person.first_name} has no day in this sprint"


def missing_words(code: str, count: int) -> str:
    one = count == 1
    return {
        "no_target": f"{count} {'experiment has' if one else 'experiments have'} no target",
        "no_success": f"{count} {'card doesn’t' if one else 'cards don’t'} say what success would be",
        "no_size": f"{count} {'card has' if one else 'cards have'} no size",
    }[code]


def unfinished(sprint: Sprint) -> Any:
    """The unfinished tasks of the team's running sprint that are pencilled nowhere."""
    running = Seat.objects.filter(sprint__team=sprint.team, state=State.RUNNING, removed_at=None).values("task")
    pencilled = Seat.objects.filter(sprint__team=sprint.team, state=State.PLANNED).values("task")
    return Task.objects.within(sprint.team).open().filter(pk__in=running).exclude(pk__in=pencilled)
