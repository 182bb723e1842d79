"""`up` as a person types it: one process that serves, sweeps and stops."""

import re
import signal
import socket
import sqlite3
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.processes import ROOT, ask, free_port, manage, started, stop, wait_until


def up(*words: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "up", *words]


def test_it_serves_sweeps_and_stops_in_time(tmp_path: Path) -> None:
    folder, log, port = tmp_path / "made" / "here", tmp_path / "log", free_port()
    with started(up("--port", str(port), "--data", str(folder)), log) as process:
        wait_until(lambda: ask(f"http://127.0.0.1:{port}/readyz")[0] == 200, 90, "ready")
        assert ask(f"http://127.0.0.1:{port}/healthz") == (200, "ok")
        link = re.search(rf"http://127\.0\.0\.1:{port}/sign-in/[\w-]{{40,}}/", log.read_text())
        assert link, log.read_text()

        second = manage("up", "--port", str(port), "--data", str(folder))
        assert (second.returncode, second.stdout) == (2, "")
        assert second.stderr == f"Port {port} of 127.0.0.1 can't be used: address already in use. Try another one with --port.\n"

        wait_until(lambda: ask(f"http://127.0.0.1:{port}/readyz")[1]["last_sweep_age_seconds"] is not None, 40, "the first sweep")
        code, seconds = stop(process)
        assert code == 0
        assert seconds < 5
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600
    assert "Traceback" not in log.read_text()


def test_ctrl_c_stops_it_even_while_a_client_hangs_on(tmp_path: Path) -> None:
    log, port = tmp_path / "log", free_port()
    with started(up("--port", str(port), "--data", str(tmp_path / "data")), log) as process:
        wait_until(lambda: ask(f"http://127.0.0.1:{port}/healthz")[0] == 200, 90, "an answer")
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
            time.sleep(0.2)
            code, seconds = stop(process, signal.SIGINT)
    assert code == 0
    assert seconds < 5


def test_two_first_starts_in_one_folder_both_come_up(tmp_path: Path) -> None:
    """The second waits while the first migrates, instead of making the same tables."""
    ports = [free_port(), free_port()]
    with ExitStack() as running:
        for port in ports:
            running.enter_context(started(up("--port", str(port), "--data", str(tmp_path / "data")), tmp_path / f"{port}.log"))
        for port in ports:
            wait_until(lambda port=port: ask(f"http://127.0.0.1:{port}/readyz")[0] == 200, 90, "ready")
    assert "Traceback" not in "".join((tmp_path / f"{port}.log").read_text() for port in ports)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = manage("up", "--port", str(free_port()), "--data", str(tmp_path / "file" / "data"))
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"The data folder {tmp_path}/file/data can't be written: not a directory.\n"


def test_a_database_from_a_newer_version_is_one_sentence(tmp_path: Path) -> None:
    assert manage("migrate", "--verbosity", "0", DSBOARD_DATA=str(tmp_path)).returncode == 0
    with sqlite3.connect(tmp_path / "dsboard.sqlite3") as database:
        database.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('dsboard', '9999_from_tomorrow', '2030-01-01')")
    database.close()
    run = manage("up", "--port", str(free_port()), "--data", str(tmp_path))
    assert (run.returncode, run.stdout) == (2, "")
    assert "newer dsboard (dsboard.9999_from_tomorrow)" in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("port", ["0", "70000", "eight"])
def test_a_number_that_is_no_port_is_refused(tmp_path: Path, port: str) -> None:
    run = manage("up", "--port", port, "--data", str(tmp_path))
    assert run.returncode == 2
    assert f"“{port}” is not a port" in run.stderr


def test_web_refuses_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = manage("web", "--port", str(taken.getsockname()[1]), DSBOARD_DATA=str(tmp_path))
    assert run.returncode == 2
    assert "can't be used" in run.stderr
