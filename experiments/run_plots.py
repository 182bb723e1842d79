"""The pictures of runs: a metric run by run with target and baseline, its course within a run, several runs beside each other."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Q

from dsboard import plot
from experiments import judging
from experiments.models import Metric, Run, RunMetric, Task
from experiments.models.metric import plain
from experiments.models.run_cleaning import RunStatus
from experiments.models.standing import best_of, told_of, tries_of
from experiments.stages import Direction

#: so many runs are drawn as dots; of more, the newest, and those that last were best at their time
MOST_DOTS = 120
#: the strokes by which lines beside each other are told apart without colour
STROKES = ("line", "line dash", "line dots", "line long", "line thin")


def by_run(task: Task, metric: Metric, last: int | None = None) -> plot.Plot | None:
    """The values of the `last` runs or of all, the best so far as a staircase; None for fewer than two numbers. Two queries."""
    tries = [one for one in tries_of(task, metric, last=last) if one.value is not None]
    if len(tries) < 2:
        return None
    started_at, higher = (task.box.started_at if task.box else None), metric.direction == Direction.HIGHER
    values = [one.value for one in tries if one.value is not None]
    levels = [level for level in (metric.bar, metric.baseline) if level is not None]
    # Fewer than were asked for are all that there are.
    earlier, top = before(task, metric, tries[0], started_at) if last and len(tries) == last else (0, None)
    if earlier:
        which = f"the last {len(tries)} of {earlier + len(tries)} runs"
    else:
        which = f"{len(tries)} runs, {sum(counts(one, started_at) for one in tries)} of them counted"
    best = f", best {plain(metric.best)}" if metric.best is not None else ""
    label = f"{metric.name} of {which}{best}. Target {metric.goal}."
    levels += [top] if top is not None else []
    found, y = plot.frame(label, [*values, *levels], width=720, height=220)
    x = plot.Scale(earlier + 1, earlier + len(tries), found.left + 12, found.right - 12)
    if metric.baseline is not None:
        found.levels.append(plot.Level(y(metric.baseline), f"baseline {plain(metric.baseline)}", "base"))
    if metric.bar is not None:
        found.levels.append(plot.Level(y(metric.bar), f"target {plain(metric.bar)}", "goal"))
    steps = []
    leading = deque[int](maxlen=MOST_DOTS // 2)
    for place, one in enumerate(tries, earlier + 1):
        if one.value is None or not counts(one, started_at):
            continue
        if top is None or (one.value > top if higher else one.value < top):
            top = one.value
            leading.append(one.run)
        steps.append((x(place), y(top)))
    found.lines.append(("sofar", plot.polyline(plot.thinned(plot.staircase(steps)))))
    for place, one in enumerate(tries, earlier + 1):
        if one.value is None or not (one.run in leading or place > earlier + len(tries) - MOST_DOTS):
            continue
        shape = "diamond" if not counts(one, started_at) else "met" if metric.met(one.value) else "unmet"
        found.marks.append(plot.Mark(x(place), y(one.value), shape))
        if one.run == metric.best_run_id:
            found.marks.append(plot.Mark(x(place), y(one.value), "bestof", f"{plain(one.value)} best"))
    first, newest = earlier + 1, earlier + len(tries)
    found.ticks += [plot.Tick(x(place), str(place), "middle") for place in sorted({first, (first + newest) // 2, newest})]
    return found


def before(task: Task, metric: Metric, first: judging.Try, started_at: datetime | None) -> tuple[int, float | None]:
    """How many numbers there were before this try, and the best of those that counted."""
    rows = told_of(task, metric).filter(told__isnull=False).filter(Q(began__lt=first.at) | Q(began=first.at, pk__lt=first.run))
    counted = Q(status=RunStatus.FINISHED, began__gte=started_at) if started_at else Q(pk__in=[])
    found = rows.aggregate(count=Count("pk"), top=best_of(metric, "told", filter=counted))
    return found["count"], found["top"]


def counts(one: judging.Try, started_at: datetime | None) -> bool:
    """Whether it is a try: finished, and begun after the numbers were fixed."""
    return one.finished and started_at is not None and one.at >= started_at


def course(metric: RunMetric, goal: Metric | None = None) -> plot.Plot | None:
    """One metric within its run, step by step; None for fewer than two numbers."""
    points = numbers_of(metric)
    return beside([(str(metric.run), points)], metric.name, goal) if len(points) > 1 else None


def numbers_of(metric: RunMetric) -> list[tuple[int, float]]:
    """Steps and values, without those that are no numbers."""
    rows = metric.points.filter(value__isnull=False).values_list("step", "value")
    return [(step, value) for step, value in rows if value is not None]


def beside(rows: Sequence[tuple[str, Sequence[tuple[int, float]]]], name: str, goal: Metric | None = None) -> plot.Plot:
    """The courses of a metric in several runs; each has points."""
    values = [value for _, points in rows for _, value in points]
    bar = goal.bar if goal else None
    said = "; ".join(f"{run}: {len(points)} steps, last {plain(points[-1][1])}" for run, points in rows)
    found, y = plot.frame(f"{name} by step. {said}.", [*values, *([bar] if bar is not None else [])], width=720, height=200)
    steps = [step for _, points in rows for step, _ in points]
    x = plot.Scale(min(steps), max(steps), found.left, found.right - 12)
    if bar is not None:
        found.levels.append(plot.Level(y(bar), f"target {plain(bar)}", "goal"))
    for place, (_, points) in enumerate(rows):
        line = plot.thinned([(x(step), y(value)) for step, value in points])
        found.lines.append((STROKES[place % len(STROKES)], plot.polyline(line)))
        found.marks.append(plot.Mark(*line[-1], "dot", str(place + 1) if len(rows) > 1 else ""))
    found.ticks += [plot.Tick(x(min(steps)), str(min(steps)), "start"), plot.Tick(x(max(steps)), f"step {max(steps)}", "end")]
    return found


def of_runs(runs: Sequence[Run], metric: Metric | None, key: str) -> plot.Plot | None:
    """The courses of one metric in these runs, those that have one; None where fewer than two have."""
    rows = []
    for run in runs:
        mine = next((one for one in run.metrics.all() if one.key == key), None)
        points = numbers_of(mine) if mine else []
        if len(points) > 1:
            rows.append((str(run), points))
    return beside(rows, metric.name if metric else key, metric) if len(rows) > 1 else None
