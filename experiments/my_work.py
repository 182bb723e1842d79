"""My work: what needs one person, across all of that person's teams, in a fixed number of queries."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from dsboard import clock, words
from dsboard.kinds import Kind
from dsboard.models import Calendars, Membership, Notice, Team, User
from dsboard.roles import Act
from experiments.awaited import Section, sections
from experiments.clock import Clock, read
from experiments.face import Goal, goals_of
from experiments.models import Finding, Task
from experiments.models.decision import decides_alone, waiting_since
from experiments.models.time_box import length_in_words
from experiments.reminder_words import Told, finding_words
from experiments.stages import Stage

MOST = 100
SHOWN = ("later", "done")


@dataclass(frozen=True)
class BoxRow:
    """A time box that runs, is paused or has ended: one's own or, for a lead, one that ends today or is overdue."""

    task: Task
    clock: Clock
    is_mine: bool
    goal: Goal | None

    @property
    def is_due(self) -> bool:
        return self.clock.is_due

    @property
    def line(self) -> str:
        """Whose it is, and how it stands."""
        who = "" if self.is_mine else self.task.owner.first_name if self.task.owner else "Nobody"
        return " · ".join(part for part in (who, self.stands, self.task.team.name) if part)

    @property
    def stands(self) -> str:
        if self.is_due:
            return f"{'Findings' if self.is_mine else 'findings'} due since {self.clock.words.removeprefix('Ended ')}"
        if self.goal is None:
            return ""
        return (
            f"{self.goal.name} {self.goal.value}, target {self.goal.goal}"
            if self.goal.value
            else f"{self.goal.name}, target {self.goal.goal}"
        )


@dataclass(frozen=True)
class DecisionRow:
    """A card whose findings wait for this person's decision."""

    task: Task
    text: str
    waits: timedelta
    day: timedelta

    @property
    def waiting(self) -> str:
        """waiting 2 d: in working days, by hours on the first."""
        return f"waiting {self.waits // self.day} d" if self.waits >= self.day else f"waiting {self.waits // words.HOUR} h"


@dataclass
class MyWork:
    """`boxes` and `decisions` are rows, `sections` of the floors above, `notices` are unread, `cards` are the other open ones."""

    boxes: list[BoxRow] = field(default_factory=list)
    decisions: list[DecisionRow] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    cards: list[Task] = field(default_factory=list)

    @classmethod
    def of(cls, user: User) -> "MyWork":
        return cls.on(Desk(user))

    @classmethod
    def on(cls, desk: "Desk") -> "MyWork":
        """Eleven queries, however many cards, one a team where a card of one's own waits for a decision, three where a handoff waits."""
        boxes = desk.boxes()
        running = {row.task.pk for row in boxes}
        mine = desk.open_cards().filter(owner=desk.user).order_by("team__name", "lane", "rank")[:MOST]
        return cls(
            boxes=boxes,
            decisions=desk.decisions(),
            sections=[one for one in desk.sections() if one.rows],
            notices=list(Notice.objects.to(desk.user).unread().select_related("by", "team")[:MOST]),
            cards=[task for task in mine if task.pk not in running],
        )

    @property
    def late(self) -> list[BoxRow]:
        """One's own boxes whose findings are due."""
        return [row for row in self.boxes if row.is_mine and row.is_due]

    @property
    def urgent(self) -> int:
        """Things that only this person can do now."""
        return len(self.decisions) + len(self.late) + sum(len(one.rows) for one in self.sections)

    @property
    def waiting(self) -> int:
        """Every row of the list."""
        return len(self.boxes) + len(self.decisions) + len(self.notices) + sum(len(one.rows) for one in self.sections)

    @property
    def mentions(self) -> list[Notice]:
        return [notice for notice in self.notices if notice.kind == Kind.MENTION]

    @property
    def others(self) -> list[Notice]:
        return [notice for notice in self.notices if notice.kind != Kind.MENTION]

    @property
    def median_wait(self) -> str:
        """How long the decisions have waited, the middle one: 1.6 d."""
        waits = [row.waits / row.day for row in self.decisions]
        return f"median wait {median(waits):.1f} d" if len(waits) > 1 else ""

    @property
    def sentence(self) -> str:
        """What is really yours, counted: the first line of the page."""
        running = sum(row.is_mine and not row.is_due for row in self.boxes)
        counts = [
            (len(self.decisions), "decision"),
            *((len(one.rows), one.noun) for one in self.sections),
            (len(self.late), "late finding"),
            (running, "running time box"),
            (len(self.notices), "notice"),
        ]
        said = [f"{number(count)} {what if count == 1 else plural(what)}" for count, what in counts if count]
        if not said:
            return "Nothing is waiting for you. Enjoy the quiet."
        total = sum(count for count, _ in counts)
        if len(said) == 1:
            return f"{said[0].capitalize()} need{'s' if total == 1 else ''} you."
        return f"{number(total).capitalize()} things need you: {', '.join(said[:-1])} and {said[-1]}."


