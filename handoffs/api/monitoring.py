"""A model in operation: values told by token, how each metric is watched, alarms with their feedback, the retraining plan."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import Http404
from ninja import Body, Query, Router, Status
from pydantic import BaseModel, Discriminator, Field, StringConstraints, Tag

from dsboard.api.shapes import NO_NULL, Day, Instant, Listed, Nothing, Number, Page, Pk, Sent, address, listed
from dsboard.api.tokens import ApiRequest
from experiments.api.paths import Key
from handoffs.api.shapes import Slug
from handoffs.api.showing import model_named
from handoffs.models import Alarm, Point, RetrainingPlan, Series, watching

router = Router(tags=["monitoring"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NULL)]
VersionName = Annotated[str, StringConstraints(max_length=60, pattern=NO_NULL)]
Where = Annotated[str, StringConstraints(pattern="^(staging|production)$")]
Better = Annotated[str, StringConstraints(pattern="^(higher|lower)$")]
Judged = Annotated[str, StringConstraints(pattern="^(true|false|expected)$")]
Period = Annotated[str, StringConstraints(pattern="^(week|month|quarter|half-year|year)?$")]
Small = Annotated[int, Field(ge=1, le=100)]


class SentPoint(Sent):
    """A value. Without `at` it is of now; without `version` it is of the one that serves."""

    name: Name
    value: Number
    at: Instant | None = None
    version: VersionName | None = None
    environment: Where | None = None


class ToldPoint(BaseModel):
    name: str
    value: float
    at: datetime
    version: str
    environment: str


SentPoints = Annotated[list[SentPoint], Field(min_length=1, max_length=1000)]
OneOrMany = Annotated[
    Annotated[SentPoint, Tag("~one")] | Annotated[SentPoints, Tag("~many")],
    Discriminator(lambda sent: "~many" if isinstance(sent, list) else "~one"),
]
Told = ToldPoint | Listed[ToldPoint]


class AskedPoints(Page):
    """Which values: of one metric, one version; all where nothing is said."""

    name: VersionName = ""
    version: VersionName = ""


class SentSeries(Sent):
    """How a metric is watched: beyond the threshold in `times` of the last `window` values a task is opened."""

    name: Name
    direction: Better | None = None
    threshold: Number | None = None
    times: Small = 2
    window: Small = 3
    cadence_hours: Annotated[float, Field(gt=0, le=24 * 366, allow_inf_nan=False)] | None = None
    drift: bool = True


class ToldSeries(BaseModel):
    """`last` is the newest value that was told, of whatever version."""

    id: int
    name: str
    direction: str
    threshold: float | None
    times: int
    window: int
    cadence_hours: float | None
    drift: bool
    last: float | None


class ToldAlarm(BaseModel):
    """`over_at` is when the values were back by themselves."""

    id: int
    metric: str
    version: str
    kind: str
    at: datetime
    value: float | None
    text: str
    task: str | None
    over_at: datetime | None
    feedback: str
    feedback_by: str | None


class SentFeedback(Sent):
    feedback: Judged = Field(description="true, false, or expected: after that its course begins anew")


class ToldTask(BaseModel):
    task: str


class SentPlan(Sent):
    """By period, on an alarm of drift, or both; without a day the first is one period from today."""

    every: Period = ""
    next_on: Day | None = None
    on_alarm: bool = False


class ToldPlan(BaseModel):
    every: str
    next_on: date | None
    on_alarm: bool


MODEL = "/teams/{key}/models/{slug}"


@router.get(f"{MODEL}/metrics", response=Listed[ToldPoint], operation_id="list_metric_points")
def list_points(request: ApiRequest, key: Key, slug: Slug, asked: Query[AskedPoints]) -> dict[str, Any]:
    """The values of a model in operation, the newest first."""
    model = model_named(request, key, slug)
    rows = Point.objects.filter(series__model=model).select_related("series", "version").order_by("-at", "-pk")
    if asked.name:
        found = Series.named(model, asked.name)
        rows = rows.filter(series=found) if found else rows.none()
    if asked.version:
        one = model.find_version(asked.version)
        rows = rows.filter(version=one) if one else rows.none()
    return listed(request, asked, rows, show_point)


@router.post(f"{MODEL}/metrics", response={200: Told, 201: Told}, operation_id="tell_metric_points")
def tell_points(request: ApiRequest, key: Key, slug: Slug, sent: Body[OneOrMany]) -> Status:
    """Tell a value, or a list of them, all or none: 201 where one is new, 200 when they only correct what was told of the same instants."""
    model, told = model_named(request, key, slug), sent if isinstance(sent, list) else [sent]
    kept = Series.tell_all(model, request.membership, [one.model_dump(exclude_none=True) for one in told])
    points = [show_point(point) for point, _ in kept]
    status = 201 if any(is_new for _, is_new in kept) else 200
    return Status(status, {"items": points, "count": len(points)} if isinstance(sent, list) else points[0])


@router.get(f"{MODEL}/series", response=Listed[ToldSeries], operation_id="list_series")
def list_series(request: ApiRequest, key: Key, slug: Slug, asked: Query[Page]) -> dict[str, Any]:
    """What is watched, and how."""
    return listed(request, asked, Series.objects.filter(model=model_named(request, key, slug)), show_series)


@router.put(f"{MODEL}/series", response={200: ToldSeries, 201: ToldSeries}, operation_id="watch_series")
def watch_series(request: ApiRequest, key: Key, slug: Slug, sent: SentSeries) -> Status:
    """Watch a metric so; what is left out takes its default, and a direction that is left out stays."""
    said = sent.model_dump(exclude={"name"} | ({"direction"} if sent.direction is None else set()))
    one, is_new = Series.watch(model_named(request, key, slug), request.membership, sent.name, **said)
    return Status(201 if is_new else 200, show_series(one))


@router.delete(f"{MODEL}/series/{{id}}", response={204: None}, operation_id="forget_series")
def forget_series(request: ApiRequest, key: Key, slug: Slug, id: Pk) -> Status:
    """Watch it no more; its values and alarms go with it."""
    model = model_named(request, key, slug)
    found = Series.objects.filter(model=model, pk=id).first()
    if found is None:
        raise Http404
    found.model = model
    found.forget(request.membership)
    return Status(204, None)


@router.get(f"{MODEL}/alarms", response=Listed[ToldAlarm], operation_id="list_alarms")
def list_alarms(request: ApiRequest, key: Key, slug: Slug, asked: Query[Page]) -> dict[str, Any]:
    """Its alarms, the newest first."""
    rows = Alarm.objects.filter(series__model=model_named(request, key, slug))
    return listed(request, asked, rows.select_related("series", "version", "task", "feedback_by"), show_alarm)


@router.put(f"{MODEL}/alarms/{{id}}/feedback", response=ToldAlarm, operation_id="judge_alarm")
def judge_alarm(request: ApiRequest, key: Key, slug: Slug, id: Pk, sent: SentFeedback) -> dict[str, Any]:
    """Whether it was right; the rules' precision comes from this."""
    one = alarm(request, key, slug, id)
    one.judge(request.membership, sent.feedback)
    return show_alarm(alarm(request, key, slug, id))


