"""The board as MLflow's client sees it: MLFLOW_TRACKING_URI=<board>/mlflow, a card as the experiment, a token as the password.

The ten addresses that a training script needs to tell its runs, and the one that names its data. There is nothing to read here beside
what the script itself told, and no store for artifacts.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from dsboard import clock
from dsboard.api.middleware import length
from dsboard.api.reading import LARGEST, NotJson, TooLarge, json_of
from dsboard.api.tokens import ApiRequest, holder
from dsboard.errors import Refusal
from experiments.models import Run, Task
from experiments.models.run import Source
from experiments.models.run_cleaning import RunStatus
from experiments.tracking import told

#: what MLflow's client knows by name; it tries again after others of these than it should
CODES = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "RESOURCE_DOES_NOT_EXIST", 429: "REQUEST_LIMIT_EXCEEDED"}
NO_CARD = "Name a card with mlflow.set_experiment, by its reference such as {example}. This team has no research or experiment “{name}”."
NO_ARTIFACTS = (
    "dsboard keeps no artifacts. Log parameters and metrics here, keep models and files where your team keeps them, "
    "and tell the address with mlflow.set_tag."
)
NOT_KEPT = "artifacts not kept"
RUN = r"(?P<run>[0-9a-f]{32})"
#: the files that autolog of scikit-learn, XGBoost, LightGBM and their like makes by itself, and a model's
PICTURES = r"training_\w+\.png|estimator\.html|metric_info\.json|cv_results\.csv|model_summary\.txt|feature_importance\w*\.(png|json)"
AUTOLOGGED = re.compile(rf"/artifacts/[^/]+/({RUN}/artifacts/(?P<name>{PICTURES})|models/m-{RUN.replace('run', 'of')}/artifacts/.+)$")
#: the tags by which autolog's runs are known
BY_ITSELF = {"mlflow.autologging", "estimator_class"}
NOT_HERE = "dsboard takes runs at this address: experiments, parameters, metrics and tags. For all else open the board."

Body = dict[str, Any]


class Missing(Refusal):
    """What the client asks for is not there, or not in the token's team (404)."""

    status = 404
    title = "Not found"


def no(status: int, sentence: str, **headers: str) -> JsonResponse:
    """An error as MLflow's client shows it to whoever trains."""
    code = CODES.get(status, "INVALID_PARAMETER_VALUE")
    return JsonResponse({"error_code": code, "message": sentence}, status=status, headers=headers)


def door(*methods: str) -> Callable[[Callable[[ApiRequest, Body], Body]], Callable[[HttpRequest], HttpResponse]]:
    """A view for the client: asks for the token, reads query or body, answers in JSON; a refusal in MLflow's own form.

    Without `methods` it answers to all of them and leaves bodies unread.
    """

    def made(view: Callable[[ApiRequest, Body], Body]) -> Callable[[HttpRequest], HttpResponse]:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def answered(request: Any, **named: str) -> HttpResponse:
            try:
                if holder(request, password_of(request)) is None:
                    return no(401, "Set MLFLOW_TRACKING_TOKEN to a token of dsboard; make one in your settings.")
                if methods and request.method not in methods:
                    return no(405, f"This address answers to {methods[0]}.")
                return JsonResponse(view(request, read(request) if "POST" in methods else request.GET.dict() | named))
            except Refusal as refusal:
                return no(refusal.status, refusal.sentence, **dict(refusal.headers))

        return answered

    return made


def password_of(request: HttpRequest) -> str:
    """The token: as a bearer, or as the password beside any user name."""
    kind, _, rest = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return rest.strip()
    try:
        return b64decode(rest).decode().partition(":")[2]
    except ValueError:
        return ""


def read(request: HttpRequest) -> Body:
    if length(request) > LARGEST:
        raise TooLarge("A body may have 1 MB at most.")
    if request.content_type != "application/json":
        raise NotJson("Send JSON: Content-Type: application/json.")
    body = json_of(request)
    if not isinstance(body, dict):
        raise Refusal("Send a JSON object.")
    return body


def text(body: Body, *names: str) -> str:
    """The first of these that is a text, as a database can keep it."""
    return next((str(body[name]).replace("\x00", "") for name in names if isinstance(body.get(name), str | int)), "")


def rows(body: Body, name: str) -> list[Any]:
    found = body.get(name) or []
    if not isinstance(found, list):
        raise Refusal(f"{name} is a list.")
    return found


# ── cards as experiments ──


def card(request: ApiRequest, name: str) -> Task:
    """The card of this reference; what is no card of the token's team is told how to name one."""
    found: Task | None = None
    if len(name) <= 30:
        found = Task.objects.within(request.team).present().select_related("team", "time_box").filter(ref=name.strip().upper()).first()
    if found is None or not found.is_boxed:
        raise Missing(NO_CARD.format(name=name[:60], example=f"{request.team.key}-12"))
    return found


@door("GET")
def get_experiment(request: ApiRequest, asked: Body) -> Body:
    return {"experiment": told.show_experiment(card(request, text(asked, "experiment_id")))}


@door("GET")
def get_experiment_by_name(request: ApiRequest, asked: Body) -> Body:
    return {"experiment": told.show_experiment(card(request, text(asked, "experiment_name")))}


