"""The runs of a card: all of them, and each with everything that it told."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.api.tokens import absolute
from dsboard.forms import answer, sent
from dsboard.roles import Act
from experiments.models import Run, RunLink, RunMetric, Tracker
from experiments.models.metric import plain
from experiments.runs_page import RunsPage
from experiments.tracker_forms import RunLinkForm
from experiments.views.task import card

#: points of a metric that its table shows; the API tells all
SHOWN = 50


@require_GET
def runs(request: TeamRequest, ref: str) -> HttpResponse:
    """Every run, sorted and a page at a time, with the lines that tell one."""
    task = card(request, ref)
    page = RunsPage(task, request.GET.get("sort", ""), request.GET.get("page"))
    address = absolute(request, f"/api/v1/tasks/{task.ref}/runs")
    context = {"task": task, "runs": page, "address": address, "may_tell": request.membership.may(Act.RUNS), "here": "board"}
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
    """One run: parameters, metrics with their last steps, data, notes."""
    task = card(request, ref)
    found = get_object_or_404(Run.objects.filter(task=task).select_related("by"), pk=pk)
    found.task = task
    metrics = [
        {"name": one.name, "last": one.odd or plain(one.last), "count": one.count, "points": points_of(one) if one.count > 1 else []}
        for one in found.metrics.all()
    ]
    return render(request, "experiments/run.html", {"task": task, "run": found, "metrics": metrics, "here": "board"})


def points_of(metric: RunMetric) -> list[tuple[int, str]]:
    """The last steps of a metric, the first of them first."""
    rows = metric.points.order_by("-step").values_list("step", "value", "odd")[:SHOWN]
    return [(step, odd or plain(value)) for step, value, odd in reversed(rows)]
