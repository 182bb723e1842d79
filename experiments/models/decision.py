"""A decision on research or an experiment: who, when, why, on what evidence; and its reversal, a record of its own."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.functional import cached_property

from dsboard import clock
from dsboard.errors import Forbidden, Refusal, Stale
from dsboard.models import Activity, Membership, TeamScoped
from dsboard.models.team import OwnDecision
from dsboard.roles import Act, Role
from experiments import news
from experiments.models import moves
from experiments.models.fields import value_of
from experiments.models.search_entry import SearchEntry
from experiments.stages import Outcome, Stage, Sureness

if TYPE_CHECKING:
    from experiments.models.task import Task


class Decision(TeamScoped):
    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=13, choices=Outcome)
    why = models.TextField()
    confidence = models.CharField(max_length=6, choices=Sureness, blank=True)
    override_reason = models.TextField(blank=True)
    evidence = models.JSONField(help_text="The findings, results and metrics as they stood.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    standing = models.BooleanField(default=True, help_text="Off once it was reversed.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["task"], condition=Q(standing=True), name="decision_one_stands"),
            models.CheckConstraint(condition=~Q(why=""), name="decision_says_why"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="decision_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.why[:60]}"

    @classmethod
    @clock.still()
    @transaction.atomic
    def make(
        cls,
        task: "Task",
        by: Membership,
        outcome: str,
        *,
        why: str,
        confidence: str = "",
        override_reason: str = "",
        version: int | None = None,
        before: str = "",
        after: str = "",
    ) -> "Decision":
        """Decide: record it with the evidence as it stands and move the card to Decision; what it creates is for the caller.

        Raises Forbidden for who may not decide, Stale when the card changed since `version`, Refusal by field.
        """
        by.must(Act.DECIDE, task.team_id)
        by.team.lock()
        task.hold()
        refuse_undecidable(task, version)
        refuse_alone(task, by)
        why, override_reason = (text.replace("\x00", "").strip() for text in (why, override_reason))
        asked = {} if why else {"why": "Say why, in a sentence or two for whoever finds this in a year."}
        if max(len(why), len(override_reason)) > 10_000:
            asked["why"] = "Keep it under 10,000 characters."
        if confidence and confidence not in Sureness.values:
            asked["confidence"] = "How sure you are is low, medium or high."
        if outcome == Outcome.PRODUCTIONIZE and needs_override(task):
            if override_reason:
                by.must(Act.OVERRIDE)
            else:
                asked["override_reason"] = "No metric was met. A lead may still productionize it, with a reason."
        if asked:
            raise Refusal.of(asked)
        decision = cls.objects.create(
            task=task,
            outcome=outcome,
            why=why,
            confidence=confidence,
            override_reason=override_reason,
            evidence=evidence_of(task),
            by_id=by.user_id,
        )
        moves.put(task, Stage.DECISION, by, before=before, after=after)
        task.decision = decision
        Activity.record(task, "decided", by, field="outcome", before=None, after=outcome, why=why)
        SearchEntry.index(task)
        news.of_decision(decision, by)
        return decision

    @cached_property
    def created(self) -> list["Task"]:
        """The cards that this decision created, the withdrawn ones too."""
        return [link.task for link in self.links.all() if link.rel == "origin"]

    @property
    def reversal_or_none(self) -> "Reversal | None":
        return getattr(self, "reversal", None)


class Reversal(TeamScoped):
    """Taking a decision back: a new record, with a reason, by a lead."""

    team_path = "decision__task__team"
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="reversal")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="reversal_says_why")]

    def __str__(self) -> str:
        return self.reason[:80]


def refuse_undecidable(task: "Task", version: int | None) -> None:
    """Only a card in Analysis is decided, and on what the decider saw."""
    if not task.is_boxed:
        raise Refusal(f"{task.get_kind_display()} is done, not decided. Decisions are for research and experiments.")
    if task.is_off_boards:
        raise Refusal(f"{task.ref} is off the board. Restore it first.")
    if task.stage == Stage.DECISION:
        raise Refusal(f"{task.ref} is decided already. Reverse that decision first.", way="reversal")
    if task.stage != Stage.ANALYSIS or task.finding is None:
        raise Refusal.of({"findings": f"Report the findings of {task.ref} before it is decided."}, way="findings")
    if version is not None and version != task.version:
        weighty = Activity.objects.of(task).filter(version__gt=version).exclude(verb__in=["commented", "reordered", "linked", "unlinked"])
        if version > task.version or weighty.exists():
            raise Stale(f"{task.ref} changed since you opened it. Look again before you decide.", current=task)


def decides_alone(by: Membership) -> bool:
    """Does the team's policy let this person decide alone on their own card?"""
    policy = by.team.own_decisions
    return alone_by(policy, policy == OwnDecision.AUTO and by.team.one_lead())


def deciders(task: "Task", places: Iterable[Membership]) -> list[Membership]:
    """Who is asked to decide a card, of all places in its team: the one who was named, else everybody who may.

    An owner is asked about their own card only where the policy lets them decide alone.
    """
    team = [place for place in places if place.team_id == task.team_id and place.user.is_active]
    one_lead = sum(place.role == Role.LEAD for place in team) == 1
    may = [p for p in team if p.may(Act.DECIDE) and (p.user_id != task.owner_id or alone_by(p.team.own_decisions, one_lead))]
    return [place for place in may if place.user_id == task.decider_id] or may


def waiting_since(tasks: Iterable["Task"]) -> dict[int, datetime]:
    """Since when each card in Analysis waits for its decision: since its findings, or since one was taken back. One query."""
    since = {task.pk: task.box.closed_at for task in tasks if task.stage == Stage.ANALYSIS and task.box and task.box.closed_at}
    taken_back = Reversal.objects.filter(decision__task__in=since).values_list("decision__task", "at") if since else []
    for task_id, at in taken_back:
        since[task_id] = max(since[task_id], at)
    return since


def alone_by(policy: str, one_lead: bool) -> bool:
    """Whether a team's policy lets an owner decide alone."""
    return policy == OwnDecision.ALLOWED or (policy == OwnDecision.AUTO and one_lead)


def refuse_alone(task: "Task", by: Membership) -> None:
    """Whether an owner may decide alone on their own card is the team's policy."""
    if task.owner_id == by.user_id and not decides_alone(by):
        raise Forbidden(f"You own {task.ref}, so somebody else decides it. Ask in a comment.")


def needs_override(task: "Task") -> bool:
    """The card has metrics and the findings meet none of them."""
    return task.metrics.exists() and not (task.finding and task.finding.met)


def evidence_of(task: "Task") -> dict[str, Any]:
    """The findings, results and metrics as they stand, to keep with the decision."""
    finding = task.finding
    return {
        "statement": task.statement,
        "success": task.success,
        "metrics": value_of(task, "metrics"),
        "finding": {"tried": finding.tried, "learned": finding.learned, "next": finding.next, "verdict": finding.verdict or None},
        "results": [
            {"metric": r.metric_name, "goal": r.goal, "value": r.value, "met": r.is_met, "source": r.source, "note": r.note}
            for r in finding.results.all()
        ],
    }
