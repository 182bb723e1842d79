"""What MLflow's client says and hears, in the words of its REST API, version 2.0; a run of the board on the other side."""

from datetime import UTC, datetime
from typing import Any

from dsboard.errors import Refusal
from experiments.models import Run, Task
from experiments.models.run_cleaning import RunStatus

#: MLflow's words for where a run stands
STATUS = {
    "RUNNING": RunStatus.RUNNING,
    "SCHEDULED": RunStatus.RUNNING,
    "FINISHED": RunStatus.FINISHED,
    "FAILED": RunStatus.FAILED,
    "KILLED": RunStatus.KILLED,
}
WORD = {RunStatus.RUNNING: "RUNNING", RunStatus.FINISHED: "FINISHED", RunStatus.FAILED: "FAILED", RunStatus.KILLED: "KILLED"}
#: tags that are fields of a run here
NAME, NOTE, CARD = "mlflow.runName", "mlflow.note.content", "dsboard.card"


def instant(milliseconds: Any) -> datetime | None:
    """A time in milliseconds since 1970, as a number or as its text; None for nothing, 0 and what is no time."""
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def milliseconds(at: datetime | None) -> int | None:
    return round(at.timestamp() * 1000) if at else None


def number(value: Any) -> Any:
    """A value as Run.tell takes it: the client writes what is no number as text."""
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(value, value) if isinstance(value, str) else value


def pairs(rows: Any, of: str = "value") -> dict[str, Any]:
    """{key: value} from MLflow's list of {key, value}; rows without a key are left out."""
    return {str(row["key"]): row.get(of, "") for row in rows or () if isinstance(row, dict) and row.get("key")}


def points(rows: Any) -> dict[str, list[list[Any]]]:
    """{name: [[step, value], …]} from MLflow's metrics."""
    found: dict[str, list[list[Any]]] = {}
    for row in rows or ():
        if not isinstance(row, dict) or not row.get("key"):
            continue
        try:
            step = int(row.get("step") or 0)
        except (TypeError, ValueError) as error:
            raise Refusal(f"The step of {row['key']} is no whole number.") from error
        found.setdefault(str(row["key"]), []).append([step, number(row.get("value"))])
    return found


def tagged(tags: dict[str, Any]) -> dict[str, Any]:
    """The fields of a run that its tags say; all others are kept as they are."""
    said: dict[str, Any] = {}
    if name := str(tags.get(NAME) or ""):
        said["name"] = name[:250]
    if note := str(tags.get(NOTE) or ""):
        said["notes"] = note.replace("\x00", "")[:20_000]
    if rest := {key[:250]: str(value)[:1000] for key, value in tags.items() if key not in (NAME, NOTE) and not key.endswith(".history")}:
        said["extra"] = rest
    return said


def dataset(inputs: Any) -> dict[str, str]:
    """{name, digest} of the first data set that the run names."""
    rows = (inputs or {}).get("dataset_inputs") if isinstance(inputs, dict) else inputs
    for row in rows or ():
        one = row.get("dataset") if isinstance(row, dict) else None
        if isinstance(one, dict) and (one.get("name") or one.get("digest")):
            return {key: str(one[key]).replace("\x00", "")[:250] for key in ("name", "digest") if one.get(key)}
    return {}


def show_experiment(task: Task) -> dict[str, Any]:
    """A card as MLflow's experiment; its reference is both name and id."""
    return {
        "experiment_id": task.ref,
        "name": task.ref,
        "artifact_location": f"mlflow-artifacts:/{task.ref}",
        "lifecycle_stage": "active",
        "creation_time": milliseconds(task.created_at),
        "last_update_time": milliseconds(task.created_at),
        "tags": [],
    }


def show_info(run: Run) -> dict[str, Any]:
    ref = run.task.ref
    return {
        "run_id": run.external_id,
        "run_uuid": run.external_id,
        "run_name": run.name,
        "experiment_id": ref,
        "user_id": run.extra.get("mlflow.user", ""),
        "status": WORD[RunStatus(run.status)],
        "start_time": milliseconds(run.began_at),
        **({"end_time": milliseconds(run.ended_at)} if run.ended_at else {}),
        "artifact_uri": f"mlflow-artifacts:/{ref}/{run.external_id}/artifacts",
        "lifecycle_stage": "active",
    }


def show_run(run: Run) -> dict[str, Any]:
    """A run with the last value of each metric."""
    told_at = milliseconds(run.told_at)
    metrics = [{"key": one.name, "value": one.told, "timestamp": told_at, "step": one.last_step} for one in run.metrics.all()]
    tags = {NAME: run.name, NOTE: run.notes, **run.extra}
    return {
        "info": show_info(run),
        "data": {
            "metrics": metrics,
            "params": [{"key": key, "value": value} for key, value in run.params.items()],
            "tags": [{"key": key, "value": str(value)} for key, value in tags.items() if value],
        },
        "inputs": {"dataset_inputs": [{"tags": [], "dataset": run.dataset}]} if run.dataset else {},
    }


def show_logged_model(run: Run, name: str = "model") -> dict[str, Any]:
    """A model that a run wanted to log and that is not kept: all that is known of it is its run, which its id says."""
    model_id = f"m-{run.external_id}"
    info = {
        "model_id": model_id,
        "experiment_id": run.task.ref,
        "name": name[:250],
        "source_run_id": run.external_id,
        "status": "LOGGED_MODEL_PENDING",
        "artifact_uri": f"mlflow-artifacts:/{run.task.ref}/models/{model_id}/artifacts",
        "creation_timestamp_ms": milliseconds(run.began_at),
        "last_updated_timestamp_ms": milliseconds(run.told_at),
    }
    return {"info": info, "data": {}}
