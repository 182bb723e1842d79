"""What a card's reminders are, for whom and when: pure, from the card, its box and the calendars (PRODUCT section 3)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dsboard.kinds import Kind
from dsboard.outbox import GRACE
from dsboard.working_time import NoWorkingTime, WorkingTime
from experiments.models import Task, TimeBox
from experiments.stages import BoxState, Stage

#: working days after the end on which the owner is reminded, and those on which the leads are told too
DAYS_AFTER, DAYS_FOR_LEADS = (1, 2, 3, 4, 5), (2, 5)
#: working days after which a waiting decision is named again: the first, then every third, three times
DECISION_DAYS = (1, 4, 7)
#: paused working days after which the leads are told
PAUSED_DAYS = 5
#: why somebody is told
OWNER, WATCHER, LEAD, DECIDER = "owner", "watcher", "lead", "decider"

Clocks = Callable[[int | None], WorkingTime]


class Milestone(NamedTuple):
    """Something to tell one person from a moment on. `place` orders a person's milestones: a higher one makes lower ones void."""

    user_id: int
    at: datetime
    place: int
    kind: Kind
    key: str
    role: str


@dataclass(frozen=True)
class People:
    """Who may be told about one card: all of them members who can sign in."""

    owner: int | None
    watchers: tuple[int, ...]
    leads: tuple[int, ...]
    deciders: tuple[int, ...]


def milestones(task: Task, people: People, clock_of: Clocks, now: datetime, waits_since: datetime | None = None) -> list[Milestone]:
    """Every reminder of a card as it stands now, past ones and those to come; `waits_since` where it waits for a decision."""
    box: TimeBox | None = task.box
    if box is None or task.is_off_boards:
        return []
    match box.state_at(now):
        case BoxState.RUNNING | BoxState.ENDED:
            return list(of_a_clock(task, box, people, clock_of(task.owner_id)))
        case BoxState.PAUSED:
            return list(of_a_pause(task, box, people, clock_of(task.owner_id)))
        case BoxState.CLOSED if task.stage == Stage.ANALYSIS:
            return list(of_a_decision(task, waits_since or box.closed_at, people, clock_of))
    return []


def of_a_clock(task: Task, box: TimeBox, people: People, working: WorkingTime) -> Iterator[Milestone]:
    """At four fifths, at the end, and on the working days after it."""
    if box.ends_at is None:
        return
    # The end is part of the key, so that an extended box warns again.
    mark = f"{task.pk}:{box.ends_at:%Y%m%d%H%M%S}"
    owner = [people.owner] if people.owner else []
    if box.warns_at:
        yield from told(owner, box.warns_at, 0, Kind.BOX_WARNING, f"warning:{mark}", OWNER)
    yield from told(owner, box.ends_at, 1, Kind.BOX_ENDED, f"ended:{mark}", OWNER)
    watchers = [user for user in people.watchers if user != people.owner]
    yield from told(watchers, box.ends_at, 1, Kind.BOX_ENDED, f"ended:{mark}", WATCHER)
    for day in DAYS_AFTER:
        morning = working.start_of(working.days_after(box.ends_at, day))
        yield from told(owner, morning, 1 + day, Kind.FINDINGS_DUE, f"due{day}:{mark}", OWNER)
        if day in DAYS_FOR_LEADS:
            leads = [user for user in people.leads if user != people.owner]
            yield from told(leads, morning, 1 + day, Kind.FINDINGS_DUE, f"due{day}:{mark}", LEAD)


def of_a_pause(task: Task, box: TimeBox, people: People, working: WorkingTime) -> Iterator[Milestone]:
    """The leads, once it has lasted."""
    if box.paused_at:
        mark = f"{task.pk}:{box.paused_at:%Y%m%d%H%M%S}"
        yield from told(people.leads, working.days_later(box.paused_at, PAUSED_DAYS), 0, Kind.BOX_PAUSED, f"paused:{mark}", LEAD)


def of_a_decision(task: Task, since: datetime | None, people: People, clock_of: Clocks) -> Iterator[Milestone]:
    """Each decider, by that person's own working days since the findings came or a decision was taken back."""
    if since is None:
        return
    mark = f"{task.pk}:{since:%Y%m%d%H%M%S}"
    for user in people.deciders:
        for place, days in enumerate(DECISION_DAYS):
            at = clock_of(user).days_later(since, days)
            yield from told([user], at, place, Kind.DECISION_WAITING, f"decision{days}:{mark}", DECIDER)


def told(users: Iterable[int], at: datetime, place: int, kind: Kind, key: str, role: str) -> Iterator[Milestone]:
    for user in users:
        yield Milestone(user, at, place, kind, key, role)


def resumes_at(task: Task, working: WorkingTime) -> datetime | None:
    """When a paused clock runs on by itself: on the morning of its date, in Active and with an owner; None for never."""
    box: TimeBox | None = task.box
    if box is None or box.paused_at is None or box.resumes_on is None or task.stage != Stage.ACTIVE or task.owner_id is None:
        return None
    return working.start_of(box.resumes_on)


class Outlook(NamedTuple):
    """What to tell now, and when to look again."""

    now: list[Milestone]
    again: datetime | None


def outlook(every: list[Milestone], known: set[tuple[int, str]], clock_of: Clocks, now: datetime) -> Outlook:
    """For each person the highest milestone that has come, once, within that person's working hours or right after them.

    `known` are the people and keys that have been told before.
    """
    tell: list[Milestone] = []
    looks = [one.at for one in every if one.at > now]
    for user in {one.user_id for one in every}:
        reached = [one for one in every if one.user_id == user and one.at <= now]
        highest = max(reached, key=lambda one: one.place, default=None)
        if highest is None or (user, highest.key) in known:
            continue
        try:
            opens = clock_of(user).opening(now, GRACE)
        except NoWorkingTime:
            # Away for years: nobody to tell.
            continue
        if opens <= now:
            tell.append(highest)
        else:
            looks.append(opens)
    return Outlook(tell, min(looks, default=None))
