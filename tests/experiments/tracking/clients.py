"""The real MLflow: its two clients and its server, each in an environment of its own."""

import subprocess
import sys
from pathlib import Path

from tests.processes import environment

HERE = Path(__file__).parent
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "PYTHONWARNINGS": "ignore",
}


def python_of(group: str) -> str:
    """The Python that has this MLflow: "mlflow" the current one with server and scikit-learn, "mlflow2" the skinny client of before."""
    return str(Path(sys.prefix) / group / "bin" / "python")


def run(group: str, script: str, *words: str, uri: str, token: str = "", folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a script to its end against a tracking server."""
    told = {"MLFLOW_TRACKING_URI": uri, **({"MLFLOW_TRACKING_TOKEN": token} if token else {}), **QUIET, **more}
    command = [python_of(group), str(HERE / script), *words]
    return subprocess.run(command, env=environment(**told), cwd=folder, capture_output=True, text=True, timeout=240)
