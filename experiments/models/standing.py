"""How a card's success metrics stand after a run was told: written on their rows, so that a board reads no runs."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Max, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce

from dsboard import clock
from dsboard.kinds import Kind
from dsboard.models import Activity, Membership, Notice
from experiments import judging
from experiments.models.metric import Aggregation, Metric, folded, plain
from experiments.models.run_metric import RunPoint
from experiments.stages import Direction

if TYPE_CHECKING:
    from experiments.models.task import Task

#: a tracking server that was not read for so long leaves open what stands
STALE = timedelta(days=1)


def judge(task: "Task", goals: list[Metric], by: Membership | None) -> None:
    """Judge each metric by the runs that told it; a change of state is a line of history, and one met for the first time a notice.

    Moves no card. Inside a transaction that holds the rows of the metrics.
    """
    started_at = task.box.started_at if task.box else None
    guardrails = [goal for goal in goals if goal.guardrail]
    keeping = keeping_of(task, guardrails) if guardrails else None
    stale = staleness(task)
    for metric in goals:
        metric.task = task
        tries = tries_of(task, metric, None if metric.guardrail else keeping)
        words = " and ".join(f"{goal.name} {goal.goal}" for goal in guardrails)
        asked = judging.Asked(metric.least_runs, metric.data, words, stale)
        higher = metric.direction == Direction.HIGHER
        found = judging.judge(tries, higher=higher, met=metric.met, locked_at=started_at, asked=asked)
        if found is None:
            found = judging.Standing("", "")
        before = metric.standing
        if (before, metric.why, metric.best, metric.best_run_id, metric.tries, metric.spark) == (
            found.state, found.reason, found.best, found.run, found.tries, list(found.spark),
        ):  # fmt: skip
            continue
        metric.standing, metric.why, metric.best, metric.best_run_id = found.state, found.reason, found.best, found.run
        metric.tries, metric.spark = found.tries, list(found.spark)
        metric.save(update_fields=["standing", "why", "best", "best_run", "tries", "spark"])
        task.stir()
        if before != found.state and found.state in (judging.MET, judging.NOT_MET):
            tell(task, metric, before, by)


def judge_again(task: "Task") -> None:
    """Judge by the runs that are there, for what changed beside them."""
    with transaction.atomic():
        judge(task, list(task.metrics.select_for_update()), None)


def tries_of(task: "Task", metric: Metric, keeping: set[int] | None = None, last: int | None = None) -> list[judging.Try]:
    """The runs that told the metric, the `last` ones or all, in the order in which they started; `keeping` break no guardrail."""
    rows = told_of(task, metric).order_by("-began", "-pk")[:last]
    return [
        judging.Try(run, told, began, status == "finished", keeping is None or run in keeping, tuple(dict(data).values()))
        for run, told, began, status, data in reversed(rows.values_list("pk", "told", "began", "status", "dataset"))
    ]


def told_of(task: "Task", metric: Metric) -> Any:
    """The runs that told the metric, with the value that counts as `told` and when each began, or was first told."""
    value: Any = F("metrics__last")
    if metric.aggregation == Aggregation.BEST:
        # NaN at the last step is then no matter: a step before it may be the best.
        steps = RunPoint.objects.filter(metric=OuterRef("metrics")).order_by()
        value = Subquery(steps.values("metric").annotate(found=best_of(metric, "value")).values("found"))
    return task.runs.filter(metrics__key=folded(metric.name)).annotate(told=value, began=Coalesce("started_at", "at"))


def best_of(metric: Metric, field: str, **options: Any) -> Max | Min:
    """The best by the metric's direction."""
    return (Max if metric.direction == Direction.HIGHER else Min)(field, **options)


def keeping_of(task: "Task", guardrails: list[Metric]) -> set[int]:
    """The runs that meet every guardrail."""
    kept = [{one.run for one in tries_of(task, goal) if goal.met(one.value)} for goal in guardrails]
    return set.intersection(*kept)


def staleness(task: "Task") -> str:
    """Why nothing newer is known: a tracking server that was not read for a day; empty where all is well."""
    since = clock.now() - STALE
    for link in task.run_links.select_related("tracker"):
        if (link.synced_at or link.at) < since and (link.trouble or link.tracker.trouble):
            return f"{link.tracker.name} has not been read since {(link.synced_at or link.at):%-d %B}."
    return ""


def tell(task: "Task", metric: Metric, before: str, by: Membership | None) -> None:
    """A line of history; the owner hears the first time that a target is met."""
    Activity.record(task, "judged", by, field="runs", before=before or None, after=metric.standing, metric=metric.name, best=metric.best)
    if metric.standing == judging.MET and task.owner_id:
        Notice.objects.post(
            team_id=task.team_id,
            user_id=task.owner_id,
            kind=Kind.TARGET_MET,
            key=f"met:{metric.pk}",
            title=f"Target met: {metric.name} of {task.ref}",
            text=f"{metric.name} is at {plain(metric.best)}, target {metric.goal}. {task.title}",
            url=task.get_absolute_url(),
            why=f"you own {task.ref}",
        )
