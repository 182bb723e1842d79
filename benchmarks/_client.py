"""A browser without eyes and the server that it asks: what every benchmark of pages needs."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg


@dataclass
class Client:
    """One browser: a kept connection, a session, a CSRF token."""

    port: int
    cookie: str
    csrf: str
    token: str = "bench" + "0" * 27
    folder: str = ""
    pid: int = 0
    more: dict[str, Any] = field(default_factory=dict)
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None, **headers: Any
    ) -> tuple[float, http.client.HTTPResponse, bytes]:
        """Seconds, answer and body of one request."""
        sent = {"Cookie": f"{self.cookie}; {self.csrf}={self.token}", **headers}
        body = None
        if fields is not None:
            body = urlencode(fields)
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.token, "HX-Request": "true"}
        began = time.perf_counter()
        try:
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:
            # The server closes what has been idle for five seconds.
            self.connection.close()
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
        content = answer.read()
        return time.perf_counter() - began, answer, content


@contextlib.contextmanager
def served(module: str, arguments: Iterable[int], **settings: str) -> Iterator[Client]:
    """A real server in a process of its own, with the teams that `module` writes for these numbers."""
    with tempfile.TemporaryDirectory(prefix="dsboard-bench-") as folder:
        passed = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = passed | {
            "DSBOARD_DATA": folder,
            "DJANGO_SETTINGS_MODULE": "benchmarks._settings",
            "DSBOARD_LOG": "ERROR",
            **settings,
        }
        command = [sys.executable, "-m", "benchmarks._server", module, *map(str, arguments)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise SystemExit("The server did not start.")
            yield Client(**json.loads(line), folder=folder, pid=process.pid)
        finally:
            process.terminate()
            process.wait(10)


@contextlib.contextmanager
def database(url: str) -> Iterator[str]:
    """A database of our own on that server, dropped afterwards."""
    name = f"dsboard_bench_{os.getpid()}"
    with psycopg.connect(url.replace("postgres://", "postgresql://", 1), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def places(stack: contextlib.ExitStack) -> list[tuple[str, dict[str, str]]]:
    """The databases to measure on, with their settings: SQLite, and PostgreSQL where DATABASE_URL names a server."""
    found: list[tuple[str, dict[str, str]]] = [("SQLite", {})]
    if os.environ.get("BENCH_ONLY", "") == "postgresql":
        found = []
    if url := os.environ.get("DATABASE_URL", ""):
        own = stack.enter_context(database(url))
        found.append(("PostgreSQL", {"DATABASE_URL": own, "SECRET_KEY": "only for this run"}))
    return found


def rounds_of(default: int) -> int:
    """How many rounds to measure: BENCH_ROUNDS makes a shorter run."""
    return int(os.environ.get("BENCH_ROUNDS", str(default)))
