"""The runs of a card as its pages show them: each with its values of the card's success metrics."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, OuterRef, QuerySet, Subquery

from dsboard.models import Membership
from dsboard.roles import Act
from experiments.hanging import gathered
from experiments.models import Metric, Run, RunLink, RunMetric, Task, Tracker
from experiments.models.metric import folded, plain
from experiments.run_plots import by_run

ON_THE_CARD, A_PAGE = 5, 50
#: runs that a picture shows, the newest: more would cost a card with thousands of them its speed
DRAWN_ON_THE_CARD, DRAWN = 60, 500
#: beside the success metrics, so many others have a column of their own
COLUMNS = 6


@dataclass(frozen=True)
class Row:
    """One run; `values` stand under the columns, `is_best` for the best of the first metric, `is_early` before the numbers were fixed."""

    run: Run
    values: list[str]
    is_best: bool
    is_early: bool


class RunsPanel:
    """The newest runs of a card that says how many it has: no query where there are none, three however many there are."""

    def __init__(self, task: Any, metrics: list[Metric], viewer: Membership) -> None:
        self.task, self.metrics = task, metrics[:COLUMNS]
        self.may_tell = viewer.may(Act.RUNS)
        links = task.run_links.select_related("tracker").defer("tracker__sealed", "tracker__certificate")
        self.links = list(links) if task.has_run_links else []
        self.count = task.run_count or 0
        newest = Run.objects.filter(task=task).select_related("by").order_by("-pk")
        self.rows = rows_of(task, self.metrics, with_values(newest, self.metrics)[:ON_THE_CARD]) if self.count else []
        self.plot = by_run(task, self.metrics[0], DRAWN_ON_THE_CARD) if self.count > 1 and self.metrics else None

    @property
    def trackers(self) -> list[Tracker]:
        """The servers that its runs are read from, each once."""
        return list({link.tracker_id: link.tracker for link in self.links}.values())

    @property
    def troubled(self) -> list[RunLink]:
        """Links with a trouble of their own."""
        return [link for link in self.links if link.trouble]


class RunsPage:
    """Every run of a card, sorted by a column, a page at a time."""

    def __init__(self, task: Task, sort: str, number: str | None) -> None:
        self.task, self.metrics = task, list(task.metrics.all())[:COLUMNS]
        #: what can be sorted by: a name in the address for each column
        self.sorts = {"started": "Started", "name": "Run", **{f"m{place}": metric.name for place, metric in enumerate(self.metrics)}}
        self.sort = sort if sort.removeprefix("-") in self.sorts else "-started"
        self.page = Paginator(with_values(self.ordered(), self.metrics), A_PAGE).get_page(number)
        place = int(column[1:]) if (column := self.sort.removeprefix("-")).removeprefix("m").isdecimal() else 0
        self.drawn = self.metrics[place] if self.metrics else None
        self.plot = by_run(task, self.drawn, DRAWN) if self.drawn else None
        self.rows = rows_of(task, self.metrics, list(self.page))

    def ordered(self) -> Any:
        """The runs in the order that was asked for; those without the value come last either way."""
        rows = Run.objects.filter(task=self.task).select_related("by").defer("extra", "notes")
        down, column = self.sort.startswith("-"), self.sort.removeprefix("-")
        if column.startswith("m") and column[1:].isdecimal():
            key = folded(self.metrics[int(column[1:])].name)
            rows = rows.annotate(value=Subquery(RunMetric.objects.filter(run=OuterRef("pk"), key=key).values("last")[:1]))
            return rows.order_by(F("value").desc(nulls_last=True) if down else F("value").asc(nulls_last=True), "-pk")
        field = "name" if column == "name" else "started_at"
        return rows.order_by(F(field).desc(nulls_last=True) if down else F(field).asc(nulls_last=True), "-pk")

    @property
    def heads(self) -> list[dict[str, str]]:
        """The columns in their order, with the address that sorts by each and which way it stands."""
        order = ["name", *(name for name in self.sorts if name.startswith("m")), "started"]
        return [
            {
                "label": self.sorts[name],
                "to": f"-{name}" if self.sort == name else name,
                "now": "ascending" if self.sort == name else "descending" if self.sort == f"-{name}" else "",
            }
            for name in order
        ]


def with_values(runs: QuerySet[Run], metrics: list[Metric]) -> QuerySet[Run]:
    """The same runs, each with what it told of these metrics."""
    told = RunMetric.objects.filter(run=OuterRef("pk"), key__in=[folded(metric.name) for metric in metrics])
    return runs.annotate(told=gathered(told, "run", ("key", "last", "odd")))


def rows_of(task: Task, metrics: list[Metric], runs: Iterable[Any]) -> list[Row]:
    """The lines of runs that came with their values."""
    best = metrics[0].best_run_id if metrics else None
    started_at = task.box.started_at if task.box else None
    found = []
    for run in runs:
        run.task = task
        told = {one["key"]: one["odd"] or plain(one["last"]) for one in run.told or ()}
        is_early = started_at is None or run.began_at < started_at
        found.append(Row(run, [told.get(folded(metric.name), "–") for metric in metrics], run.pk == best, is_early))
    return found
