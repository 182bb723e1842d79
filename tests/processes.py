"""Real processes for tests: started in an environment of their own, always ended."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PASSED_ON = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "PIP_CERT")


def environment(**more: str) -> dict[str, str]:
    """Only what a process needs: none of the settings of the tests themselves."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"PYTHONUNBUFFERED": "1"} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def manage(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one manage.py command to its end."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env=environment(**settings), capture_output=True, text=True, timeout=60)


@contextlib.contextmanager
def started(command: list[str], log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own; the whole group is killed in the end, whatever happened."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(**settings), stdout=output, stderr=output, start_new_session=True)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ask(address: str) -> tuple[int, Any]:
    """The status and the JSON or text of one GET; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    except OSError:
        return 0, ""
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


def wait_until(true: Any, seconds: float, what: str) -> None:
    """Ask again and again until it holds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen in {seconds} s")


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> tuple[int, float]:
    """Send a signal; the exit code and the seconds it took."""
    began = time.monotonic()
    process.send_signal(number)
    return process.wait(timeout=15), time.monotonic() - began