@door("POST")
def create_experiment(request: ApiRequest, body: Body) -> Body:
    """The client asks for it when it did not find the name: the board makes cards, a script does not."""
    return {"experiment_id": card(request, text(body, "name")).ref}


# ── runs ──


def run_of(request: ApiRequest, body: Body) -> Run:
    """A run that this door was told, in the token's team."""
    name = text(body, "run_id", "run_uuid")
    rows = Run.objects.within(request.team).select_related("task__team", "task__time_box", "task__owner")
    found: Run | None = rows.filter(source=Source.MLFLOW, external_id=name, task__deleted_at=None).first() if 0 < len(name) <= 200 else None
    if found is None:
        raise Missing(f"There is no run “{name[:60]}” here.")
    return found


def tell(request: ApiRequest, run: Run, **said: Any) -> Run:
    """Add to a run."""
    return Run.tell(run.task, request.membership, run.external_id, source=Source.MLFLOW, **said)[0]


@door("POST")
def create_run(request: ApiRequest, body: Body) -> Body:
    """A new run of a card: of the experiment that was set, or of the card that the tag dsboard.card names."""
    tags = told.pairs(rows(body, "tags"))
    said = told.tagged(tags)
    task = card(request, str(tags.get(told.CARD) or text(body, "experiment_id")))
    if name := text(body, "run_name"):
        said["name"] = name[:250]
    begun = told.instant(body.get("start_time")) or clock.now()
    run, _ = Run.tell(task, request.membership, uuid4().hex, source=Source.MLFLOW, status=RunStatus.RUNNING, started_at=begun, **said)
    return {"run": told.show_run(run)}


@door("GET")
def get_run(request: ApiRequest, asked: Body) -> Body:
    return {"run": told.show_run(run_of(request, asked))}


@door("POST")
def update_run(request: ApiRequest, body: Body) -> Body:
    """Its state, its end, its name."""
    said: Body = {}
    if word := text(body, "status"):
        if word not in told.STATUS:
            raise Refusal(f"A run is one of {', '.join(told.STATUS)}.")
        said["status"] = told.STATUS[word]
    if ended := told.instant(body.get("end_time")):
        said["ended_at"] = ended
    if name := text(body, "run_name"):
        said["name"] = name[:250]
    return {"run_info": told.show_info(tell(request, run_of(request, body), **said))}


@door("POST")
def log_batch(request: ApiRequest, body: Body) -> Body:
    said = told.tagged(told.pairs(rows(body, "tags")))
    tell(request, run_of(request, body), params=told.pairs(rows(body, "params")), metrics=told.points(rows(body, "metrics")), **said)
    return {}


@door("POST")
def log_metric(request: ApiRequest, body: Body) -> Body:
    tell(request, run_of(request, body), metrics=told.points([body]))
    return {}


@door("POST")
def log_parameter(request: ApiRequest, body: Body) -> Body:
    tell(request, run_of(request, body), params=told.pairs([body]))
    return {}


@door("POST")
def set_tag(request: ApiRequest, body: Body) -> Body:
    tell(request, run_of(request, body), **told.tagged(told.pairs([body])))
    return {}


@door("POST")
def log_inputs(request: ApiRequest, body: Body) -> Body:
    """The data that it was trained on, which autolog names."""
    if data := told.dataset(rows(body, "datasets")):
        tell(request, run_of(request, body), dataset=data)
    return {}


@door("POST")
def create_logged_model(request: ApiRequest, body: Body) -> Body:
    """The name of a model that the client is about to upload. Autolog asks for it first, and gives up where nobody answers."""
    run = run_of(request, {"run_id": body.get("source_run_id")})
    note(request, run, "model")
    return {"model": told.show_logged_model(run, text(body, "name") or "model")}


@door("POST")
def log_outputs(request: ApiRequest, body: Body) -> Body:
    """That the run made that model; heard, and known already."""
    run_of(request, body)
    return {}


@door("GET", "PATCH")
def get_logged_model(request: ApiRequest, asked: Body) -> Body:
    """What is known of such a model, however its upload went."""
    return {"model": told.show_logged_model(run_of(request, {"run_id": text(asked, "model_id").removeprefix("m-")}))}


# ── what is not here ──


@door()
def elsewhere(request: ApiRequest, asked: Body) -> Body:
    """All other addresses of MLflow: a sentence."""
    if request.method == "PUT" and (file := AUTOLOGGED.search(request.path)) and passes(request, file):
        return {}
    artifacts = any(part in request.path for part in ("artifacts", "logged-models", "model-versions"))
    raise Missing(NO_ARTIFACTS if artifacts else NOT_HERE)


def passes(request: ApiRequest, file: re.Match[str]) -> bool:
    """Whether this is what autolog uploads besides: then it is let go by, unread, and noted on the run.

    Refused, it would take autolog's metrics down with it: they are sent after model and pictures, in the same breath.
    """
    try:
        run = run_of(request, {"run_id": file["run"] or file["of"]})
        by_itself = bool(BY_ITSELF & run.extra.keys())
        if by_itself:
            note(request, run, file["name"] or "model")
    except Refusal:
        return False
    return by_itself


def note(request: ApiRequest, run: Run, name: str) -> None:
    """Say on the run what it tried to keep here."""
    before = run.extra.get(NOT_KEPT, "")
    if name not in before.split(", "):
        tell(request, run, extra={NOT_KEPT: f"{before}, {name}".strip(", ")[:1000]})
