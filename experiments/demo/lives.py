"""How a card lives in the demo: planned, started, reported, decided; or sized, built and done. Days are working days ago."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from dsboard.demo import Cast, Story
from dsboard.models import Membership
from experiments.demo import trained
from experiments.models import Comment, Decision, Finding, Task, outcomes
from experiments.models.extension import extend
from experiments.models.pauses import pause
from experiments.stages import Kind, Outcome, Stage

Step = tuple[datetime, Callable[[], Any]]
Verb = Callable[..., Decision]
VERBS: dict[str, Verb] = {Outcome.ABANDON: outcomes.abandon, Outcome.MORE_RESEARCH: outcomes.more_research}


@dataclass(frozen=True)
class Said:
    """A comment: when, by whom."""

    ago: float
    who: str
    text: str


@dataclass(frozen=True)
class Found:
    """Findings: when, what, and for each metric a value and its run, or a note why there is none."""

    ago: float
    tried: str
    learned: str
    next: str = ""
    verdict: str = ""
    results: tuple[tuple[float | None, str], ...] = ()
    suggestion: str = ""


@dataclass(frozen=True)
class Decided:
    """A decision: when, which, why, and what it asks beside that."""

    ago: float
    outcome: str
    why: str
    sure: str = "medium"
    asks: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class More:
    """An extension of the time box: when, by how many hours, why."""

    ago: float
    hours: float
    reason: str


@dataclass(frozen=True)
class Stood:
    """A pause: since when, why, and in how many days it ends by itself."""

    ago: float
    reason: str
    days: int | None = None


@dataclass(frozen=True)
class Idea:
    """A research or experiment card: experiment when its statement is a hypothesis."""

    title: str
    statement: str
    success: str
    hours: int | None
    planned: float
    owner: str = ""
    started: float | None = None
    more: More | None = None
    stood: Stood | None = None
    found: Found | None = None
    decided: Decided | None = None
    metrics: tuple[dict[str, Any], ...] = ()
    research: bool = False
    labels: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    description: str = ""
    bucket: str = ""
    dropped: tuple[float, str] | None = None


@dataclass(frozen=True)
class Job:
    """A development or maintenance card: maintenance when it serves something."""

    title: str
    planned: float
    owner: str = ""
    points: float | None = None
    deliverables: tuple[str, ...] = ()
    started: float | None = None
    reviewed: float | None = None
    finished: float | None = None
    serves: str = ""
    work: str = ""
    done_note: str = ""
    struck: tuple[str, str] | None = None
    labels: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    dropped: tuple[float, str] | None = None
    binned: float | None = None
    description: str = ""


def at_least(name: str, target: float, baseline: float | None = None) -> dict[str, Any]:
    """A metric that should be high."""
    return {"name": name, "direction": "higher", "target": target, "baseline": baseline}


def at_most(name: str, target: float, baseline: float | None = None) -> dict[str, Any]:
    """A metric that should be low."""
    return {"name": name, "direction": "lower", "target": target, "baseline": baseline}


def better_by(name: str, margin: float, baseline: float | None = None, direction: str = "higher") -> dict[str, Any]:
    """A metric that should beat the baseline."""
    return {"name": name, "direction": direction, "better_than_baseline_by": margin, "baseline": baseline}


def explore(cast: Cast, idea: Idea, verbs: dict[str, Verb] = VERBS) -> Story:
    """The life of a research or experiment card; returns the card."""
    yield cast.ago(idea.planned)
    owner = cast.people[idea.owner or "lead"]
    task = Task.plan(
        cast.team, kind=Kind.RESEARCH if idea.research else Kind.EXPERIMENT, title=idea.title, by=owner, **own_fields(cast, idea)
    )
    for moment, step in sorted(steps_of(cast, idea, task, owner, verbs), key=lambda dated: dated[0]):
        yield moment
        step()
    return task


def own_fields(cast: Cast, idea: Idea) -> dict[str, Any]:
    """What the card is planned with."""
    return {
        "question" if idea.research else "hypothesis": idea.statement,
        "success": idea.success,
        "metrics": list(idea.metrics),
        "hours": idea.hours,
        "labels": list(idea.labels),
        "description": idea.description,
        "owner": cast.people[idea.owner].user.email if idea.owner else None,
        **({"bucket": idea.bucket} if idea.bucket else {}),
    }


def steps_of(cast: Cast, idea: Idea, task: Task, owner: Membership, verbs: dict[str, Verb]) -> list[Step]:
    """Everything that happens after the card was planned."""
    steps = talk(cast, task, idea.said)
    if idea.started is not None:
        steps.append((cast.ago(idea.started), lambda: task.move_to(Stage.ACTIVE, owner)))
    steps += clock_steps(cast, idea, task, owner)
    steps += trained.steps(cast, idea, task, owner)
    if idea.found:
        steps.append((cast.ago(idea.found.ago), lambda: report(task, owner, idea)))
    if idea.decided:
        made = idea.decided
        verb, said = verbs[made.outcome], {"why": made.why, "confidence": made.sure, **made.asks}
        steps.append((cast.ago(made.ago), lambda: verb(task, cast.people["lead"], **said)))
    if idea.dropped:
        when, reason = idea.dropped
        steps.append((cast.ago(when), lambda: task.drop(cast.people["lead"], reason)))
    return steps


def clock_steps(cast: Cast, idea: Idea, task: Task, owner: Membership) -> list[Step]:
    """What happens to the time box while it runs."""
    steps: list[Step] = []
    if idea.more:
        more = idea.more
        steps.append((cast.ago(more.ago), lambda: extend(task, owner, hours=more.hours, reason=more.reason)))
    if idea.stood:
        stood = idea.stood
        until = cast.now.date() + timedelta(days=stood.days) if stood.days else None
        steps.append((cast.ago(stood.ago), lambda: pause(task, owner, reason=stood.reason, until=until)))
    return steps


def report(task: Task, owner: Membership, idea: Idea) -> None:
    """Findings with a result for each metric; one without a value says why."""
    found = idea.found
    if found is None:
        return
    rows = [
        {"metric": metric["name"], "value": value, **({"run": source} if value is not None else {"note": source})}
        for metric, (value, source) in zip(idea.metrics, found.results, strict=True)
    ]
    said = {"tried": found.tried, "learned": found.learned, "next": found.next, "verdict": found.verdict, "suggestion": found.suggestion}
    Finding.report(task, owner, results=rows, **said)


def talk(cast: Cast, task: Task, said: tuple[Said, ...]) -> list[Step]:
    """The comments on a card."""
    return [(cast.ago(one.ago), partial(Comment.write, task, cast.people[one.who], one.text)) for one in said]


def deliver(cast: Cast, job: Job) -> Story:
    """The life of a development or maintenance card; returns the card."""
    yield cast.ago(job.planned)
    owner = cast.people[job.owner or "engineer"]
    fields: dict[str, Any] = {
        "points": job.points,
        "labels": list(job.labels),
        "description": job.description,
        "owner": owner.user.email if job.owner else None,
    }
    if job.serves:
        fields |= {"serves": job.serves, "work": job.work}
    else:
        fields |= {"deliverables": list(job.deliverables), "confidence": "rough" if job.points else ""}
    task = Task.plan(cast.team, kind=Kind.MAINTENANCE if job.serves else Kind.DEVELOPMENT, title=job.title, by=owner, **fields)
    yield from walk(cast, job, task, owner)
    return task


def walk(cast: Cast, job: Job, task: Task, owner: Membership) -> Story:
    """From Ready to Done, as far as the job went."""
    steps = talk(cast, task, job.said)
    for ago, stage in ((job.started, Stage.IN_PROGRESS), (job.reviewed, Stage.REVIEW)):
        if ago is not None:
            steps.append((cast.ago(ago), partial(task.move_to, stage, owner)))
    if job.reviewed is not None and job.finished is None and job.deliverables:
        steps.append((cast.ago(job.reviewed), lambda: settle(task, owner, job, all_but_last=True)))
    if job.finished is not None:
        steps.append((cast.ago(job.finished), lambda: finish(task, owner, job)))
    if job.dropped:
        when, reason = job.dropped
        steps.append((cast.ago(when), lambda: task.drop(owner, reason)))
    if job.binned is not None:
        steps.append((cast.ago(job.binned), lambda: task.delete_to_bin(owner)))
    for moment, step in sorted(steps, key=lambda dated: dated[0]):
        yield moment
        step()


def settle(task: Task, owner: Membership, job: Job, *, all_but_last: bool = False) -> None:
    """Tick the deliverables, or strike the one that was not needed."""
    struck, reason = job.struck or ("", "")
    rows = [{"text": text, "done": text != struck, "struck_reason": reason if text == struck else ""} for text in job.deliverables]
    if all_but_last:
        rows[-1] |= {"done": False, "struck_reason": ""}
    task.change(owner, deliverables=rows)


def finish(task: Task, owner: Membership, job: Job) -> None:
    """Say what was done and move the card to Done."""
    if job.serves:
        task.change(owner, done_note=job.done_note)
    else:
        settle(task, owner, job)
    task.move_to(Stage.DONE, owner)
