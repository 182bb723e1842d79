"""What the reports list card by card: experiments that are under way or decided, and time boxes that ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from dsboard.models import Calendars, Team
from dsboard.models.calendars import BACK
from experiments.models import Decision, Finding, Task
from experiments.models.task import BOXED
from experiments.stages import Outcome, Stage, Verdict
from sprints.allocation import in_days
from sprints.models.flow import Box, waiting_since


@dataclass(frozen=True)
class Experiment:
    """A card of research or experiment: where it is, how it came out, and how many working days its findings waited."""

    task: Any
    waited: float | None

    @property
    def state(self) -> str:
        return str(Stage(self.task.stage).label)

    @property
    def verdict(self) -> str:
        return str(Verdict(self.task.last_verdict).label) if self.task.last_verdict else ""

    @property
    def outcome(self) -> str:
        """The key of its outcome, or nothing."""
        return self.task.standing_outcome or ""

    @property
    def outcome_words(self) -> str:
        return str(Outcome(self.outcome).label) if self.outcome else ""

    @property
    def waited_words(self) -> str:
        return "" if self.waited is None else f"{self.waited:.1f} d"


class Experiments:
    """Under way now, or decided since `since` and until `until`; what was decided last comes first, then what started last."""

    def __init__(self, team: Team, since: datetime | None, until: datetime | None) -> None:
        self.team, self.since, self.until = team, since, until

    def cards(self) -> QuerySet[Any]:
        ended = Q(stage=Stage.DECISION)
        if self.since:
            ended &= Q(ended_at__gte=self.since)
        if self.until:
            ended &= Q(ended_at__lte=self.until)
        last = Finding.objects.filter(task=OuterRef("pk")).order_by("-pk")
        standing = Decision.objects.filter(task=OuterRef("pk"), standing=True)
        return (
            Task.objects.within(self.team)
            .present()
            .filter(kind__in=BOXED, dropped_at=None)
            .filter(Q(stage__in=[Stage.ACTIVE, Stage.ANALYSIS]) | ended)
            .select_related("owner", "time_box")
            .annotate(
                last_verdict=Subquery(last.values("verdict")[:1]),
                standing_outcome=Subquery(standing.values("outcome")[:1]),
                decided_at=Subquery(standing.values("at")[:1]),
                taken_back=Max("decisions__reversal__at"),
            )
            .order_by(F("ended_at").desc(nulls_last=True), F("started_at").desc(nulls_last=True), "-pk")
        )

    def read(self, cards: list[Any]) -> list[Experiment]:
        """The cards with their waits, by the team's calendar."""
        begun = [task.started_at for task in cards if task.started_at]
        working = Calendars.of([self.team], (min(begun) - BACK).date() if begun else None).of_team(self.team.pk)
        found = []
        for task in cards:
            closed = task.box.closed_at if task.box else None
            since = waiting_since(task.decided_at, closed, task.taken_back) if task.decided_at else None
            waited = float(in_days(working.between(since, task.decided_at), self.team.day)) if since else None
            found.append(Experiment(task, waited))
        return found


@dataclass(frozen=True)
class Ended:
    """A time box that ended, with its card as it is now; None once the card is in the bin."""

    number: int
    box: Box
    label: str
    task: Any


def tasks_of(team: Team, refs: list[str]) -> dict[str, Any]:
    """The cards of these references. One query."""
    return {task.ref: task for task in Task.objects.within(team).present().filter(ref__in=refs).select_related("owner")}
