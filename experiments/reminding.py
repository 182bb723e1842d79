"""The sweep of reminders: what is due is told, once; a few queries a batch, and a claim for each card that is due.

The row says when a card needs a look, and the look works everything out from what is true now: who moved, paused,
extended or left is told nothing, and after a time without a sweep each person hears the highest milestone only.
"""

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction

from dsboard import clock
from dsboard.kinds import Kind
from dsboard.models import Calendars, Delivery, Membership, News, Notice, Webhook
from dsboard.roles import Role
from dsboard.working_time import NoWorkingTime
from experiments import news
from experiments.face import goals_of
from experiments.milestones import Milestone, Outlook, People, milestones, outlook, resumes_at
from experiments.models import Finding, Task, TimeBox
from experiments.models.decision import deciders, waiting_since
from experiments.models.pauses import resume
from experiments.reminder_words import Told, finding_words, notice_of, resumed_notice
from experiments.stages import Stage

log = logging.getLogger(__name__)
AT_ONCE = 200
#: seconds after which a sweep leaves the rest to the next one
BUDGET = 15
#: a card that can't be reminded of is looked at again after this long, so that it never holds up the others
BROKEN = timedelta(minutes=10)


def sweep() -> int:
    """Tell what is due; returns how many cards were looked at."""
    until, looked = monotonic() + BUDGET, 0
    while monotonic() < until and (batch := due()):
        looked += look_at(batch)
        if len(batch) < AT_ONCE:
            break
    return looked


def due() -> list[TimeBox]:
    """The boxes whose time has come, the longest waiting first."""
    rows = TimeBox.objects.filter(next_look_at__lte=clock.now()).order_by("next_look_at")
    return list(rows.select_related("task__team", "task__owner")[:AT_ONCE])


def look_at(batch: list[TimeBox]) -> int:
    """Look at each card; one that breaks is named in the log and left for later."""
    facts = Facts([box.task for box in batch])
    done = 0
    for box in batch:
        try:
            done += look(box, facts)
        except Exception:
            log.exception("no reminders of %s", box.task.ref)
            box.claim(clock.now() + BROKEN)
    return done


def look(box: TimeBox, facts: "Facts") -> int:
    """Claim one card's look and, in the same transaction, tell what is due; 0 when another sweep was first."""
    task = box.task
    resuming = resumes_at(task, facts.clock_of(task)(task.owner_id))
    if resuming and resuming <= facts.now:
        return let_run_on(box, task, resuming)
    seen = facts.outlook(task, resuming)
    with transaction.atomic():
        if not box.claim(seen.again):
            return 0
        Notice.objects.post_all(notice_of(task, one, facts.told_of(task)) for one in seen.now)
        if seen.now and task.team_id in facts.listening:
            Delivery.post_all(facts.news_of(task, {one.kind for one in seen.now}))
    return 1


@transaction.atomic
def let_run_on(box: TimeBox, task: Task, moment: datetime) -> int:
    """The date of a pause has come: the clock runs on as of that moment, and the owner hears of it."""
    # The card first and its box then, as every verb: the other way round two of them could wait for each other.
    task.hold()
    if not box.claim(None):
        return 0
    reason = box.pause_reason
    with clock.at(moment):
        resume(task, None)
    Notice.objects.post_all([resumed_notice(task, reason, moment)])
    return 1


class Facts:
    """Everything about a batch of cards that a look asks for, read in a fixed number of queries."""

    def __init__(self, tasks: list[Task]) -> None:
        self.now = clock.now()
        teams = {task.team_id: task.team for task in tasks}
        self.places = list(Membership.objects.filter(team__in=teams, user__is_active=True).select_related("user"))
        for place in self.places:
            place.team = teams[place.team_id]
        self.calendars = Calendars(self.places, teams.values())
        self.by_team: dict[int, list[Membership]] = defaultdict(list)
        for place in self.places:
            self.by_team[place.team_id].append(place)
        pks = [task.pk for task in tasks]
        self.listening = set(Webhook.objects.filter(team__in=teams, is_on=True).values_list("team_id", flat=True))
        self.watchers: dict[int, list[int]] = defaultdict(list)
        for task_id, user_id in Task.watchers.through.objects.filter(task__in=pks).values_list("task_id", "user_id"):
            self.watchers[task_id].append(user_id)
        self.since = waiting_since(tasks)
        every = {task.pk: self.milestones(task) for task in tasks}
        self.every = every
        keys = {one.key for found in every.values() for one in found if one.at <= self.now}
        users = {one.user_id for found in every.values() for one in found}
        self.known: set[tuple[int, str]] = set(Notice.objects.filter(user__in=users, key__in=keys).values_list("user_id", "key"))
        self.goals = goals_of(Task.objects.filter(pk__in=pks))
        waiting = Finding.objects.filter(task__in=[t.pk for t in tasks if t.stage == Stage.ANALYSIS]).select_related("by")
        self.findings = {finding.task_id: finding for finding in waiting.order_by("pk")}

    def clock_of(self, task: Task) -> Any:
        """The calendars of the people of a card's team."""
        return lambda user_id: self.calendars.of_member(task.team_id, user_id)

    def people(self, task: Task) -> People:
        """Who may be told about a card; whoever has left the team is not among them."""
        here = {place.user_id: place for place in self.by_team[task.team_id]}
        return People(
            owner=task.owner_id if task.owner_id in here else None,
            watchers=tuple(user for user in self.watchers[task.pk] if user in here),
            leads=tuple(user for user, place in here.items() if place.role == Role.LEAD),
            deciders=tuple(place.user_id for place in deciders(task, here.values())) if task.stage == Stage.ANALYSIS else (),
        )

    def milestones(self, task: Task) -> list[Milestone]:
        try:
            return milestones(task, self.people(task), self.clock_of(task), self.now, self.since.get(task.pk))
        except NoWorkingTime:
            log.warning("%s: a calendar has no working time left", task.ref)
            return []

    def outlook(self, task: Task, resuming: datetime | None) -> Outlook:
        """What is due of a card, and when it needs its next look."""
        seen = outlook(self.every[task.pk], self.known, self.clock_of(task), self.now)
        looks = [moment for moment in (seen.again, resuming) if moment]
        return Outlook(seen.now, min(looks, default=None))

    def news_of(self, task: Task, kinds: set[Kind]) -> list[News]:
        """What the team's webhook hears, where people are told of these kinds."""
        found = [news.of_end(task)] if kinds & {Kind.BOX_ENDED, Kind.FINDINGS_DUE} else []
        if Kind.DECISION_WAITING in kinds:
            found.append(news.of_waiting(task, self.since[task.pk], finding_words(self.told_of(task))))
        return found

    def told_of(self, task: Task) -> Told:
        left = task.box.left_at(self.now, self.clock_of(task)(task.owner_id))
        return Told(self.goals.get(task.pk), self.findings.get(task.pk), left)
