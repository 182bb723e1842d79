"""Reporting findings, and the library of everything that was found and decided."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.forms import BoardForm, sent
from dsboard.models import Membership
from dsboard.roles import Act
from experiments.library import Library
from experiments.models import Finding, Metric, Task
from experiments.models.finding import LONGEST, refuse_elsewhere
from experiments.models.metric import folded
from experiments.stages import Kind, Outcome, Verdict
from experiments.views.done import done

A_PAGE = 20


def words(label: str, rows: int, placeholder: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "placeholder": placeholder})
    return forms.CharField(label=label, widget=widget, max_length=LONGEST, required=False)


def short(label: str, longest: int, **attrs: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}))


class ReportForm(BoardForm):
    """Three questions, a row for each metric, and for a hypothesis its verdict."""

    tried = words("What did you try?", 2, "Three sentences are enough for the whole form.")
    learned = words("What did you learn?", 3, "Not finding it counts too.")
    next = words("What would you do next?", 2, "")
    verdict = forms.ChoiceField(label="Was the hypothesis right?", choices=Verdict.choices, widget=forms.RadioSelect, required=False)
    suggestion = forms.ChoiceField(
        label="What would you decide?", choices=[("", "No suggestion"), *Outcome.choices], widget=forms.RadioSelect, required=False
    )

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        self.metrics: list[Metric] = list(task.metrics.all())
        super().__init__(*args, initial=told(task, self.metrics), **kwargs)
        if task.kind != Kind.EXPERIMENT:
            del self.fields["verdict"]
        for place, metric in enumerate(self.metrics):
            self.fields[f"value_{place}"] = short(f"{metric.name}, {metric.goal}", 40, inputmode="decimal", placeholder="0.9")
            self.fields[f"run_{place}"] = short(f"Run of {metric.name}", 200, placeholder="Which run? Empty: typed")
            self.fields[f"note_{place}"] = short(f"Note on {metric.name}", 500, placeholder="Needed when there is no value")
            for part in ("value", "run", "note"):
                self.fields[f"{part}_{place}"].widget.attrs["class"] = "input"

    def rows(self) -> list[dict[str, Any]]:
        """The fields of each metric side by side, for the template."""
        return [
            {"metric": metric, "value": self[f"value_{i}"], "run": self[f"run_{i}"], "note": self[f"note_{i}"]}
            for i, metric in enumerate(self.metrics)
        ]

    def report(self, task: Task, by: Membership) -> bool:
        """Try the report; its result is the Finding."""
        return self.attempt(lambda said: Finding.report(task, by, results=self.results(said), **{n: said[n] for n in ANSWERS if n in said}))

    def results(self, said: dict[str, Any]) -> list[dict[str, Any]]:
        """One for each metric about which something was typed."""
        found = []
        for place, metric in enumerate(self.metrics):
            value, run, note = (said[f"{part}_{place}"] for part in ("value", "run", "note"))
            if value or run or note:
                found.append({"metric": metric.name, "value": value.replace(",", "."), "run": run, "note": note})
        return found

    def refuse(self, refusal: Refusal) -> None:
        """A sentence about a result stands at the metric that it names."""
        sentence = refusal.fields.pop("results", "")
        at = next((place for place, metric in enumerate(self.metrics) if metric.name in sentence), None)
        if sentence and at is None:
            refusal.fields["results"] = sentence
        elif sentence:
            self.add_error(f"value_{at}", sentence)
        if refusal.fields or not sentence:
            super().refuse(refusal)
        self.refusal = refusal


ANSWERS = ("tried", "learned", "next", "verdict", "suggestion")


def told(task: Task, metrics: list[Metric]) -> dict[str, Any]:
    """What the last report of this card said, to correct it while the card is in Analysis; before that, what its best run told."""
    finding = task.finding
    if finding is None:
        return of_best_run(metrics)
    said = {name: getattr(finding, name) for name in ANSWERS}
    results = {result.metric_name: result for result in finding.results.all()}
    for place, metric in enumerate(metrics):
        result = results.get(metric.name)
        if result:
            said |= {
                f"value_{place}": "" if result.value is None else f"{result.value!r}",
                f"run_{place}": result.run,
                f"note_{place}": result.note,
            }
    return said


def of_best_run(metrics: list[Metric]) -> dict[str, Any]:
    """The values of the run that is best by the first metric: the best of each by another run would be nobody's result."""
    best = metrics[0].best_run if metrics else None
    if best is None:
        return {}
    told = {one.key: one for one in best.metrics.all()}
    said: dict[str, Any] = {}
    for place, metric in enumerate(metrics):
        mine = told.get(folded(metric.name))
        value = metric.best if metric.best_run_id == best.pk else mine.last if mine else None
        if value is not None:
            said |= {f"value_{place}": f"{value!r}", f"run_{place}": best.external_id}
    return said


@require_http_methods(["GET", "POST"])
def report(request: TeamRequest, ref: str) -> HttpResponse:
    """What was tried, what was learned, what comes next: stops the clock and moves the card to Analysis."""
    task = get_object_or_404(Task.objects.within(request.team).present().select_related("team", "time_box"), ref=ref)
    form, came_from = ReportForm(sent(request), task=task), task.stage
    if request.method == "POST" and form.report(task, request.membership):
        return done(request, task, came_from, format_html("Reported the findings of <b>{}</b>. It waits for a decision.", task.title))
    context = {"task": task, "form": form, "obstacle": obstacle(task, request.membership)}
    return render(request, "experiments/_report.html" if request.htmx else "experiments/report.html", context, status=form.status)


def obstacle(task: Task, by: Membership) -> str:
    """Why no findings can be reported here now, in a sentence; empty when nothing is in the way."""
    if not by.may(Act.REPORT):
        return by.refusal(Act.REPORT)
    try:
        refuse_elsewhere(task)
    except Refusal as refusal:
        return refusal.sentence
    return ""


@require_GET
def findings(request: TeamRequest) -> HttpResponse:
    """The library: everything that was found and decided, most recent first."""
    library = Library.of(request.team, request.GET)
    page = Paginator(library.entries, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "experiments/findings.html", {"library": library, "page": page, "here": "findings"})
