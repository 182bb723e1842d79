"""The runs of a card: all of them, and each with everything that it told."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.forms import answer, sent
from dsboard.roles import Act
from experiments import run_plots
from experiments.comparison import Comparison
from experiments.imports.runs import Told, exported, imported
from experiments.imports.sheet import MOST_BYTES, written
from experiments.models import Run, RunLink, RunMetric, Tracker
from experiments.models.metric import folded, plain
from experiments.runs_page import RunsPage
from experiments.tracker_forms import RunLinkForm
from experiments.views.csv_file import FileForm
from experiments.views.task import card

#: metrics of a run that are drawn
PICTURES = 8
#: points of a metric that its table shows; the API tells all
SHOWN = 50


@require_GET
def runs(request: TeamRequest, ref: str) -> HttpResponse:
    """Every run, sorted and a page at a time, with the lines that tell one."""
    task = card(request, ref)
    page = RunsPage(task, request.GET.get("sort", ""), request.GET.get("page"))
    context = {"task": task, "runs": page, "may_tell": request.membership.may(Act.RUNS), "here": "board"}
    return render(request, "experiments/runs.html", context)


@require_http_methods(["GET", "POST"])
def links(request: TeamRequest, ref: str) -> HttpResponse:
    """Where the card's runs are; a post adds a place."""
    task = card(request, ref)
    by = request.membership
    form = RunLinkForm(sent(request), trackers=Tracker.objects.within(request.team))
    if request.method == "POST":
        by.must(Act.RUNS, request.team)

    def link(said: dict[str, Any]) -> RunLink:
        return RunLink.link(task, by, said.pop("tracker"), **said | {"runs": said["runs"].split()})

    if form.attempt(link):
        messages.success(request, f"Linked {form.result.what}. Its runs come within the next seconds.")
        return redirect(f"{task.get_absolute_url()}#runs")
    rows = task.run_links.select_related("tracker")
    context = {"task": task, "links": rows, "may_tell": by.may(Act.RUNS), "may_connect": by.may(Act.TRACKERS), "here": "board"}
    return answer(request, "experiments/run_links.html", form, **context)


@require_POST
def unlink(request: TeamRequest, ref: str, pk: int) -> HttpResponse:
    """Take a place away; the runs that came from it stay."""
    task = card(request, ref)
    found = get_object_or_404(task.run_links.select_related("tracker"), pk=pk)
    found.task = task
    found.unlink(request.membership)
    messages.success(request, f"Took the link to {found.what} away. Its runs stay.")
    return redirect("experiments:run-links", request.team.key, task.ref)


@require_GET
def run(request: TeamRequest, ref: str, pk: int) -> HttpResponse:
    """One run: parameters, metrics with their courses, data, tags, notes."""
    task = card(request, ref)
    found = get_object_or_404(Run.objects.filter(task=task).select_related("by", "tracker"), pk=pk)
    found.task = task
    goals = {folded(goal.name): goal for goal in task.metrics.all()}
    told = sorted(found.metrics.all(), key=lambda one: (one.key not in goals, one.name))
    for one in told:
        one.run = found
    drawn = [one for one in told if one.count > 1][:PICTURES]
    plots = {one.pk: run_plots.course(one, goals.get(one.key)) for one in drawn}
    metrics = [
        {
            "name": one.name,
            "last": one.odd or plain(one.last),
            "count": one.count,
            "plot": plots.get(one.pk),
            "points": points_of(one) if one.count > 1 else [],
        }
        for one in told
    ]
    return render(request, "experiments/run.html", {"task": task, "run": found, "metrics": metrics, "here": "board"})


def points_of(metric: RunMetric) -> list[tuple[int, str]]:
    """The last steps of a metric, the first of them first."""
    rows = metric.points.order_by("-step").values_list("step", "value", "odd")[:SHOWN]
    return [(step, odd or plain(value)) for step, value, odd in reversed(rows)]


@require_GET
def comparison(request: TeamRequest, ref: str) -> HttpResponse:
    """Two to five runs beside each other."""
    task = card(request, ref)
    found = Comparison(task, request.GET.getlist("run"))
    return render(request, "experiments/run_comparison.html", {"task": task, "compared": found, "here": "board"})


class RunsFileForm(FileForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = "as mlflow.search_runs(…).to_csv writes them or with plain names"
        self.fields["file"].help_text = f"One row a run, {names}. A column names each run: run_id."


@require_http_methods(["GET", "POST"])
def file(request: TeamRequest, ref: str) -> HttpResponse:
    """Runs from a file, all of it or nothing; again changes nothing."""
    task, by = card(request, ref), request.membership
    by.must(Act.RUNS, request.team)
    form = RunsFileForm(sent(request), request.FILES or None)

    def keep(said: dict[str, Any]) -> Told:
        if (said["file"].size or 0) > MOST_BYTES:
            raise Refusal.of({"file": "The file is larger than 5 MB. Split it in two."})
        try:
            return imported(task, by, said["file"].read())
        except Refusal as refusal:
            raise refusal if refusal.fields.keys() & {"file"} else Refusal.of({"file": refusal.sentence}) from refusal

    if form.is_bound and form.attempt(keep):
        messages.success(request, form.result.sentence)
        return redirect("experiments:runs", request.team.key, task.ref)
    return answer(request, "experiments/runs_file.html", form, task=task, here="board")


@require_GET
def export(request: TeamRequest, ref: str) -> StreamingHttpResponse:
    """The card's runs as a file, which the import takes again."""
    task = card(request, ref)
    request.membership.must(Act.EXPORT)
    response = StreamingHttpResponse(written(exported(task)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{task.ref}-runs.csv"'
    return response
