"""The cards of a team's boards as this process last read them: read again only where the team's pulse says that they changed.

Kept for a minute at most, since clocks go on, and never inside a transaction, which sees what others don't. What is kept
belongs to the team and to nobody in it: nothing in a face depends on who looks.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.safestring import SafeString, mark_safe

from dsboard import clock
from dsboard.models import Calendars, Pulse, Team
from dsboard.models.pulse import EVERYTHING
from experiments.face import Clocks, Face, Row, html, rows, timed
from experiments.models import Task
from experiments.models.task_rows import still_shown
from experiments.stages import DELIVERY_STAGES, EXPERIMENT_STAGES

FLOWS = {"experiments": EXPERIMENT_STAGES, "delivery": DELIVERY_STAGES}
NOTHING = Decimal(0)
#: teams whose cards one process keeps, those first asked for the longest ago go first
TEAMS = 50
#: kinds of subject that no face shows
APART = ("notice", "desk", "tracker", "webhook", "mlmodel", "version", "deployment", "handoff", "line", "series")


class Shown:
    """The cards of one flow at one instant, in order, drawn, and counted by column."""

    def __init__(self, cards: Iterable[tuple[Face, SafeString]]) -> None:
        pairs = list(cards)
        self.faces = [face for face, _ in pairs]
        self.drawn = {face.ref: text for face, text in pairs}

    @cached_property
    def by_stage(self) -> dict[str, list[Face]]:
        found: dict[str, list[Face]] = {}
        for face in self.faces:
            found.setdefault(face.stage, []).append(face)
        return found

    @cached_property
    def totals(self) -> dict[str, tuple[int, Decimal, Decimal]]:
        """Of each stage: how many cards, and the hours and points that they add up to."""
        return {
            stage: (len(faces), sum((f.hours or NOTHING for f in faces), NOTHING), sum((Decimal(f.points or 0) for f in faces), NOTHING))
            for stage, faces in self.by_stage.items()
        }

    @cached_property
    def lists(self) -> dict[str, SafeString]:
        """The cards of each stage as the items of its list."""
        return {stage: self.listed(faces) for stage, faces in self.by_stage.items()}

    def listed(self, faces: Iterable[Face]) -> SafeString:
        """These cards as items of a list."""
        return mark_safe("".join(f"<li data-card>{self.drawn[face.ref]}</li>" for face in faces))  # noqa: S308  drawn by html()

    def below(self, face: Face) -> str:
        """The reference of the card under this one, empty at the end."""
        column = self.by_stage[face.stage]
        at = column.index(face) + 1
        return column[at].ref if at < len(column) else ""


class Kept:
    """One team's rows, and what was made of them for this minute."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.version, self.minute = -1, -1
        self.cards: dict[str, tuple[Row, Face, SafeString]] = {}
        self.flows: dict[str, Shown] = {}
        self.made: dict[Any, Any] = {}
        self.steady: dict[Any, Any] = {}

    def follow(self, team: Team) -> None:
        """Be as new as the team's pulse."""
        minute = int(clock.now().timestamp() // 60)
        changed = team.pulse.since(self.version) if self.minute == minute else {EVERYTHING}
        if not changed:
            return
        touched = {one for one in changed if one.partition(":")[0] not in APART}
        if not all(one.startswith("task:") for one in touched):
            self.steady = {}
            self.cards = self.read(team, on_boards(team))
        elif touched:
            refs = {one.removeprefix("task:") for one in touched}
            self.cards = {ref: card for ref, card in self.cards.items() if ref not in refs}
            self.cards |= self.read(team, Task.objects.within(team).present().filter(still_shown(), dropped_at=None, ref__in=refs))
        if touched:
            self.flows = self.in_flows()
        self.version, self.minute, self.made = team.pulse.version, minute, {}

    def read(self, team: Team, tasks: Any) -> dict[str, tuple[Row, Face, SafeString]]:
        clocks = Clocks(team)
        found = {row.face.ref: (row, timed(row, clocks)) for row in rows(team, tasks)}
        return {ref: (row, face, self.drawn(face)) for ref, (row, face) in found.items()}

    def drawn(self, face: Face) -> SafeString:
        """As it is drawn already, where it is the same as before."""
        before = self.cards.get(face.ref)
        return before[2] if before and before[1] == face else html(face)

    def in_flows(self) -> dict[str, Shown]:
        there = sorted(self.cards.values(), key=place)
        return {flow: Shown((face, text) for _, face, text in there if face.stage in stages) for flow, stages in FLOWS.items()}


def place(card: tuple[Row, Face, SafeString]) -> tuple[int, int]:
    row = card[0]
    return (2**63 if row.rank is None else row.rank, row.pk)


def on_boards(team: Team) -> Any:
    """The cards that a board may show within the minute; two searches of one index each, as TaskQuerySet.on_boards has them."""
    return Task.objects.within(team).on_boards().order_by(F("rank").asc(nulls_last=True), "pk")


def shown(team: Team, flow: str) -> Shown:
    """The cards of a flow now."""
    if transaction.get_connection().in_atomic_block or not has_pulse(team):
        stages = FLOWS[flow]
        clocks = Clocks(team)
        read = (timed(row, clocks) for row in rows(team, on_boards(team).filter(stage__in=stages)))
        return Shown((face, html(face)) for face in read)
    kept = kept_of(team)
    with kept.lock:
        kept.follow(team)
        return kept.flows[flow]


def for_now(team: Team, what: Any, make: Callable[[], Any], *, steady: bool = False) -> Any:
    """Something else that is read off a team, made once for each version of it and each minute.

    What is `steady` no card can change: it is made again when anything else did.
    """
    if transaction.get_connection().in_atomic_block or not has_pulse(team):
        return make()
    kept = kept_of(team)
    with kept.lock:
        kept.follow(team)
        made = kept.steady if steady else kept.made
        if what not in made:
            made[what] = make()
        return made[what]


_teams: OrderedDict[int, Kept] = OrderedDict()
_lock = threading.Lock()


def kept_of(team: Team) -> Kept:
    with _lock:
        if team.pk not in _teams:
            _teams[team.pk] = Kept()
            while len(_teams) > TEAMS:
                _teams.popitem(last=False)
        return _teams[team.pk]


def has_pulse(team: Team) -> bool:
    return "pulse" in team._state.fields_cache and isinstance(team._state.fields_cache["pulse"], Pulse)


def forget() -> None:
    """Keep nothing: for tests, whose databases change under this process."""
    _teams.clear()


def calendars_of(team: Team) -> Calendars:
    """The calendars of a team, read again when something else than a card changed."""
    calendars: Calendars = for_now(team, "calendars", lambda: Calendars.of([team]), steady=True)
    return calendars
