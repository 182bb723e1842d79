"""Twenty minutes of a busy team: 200 open pages, 8 people who change cards, and nothing that grows, leaks or slows down."""

import asyncio
import json
import os
import random
import statistics
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import connection

from dsboard.models import Membership, Pulse, User
from dsboard.roles import Role
from tests.processes import ROOT, ask, free_port, started, wait_until
from tests.streams import cookie_of
from tests.world import World, found_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

READERS, WRITERS, CARDS, EVERY = 200, 8, 80, 2.0
MINUTES = float(os.environ.get("DSBOARD_SOAK_MINUTES", "20"))
TOKEN = "soak" + "0" * 28


@dataclass
class Reader:
    """One open page: the last version that it heard of, and how often its stream began."""

    version: int = 0
    begun: int = 0
    bytes: int = 0

    async def look(self, port: int, cookie: str, over: threading.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        writer.write(f"GET /live/FRAUD/?view=experiments HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
        while not over.is_set():
            try:
                line = await asyncio.wait_for(reader.readline(), 1)
            except TimeoutError:
                continue
            if not line:
                break
            self.bytes += len(line)
            if line.startswith(b"event: hello"):
                self.begun += 1
            elif line.startswith(b"data: ") and b'"version":' in line[:200]:
                self.version = max(self.version, json.loads(line[6:])["version"])
        writer.close()


@dataclass
class Writer:
    """Somebody who moves, renames and comments on cards of their own."""

    port: int
    cookie: str
    refs: list[str]
    seconds: list[tuple[float, float]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def work(self, place: int, began: float) -> None:
        chance = random.Random(place)
        time.sleep(place * EVERY / WRITERS)
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
            while time.monotonic() - began < MINUTES * 60:
                ref = chance.choice(self.refs)
                path, fields = chance.choice(
                    [
                        ("columns/ideation/", {"card": ref}),
                        ("columns/ideation/", {"card": ref}),
                        (f"tasks/{ref}/comments/", {"text": f"Seen at {time.monotonic():.0f}."}),
                    ]
                )
                start = time.monotonic()
                try:
                    line.request("POST", f"/t/FRAUD/{path}", urlencode(fields), self.headers())
                    answer = line.getresponse()
                    content = answer.read()
                    if answer.status != 200:
                        self.trouble.append(f"{path} {answer.status} {content[:200]!r}")
                except OSError as error:
                    self.trouble.append(repr(error))
                    line.close()
                self.seconds.append((start - began, time.monotonic() - start))
                time.sleep(max(0.0, EVERY - (time.monotonic() - start)))

    def headers(self) -> dict[str, str]:
        form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": TOKEN, "HX-Request": "true"}
        return form | {"Cookie": f"{self.cookie}; {settings.CSRF_COOKIE_NAME}={TOKEN}"}


def memory(pid: int) -> int:
    """The memory of a process and its children in kB."""
    children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    own = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(own.split()[1]) + sum(memory(child) for child in children)


def open_connections() -> int:
    """The connections of the web processes to the database: on PostgreSQL as it counts them; SQLite has none to leak."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        return int(cursor.fetchone()[0])


def server_settings() -> dict[str, str]:
    """The database of this test, for processes of their own."""
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return {"DATABASE_URL": url, "SECRET_KEY": os.environ["SECRET_KEY"], "DSBOARD_DATA": str(settings.DATA_DIR), "DSBOARD_LOG": "ERROR"}


def cast_of(world: World, word: str, count: int, role: Role) -> list[str]:
    """So many people of the team, each by the cookie of a session."""
    people = User.objects.bulk_create(User(email=f"{word}{number}@example.org", name=f"{word} {number}") for number in range(count))
    Membership.objects.bulk_create(Membership(team=world.team, user=user, role=role, side="science") for user in people)
    return [cookie_of(user) for user in people]


def test_a_busy_team_for_twenty_minutes(transactional_db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = found_world()
    refs = [world.research(title=f"Question {number}").ref for number in range(CARDS)]
    port, log, over = free_port(), tmp_path / "web.log", threading.Event()
    looks = cast_of(world, "Reader", READERS, Role.VIEWER)
    write = cast_of(world, "Writer", WRITERS, Role.MEMBER)
    readers = [Reader() for _ in range(READERS)]
    workers = "2" if connection.vendor == "postgresql" else "1"
    command = [sys.executable, str(ROOT / "manage.py"), "web", "--port", str(port), "--workers", workers]

    async def everybody() -> None:
        await asyncio.gather(*(one.look(port, cookie, over) for one, cookie in zip(readers, looks, strict=True)))

    with started(command, log, **server_settings()) as process:
        wait_until(lambda: ask(f"http://127.0.0.1:{port}/readyz")[0] == 200, 90, "an answer")
        looking = threading.Thread(target=asyncio.run, args=(everybody(),))
        looking.start()
        wait_until(lambda: all(one.begun for one in readers), 60, "every stream")
        began = time.monotonic()
        writers = [Writer(port, cookie, refs[place::WRITERS]) for place, cookie in enumerate(write)]
        threads = [threading.Thread(target=one.work, args=(place, began)) for place, one in enumerate(writers)]
        for thread in threads:
            thread.start()
        seen: list[tuple[float, int, int]] = []
        while any(thread.is_alive() for thread in threads):
            time.sleep(MINUTES)
            seen.append((time.monotonic() - began, memory(process.pid), open_connections()))
        final = Pulse.objects.get(team=world.team).version
        wait_until(lambda: all(one.version >= final for one in readers), 10, "the last word on every page")
        over.set()
        looking.join(20)
    report(capsys, writers, seen, readers)
    assert [words for one in writers for words in one.trouble] == []
    assert {one.begun for one in readers} == {1}
    assert "Traceback" not in log.read_text()
    length = MINUTES * 60
    early = [one for one in seen if 0.25 * length < one[0] <= 0.4 * length]
    late = [one for one in seen if 0.85 * length < one[0] <= length]
    assert statistics.median(one[1] for one in late) <= 1.1 * statistics.median(one[1] for one in early)
    assert max(one[2] for one in late) <= max(one[2] for one in early)
    # The same run beside itself: no clock of this machine is asked how fast it is.
    assert of_part(writers, 0.85, 1) <= 2 * of_part(writers, 0.1, 0.25)


def of_part(writers: list[Writer], start: float, end: float) -> float:
    """The median of the seconds that an act took in this part of the run."""
    length = MINUTES * 60
    return statistics.median(took for one in writers for at, took in one.seconds if start * length <= at < end * length)


def report(capsys: Any, writers: list[Writer], seen: list[tuple[float, int, int]], readers: list[Reader]) -> None:
    """The figures, into the output of the run."""
    with capsys.disabled():
        acts = sum(len(one.seconds) for one in writers)
        took = ", ".join(f"{of_part(writers, part / 5, (part + 1) / 5) * 1000:.0f}" for part in range(5))
        print(f"\n{acts} acts on {READERS} pages in {MINUTES:g} minutes; an act took {took} ms by fifths of the run")
        steps = [seen[len(seen) * part // 10] for part in range(10)] + [seen[-1]]
        print("memory in MB: " + ", ".join(f"{kilobytes / 1024:.0f}" for _, kilobytes, _ in steps))
        print("connections: " + ", ".join(str(count) for _, _, count in steps))
        print(f"{sum(one.bytes for one in readers) / 1e6:.0f} MB of words")
