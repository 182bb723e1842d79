"""Two to five runs of a card beside each other: parameters that differ first, then metrics, then what is the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from dsboard import plot
from dsboard.errors import Refusal
from experiments import run_plots
from experiments.models import Metric, Run, Task
from experiments.models.metric import folded, plain
from experiments.stages import Direction

FEWEST, MOST = 2, 5


@dataclass(frozen=True)
class Compared:
    """One line: a value for each run, "–" where a run has none; `best` are the places of the best numbers."""

    name: str
    values: list[str]
    best: frozenset[int] = frozenset()


class Comparison:
    def __init__(self, task: Task, numbers: Sequence[str]) -> None:
        """The runs of these numbers, in the order in which they came. Raises Refusal for fewer than two and more than five."""
        chosen = {int(number) for number in numbers if number.isdecimal() and len(number) < 10}
        if not FEWEST <= len(chosen) <= MOST:
            raise Refusal(f"Choose {FEWEST} to {MOST} runs to compare.")
        self.task = task
        self.runs = list(Run.objects.filter(task=task, pk__in=chosen).prefetch_related("metrics").order_by("pk"))
        if len(self.runs) < FEWEST:
            raise Refusal("These runs are not on this card any more.")
        for run in self.runs:
            run.task = task
        self.goals: dict[str, Metric] = {folded(metric.name): metric for metric in task.metrics.all()}

    @cached_property
    def params(self) -> tuple[list[Compared], list[Compared]]:
        """Those that differ, and those that are the same in all."""
        names = dict.fromkeys(name for run in self.runs for name in run.params)
        rows = [Compared(name, [run.params.get(name, "–") for run in self.runs]) for name in names]
        return [row for row in rows if len(set(row.values)) > 1], [row for row in rows if len(set(row.values)) == 1]

    @cached_property
    def metrics(self) -> list[Compared]:
        """The card's own first; best is known of those alone, since of the others nobody said which way is better."""
        told = [{one.key: one for one in run.metrics.all()} for run in self.runs]
        names = dict.fromkeys([*self.goals, *(key for row in told for key in row)])
        rows = []
        for key in names:
            mine = [row.get(key) for row in told]
            if not any(mine):
                continue
            goal = self.goals.get(key)
            numbers = [one.last for one in mine if one and one.last is not None]
            top = (max(numbers) if goal.direction == Direction.HIGHER else min(numbers)) if goal and len(numbers) > 1 else None
            best = frozenset(place for place, one in enumerate(mine) if one and top is not None and one.last == top)
            name = goal.name if goal else next(one.name for one in mine if one)
            rows.append(Compared(name, [(one.odd or plain(one.last)) if one else "–" for one in mine], best))
        return rows

    @cached_property
    def plots(self) -> list[tuple[str, plot.Plot]]:
        """The courses of the card's own metrics."""
        found = [(goal.name, run_plots.of_runs(self.runs, goal, key)) for key, goal in self.goals.items()]
        return [(name, picture) for name, picture in found if picture]

    @property
    def data(self) -> Compared | None:
        """The data, where a run tells it."""
        values = [" ".join(run.dataset.values()) or "–" for run in self.runs]
        return Compared("Data", values) if any(run.dataset for run in self.runs) else None
