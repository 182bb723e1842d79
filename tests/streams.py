"""A client of the live streams: what an EventSource of a browser would be told."""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

from dsboard.models import User


def cookie_of(user: User) -> str:
    """A Cookie header with a session of this person."""
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@dataclass
class Stream:
    """One open stream, read in a thread; `events` are pairs of name and data, in the order in which they came."""

    status: int
    events: list[tuple[str, Any]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def read(self, answer: http.client.HTTPResponse) -> None:
        name = ""
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            while line := answer.readline().decode():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ").strip()
                elif line.startswith("data: "):
                    self.events.append((name, json.loads(line.removeprefix("data: "))))
        self.ended.set()

    def of(self, name: str) -> list[Any]:
        return [data for one, data in self.events if one == name]

    def wait_for(self, name: str, seconds: float = 15, count: int = 1) -> Any:
        """The data of the `count`th event of this name."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if len(found := self.of(name)) >= count:
                return found[count - 1]
            time.sleep(0.01)
        raise AssertionError(f"no {name} came in {seconds} s, only {self.events}")


@contextlib.contextmanager
def stream(url: str, path: str, cookie: str = "", **headers: str) -> Iterator[Stream]:
    """An open stream, closed afterwards."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie, **headers})
    answer = connection.getresponse()
    found = Stream(answer.status)
    reader = threading.Thread(target=found.read, args=(answer,), daemon=True)
    reader.start()
    try:
        yield found
    finally:
        with contextlib.suppress(OSError):
            if connection.sock:
                connection.sock.shutdown(2)
        connection.close()
        reader.join(5)
