"""A run that somebody writes down by hand."""

import re
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from dsboard.access import TeamRequest
from dsboard.errors import Refusal
from dsboard.forms import BoardForm, answer, sent
from dsboard.roles import Act
from experiments.field_forms import area
from experiments.imports.runs import number
from experiments.models import Run
from experiments.models.run import Source
from experiments.models.run_cleaning import RunStatus
from experiments.views.task import card

#: a name and its value: "macro-F1 0.91", "lr = 3e-5", "epochs: 3"
LINE = re.compile(r"(?P<name>.+?)\s*(?:[=:]|\s)\s*(?P<value>\S+)")


class RunForm(BoardForm):
    name = forms.CharField(label="Name", max_length=200, help_text="By which you know it again, such as bert-base, lr 3e-5.")
    metrics = area("Metrics", 4, 10_000)
    params = area("Parameters", 3, 10_000)
    how = forms.ChoiceField(label="How it ended", choices=RunStatus.choices, initial=RunStatus.FINISHED)
    url = forms.CharField(label="Address", max_length=1000, required=False, help_text="Where it can be seen.")
    notes = area("Notes", 2, 10_000)
    #: sent twice it is one run
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, hint: str, **kwargs: Any) -> None:
        super().__init__(*args, initial={"key": uuid4().hex, "metrics": hint}, **kwargs)
        self.fields["metrics"].help_text = "A line each: macro-F1 0.91"
        self.fields["params"].help_text = "A line each: lr = 3e-5"


def pairs(field: str, words: str) -> dict[str, str]:
    """A name and a value on each line; a line with a name alone is left out. Raises Refusal for a name that is there twice."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in words.splitlines())):
        matched = LINE.fullmatch(line)
        if matched is None:
            continue
        if matched["name"] in found:
            raise Refusal.of({field: f"{matched['name'][:60]} is there twice."})
        found[matched["name"]] = matched["value"]
    return found


def metrics_of(words: str) -> dict[str, float | str]:
    try:
        return {name: number(name, value) for name, value in pairs("metrics", words).items()}
    except ValueError as error:
        raise Refusal.of({"metrics": f"{error}"[:1].upper() + f"{error}"[1:]}) from error


@require_http_methods(["GET", "POST"])
def run_new(request: TeamRequest, ref: str) -> HttpResponse:
    """Write a run down, as the API takes it."""
    task, by = card(request, ref), request.membership
    by.must(Act.RUNS, request.team)
    form = RunForm(sent(request), hint="".join(f"{metric.name} = \n" for metric in task.metrics.all()))

    def tell(said: dict[str, Any]) -> Run:
        told = {name: said[name] for name in ("name", "url", "notes") if said[name]} | {"status": said["how"]}
        told |= {"metrics": metrics_of(said["metrics"]), "params": pairs("params", said["params"])}
        return Run.tell(task, by, f"hand-{said['key']}", source=Source.HAND, **told)[0]

    if form.attempt(tell):
        messages.success(request, f"Added {form.result}")
        return redirect(f"{task.get_absolute_url()}#runs")
    return answer(request, "experiments/run_new.html", form, task=task, here="board")
