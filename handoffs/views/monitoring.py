"""A model in operation: its metrics with their alarms, what is watched, and when it is trained again."""

from itertools import chain
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.forms import BoardForm, answer, sent
from dsboard.http import onward
from dsboard.roles import Act
from experiments.imports.sheet import written
from handoffs.models import Alarm, MLModel, Point, RetrainingPlan, Series, watching
from handoffs.monitoring_forms import RetrainingForm, SeriesForm
from handoffs.monitoring_page import MonitoringPage
from handoffs.views.model import model_named
from handoffs.views.models import dialog

HEADER = ("metric", "version", "environment", "at", "value")


def page(request: TeamRequest, model: MLModel, form: BoardForm | None = None) -> HttpResponse:
    """The whole page; `form` is one that came back with something to say."""
    shown = MonitoringPage(model, request.membership)
    series_form = form if isinstance(form, SeriesForm) else SeriesForm()
    plan_form = form if isinstance(form, RetrainingForm) else RetrainingForm(plan=shown.plan)
    context = {"page": shown, "model": model, "series_form": series_form, "plan_form": plan_form, "here": "models"}
    return answer(request, "handoffs/monitoring.html", form or series_form, **context)


@require_http_methods(["GET", "POST"])
def monitoring(request: TeamRequest, slug: str) -> HttpResponse:
    """Its metrics; a post watches one more."""
    model = model_named(request, slug)
    if request.method == "GET":
        return page(request, model)
    request.membership.must(Act.MODELS, request.team)
    form = SeriesForm(sent(request))

    def watch(said: dict[str, Any]) -> Series:
        return Series.watch(model, request.membership, said.pop("name"), **said)[0]

    if form.attempt(watch):
        messages.success(request, f"Watching {form.result}")
        return redirect(form.result.get_absolute_url())
    return page(request, model, form)


@require_GET
def export(request: TeamRequest, slug: str) -> StreamingHttpResponse:
    """Every value that was told, as a file."""
    request.membership.must(Act.EXPORT)
    model = model_named(request, slug)
    told = Point.objects.filter(series__model=model).order_by("series__name", "at", "pk")
    rows = told.values_list("series__name", "version__name", "environment", "at", "value").iterator(chunk_size=2000)
    lines = ((name, version, where, at.isoformat(), repr(value)) for name, version, where, at, value in rows)
    response = StreamingHttpResponse(written(chain([HEADER], lines)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{model.slug}-metrics.csv"'
    return response


def series_named(request: TeamRequest, slug: str, pk: int) -> Series:
    model = model_named(request, slug)
    found: Series = get_object_or_404(Series.objects.filter(model=model), pk=pk)
    found.model = model
    return found


@require_http_methods(["GET", "POST"])
def series(request: TeamRequest, slug: str, pk: int) -> HttpResponse:
    """How one metric is watched."""
    request.membership.must(Act.MODELS, request.team)
    one = series_named(request, slug, pk)
    # The page below the dialog has a form of the same fields.
    form = SeriesForm(sent(request), series=one, auto_id="watched_%s")

    def change(said: dict[str, Any]) -> Series:
        said.pop("name")
        return Series.watch(one.model, request.membership, one.name, **said)[0]

    if form.attempt(change):
        return onward(request, one.get_absolute_url())
    return dialog(request, "series", form, series=one, model=one.model)


@require_POST
def series_removal(request: TeamRequest, slug: str, pk: int) -> HttpResponse:
    """Watch it no more; its values go with it."""
    one = series_named(request, slug, pk)
    one.forget(request.membership)
    messages.success(request, f"{one} is watched no more")
    return onward(request, reverse("handoffs:monitoring", args=[request.team.key, one.model.slug]))


def alarm_of(request: TeamRequest, slug: str, pk: int) -> Alarm:
    model = model_named(request, slug)
    rows = Alarm.objects.filter(series__model=model).select_related("series", "version", "task__team")
    found: Alarm = get_object_or_404(rows, pk=pk)
    found.series.model = found.version.model = model
    return found


@require_POST
def feedback(request: TeamRequest, slug: str, pk: int) -> HttpResponse:
    """Whether an alarm was right."""
    one = alarm_of(request, slug, pk)
    one.judge(request.membership, request.POST.get("feedback", ""))
    messages.success(request, f"Kept: {one.get_feedback_display().lower()}")
    return redirect(f"{one.get_absolute_url().partition('#')[0]}#alarms")


@require_POST
def task(request: TeamRequest, slug: str, pk: int) -> HttpResponse:
    """The maintenance task of an alarm, made by whoever asks first."""
    return redirect(watching.open_task_of(alarm_of(request, slug, pk), request.membership))


@require_POST
def retraining(request: TeamRequest, slug: str) -> HttpResponse:
    """Plan when it is trained again."""
    model = model_named(request, slug)
    request.membership.must(Act.MODELS, request.team)
    form = RetrainingForm(sent(request), plan=RetrainingPlan.objects.filter(model=model).first())
    if form.attempt(lambda said: RetrainingPlan.plan(model, request.membership, **said)):
        messages.success(request, "Planned")
        return redirect("handoffs:monitoring", request.team.key, model.slug)
    return page(request, model, form)


@require_POST
def retraining_end(request: TeamRequest, slug: str) -> HttpResponse:
    """Plan it no more."""
    model = model_named(request, slug)
    plan: RetrainingPlan = get_object_or_404(RetrainingPlan.objects.within(request.team), model=model)
    plan.model = model
    plan.end(request.membership)
    messages.success(request, "The plan has ended; the tasks that it made stay")
    return redirect("handoffs:monitoring", request.team.key, model.slug)
