"""The one way out: a request to an address that a person typed, safe against what that address may really be.

The name is looked up once, every answer is checked, and the connection goes to a checked address: there is no second
look-up that could answer otherwise. No redirects, no proxies, no cookies; five seconds and 64 KiB in all unless the caller
says otherwise.
"""

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings

from dsboard.destinations import Address, Allowed, Destination, Trouble, Unreachable

#: for everything: look-up, connection, TLS, sending, the last byte of the answer
SECONDS = 5.0
#: of them for the name
LOOKUP_SECONDS = 3.0
#: for the connection to one address
CONNECT_SECONDS = 3.0
LARGEST = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back; a redirect is an answer too, and is not followed. `text` is cut at the cap: then it is not `whole`."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)
    whole: bool = field(default=True, compare=False)


def send(url: str, body: bytes, headers: Mapping[str, str], *, allow: Allowed | None = None) -> Answer:
    """POST `body` to `url` and return what was answered, within SECONDS. Raises Unreachable.

    `allow` names internal hosts that may be called, by default those of DSBOARD_WEBHOOK_ALLOW.
    """
    return call("POST", url, body, headers, allow=settings.WEBHOOK_ALLOW if allow is None else allow)


def call(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    *,
    allow: Allowed,
    seconds: float | None = None,
    largest: int = LARGEST,
    authority: str = "",
) -> Answer:
    """Send one request and return what was answered, within `seconds` and cut at `largest` bytes. Raises Unreachable.

    `authority` is the certificate, as PEM, of who vouches for the other side; without one this system's are asked.
    """
    seconds = SECONDS if seconds is None else seconds
    until = time.monotonic() + seconds
    destination = Destination.of(url, allow)
    with in_words(destination.host, seconds):
        addresses = [destination.literal] if destination.literal else look_up(destination, until)
        destination.check(addresses, allow)
        with connect(destination, addresses, until, authority, largest) as wire:
            return exchange(method, destination, wire, body, headers, largest)


def left(until: float) -> float:
    """The seconds that are left. Raises TimeoutError when there are none."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


@contextmanager
def in_words(host: str, seconds: float) -> Iterator[None]:
    """Turn what can go wrong on a connection into one sentence."""
    try:
        yield
    except TimeoutError as error:
        raise Unreachable(Trouble.TIME, f"{host} did not answer within {seconds:.0f} seconds.") from error
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(Trouble.TLS, f"The certificate of {host} is not trusted: {error.verify_message}.") from error
    except ssl.SSLError as error:
        raise Unreachable(Trouble.TLS, f"{host} and dsboard found no common way to encrypt. Is it https, and is the port right?") from error
    except ConnectionRefusedError as error:
        raise Unreachable(Trouble.REFUSED, f"{host} refused the connection. Is the port right, and does the service run?") from error
    except http.client.RemoteDisconnected as error:
        raise Unreachable(Trouble.BROKEN, f"{host} closed the connection without an answer.") from error
    except (http.client.HTTPException, ValueError) as error:
        raise Unreachable(Trouble.ANSWER, f"What {host} answered is not HTTP. Is the port right?") from error
    except OSError as error:
        raise Unreachable(Trouble.BROKEN, f"The connection to {host} broke: {(error.strerror or 'no reason given').lower()}.") from error


# ── where to ──


def look_up(destination: Destination, until: float) -> list[Address]:
    """Every address of the name, asked for once. Raises Unreachable.

    In a thread that is left behind when it takes too long: the system's look-up has no time-out that one could set.
    """
    host, answers = destination.host, SimpleQueue[Any]()
    threading.Thread(target=lambda: answers.put(ask(host, destination.port)), name="look-up", daemon=True).start()
    try:
        found = answers.get(timeout=min(LOOKUP_SECONDS, left(until)))
    except (Empty, TimeoutError) as error:
        raise Unreachable(Trouble.TIME, f"Looking up the name {host} took too long.") from error
    if not found:
        raise Unreachable(Trouble.NAME, f"There is no host named {host}, as far as this server can tell.")
    return found


def ask(host: str, port: int) -> list[Address]:
    """What the system says, without doubles; nothing for a name that it does not know."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(ip_address(str(row[4][0])) for row in rows))


@contextmanager
def connect(destination: Destination, addresses: list[Address], until: float, authority: str, largest: int) -> Iterator["Wire"]:
    """A connection to the first of the checked addresses that takes one, encrypted for https."""
    plain = reach(addresses, destination.port, until)
    try:
        if destination.secure:
            plain.settimeout(left(until))
            plain = trust(authority).wrap_socket(plain, server_hostname=destination.host)
        # As much again for the head of the answer, and no less than that of a small one.
        yield Wire(plain, until, largest + max(LARGEST, largest // 100))
    finally:
        plain.close()


def reach(addresses: list[Address], port: int, until: float) -> socket.socket:
    """A connected socket; every address gets its share of the time that is left."""
    failure: OSError = TimeoutError()
    for place, address in enumerate(addresses):
        one = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        try:
            one.settimeout(min(CONNECT_SECONDS, left(until) / (len(addresses) - place)))
            one.connect((str(address), port))
        except OSError as error:
            one.close()
            failure = error
        else:
            return one
    raise failure


@lru_cache(maxsize=16)
def trust(authority: str = "") -> ssl.SSLContext:
    """The certificates that this system trusts, or one alone; read once, because that takes tens of milliseconds."""
    return ssl.create_default_context(cadata=authority or None)


# ── what is said ──


class Wire(io.RawIOBase):
    """A socket under one deadline and one cap, for http.client to read from and to write to.

    Each byte gets the time that is left and no more: a time-out of the socket itself would begin again with every byte.
    """

    def __init__(self, plain: socket.socket, until: float, room: int) -> None:
        self.plain, self.until, self.room = plain, until, room

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Bytes as they come; past the cap it looks as if the other side had closed."""
        self.plain.settimeout(left(self.until))
        count = self.plain.recv_into(memoryview(buffer)[: self.room]) if self.room else 0
        self.room -= count
        return count

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self.plain.settimeout(left(self.until))
            view = view[self.plain.send(view) :]

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(self)

    def close(self) -> None:
        """Not yet: http.client closes before the body is read. Whoever connected closes."""


def exchange(method: str, destination: Destination, wire: Wire, body: bytes | None, headers: Mapping[str, str], largest: int) -> Answer:
    """Say it and hear the answer. Once the status is known the rest is only read along: what is cut there is no failure."""
    connection = http.client.HTTPConnection(destination.host, destination.port)
    connection.auto_open = 0
    connection.sock = wire
    ours = {"Host": destination.authority, "User-Agent": "dsboard", "Connection": "close"}
    connection.request(method, destination.target, body, {**headers, **ours})
    with connection.getresponse() as response:
        heard, whole = rest(response, largest)
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, heard.decode("utf-8", "replace"), named, whole)


def rest(response: http.client.HTTPResponse, largest: int) -> tuple[bytes, bool]:
    """The body, as much of it as arrives in time and fits, and whether that is all."""
    parts: list[bytes] = []
    room = largest
    try:
        while room and (some := response.read1(room)):
            parts.append(some)
            room -= len(some)
        whole = room > 0 or not response.read1(1)
    except (OSError, http.client.HTTPException, ValueError):
        whole = False
    else:
        whole = whole and not response.length
    return b"".join(parts), whole
