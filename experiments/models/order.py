"""The order of cards: a gapped integer per team and lane, anchored on neighbours, under the team's lock.

Floats drift and full renumbering is slow; both cost other boards years of fixes. A card gets the middle of the gap
that its neighbours leave; when that is used up, only the cards that follow are spread out, as few as do.
"""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import BigIntegerField, Case, F, IntegerField, QuerySet, Value, When

from dsboard.errors import Stale
from dsboard.prepared import prepared
from experiments.stages import LANES

if TYPE_CHECKING:
    from experiments.models.task import Task

GAP = 2**20
#: where the spread cards wait between the two updates: far below every real rank
ASIDE = 2**62
LANE_ORDER = Case(*[When(lane=lane, then=Value(i)) for i, lane in enumerate(LANES)], output_field=IntegerField())


def others(task: "Task", lane: str) -> Any:
    """The other cards of the lane that have a place."""
    return type(task).objects.filter(team_id=task.team_id, lane=lane, rank__isnull=False).exclude(pk=task.pk)


@prepared
def next_above(team: int, lane: str, rank: int, card: int) -> QuerySet[Any, tuple[str, int]]:
    """The reference and the rank of the card above a place, another one than `card`."""
    return placed(team, lane, card).filter(rank__lt=rank).order_by("-rank")[:1]


@prepared
def next_below(team: int, lane: str, rank: int, card: int) -> QuerySet[Any, tuple[str, int]]:
    return placed(team, lane, card).filter(rank__gt=rank).order_by("rank")[:1]


@prepared
def named(team: int, lane: str, ref: str, other: str, card: int) -> QuerySet[Any, tuple[str, int]]:
    return placed(team, lane, card).filter(ref__in=[ref, other])


@prepared
def last_of(team: int, lane: str, card: int) -> QuerySet[Any, tuple[str, int]]:
    return placed(team, lane, card).order_by("-rank")[:1]


def placed(team: int, lane: str, card: int) -> QuerySet[Any, tuple[str, int]]:
    """The reference and the rank of each other card of a lane."""
    tasks = apps.get_model("experiments", "Task").objects
    rows = tasks.filter(team=team, lane=lane, rank__isnull=False).exclude(pk=card).order_by()
    return rows.values_list("ref", "rank")


def end_of(task: "Task", lane: str = "") -> int:
    """A rank behind every card of the lane."""
    last = last_of(task.team_id, lane or task.lane, task.pk or 0)
    return last[0][1] + GAP if last else GAP


def place(task: "Task", lane: str, *, before: str, after: str) -> int:
    """The rank between the card `before` (above) and the card `after` (below), both by reference; call under the lock.

    If others came between the two, the place is right below the upper one. Raises Stale for a neighbour that left.
    """
    if not before and not after:
        return end_of(task, lane)
    ranks = neighbours(task, lane, [ref for ref in (before, after) if ref])
    above: int | None
    below: int | None
    if before:
        above = min(ranks)
        below = next((rank for _, rank in next_below(task.team_id, lane, above, task.pk)), None)
    else:
        below = ranks[0]
        above = next((rank for _, rank in next_above(task.team_id, lane, below, task.pk)), None)
    if above is None:
        return int(below or 0) - GAP
    if below is None:
        return int(above) + GAP
    if below - above > 1:
        return (above + below) // 2
    return make_room(task, lane, above)


def neighbours(task: "Task", lane: str, refs: list[str]) -> list[int]:
    """The ranks of named neighbours; Stale if one is not in this lane any more."""
    ranks = dict(named(task.team_id, lane, refs[0], refs[-1], task.pk))
    gone = next((ref for ref in refs if ref not in ranks), None)
    if gone is not None:
        raise Stale(f"{gone} is no longer there. Look again and drop the card where it belongs.", current=task)
    return [int(ranks[ref]) for ref in refs]


def make_room(task: "Task", lane: str, above: int) -> int:
    """Spread out the cards that follow `above`, as few as give gaps again; returns the rank right below it."""
    width = 32
    while True:
        rows = list(others(task, lane).filter(rank__gt=above).order_by("rank").values_list("pk", "rank")[: width + 1])
        beyond = rows[width][1] if len(rows) > width else None
        rows = rows[:width]
        step = GAP if beyond is None else (beyond - above) // (len(rows) + 2)
        if step >= 2**4:
            break
        width *= 4
    # The moving card gives up its own place first: the others may be spread onto it.
    type(task).objects.filter(pk=task.pk).update(rank=None)
    # Two updates: a row may pass over a place that is not free yet, and the database watches each one.
    spread = type(task).objects.filter(pk__in=[pk for pk, _ in rows])
    spread.update(rank=F("rank") - ASIDE)
    places = [When(pk=pk, then=Value(above + step * (i + 2))) for i, (pk, _) in enumerate(rows)]
    spread.update(rank=Case(*places, output_field=BigIntegerField()))
    return above + step
