"""The board of a sprint: its cards in the four lanes, one row of them for each bucket, and how far each bucket is."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.utils.safestring import SafeString

from dsboard.models import Membership
from dsboard.roles import Act
from experiments.face import faces, html
from experiments.models import Task
from experiments.models.metric import plain
from experiments.stages import Bucket, Lane, Outcome
from sprints.balance import Balance, Seated, in_words
from sprints.models import Sprint

GLYPHS = {Lane.READY: "c-idea", Lane.IN_PROGRESS: "c-active", Lane.REVIEW: "c-analysis", Lane.DONE: "c-decision"}


@dataclass
class Cell:
    """One lane of one bucket."""

    lane: Lane
    bucket: Bucket
    cards: list[SafeString] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.lane}-{self.bucket}"

    @property
    def name(self) -> str:
        return f"{self.lane.label}, {self.bucket.label}"


@dataclass
class Row:
    """One bucket across the lanes, and how far it is."""

    bucket: Bucket
    cells: list[Cell]
    progress: str = ""
    #: per cent of its measure: points finished for committed work, planned box days used for the rest
    per_cent: float = 0.0

    @property
    def name(self) -> str:
        return self.bucket.label


class SprintBoard:
    """Everything that the page shows, in a fixed number of queries."""

    def __init__(self, sprint: Sprint, viewer: Membership) -> None:
        self.sprint, self.team = sprint, sprint.team
        self.balance = Balance(sprint)
        self.may_move = sprint.is_running and viewer.may(Act.MOVE)
        self.may_lead = viewer.may(Act.SPRINTS)

    @cached_property
    def seated(self) -> list[Seated]:
        return [one for one in self.balance.seated if one.task.dropped_at is None]

    @cached_property
    def rows(self) -> list[Row]:
        buckets = {one.task.ref: one.bucket for one in self.seated}
        rows = {bucket: Row(bucket, [Cell(lane, bucket) for lane in Lane], *self.progress(bucket)) for bucket in Bucket}
        lanes = list(Lane)
        tasks = Task.objects.within(self.team).filter(pk__in=[one.task.pk for one in self.seated]).order_by("rank", "pk")
        lane_of = {one.task.ref: lanes.index(Lane(one.task.lane)) for one in self.seated}
        for face in faces(self.team, tasks):
            rows[Bucket(buckets[face.ref])].cells[lane_of[face.ref]].cards.append(html(face))
        return list(rows.values())

    @property
    def lanes(self) -> list[tuple[Lane, str, int]]:
        """Each lane with its glyph and how many cards it has."""
        count = Counter(one.task.lane for one in self.seated)
        return [(lane, GLYPHS[lane], count[lane]) for lane in Lane]

    def progress(self, bucket: Bucket) -> tuple[str, float]:
        """12 of 29 pts done; or 4.5 of 9 d of box time used, 1 decided."""
        mine = [one for one in self.seated if one.bucket == bucket]
        points = sum((one.task.points or Decimal(0) for one in mine), Decimal(0))
        done = sum((one.task.points or Decimal(0) for one in mine if one.task.ended_at), Decimal(0))
        boxed = [one for one in mine if one.task.is_boxed]
        said = [f"{plain(done) or 0} of {plain(points)} pts done"] if points else []
        used, planned = self.box_days(boxed)
        if boxed:
            said += [f"{in_words(used)} of {in_words(planned)} d of box time used", *outcomes(boxed)]
        share = float(done / points * 100) if points else float(used / planned * 100) if planned else 0.0
        return " · ".join(said), round(min(100.0, share), 1)

    def box_days(self, boxed: list[Seated]) -> tuple[Fraction, Fraction]:
        """What the boxes used in this sprint, and what they held when it started."""
        used = sum((self.balance.used.get(one.task.pk, Fraction(0)) for one in boxed), Fraction(0))
        return used, sum((one.days for one in boxed), Fraction(0))


def outcomes(boxed: list[Seated]) -> list[str]:
    """1 productionize, 2 abandon; and what is reported and waits."""
    decided = Counter(one.task.outcome for one in boxed if one.task.ended_at)
    said = [f"{decided[outcome]} {Outcome(outcome).label.lower()}" for outcome in Outcome.values if decided[outcome]]
    waiting = sum(one.task.lane == Lane.REVIEW for one in boxed)
    return said + ([f"{waiting} to decide"] if waiting else [])


def cell_of(sprint: Sprint, task: Task) -> str:
    """The key of the cell in which a card stands now."""
    seat = sprint.seats.filter(task=task, removed_at=None).first()
    return f"{task.lane}-{seat.bucket_now}" if seat else ""


def below(sprint: Sprint, task: Task) -> str:
    """The reference of the card under this one in its cell; empty at the end."""
    seat = sprint.seats.filter(task=task, removed_at=None).first()
    if seat is None or task.rank is None:
        return ""
    held = sprint.seats.held().filter(bucket=seat.bucket).values("task")
    after = Task.objects.within(sprint.team).filter(pk__in=held, lane=task.lane, rank__gt=task.rank)
    return after.order_by("rank").values_list("ref", flat=True).first() or ""