class Desk:
    """One person with the teams they are in: where the lists of My work are read from."""

    def __init__(self, user: User) -> None:
        self.user, self.now = user, clock.now()
        self.places = {m.team_id: m for m in Membership.objects.filter(user=user).select_related("team")}

    @property
    def teams(self) -> list[Team]:
        return [place.team for place in self.places.values()]

    @cached_property
    def calendars(self) -> Calendars:
        return Calendars.of(self.teams)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the page: the person's own in their first team."""
        first = next(iter(self.places.values()), None)
        return ZoneInfo((first.time_zone or first.team.time_zone) if first else "UTC")

    def open_cards(self) -> Any:
        """The open cards of these teams, with what a row shows."""
        return Task.objects.open().filter(team__in=self.places).select_related("team", "owner", "time_box")

    def boxes(self) -> list[BoxRow]:
        """One's own under way, and for a lead everybody's that end today or have ended; the first to end on top."""
        active = self.open_cards().filter(stage=Stage.ACTIVE, time_box__started_at__isnull=False).order_by("time_box__ends_at", "pk")
        mine = active.filter(owner=self.user)
        led = [pk for pk, place in self.places.items() if place.may(Act.NUDGE)]
        tonight = self.now.astimezone(self.zone).replace(hour=23, minute=59)
        others = active.filter(team__in=led, time_box__ends_at__lte=tonight, time_box__runs_since__isnull=False).exclude(owner=self.user)
        tasks = sorted([*mine[:MOST], *others[:MOST]], key=lambda task: task.box.ends_at or self.now + timedelta(days=999))
        goals = goals_of(Task.objects.filter(pk__in=[task.pk for task in tasks])) if tasks else {}
        return [BoxRow(task, self.clock_of(task), task.owner_id == self.user.pk, goals.get(task.pk)) for task in tasks]

    def clock_of(self, task: Task) -> Clock:
        """The clock of a card, in the words of its team."""
        team, size = task.team, length_in_words(task.box.hours, task.team.hours_per_day)
        return read(task.box, size, self.now, self.calendars.of_member(team.pk, task.owner_id), team.day, ZoneInfo(team.time_zone))

    def decisions(self) -> list[DecisionRow]:
        """What waits for this person, the longest first."""
        waiting = list(self.open_cards().filter(stage=Stage.ANALYSIS).order_by("time_box__closed_at", "pk")[:MOST])
        # Asked once a team, and only where a card of one's own waits: the answer may cost a query.
        own = {task.team_id for task in waiting if task.owner_id == self.user.pk}
        alone = {team_id for team_id in own if decides_alone(self.places[team_id])}
        tasks = [task for task in waiting if waits_for(task, self.places[task.team_id], task.team_id in alone)]
        reports = Finding.objects.filter(task__in=[task.pk for task in tasks]).select_related("by").order_by("pk") if tasks else []
        findings = {finding.task_id: finding for finding in reports}
        since = waiting_since(tasks)
        return [self.decision_row(task, findings.get(task.pk), since.get(task.pk, task.updated_at)) for task in tasks]

    def decision_row(self, task: Task, finding: Finding | None, since: datetime) -> DecisionRow:
        waits = self.calendars.of_member(task.team_id, self.user.pk).between(since, self.now)
        return DecisionRow(task, finding_words(Told(None, finding, waits)), waits, task.team.day)

    def sections(self) -> list[Section]:
        """What waits on the floors above."""
        return sections(self.user, self.places)

    def late(self) -> int:
        """How many findings of one's own are due."""
        late = self.open_cards().filter(stage=Stage.ACTIVE, owner=self.user, time_box__runs_since__isnull=False)
        return int(late.filter(time_box__ends_at__lte=self.now).count())


@dataclass(frozen=True)
class Urgent:
    """What the side bar counts: things that only this person can do now, and those of the floors above in the team of the page."""

    count: int
    by_section: dict[str, int]

    @classmethod
    def of(cls, user: User, team_key: str) -> "Urgent":
        desk = Desk(user)
        if not desk.places:
            return cls(0, {})
        found = desk.sections()
        here = next((team.pk for team in desk.teams if team.key == team_key.upper()), None)
        count = len(desk.decisions()) + desk.late() + sum(len(one.rows) for one in found)
        return cls(count, {one.key: one.of_team(here) for one in found})


def notices_shown(user: User, show: str) -> list[Notice]:
    """What was put off, or what has been read."""
    mine = Notice.objects.to(user).select_related("by", "team")
    found = mine.snoozed().order_by("snoozed_until") if show == "later" else mine.exclude(read_at=None).order_by("-read_at")
    return list(found[:MOST])


def waits_for(task: Task, place: Membership, alone: bool) -> bool:
    """May this person decide it (their own only where they may alone), and is nobody else named to?"""
    if not place.may(Act.DECIDE) or task.decider_id not in (None, place.user_id):
        return False
    return task.owner_id != place.user_id or alone


def number(count: int) -> str:
    """Small numbers as words, as people write them."""
    spelt = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return spelt[count] if count < len(spelt) else str(count)


def plural(what: str) -> str:
    return f"{what}es" if what.endswith("x") else f"{what}s"
