"""A real MLflow server in a process of its own, on SQLite, for as long as a test module runs."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from tests.experiments.tracking.clients import QUIET, python_of
from tests.processes import ask, free_port, started


@contextlib.contextmanager
def real_server(folder: Path) -> Iterator[str]:
    """Its address, once it answers."""
    port = free_port()
    command = [
        python_of("mlflow"), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.sqlite", "--default-artifact-root", str(folder / "artifacts"),
    ]  # fmt: skip
    with started(command, folder / "server.log", **QUIET):
        until = time.monotonic() + 120
        while ask(f"http://127.0.0.1:{port}/health")[0] != 200:
            assert time.monotonic() < until, (folder / "server.log").read_text()[-3000:]
            time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
