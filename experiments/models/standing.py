"""How a card's success metrics stand after a run was told: written on their rows, so that a board reads no runs."""

from typing import TYPE_CHECKING

from dsboard.kinds import Kind
from dsboard.models import Activity, Membership, Notice
from experiments import judging
from experiments.models.metric import Metric, folded, plain
from experiments.stages import Direction

if TYPE_CHECKING:
    from experiments.models.task import Task


def judge(task: "Task", goals: list[Metric], by: Membership | None) -> None:
    """Judge each metric by the runs that told it; a change of state is a line of history, and one met for the first time a notice.

    Moves no card. Inside a transaction that holds the rows of the metrics.
    """
    started_at = task.box.started_at if task.box else None
    for metric in goals:
        metric.task = task
        found = judging.judge(tries_of(task, metric), higher=metric.direction == Direction.HIGHER, met=metric.met, locked_at=started_at)
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
        if before != found.state and found.state in (judging.MET, judging.NOT_MET):
            tell(task, metric, before, by)


def tries_of(task: "Task", metric: Metric) -> list[judging.Try]:
    """The runs that told the metric, in the order in which they started."""
    rows = task.runs.filter(metrics__key=folded(metric.name))
    told = rows.values_list("pk", "metrics__last", "started_at", "at", "status")
    tries = [judging.Try(run, value, started_at or at, status == "finished") for run, value, started_at, at, status in told]
    return sorted(tries, key=lambda one: (one.at, one.run))


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
