"""My work: what needs one person, across all of that person's teams, in a fixed number of queries."""

from dataclasses import dataclass, field
from typing import Any

from dsboard.models import Membership, Notice, User
from dsboard.roles import Act
from experiments.models import Task
from experiments.models.decision import decides_alone
from experiments.stages import Stage

MOST = 100


@dataclass
class MyWork:
    """`boxes` run for this person, `decisions` wait for this person, `mentions` are unread, `cards` are the other open ones."""

    boxes: list[Task] = field(default_factory=list)
    decisions: list[Task] = field(default_factory=list)
    mentions: list[Notice] = field(default_factory=list)
    cards: list[Task] = field(default_factory=list)

    @classmethod
    def of(cls, user: User) -> "MyWork":
        """Four queries, however many cards (memberships, mine, what waits, notices), and one a team where a card of mine waits."""
        places = {m.team_id: m for m in Membership.objects.filter(user=user).select_related("team")}
        mine = list(cards_of(places).filter(owner=user).order_by("team__name", "lane", "rank")[:MOST])
        waiting = list(cards_of(places).filter(stage=Stage.ANALYSIS).order_by("updated_at")[:MOST])
        # Asked once a team, and only where a card of one's own waits: the answer may cost a query.
        own = {task.team_id for task in waiting if task.owner_id == user.pk}
        alone = {team_id for team_id in own if decides_alone(places[team_id])}
        boxes = [task for task in mine if task.stage == Stage.ACTIVE]
        return cls(
            boxes=boxes,
            decisions=[task for task in waiting if waits_for(task, places[task.team_id], task.team_id in alone)],
            mentions=list(Notice.objects.to(user).filter(read_at=None).select_related("by", "team")[:MOST]),
            cards=[task for task in mine if task not in boxes],
        )

    @property
    def sentence(self) -> str:
        """What is really yours, counted: the first line of the page."""
        counts = [(len(self.decisions), "decision"), (len(self.boxes), "running time box"), (len(self.mentions), "notice")]
        said = [f"{number(count)} {what if count == 1 else plural(what)}" for count, what in counts if count]
        if not said:
            return "Nothing is waiting for you. Enjoy the quiet."
        total = sum(count for count, _ in counts)
        if len(said) == 1:
            return f"{said[0].capitalize()} need{'s' if total == 1 else ''} you."
        listed = f"{', '.join(said[:-1])} and {said[-1]}"
        return f"{number(total).capitalize()} things need you: {listed}."


def cards_of(places: dict[int, Membership]) -> Any:
    """The open cards of these teams, with what a row shows."""
    return Task.objects.open().filter(team__in=places).select_related("team", "owner", "time_box")


def waits_for(task: Task, place: Membership, alone: bool) -> bool:
    """May this person decide it (their own only where they may alone), and is nobody else named to?"""
    if not place.may(Act.DECIDE) or task.decider_id not in (None, place.user_id):
        return False
    return task.owner_id != place.user_id or alone


def number(count: int) -> str:
    """Small numbers as words, as people write them."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[count] if count < len(words) else str(count)


def plural(what: str) -> str:
    return f"{what}es" if what.endswith("x") else f"{what}s"
