"""The cast of the tests: a team of four, a stranger in another team, and the cards they work on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps

from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, Team, User
from dsboard.roles import Role, Side
from experiments.models import Decision, Task, outcomes
from experiments.models.finding import Finding
from experiments.stages import Kind, Outcome, Stage
from handoffs.productionize import productionize

F1 = {"name": "macro-F1", "direction": "higher", "target": 0.9}
LATENCY = {"name": "latency", "direction": "lower", "target": 120}


@dataclass
class World:
    """Inês leads team FRAUD; Mei (data science) and Omar (engineering) are members, Vera views; Ivo leads team OTHER."""

    team: Team
    lead: Membership
    mei: Membership
    omar: Membership
    vera: Membership
    other: Team
    ivo: Membership

    def research(self, **fields: Any) -> Task:
        """A question that is ready to start, in Ideation."""
        ready = {"question": "Which signals tell fraud rings apart?", "success": "Three signals worth an experiment.", "hours": 8}
        return self.plan(Kind.RESEARCH, "Look for ring signals", ready | fields)

    def experiment(self, **fields: Any) -> Task:
        """A hypothesis that is ready to start, in Ideation."""
        ready = {"hypothesis": "Fine-tuned BERT beats GPT-2.", "success": "Better at a third of the cost.", "metrics": [F1], "hours": 24}
        return self.plan(Kind.EXPERIMENT, "BERT vs GPT comparison", ready | fields)

    def development(self, **fields: Any) -> Task:
        """A sized deliverable, in Ready."""
        return self.plan(Kind.DEVELOPMENT, "Serve the ranker", {"deliverables": ["An endpoint"], "points": 5} | fields)

    def maintenance(self, **fields: Any) -> Task:
        """Upkeep that can start, in Ready."""
        return self.plan(Kind.MAINTENANCE, "Retrain the ranker", {"serves": "ranker", "work": "retraining", "points": 2} | fields)

    def plan(self, kind: str, title: str, fields: dict[str, Any]) -> Task:
        """A new card by Mei, unless `by` says somebody else."""
        by, title = fields.pop("by", self.mei), fields.pop("title", title)
        return Task.plan(by.team, kind=kind, title=title, by=by, **fields)

    def started(self, task: Task, by: Membership | None = None) -> Task:
        """The card in Active or In progress."""
        task.move_to(Stage.ACTIVE if task.is_boxed else Stage.IN_PROGRESS, by or self.mei)
        return task

    def report(self, task: Task, value: float | None = 0.93, **fields: Any) -> Finding:
        """Findings for a card in Active or Analysis: each metric gets `value`, or crashed when it is None."""
        by, note = fields.pop("by", self.mei), "" if value is not None else "The run crashed."
        results = [{"metric": m.name, "value": value, "note": note} for m in task.metrics.all()]
        said = {"tried": "Three seeds each.", "learned": "The encoder is enough.", "verdict": "supported", "results": results}
        if task.kind == Kind.RESEARCH:
            del said["verdict"]
        return Finding.report(task, by, **(said | fields))

    def in_analysis(self, task: Task | None = None, value: float | None = 0.93) -> Task:
        """A card whose findings are in."""
        task = self.started(task or self.experiment())
        self.report(task, value)
        return task

    def decided(self, outcome: str = Outcome.ABANDON, task: Task | None = None, **said: Any) -> Decision:
        """A decision by Inês on a card that waits in Analysis."""
        task = task or self.in_analysis()
        verbs = {Outcome.ABANDON: outcomes.abandon, Outcome.MORE_RESEARCH: outcomes.more_research, Outcome.PRODUCTIONIZE: productionize}
        asked = {"question": "Does it hold on short texts?", "hours": 16} if outcome == Outcome.MORE_RESEARCH else {}
        return verbs[Outcome(outcome)](task, self.lead, **({"why": "We know enough."} | asked | said))

    def done(self, task: Task | None = None, by: Membership | None = None) -> Task:
        """A development or maintenance card that is finished."""
        task = self.started(task or self.development(), by)
        if task.kind == Kind.DEVELOPMENT:
            task.change(by or self.mei, deliverables=[{"text": d.text, "done": True} for d in task.deliverables.all()])
        else:
            task.change(by or self.mei, done_note="Retrained on May.")
        task.move_to(Stage.DONE, by or self.mei)
        return task


def lisbon(text: str) -> datetime:
    """A time on the wall of team FRAUD, whose calendar is Monday to Friday, nine to five."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Lisbon"))


@contextmanager
def wall(text: str) -> Iterator[None]:
    """The clock on the wall of team FRAUD shows this, and stands still: `with wall("2026-03-10 09:00"):`."""
    with time_machine.travel(lisbon(text), tick=False):
        yield


def found_world() -> World:
    """Found both teams."""

    def person(name: str) -> User:
        return User.objects.create_user(f"{name.split()[0].lower()}@example.org".replace("ê", "e"), name, "a long password")

    ines, ivo = person("Inês Duarte"), person("Ivo Petrov")
    team = Team.found(key="FRAUD", name="Fraud", lead=ines, time_zone="Europe/Lisbon")
    other = Team.found(key="OTHER", name="Pricing", lead=ivo)

    def member(name: str, role: str, side: str) -> Membership:
        return Membership.objects.create(team=team, user=person(name), role=role, side=side)

    return World(
        team=team,
        lead=team.memberships.select_related("team", "user").get(),
        mei=member("Mei Tanaka", Role.MEMBER, Side.SCIENCE),
        omar=member("Omar Haddad", Role.MEMBER, Side.ENGINEERING),
        vera=member("Vera Lind", Role.VIEWER, Side.SCIENCE),
        other=other,
        ivo=other.memberships.select_related("team", "user").get(),
    )


def order_of(team: Team, lane: str) -> list[str]:
    """The references of a lane, from the top."""
    return list(Task.objects.within(team).filter(lane=lane, rank__isnull=False).order_by("rank").values_list("ref", flat=True))


def history_of(task: Task) -> list[tuple[str, str, Any, Any]]:
    """What history says of a card, oldest first: verb, field, from, to."""
    return list(Activity.objects.of(task).values_list("verb", "field", "before", "after"))


def every_row() -> dict[str, list[dict[str, Any]]]:
    """All that the floors have written."""
    models = [
        model
        for app in ("dsboard", "experiments", "sprints", "handoffs")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}


@contextmanager
def refuses(sentence: str, *, fields: set[str] | None = None, way: str = "", kind: type[Refusal] = Refusal) -> Iterator[None]:
    """The verb says no in exactly these words, names these fields and this way, and leaves no trace."""
    before = every_row()
    with pytest.raises(Refusal) as caught:
        yield
    refusal = caught.value
    assert (type(refusal), refusal.sentence, set(refusal.fields), refusal.way) == (kind, sentence, fields or set(), way)
    assert every_row() == before
