"""Reminders exactly once, mail at most once, whatever is killed: workers and beats on Redis and PostgreSQL, the embedded process.

Processes die by SIGKILL at random moments and at the worst one: while a letter has arrived and its hand-over is not recorded.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.processes import ROOT, ask, environment, free_port, manage, started, wait_until
from tests.smtp import Sink, sink

FAST = {"DJANGO_SETTINGS_MODULE": "tests.fast_settings", "DSBOARD_LOG": "ERROR", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Size:
    """How many boxes, how many people have them, over how many seconds they run out, how often something is killed."""

    boxes: int
    people: int
    spread: float
    kills: int


SHORT, LONG = Size(40, 10, 6, 3), Size(500, 50, 60, 14)


@dataclass
class Fleet:
    """Processes that come back when they are killed."""

    commands: dict[str, list[str]]
    env: dict[str, str]
    folder: Path
    chance: random.Random
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self.commands[name], cwd=ROOT, env=environment(**self.env), stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """SIGKILL for a process with all its children; it comes back at once."""
        with self.lock:
            process = self.running[name]
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.kills.append(name)
            self.start(name)

    def __enter__(self) -> "Fleet":
        for name in self.commands:
            self.start(name)
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self.lock:
            for process in self.running.values():
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class Killer:
    """Kills at random moments while boxes run out, and in turn at the moment when a letter has just arrived."""

    def __init__(self, fleet: Fleet, letters: Sink, size: Size) -> None:
        self.fleet, self.letters, self.size = fleet, letters, size
        self.armed, self.sprung = False, threading.Event()
        letters.on_letter = self.at_a_letter

    def at_a_letter(self) -> None:
        """Called by the mail server between taking a letter and saying so."""
        if self.armed:
            self.armed = False
            self.fleet.kill(self.fleet.chance.choice([name for name in self.fleet.commands if "beat" not in name]))
            self.sprung.set()

    def work(self, seconds: float) -> None:
        pause = seconds / self.size.kills
        for turn in range(self.size.kills):
            time.sleep(self.fleet.chance.uniform(0.5, 1.5) * pause)
            if not (turn % 2 and self.a_letter_came()):
                self.fleet.kill(self.fleet.chance.choice(list(self.fleet.commands)))

    def a_letter_came(self) -> bool:
        """Arm the trap, and wait a little for a letter to spring it."""
        self.sprung.clear()
        self.armed = True
        came = self.sprung.wait(5)
        self.armed = False
        return came


def running_out(env: dict[str, str], *words: str) -> dict[str, Any]:
    """Ask the helper, which uses the database of the killed processes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.running_out", *words], cwd=ROOT, env=environment(**env), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def check(size: Size, env: dict[str, str], letters: Sink, fleet: Fleet) -> None:
    """Exactly one notice for each person and milestone; each mail once at most, and each that did not arrive is "perhaps sent"."""
    expected = Counter({"box_ended": 2 * size.boxes, "box_warning": size.boxes})

    def all_told() -> bool:
        told = running_out(env, "tell")
        return told["by_kind"] == expected and not {"waiting", "sending"} & set(told["mail"])

    wait_until(all_told, 60, "every notice and the end of every hand-over")
    told = running_out(env, "tell")
    assert told["doubled"] == []
    assert [title for title, count in Counter(title for _, title in told["ended"]).items() if count != 2] == []
    assert len({tuple(row) for row in told["ended"]}) == 2 * size.boxes
    assert set(told["mail"]) <= {"sent", "perhaps"}
    arrived = Counter((str(message["To"]), title) for message in letters.taken for title in titles_in(message))
    names = Counter((email, title) for email, _, title, _, _ in told["letters"])
    assert letters.doubled() == {}
    assert {key: count for key, count in arrived.items() if count > names[key]} == {}
    sent = Counter((email, title) for email, _, title, state, _ in told["letters"] if state == "sent")
    assert {key: count for key, count in sent.items() if count > arrived[key]} == {}
    ids = {str(message["Message-ID"]).strip("<>").partition("@")[0] for message in letters.taken}
    missing = [row for row in told["letters"] if row[4] not in ids]
    assert {row[3] for row in missing} <= {"perhaps"}
    perhaps = sum(row[3] == "perhaps" for row in told["letters"])
    print(
        f"{size.boxes} boxes, {sum(expected.values())} notices, {len(letters.taken)} letters, {len(fleet.kills)} kills "
        f"({', '.join(f'{name} {count}' for name, count in sorted(Counter(fleet.kills).items()))}); "
        f"{perhaps} notices perhaps sent, {len(missing)} of them did not arrive"
    )


