"""The words of reminders (DESIGN 4.8): subject, first line, why, and the buttons of the mail."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.urls import reverse

from dsboard.kinds import Kind
from dsboard.models import Notice
from experiments.clock import left_words
from experiments.face import Goal
from experiments.milestones import DECIDER, LEAD, OWNER, PAUSED_DAYS, WATCHER, Milestone
from experiments.models import Finding, Task
from experiments.models.reminder import about


class Told(NamedTuple):
    """What the words are made of: the first metric, the findings as they stand, what is left of the box."""

    goal: Goal | None
    finding: Finding | None
    left: timedelta


WHY = {OWNER: "you own {ref}", WATCHER: "you watch {ref}", LEAD: "you lead the team", DECIDER: "you decide {ref}"}


def notice_of(task: Task, one: Milestone, told: Told) -> Notice:
    """The notice for one person and milestone."""
    title, text = said(task, one, told)
    return Notice.of(
        team_id=task.team_id,
        user_id=one.user_id,
        kind=one.kind,
        key=one.key,
        about=about(task),
        title=title,
        text=text,
        why=WHY[one.role].format(ref=task.ref),
        url=task.get_absolute_url(),
        actions=buttons(task, one),
    )


def said(task: Task, one: Milestone, told: Told) -> tuple[str, str]:
    """Subject and first line."""
    owner = task.owner.first_name if task.owner else "Nobody"
    match one.kind:
        case Kind.BOX_WARNING:
            return f"{left_words(told.left, task.team.day)}: {task.title}", f"Time to start writing down what you know.{goal_words(told)}"
        case Kind.BOX_ENDED if one.role == WATCHER:
            return f"Time box ended: {task.title}", f"{owner} reports what was learned next. Not finding it counts too."
        case Kind.BOX_ENDED:
            text = "Report what you learned, or extend with a reason. Not finding it counts too."
            return f"Time box ended: {task.title}", text
        case Kind.FINDINGS_DUE if one.role == LEAD:
            return f"Findings still due: {task.title}", f"{owner} owns it. Three sentences are enough."
        case Kind.FINDINGS_DUE:
            return f"Findings still due: {task.title}", "Three sentences are enough."
        case Kind.BOX_PAUSED:
            return f"Paused for {PAUSED_DAYS} working days: {task.title}", f"{owner} waits for something: {task.box.pause_reason}"
    return f"Waiting for your decision: {task.title}", finding_words(told)


def goal_words(told: Told) -> str:
    """AUC is at 0.941, target ≥ 0.945."""
    goal = told.goal
    if goal is None:
        return ""
    return f" {goal.name} is at {goal.value}, target {goal.goal}." if goal.value else f" The target is {goal.name} {goal.goal}."


def finding_words(told: Told) -> str:
    """What was learned, and what its reporter suggests."""
    return told.finding.in_brief(299) if told.finding else ""


def buttons(task: Task, one: Milestone) -> list[tuple[str, str]]:
    """What the mail offers to do at once."""
    place = {"team": task.team.key, "ref": task.ref}
    if one.kind == Kind.DECISION_WAITING:
        return [("Decide", reverse("handoffs:decision", kwargs=place))]
    if one.role == OWNER:
        report, extend = reverse("experiments:report", kwargs=place), reverse("experiments:extension", kwargs=place)
        return [("Report findings", report), ("Extend", extend)]
    return [("Open the card", task.get_absolute_url())]


def resumed_notice(task: Task, reason: str, moment: datetime) -> Notice:
    """The clock runs on: to the owner."""
    return Notice.of(
        team_id=task.team_id,
        user_id=task.owner_id or 0,
        kind=Kind.BOX_RESUMED,
        key=f"resumed:{task.pk}:{moment:%Y%m%d%H%M%S}",
        about=about(task),
        title=f"The clock runs again: {task.title}",
        text=f"It was paused until today: {reason}",
        why=WHY[OWNER].format(ref=task.ref),
        url=task.get_absolute_url(),
    )
