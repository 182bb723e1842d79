"""The runs of a card: told by any script, with a token that can do nothing else."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Status
from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints

from dsboard.api.shapes import NO_NULL, Instant, Listed, Number, Page, Pk, Sent, Text, address, listed
from dsboard.api.tokens import ApiRequest
from experiments.api.paths import Ref
from experiments.api.showing import card
from experiments.models import Metric, Run

router = Router(tags=["runs"])


Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NULL)]
Name = Annotated[str, StringConstraints(max_length=250, pattern=NO_NULL)]
Url = Annotated[str, StringConstraints(max_length=1000, pattern=NO_NULL)]
RunStatus = Annotated[str, StringConstraints(pattern="^(running|finished|failed|killed)$")]
#: NaN has no place in JSON, so it is a text
Odd = Annotated[str, StringConstraints(pattern="^(NaN|Infinity|-Infinity)$")]
Value = Number | Odd
#: JSON has lists where Python has pairs
Point = Annotated[tuple[int, Value], Strict(False)]


class Dataset(Sent):
    """What it was trained or tested on."""

    name: Name = ""
    digest: Name = ""


class SentRun(Sent):
    """A run; again with the same `external_id` it is added to. Names that are not known are kept under `extra`."""

    model_config = ConfigDict(extra="allow", strict=True)

    external_id: Id
    name: Name | None = None
    status: RunStatus | None = Field(None, description="running, finished (when nothing is said), failed or killed")
    started_at: Instant | None = None
    ended_at: Instant | None = None
    url: Url | None = None
    params: dict[str, str | int | float | bool | None] | None = Field(None, description="Kept as text.")
    metrics: dict[str, Value | list[Point]] | None = Field(None, description="{name: value or [[step, value], …]}")
    dataset: Dataset | None = None
    notes: Text | None = None


class ToldRun(BaseModel):
    """`metrics` has the last value of each."""

    id: int
    external_id: str
    source: str
    name: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    url: str
    params: dict[str, str]
    metrics: dict[str, float | str]
    dataset: dict[str, str]
    notes: str
    extra: dict[str, Any]
    by: str | None
    at: datetime
    told_at: datetime


class ToldRunWhole(ToldRun):
    """With every point: `history` is {name: [[step, value], …]}."""

    history: dict[str, list[tuple[int, float | str]]]


class ToldStanding(BaseModel):
    """`standing` is met, not_met or inconclusive, empty without runs; `why` says what the number alone does not; `tries` counts runs."""

    name: str
    goal: str
    bar: float | None
    aggregation: str
    guardrail: bool
    least_runs: int
    data: str
    standing: str
    why: str
    best: float | None
    best_run: int | None
    tries: int


@router.get("/tasks/{ref}/runs", response=Listed[ToldRun], operation_id="list_runs")
def list_runs(request: ApiRequest, ref: Ref, asked: Query[Page]) -> dict[str, Any]:
    """The card's runs, the newest first."""
    rows = Run.objects.filter(task=card(request, ref)).select_related("by").prefetch_related("metrics").order_by("-pk")
    return listed(request, asked, rows, show_run)


@router.post("/tasks/{ref}/runs", response={200: ToldRun, 201: ToldRun}, operation_id="tell_run")
def tell_run(request: ApiRequest, ref: Ref, sent: SentRun, response: HttpResponse) -> Status:
    """Tell a run: 201 the first time, 200 again. Its numbers are judged against the card's success metrics."""
    said = sent.model_dump(exclude=set(sent.model_extra or {}), exclude_unset=True)
    if "dataset" in said and said["dataset"] is not None:
        said["dataset"] = {name: value for name, value in said["dataset"].items() if value}
    if sent.model_extra:
        said["extra"] = sent.model_extra
    run, is_new = Run.tell(card(request, ref), request.membership, said.pop("external_id"), **said)
    response["Location"] = reverse("api:read_run", kwargs={"ref": run.task.ref, "id": run.pk})
    return Status(201 if is_new else 200, show_run(run))


@router.get("/tasks/{ref}/metrics", response=Listed[ToldStanding], operation_id="list_standings")
def list_standings(request: ApiRequest, ref: Ref, asked: Query[Page]) -> dict[str, Any]:
    """How the card's success metrics stand by its runs."""
    return listed(request, asked, card(request, ref).metrics.select_related("best_run"), show_standing)


@router.get("/tasks/{ref}/runs/{id}", response=ToldRunWhole, operation_id="read_run", url_name="read_run")
def read_run(request: ApiRequest, ref: Ref, id: Pk) -> dict[str, Any]:
    """One run with every point of its metrics."""
    found = Run.objects.filter(task=card(request, ref), pk=id).select_related("by").first()
    if found is None:
        raise Http404
    rows = found.metrics.prefetch_related("points")
    history = {one.name: [(point.step, point.told) for point in one.points.all()] for one in rows}
    return show_run(found) | {"history": history}


def show_run(run: Run) -> dict[str, Any]:
    return {
        "id": run.pk,
        "external_id": run.external_id,
        "source": run.source,
        "name": run.name,
        "status": run.status,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "url": run.url,
        "params": run.params,
        "metrics": {one.name: one.told for one in run.metrics.all()},
        "dataset": run.dataset,
        "notes": run.notes,
        "extra": run.extra,
        "by": address(run.by),
        "at": run.at,
        "told_at": run.told_at,
    }


def show_standing(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name, "goal": metric.goal, "bar": metric.bar, "aggregation": metric.aggregation, "guardrail": metric.guardrail,
        "least_runs": metric.least_runs, "data": metric.data, "standing": metric.standing, "why": metric.why, "best": metric.best,
        "best_run": metric.best_run_id, "tries": metric.tries,
    }  # fmt: skip
