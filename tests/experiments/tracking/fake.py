"""A tracking server that answers what a test says: recorded answers of real ones, and their troubles."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: (status, body, headers); a body that is no text becomes JSON
Said = tuple[int, Any, dict[str, str]]
Answers = Callable[[str, dict[str, Any]], Said]


class Fake:
    """`asked` holds every request: its path under /api/2.0/mlflow/, what it sent, and its headers."""

    def __init__(self, answers: Answers) -> None:
        self.answers, self.asked = answers, list[tuple[str, dict[str, Any], dict[str, str]]]()
        self.url = ""


@contextmanager
def tracking(answers: Answers) -> Iterator[Fake]:
    fake = Fake(answers)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            sent = json.loads(self.rfile.read(length)) if length else {key: one[0] for key, one in parse_qs(parts.query).items()}
            path = parts.path.removeprefix("/api/2.0/mlflow/")
            fake.asked.append((path, sent, {key.lower(): value for key, value in self.headers.items()}))
            status, body, headers = fake.answers(path, sent)
            raw = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(raw)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


def run(number: int, *, value: float | str | None = 0.9, status: str = "FINISHED", step: int = 0, **more: Any) -> dict[str, Any]:
    """A run as MLflow 3 tells it; it began `number` seconds after the first."""
    begun = int(time.time() * 1000) + number * 1000
    info = {"run_id": f"{number:032x}", "run_name": f"run {number}", "experiment_id": "7", "status": status, "start_time": begun}
    if status != "RUNNING":
        info["end_time"] = begun + 500
    metrics = [] if value is None else [{"key": "macro-F1", "value": value, "timestamp": begun, "step": step}]
    data = {"metrics": metrics, "params": [{"key": "lr", "value": str(number)}], "tags": more.pop("tags", [])}
    return {"info": info | more.pop("info", {}), "data": data, "inputs": more.pop("inputs", {})}


class Store:
    """A small MLflow with one experiment, ticket-clf of number 7, that searches by time as a real one does."""

    def __init__(self, runs: list[dict[str, Any]] | None = None) -> None:
        self.runs, self.history = runs or [], dict[str, list[dict[str, Any]]]()
        self.page = 0

    def __call__(self, path: str, sent: dict[str, Any]) -> Said:
        ok: dict[str, str] = {}
        missing = (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No Experiment with id=9 exists"}, ok)
        match path:
            case "/version":
                return 200, "3.17.2", ok
            case "experiments/search":
                return 200, {"experiments": [{"experiment_id": "7", "name": "ticket-clf"}]}, ok
            case "experiments/get-by-name":
                found = sent["experiment_name"] == "ticket-clf"
            case "experiments/get":
                found = sent["experiment_id"] == "7"
            case "runs/get":
                one = next((run for run in self.runs if run["info"]["run_id"] == sent["run_id"]), None)
                return (200, {"run": one}, ok) if one else missing
            case "metrics/get-history":
                return 200, {"metrics": self.history.get(sent["run_id"], [])}, ok
            case "runs/search":
                return 200, self.search(sent), ok
            case _:
                return 404, "<html>Not found</html>", ok
        return (200, {"experiment": {"experiment_id": "7", "name": "ticket-clf", "lifecycle_stage": "active"}}, ok) if found else missing

    def search(self, sent: dict[str, Any]) -> dict[str, Any]:
        words = sent.get("filter", "")
        field = "end_time" if "end_time" in words else "start_time"
        least = int(words.split(">=")[1].split()[0]) if ">=" in words else 0
        rows = [run for run in self.runs if (run["info"].get(field) or 0) >= least and (field != "end_time" or "end_time" in run["info"])]
        if "dsboard.card" in words:
            rows = [run for run in rows if any(tag["key"] == "dsboard.card" for tag in run["data"]["tags"])]
        rows.sort(key=lambda run: run["info"].get(field) or 0)
        size = self.page or sent["max_results"]
        start = int(sent.get("page_token") or 0)
        more = {"next_page_token": str(start + size)} if start + size < len(rows) else {}
        return {"runs": rows[start : start + size], **more}
