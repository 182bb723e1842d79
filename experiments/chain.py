"""The chain of phases that a card belongs to: explore, prototype, productionize; the first guess beside the final cost."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from dsboard.models import Activity
from experiments.models import Task, TaskLink
from experiments.models.link import Rel
from experiments.models.metric import plain
from experiments.models.time_box import length_in_words
from experiments.stages import Confidence, Phase

LONGEST = 20
ORDER = {Phase.EXPLORE: 0, Phase.PROTOTYPE: 1, Phase.PRODUCTIONIZE: 2}


def leads_on(link: TaskLink) -> bool:
    """A decision to productionize leads to the next phase as a promotion does; other origins start chains of their own."""
    return link.rel == Rel.PHASE or (link.rel == Rel.ORIGIN and link.task.phase == Phase.PRODUCTIONIZE)


@dataclass(frozen=True)
class Step:
    """One card of the chain; `first_guess` and `final_cost` are words, empty while there is nothing to say."""

    task: Task
    phase: str
    first_guess: str
    final_cost: str
    is_here: bool


def chain(task: Task, links: Iterable[TaskLink] | None = None) -> list[Step]:
    """Every card of the chain, earliest phase first; empty when the card stands alone. One query a generation, two more for a long one.

    `links` are those that name the card, with their cards, for whoever has read them already.
    """
    pks, fresh = {task.pk}, {task.pk}
    known = {task.pk: task}
    if links is not None:
        known |= {card.pk: card for link in links if leads_on(link) for card in (link.task, link.other) if card.pk != task.pk}
        fresh = known.keys() - pks
        pks |= fresh
    while fresh and len(pks) < LONGEST:
        # The same as leads_on.
        joined = Q(rel=Rel.PHASE) | Q(rel=Rel.ORIGIN, task__phase=Phase.PRODUCTIONIZE)
        pairs = (
            TaskLink.objects.within(task.team).filter(joined).filter(Q(task__in=fresh) | Q(other__in=fresh)).values_list("task", "other")
        )
        fresh = {pk for pair in pairs for pk in pair} - pks
        pks |= fresh
    if len(pks) == 1:
        return []
    if pks - known.keys():
        known = {card.pk: card for card in Task.objects.within(task.team).filter(pk__in=pks).select_related("time_box")}
    cards = [card for card in known.values() if card.deleted_at is None]
    for card in cards:
        card.team = task.team
    firsts = first_points(list(pks))
    in_order = sorted(cards, key=lambda card: (ORDER.get(Phase(card.phase), 3) if card.phase else 3, card.pk))
    return [Step(card, card.get_phase_display(), first_guess(card, firsts), final_cost(card), card.pk == task.pk) for card in in_order]


def first_points(pks: list[int]) -> dict[int, float]:
    """The points that each card was first given, from its history."""
    first: dict[int, float] = {}
    rows = Activity.objects.filter(subject_type="task", subject_id__in=pks, field="points").order_by("pk")
    for pk, before, after in rows.values_list("subject_id", "before", "after"):
        guess = before if before is not None else after
        if guess is not None:
            first.setdefault(pk, guess)
    return first


def first_guess(card: Task, firsts: dict[int, float]) -> str:
    """The size somebody believed in first: the time box, or the first points."""
    if card.is_boxed:
        return f"{length_in_words(card.box.hours, card.team.hours_per_day)} box" if card.box else ""
    points = firsts.get(card.pk, card.points)
    return f"{plain(points)} pts" if points is not None else ""


def final_cost(card: Task) -> str:
    """What it came to: a box closed by findings, or the points it ended with."""
    if card.is_boxed:
        return f"{length_in_words(card.box.hours, card.team.hours_per_day)}, reported" if card.box and card.box.closed_at else ""
    if card.ended_at is None or card.points is None:
        return ""
    return f"{plain(card.points)} pts, {'firm' if card.confidence == Confidence.FIRM else 'rough'}"
