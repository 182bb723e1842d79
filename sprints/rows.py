"""The rows of the planning page: cards that wait, and cards that have a seat."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse

from experiments.face import Person, box_words, person
from experiments.models import Task
from experiments.models.metric import plain
from experiments.stages import Bucket, Kind
from sprints.balance import Balance, Seated, in_words
from sprints.models import Seat


@dataclass(frozen=True)
class Row:
    """One card on the planning page, as plain values."""

    ref: str
    version: int
    kind: str
    stage: str
    title: str
    size: str
    owner: Person | None
    carried: int = 0
    #: the number of another planned sprint that it is pencilled in
    pencilled: int | None = None
    success: str = ""
    days: str = ""
    tags: tuple[str, ...] = ()
    #: added after the plan froze
    is_new: bool = False
    ended: bool = False

    @property
    def is_boxed(self) -> bool:
        return Kind(self.kind).is_boxed

    @property
    def team_key(self) -> str:
        return self.ref.rpartition("-")[0]

    @property
    def url(self) -> str:
        return reverse("experiments:task", kwargs={"team": self.team_key, "ref": self.ref})


def size_of(hours: Decimal | None, points: Decimal | None, hours_per_day: Decimal) -> str:
    """3d for a box, 5 for points; empty when nobody has said."""
    return box_words(hours, hours_per_day) if hours is not None else plain(points) if points is not None else ""


def seat_row(one: Seated, balance: Balance) -> Row:
    """A card that has a seat, with what is missing before its sprint should start."""
    task = one.task
    tags = []
    if task.is_boxed and not task.success:
        tags.append("No success sentence")
    if task.kind == Kind.EXPERIMENT and task.pk not in balance.with_target:
        tags.append("No target")
    size = size_of(task.hours, task.points, balance.team.hours_per_day)
    if not size:
        tags.append("No size")
    return Row(
        ref=task.ref,
        version=task.version,
        kind=task.kind,
        stage=task.stage,
        title=task.title,
        size=size,
        owner=person(task.owner.pk, task.owner.name) if task.owner else None,
        carried=task.carried,
        success=task.success if task.is_boxed else "",
        days=in_words(one.days),
        tags=tuple(tags),
        is_new=one.seat.is_scope_change,
        ended=task.ended_at is not None,
    )


@dataclass
class Group:
    """One bucket of a sprint with its rows and what they add up to."""

    bucket: Bucket
    rows: list[Row] = field(default_factory=list)
    points: Decimal = Decimal(0)
    days: Fraction = Fraction(0)
    boxed: Fraction = Fraction(0)

    HINTS = {Bucket.COMMITTED: "production and maintenance", Bucket.EXPERIMENTS: "time-boxed", Bucket.LEARNING: "papers, tools, upskilling"}
    ADD = {Bucket.COMMITTED: "Add committed work", Bucket.EXPERIMENTS: "Add an experiment", Bucket.LEARNING: "Add learning time"}

    @property
    def name(self) -> str:
        return self.bucket.label

    @property
    def hint(self) -> str:
        return self.HINTS[self.bucket]

    @property
    def add(self) -> str:
        return self.ADD[self.bucket]

    @property
    def total(self) -> str:
        """29 pts · 17.4 d, or 9 d boxed."""
        if not self.points:
            return f"{in_words(self.boxed)} d boxed" if self.boxed else ""
        return f"{plain(self.points)} pts · {in_words(self.days)} d"


def groups(balance: Balance) -> list[Group]:
    """The three buckets with the cards that have a seat in them, in the order in which they got it."""
    found = {bucket: Group(bucket) for bucket in Bucket}
    for one in balance.seated:
        group = found[Bucket(one.bucket)]
        group.rows.append(seat_row(one, balance))
        group.days += one.days
        group.points += one.task.points or 0
        group.boxed += one.days if one.task.is_boxed else 0
    return list(found.values())


WAITING = (
    "pk", "ref", "version", "kind", "stage", "title", "time_box__hours", "points", "owner_id", "owner__name", "carried",
)  # fmt: skip


def waiting_rows(tasks: Any, hours_per_day: Decimal) -> list[Row]:
    """Cards without a seat here, in the order of the query; two queries."""
    found = list(tasks.values_list(*WAITING))
    keys = [row[0] for row in found]
    pencils = dict(Seat.objects.filter(state="planned", task__in=keys).values_list("task_id", "sprint__number"))
    return [
        Row(
            ref, version, kind, stage, title, size_of(hours, points, hours_per_day), owner and person(owner, name), carried, pencils.get(pk)
        )
        for pk, ref, version, kind, stage, title, hours, points, owner, name, carried in found
    ]


def waiting_row(task: Task) -> Row:
    """One card without a seat here."""
    return waiting_rows(Task.objects.within(task.team).filter(pk=task.pk), task.team.hours_per_day)[0]
