"""The chain of phases that a card belongs to: explore, prototype, productionize; the first guess beside the final cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from dsboard.models import Activity
from dsboard.prepared import prepared
from experiments.hanging import value_of
from experiments.models import Task, TaskLink
from experiments.models.link import Rel
from experiments.models.metric import plain
from experiments.models.time_box import length_in_words
from experiments.stages import Confidence, Phase

LONGEST = 20
#: what a line of history says of points
GUESS = {"before": "before", "after": "after"}
ORDER = {Phase.EXPLORE: 0, Phase.PROTOTYPE: 1, Phase.PRODUCTIONIZE: 2}


#: a decision to productionize leads to the next phase as a promotion does; other origins start chains of their own
LEADS_ON = Q(rel=Rel.PHASE) | Q(rel=Rel.ORIGIN, task__phase=Phase.PRODUCTIONIZE)


def leads_on(link: TaskLink) -> bool:
    """The same of a link that is read."""
    return link.rel == Rel.PHASE or (link.rel == Rel.ORIGIN and link.task.phase == Phase.PRODUCTIONIZE)


@prepared
def links_around(task: int) -> QuerySet[TaskLink]:
    """The links that name a card or that a decision on it made, and the chain's links of the cards at their other ends.

    Each comes with the cards at both ends and what history says of their first points. One search for each way to be meant:
    the database has an index for each, and none for all at once.
    """
    links, leading = TaskLink.objects.order_by(), TaskLink.objects.order_by().filter(LEADS_ON)
    near = (leading.filter(task=task).values("other"), leading.filter(other=task).values("task"))
    ways: list[Any] = [links.filter(task=task), links.filter(other=task), links.filter(decision__task=task)]
    ways += [leading.filter(**{f"{end}__in": cards}) for cards in near for end in ("task", "other")]
    meant = ways[0].values("pk").union(*(way.values("pk") for way in ways[1:]))
    points = {f"{end}_points": Subquery(points_of(OuterRef(end)).values(found=JSONObject(**GUESS))[:1]) for end in ("task", "other")}
    return TaskLink.objects.filter(pk__in=meant).select_related("task__time_box", "other__time_box").annotate(**points).order_by("pk")


def points_of(card: Any) -> QuerySet[Activity]:
    """The changes of a card's points, or of several cards' with a list."""
    which = {"subject_id__in": card} if isinstance(card, list) else {"subject_id": card}
    return Activity.objects.filter(subject_type="task", field="points", **which).order_by("pk")


@dataclass(frozen=True)
class Step:
    """One card of the chain; `first_guess` and `final_cost` are words, empty while there is nothing to say."""

    task: Task
    phase: str
    first_guess: str
    final_cost: str
    is_here: bool


def chain(task: Task, links: Iterable[Any] | None = None) -> list[Step]:
    """Every card of the chain, earliest phase first; empty when the card stands alone. `links` are those around it, where they are read.

    A chain within two links of the card takes no query more, a longer one takes one a generation and two at the end.
    """
    known = {task.pk: task}
    firsts: dict[int, float | None] = {}
    joined: list[Any] = [link for link in (links_around(task.pk) if links is None else links) if leads_on(link)]
    fresh = {task.pk}
    for _ in range(2):
        ends = {pk for link in joined if {link.task_id, link.other_id} & fresh for pk in (link.task_id, link.other_id)}
        fresh = ends - known.keys()
        known |= {card.pk: card for link in joined for card in (link.task, link.other) if card.pk in fresh}
    for link in joined:
        firsts |= {link.task_id: guess(link.task_points), link.other_id: guess(link.other_points)}
    if fresh:
        pks = every_step(task, set(known), fresh)
        if pks > known.keys():
            known = {card.pk: card for card in Task.objects.within(task.team).filter(pk__in=pks).select_related("time_box")}
            firsts = first_points(list(pks))
    if len(known) == 1:
        return []
    cards = [card for card in known.values() if card.deleted_at is None]
    for card in cards:
        card.team = task.team
    in_order = sorted(cards, key=lambda card: (ORDER.get(Phase(card.phase), 3) if card.phase else 3, card.pk))
    return [Step(card, card.get_phase_display(), first_guess(card, firsts), final_cost(card), card.pk == task.pk) for card in in_order]


def every_step(task: Task, pks: set[int], fresh: set[int]) -> set[int]:
    """The cards of the chain from the `fresh` ones on, a query a generation, until it ends or is very long."""
    while fresh and len(pks) < LONGEST:
        pairs = TaskLink.objects.within(task.team).filter(LEADS_ON).filter(Q(task__in=fresh) | Q(other__in=fresh))
        fresh = {pk for pair in pairs.values_list("task", "other") for pk in pair} - pks
        pks = pks | fresh
    return pks


def guess(said: dict[str, Any] | None) -> float | None:
    """The first points of a card, by the first change of them: what stood before, else what came."""
    told = [number for number in (value_of(Activity, name, (said or {}).get(name)) for name in GUESS) if number is not None]
    return told[0] if told else None


def first_points(pks: list[int]) -> dict[int, float | None]:
    """The points that each card was first given, from its history."""
    first: dict[int, float | None] = {}
    for pk, before, after in points_of(pks).values_list("subject_id", "before", "after"):
        first.setdefault(pk, before if before is not None else after)
    return first


def first_guess(card: Task, firsts: dict[int, float | None]) -> str:
    """The size somebody believed in first: the time box, or the first points."""
    if card.is_boxed:
        return f"{length_in_words(card.box.hours, card.team.hours_per_day)} box" if card.box else ""
    first = firsts.get(card.pk)
    points = card.points if first is None else first
    return f"{plain(points)} pts" if points is not None else ""


def final_cost(card: Task) -> str:
    """What it came to: a box closed by findings, or the points it ended with."""
    if card.is_boxed:
        return f"{length_in_words(card.box.hours, card.team.hours_per_day)}, reported" if card.box and card.box.closed_at else ""
    if card.ended_at is None or card.points is None:
        return ""
    return f"{plain(card.points)} pts, {'firm' if card.confidence == Confidence.FIRM else 'rough'}"
