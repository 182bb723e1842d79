"""The decisions that floor 1 can carry out alone: Abandon and More research; and the reversal of any decision.

Productionize also makes what belongs to a model and its handoff, so it lives with them, one floor up.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.kinds import Kind as NoticeKind
from dsboard.models import Activity, Membership, Notice
from dsboard.roles import Act
from experiments import news
from experiments.models import moves
from experiments.models.decision import Decision, Reversal
from experiments.models.fields import value_of
from experiments.models.link import Rel, TaskLink
from experiments.models.search_entry import SearchEntry
from experiments.models.task import Task
from experiments.stages import Kind, Outcome, Stage


def shortened(text: str, longest: int = 120) -> str:
    """The start of a text as a title, cut at a word."""
    words = " ".join(text.split())
    return words if len(words) <= longest else words[: longest - 1].rsplit(" ", 1)[0] + "…"


def abandon(task: Task, by: Membership, *, why: str, **decision: Any) -> Decision:
    """We know enough to stop: the findings stay, searchable. Raises as Decision.make."""
    return Decision.make(task, by, Outcome.ABANDON, why=why, **decision)


@transaction.atomic
def more_research(
    task: Task,
    by: Membership,
    *,
    why: str,
    question: str = "",
    hypothesis: str = "",
    hours: Decimal | float | None = None,
    **decision: Any,
) -> Decision:
    """Promising, not proven: a follow-up card in Ideation with a new time box.

    It is an experiment, with the metrics carried over, when there is a hypothesis; else it is research.
    """
    question, hypothesis = question.strip(), hypothesis.strip()
    asked = {}
    if not question and not hypothesis:
        asked["question"] = "What is the next question, or hypothesis?"
    if question and hypothesis:
        asked["question"] = "Give the next question or the next hypothesis, not both."
    if not hours:
        asked["hours"] = "Give the follow-up a time box."
    if asked:
        by.must(Act.DECIDE, task.team_id)
        raise Refusal.of(asked)
    made = Decision.make(task, by, Outcome.MORE_RESEARCH, why=why, **decision)
    kind = Kind.EXPERIMENT if hypothesis else Kind.RESEARCH
    carried = {"metrics": value_of(task, "metrics")} if hypothesis else {}
    follow_up = Task.plan(
        by.team,
        kind=kind,
        title=shortened(hypothesis or question),
        by=by,
        success=task.success,
        hours=hours,
        labels=value_of(task, "labels"),
        bucket=task.bucket,
        **({"hypothesis": hypothesis} if hypothesis else {"question": question}),
        **carried,
    )
    link_created(made, follow_up)
    TaskLink.objects.create(task=task, rel=Rel.FOLLOW_UP, other=follow_up, decision=made)
    return made


def link_created(decision: Decision, task: Task) -> None:
    """The card that a decision created points back to where it comes from."""
    TaskLink.objects.create(task=task, rel=Rel.ORIGIN, other=decision.task, decision=decision)


@dataclass
class Consequences:
    """What a reversal withdrew, and what it left because somebody had touched it."""

    reversal: Reversal
    withdrawn: list[Task] = field(default_factory=list)
    kept: list[Task] = field(default_factory=list)


@clock.still()
@transaction.atomic
def reverse(task: Task, by: Membership, *, reason: str) -> Consequences:
    """Take the standing decision back: the card returns to Analysis, untouched consequences are withdrawn.

    What was touched stays, marked, and its owner is told. Raises Refusal when nothing is decided or no reason is given.
    """
    by.must(Act.REVERSE, task.team_id)
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise Refusal.of({"reason": "Say why the decision is reversed."})
    if len(reason) > 10_000:
        raise Refusal.of({"reason": "Keep it under 10,000 characters."})
    by.team.lock()
    task.hold()
    decision = task.decision
    if decision is None:
        raise Refusal(f"{task.ref} is not decided.", way="decision")
    Decision.objects.filter(pk=decision.pk).update(standing=False)
    done = Consequences(Reversal.objects.create(decision=decision, reason=reason, by_id=by.user_id))
    task.decision = None
    moves.put(task, Stage.ANALYSIS, by)
    Activity.record(task, "reversed", by, field="outcome", before=decision.outcome, after=None, reason=reason)
    SearchEntry.index(task)
    news.of_reversal(done.reversal, by)
    for created in decision.created:
        created.hold()
        if created.deleted_at:
            continue
        (withdraw if is_untouched(created) else mark)(created, by)
        (done.withdrawn if created.deleted_at else done.kept).append(created)
    return done


def is_untouched(task: Task) -> bool:
    """Nobody has moved, edited or commented it since the decision created it."""
    return task.version == 1


def withdraw(task: Task, by: Membership) -> None:
    """Nobody has touched it: into the bin."""
    task.deleted_at, task.deleted_by_id, task.rank = clock.now(), by.user_id, None
    task.touch("deleted_at", "deleted_by", "rank")
    Activity.record(task, "withdrawn", by, field="deleted", before=None, after=task.title)


def mark(task: Task, by: Membership) -> None:
    """Somebody works on it: it stays, says so, and its owner hears of it."""
    task.origin_reversed = True
    task.touch("origin_reversed")
    Activity.record(task, "origin_reversed", by, field="origin_reversed", before=False, after=True)
    if task.owner_id and task.owner_id != by.user_id:
        Notice.objects.post(
            team_id=task.team_id,
            user_id=task.owner_id,
            by_id=by.user_id,
            kind=NoticeKind.ORIGIN_REVERSED,
            key=f"origin_reversed:{task.pk}:{task.version}",
            title=f"The decision behind {task.ref} was reversed",
            text=task.title,
            url=task.get_absolute_url(),
            why=f"you own {task.ref}",
        )