def titles_in(message: Any) -> list[str]:
    """The cards that a letter tells of; each notice begins with a line that ends with one."""
    lines = message.get_body(("plain",)).get_content().splitlines()
    return [found[1] for line in lines if (found := re.search(r": (Box \d{4})$", line))]


@pytest.fixture
def size(request: pytest.FixtureRequest) -> Size:
    return LONG if request.config.getoption("--long") else SHORT


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    seed = int(time.time())
    print(f"seed {seed}")
    return random.Random(seed)


@contextmanager
def database() -> Iterator[str]:
    """The address of a database of one's own on the server that the tests use."""
    server = settings.DATABASES["default"]
    place = {"host": server["HOST"], "port": server["PORT"] or 5432, "user": server["USER"], "password": server["PASSWORD"] or None}
    name = f"dsboard_kills_{os.getpid()}_{int(time.time())}"
    with psycopg.connect(dbname="postgres", autocommit=True, **place) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            secret = f":{server['PASSWORD']}" if server["PASSWORD"] else ""
            yield f"postgres://{server['USER']}{secret}@{place['host']}:{place['port']}/{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.postgres
@pytest.mark.redis
def test_workers_and_beats(tmp_path: Path, redis_url: str, size: Size, chance: random.Random) -> None:
    with ExitStack() as stack:
        url, letters = stack.enter_context(database()), stack.enter_context(sink())
        env = FAST | {
            "DATABASE_URL": url,
            "REDIS_URL": redis_url,
            "EMAIL_URL": letters.url,
            "DSBOARD_DATA": str(tmp_path),
            "SECRET_KEY": "x" * 50,
        }
        assert manage("migrate", "--noinput", **env).returncode == 0
        celery = [sys.executable, "-m", "celery", "-A", "dsboard.celery"]
        commands = {f"worker{n}": [*celery, "worker", "--concurrency", "2", "--loglevel", "ERROR", "-n", f"w{n}@kills"] for n in (1, 2)}
        commands |= {f"beat{n}": [*celery, "beat", "--loglevel", "ERROR", "-s", str(tmp_path / f"beat{n}")] for n in (1, 2)}
        run_out(size, env, letters, Fleet(commands, env, tmp_path, chance))


def test_the_embedded_process(tmp_path: Path, size: Size, chance: random.Random) -> None:
    with sink() as letters:
        port = free_port()
        env = FAST | {"EMAIL_URL": letters.url, "DSBOARD_DATA": str(tmp_path / "data")}
        up = [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(port), "--data", str(tmp_path / "data")]
        with started(up, tmp_path / "first.log", **env):
            wait_until(lambda: ask(f"http://127.0.0.1:{port}/readyz")[0] == 200, 90, "the first start")
        run_out(size, env, letters, Fleet({"up": up}, env, tmp_path, chance))


def run_out(size: Size, env: dict[str, str], letters: Sink, fleet: Fleet) -> None:
    """Let all boxes run out while the fleet is killed, then count."""
    with fleet:
        running_out(env, "prepare", str(size.boxes), str(size.people), str(size.spread), "3")
        killer = Killer(fleet, letters, size)
        killer.work(3 + size.spread + 15)
        assert len(fleet.kills) >= size.kills
        check(size, env, letters, fleet)
