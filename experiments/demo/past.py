"""Finished work by the thousand, written in bulk: what a board drags behind it after years."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.db.models import Min

from dsboard import clock
from dsboard.models import Activity, Team
from experiments.models import Decision, Deliverable, Finding, Interval, Metric, Result, SearchEntry, Task, TimeBox
from experiments.models.order import GAP
from experiments.stages import DAYS_ON_BOARD, POINTS, Confidence, Kind, Lane, Outcome, Phase, Stage, Verdict, Work, default_bucket

AT_ONCE = 2_000
METHODS = ("gradient boosting", "a small encoder", "two-tower retrieval", "isotonic calibration", "a survival model", "graph features")
SUBJECTS = ("ticket routing", "chargebacks", "cold-start shoppers", "demand in summer", "churn of new customers", "search ranking")
METRICS = ("macro-F1", "AUC", "Recall@20", "accuracy")
SYSTEMS = ("ranker", "churn", "fraud-features", "demand-forecast", "ticket-classifier")
BUILT = ("Serve", "Backfill", "Monitor", "Document", "Cache", "Replay")
KINDS = (Kind.EXPERIMENT,) * 8 + (Kind.RESEARCH,) * 3 + (Kind.DEVELOPMENT,) * 6 + (Kind.MAINTENANCE,) * 3
OUTCOMES = (Outcome.ABANDON,) * 4 + (Outcome.MORE_RESEARCH,) * 3 + (Outcome.PRODUCTIONIZE,) * 2


def history(team: Team, size: int) -> int:
    """Add finished cards above the present ones, oldest on top, until the team has `size`; returns how many were added."""
    missing = size - team.tasks.count()
    if missing <= 0:
        return 0
    with transaction.atomic():
        team.lock()
        first = team.next_number()
        Team.objects.filter(pk=team.pk).update(last_number=first + missing - 1)
        past = Past(team, missing, first)
        for start in range(0, missing, AT_ONCE):
            past.write(range(start, min(start + AT_ONCE, missing)))
    return missing


class Past:
    """Three years of work that ended before the fortnight of the boards, evenly spread."""

    def __init__(self, team: Team, size: int, first_number: int) -> None:
        self.team, self.size, self.first_number = team, size, first_number
        # Every past of one size is the same: chance would only make two measurements differ.
        self.chance = random.Random(size)  # noqa: S311
        self.people = list(team.memberships.exclude(role="viewer").order_by("pk").values_list("user_id", flat=True))
        top = team.tasks.filter(lane=Lane.DONE).aggregate(top=Min("rank"))["top"] or 0
        self.top = top - GAP * (size + 1)
        self.until = clock.now() - timedelta(days=21)

    def write(self, places: range) -> None:
        """Write the cards of these places with all that hangs on them."""
        tasks = Task.objects.bulk_create([self.task(place) for place in places])
        hanging: dict[Any, list[Any]] = {}
        for task in tasks:
            for row in [*self.story_of(task), SearchEntry(task=task, team=self.team, body=self.text_of(task))]:
                hanging.setdefault(type(row), []).append(row)
        for model in (TimeBox, Metric, Finding, Result, Decision, Deliverable, Activity, SearchEntry):
            model._default_manager.bulk_create(hanging.get(model, []))

    def ended_at(self, place: int) -> datetime:
        return self.until - timedelta(minutes=(self.size - place) * 3 * 365 * 24 * 60 / self.size)

    def task(self, place: int) -> Task:
        """A card that is decided or done."""
        kind, chance, ended = self.chance.choice(KINDS), self.chance, self.ended_at(place)
        method, subject = chance.choice(METHODS), chance.choice(SUBJECTS)
        number = self.first_number + place
        started = ended - timedelta(days=chance.randint(1, 9))
        planned = started - timedelta(days=chance.randint(1, 30))
        return Task(
            team=self.team,
            number=number,
            ref=f"{self.team.key}-{number}",
            kind=kind,
            stage=Stage.DECISION if kind.is_boxed else Stage.DONE,
            lane=Lane.DONE,
            rank=self.top + GAP * place,
            owner_id=chance.choice(self.people),
            created_by_id=chance.choice(self.people),
            bucket=default_bucket(kind),
            created_at=planned,
            started_at=started,
            ended_at=ended,
            shown_until=ended + timedelta(days=DAYS_ON_BOARD),
            updated_at=ended,
            version=6,
            **self.own_fields(kind, method, subject),
        )

    def own_fields(self, kind: Kind, method: str, subject: str) -> dict[str, Any]:
        """What a card of this kind says of itself."""
        chance = self.chance
        if kind == Kind.DEVELOPMENT:
            sized = {"points": chance.choice(POINTS), "confidence": Confidence.ROUGH, "phase": Phase.PROTOTYPE}
            return {"title": f"{chance.choice(BUILT)} {method} for {subject}", **sized}
        if kind == Kind.MAINTENANCE:
            system, work = chance.choice(SYSTEMS), chance.choice(Work.values)
            told = {"serves": system, "work": work, "done_note": "Done and watched for a day.", "points": chance.choice(POINTS[:5])}
            return {"title": f"{Work(work).label} of {system}", **told}
        statement = (
            f"Does {method} help with {subject}?" if kind == Kind.RESEARCH else f"{method.capitalize()} beats the baseline for {subject}."
        )
        return {
            "title": f"{method.capitalize()} for {subject}",
            "statement": statement,
            "success": "Better than what runs today.",
            "phase": Phase.EXPLORE,
        }

    def story_of(self, task: Task) -> list[models.Model]:
        """The rows that hang on a finished card, history included."""
        verb = "decided" if task.is_boxed else "moved"
        rows: list[models.Model] = [self.line(task, "created", task.created_at, after=task.title)]
        rows += self.findings_of(task) if task.is_boxed else [Deliverable(task=task, text="What was agreed", done=True)]
        return [*rows, self.line(task, verb, task.ended_at, field="stage", before="review", after=task.stage)]

    def findings_of(self, task: Task) -> list[models.Model]:
        """A closed box, a metric, findings with its result, and the decision."""
        chance = self.chance
        value = round(chance.uniform(0.5, 1.0), 3)
        hours = Decimal(chance.choice((4, 8, 16, 24, 40)))
        used = timedelta(hours=float(hours) * chance.choice((0.6, 0.8, 1.0, 1.0, 1.3)))
        box = TimeBox(task=task, hours=hours, original_hours=hours, started_at=task.started_at, used=used, closed_at=task.ended_at)
        box.ended_intervals = [Interval.kept(task.owner_id, box.started_at or self.until, task.ended_at or self.until, used)]
        metric = Metric(task=task, name=chance.choice(METRICS), target=0.8)
        verdict = chance.choice(Verdict.values) if task.kind == Kind.EXPERIMENT else ""
        finding = Finding(task=task, tried="Three seeds on two months of traffic.", learned=f"{metric.name} {value}.", verdict=verdict)
        result = Result(finding=finding, metric=metric, metric_name=metric.name, goal=metric.goal, value=value, is_met=metric.met(value))
        decision = Decision(task=task, outcome=chance.choice(OUTCOMES), why="The numbers say so.", evidence={})
        said: tuple[Any, ...] = (finding, decision)
        for row in said:
            row.by_id, row.at = task.owner_id, task.ended_at
        return [box, metric, finding, result, decision]

    def line(self, task: Task, verb: str, at: Any, **change: Any) -> Activity:
        """One line of history."""
        said = {"subject_type": "task", "subject_id": task.pk, "subject_ref": task.ref, "version": task.version}
        return Activity(team=self.team, at=at, actor_id=task.owner_id, verb=verb, **said, **change)

    def text_of(self, task: Task) -> str:
        return "\n".join(part for part in (task.ref, task.title, task.statement, task.success, task.serves) if part)