@router.post(f"{MODEL}/alarms/{{id}}/task", response=ToldTask, operation_id="open_alarm_task")
def open_alarm_task(request: ApiRequest, key: Key, slug: Slug, id: Pk, sent: Nothing) -> dict[str, str]:
    """The maintenance task of an alarm, made by whoever asks first."""
    return {"task": watching.open_task_of(alarm(request, key, slug, id), request.membership).ref}


@router.get(f"{MODEL}/retraining", response=ToldPlan, operation_id="read_retraining")
def read_plan(request: ApiRequest, key: Key, slug: Slug) -> dict[str, Any]:
    """When it is trained again; nothing of it is set where that is not planned."""
    return show_plan(RetrainingPlan.objects.filter(model=model_named(request, key, slug)).first())


@router.put(f"{MODEL}/retraining", response=ToldPlan, operation_id="plan_retraining")
def plan_retraining(request: ApiRequest, key: Key, slug: Slug, sent: SentPlan) -> dict[str, Any]:
    """Plan it, in the place of what was planned."""
    return show_plan(RetrainingPlan.plan(model_named(request, key, slug), request.membership, **sent.model_dump()))


@router.delete(f"{MODEL}/retraining", response={204: None}, operation_id="end_retraining")
def end_plan(request: ApiRequest, key: Key, slug: Slug) -> Status:
    """Plan it no more; without a plan it stays so."""
    model = model_named(request, key, slug)
    if found := RetrainingPlan.objects.filter(model=model).first():
        found.model = model
        found.end(request.membership)
    return Status(204, None)


def alarm(request: ApiRequest, key: str, slug: str, pk: int) -> Alarm:
    model = model_named(request, key, slug)
    rows = Alarm.objects.filter(series__model=model).select_related("series", "version", "task", "feedback_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    found.series.model = found.version.model = model
    return found


def show_point(point: Point) -> dict[str, Any]:
    return {
        "name": point.series.name, "value": point.value, "at": point.at, "version": point.version.name, "environment": point.environment,
    }  # fmt: skip


def show_series(one: Series) -> dict[str, Any]:
    last = one.points.order_by("-at", "-pk").values_list("value", flat=True).first()
    return {
        "id": one.pk, "name": one.name, "direction": one.direction, "threshold": one.threshold, "times": one.times, "window": one.window,
        "cadence_hours": one.cadence_hours, "drift": one.drift, "last": last,
    }  # fmt: skip


def show_alarm(one: Alarm) -> dict[str, Any]:
    return {
        "id": one.pk, "metric": one.series.name, "version": one.version.name, "kind": one.kind, "at": one.at, "value": one.value,
        "text": one.text, "task": one.task.ref if one.task and one.task.deleted_at is None else None, "over_at": one.over_at,
        "feedback": one.feedback, "feedback_by": address(one.feedback_by),
    }  # fmt: skip


def show_plan(plan: RetrainingPlan | None) -> dict[str, Any]:
    if plan is None:
        return {"every": "", "next_on": None, "on_alarm": False}
    return {"every": plan.every, "next_on": plan.next_on, "on_alarm": plan.on_alarm}
