"""`/live/<TEAM>/`: one stream of server-sent events for an open page; `/live/` for a page of all one's teams.

A small ASGI application of its own: Django's handlers would hold a thread for each open stream, and a connection once it
has asked the database. So the checks that Django's middleware would make are made here: the host, the session, the membership.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable
from functools import partial
from http.cookies import CookieError, SimpleCookie
from types import FrameType
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from dsboard.live.hub import Hub, Stream
from dsboard.live.news import event, news_of
from dsboard.live.visitor import Visitor, admitted
from dsboard.models import Pulse
from dsboard.models.pulse import heal
from dsboard.serving.bridge import Receive, Scope, Send, disconnected, say

PREFIX = "/live/"
#: seconds between signs of life: proxies close what is silent
PING = 15.0
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class Live:
    """The application. Its hub is made with the first stream, on the loop that serves it."""

    def __init__(self) -> None:
        self.hub: Hub | None = None

    def close(self) -> None:
        """End every stream: the process is about to stop. From any thread, and from a signal handler."""
        if self.hub:
            self.hub.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # Never asked for: the server is started without websockets and lifespan; as the bridge beside it says.
            raise NotImplementedError(f"The streams speak http, not {scope['type']}.")
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        key = scope["path"].removeprefix(PREFIX).strip("/")
        if scope["method"] != "GET" or not validate_host(split_domain_port(headers.get(b"host", ""))[0], settings.ALLOWED_HOSTS):
            return await say(send, 400, "This address answers a page of this board, and only to look.")
        if self.hub is None or self.hub.loop is not asyncio.get_running_loop():
            if self.hub is None:
                before_exit(self.close)
            self.hub = Hub()
        hub = self.hub
        # A key has letters and digits; PostgreSQL would answer a look-up of anything with a zero byte with an error.
        asked = not key or (key.isalnum() and len(key) <= 10)
        visitor = await hub.ask(admitted, session_of(headers.get(b"cookie", "")), key) if asked else None
        if visitor is None:
            # Not signed in, not a member, no such team: nobody learns which.
            return await say(send, 404, "There is no such stream here, or it is not shared with you.")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        view, since = query.get("view", [""])[0][:20], query.get("since", [""])[0]
        stream = None if hub.closed else hub.open(visitor, view)
        if stream is None:
            return await say(send, 503, "Too many streams are open. The page asks by itself instead.", (b"retry-after", b"30"))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await follow(hub, stream, since, receive, send)
        finally:
            hub.leave(stream)


async def follow(hub: Hub, stream: Stream, since: str, receive: Receive, send: Send) -> None:
    """What the page missed, then what happens, until one of the two has gone."""
    gone = asyncio.ensure_future(disconnected(receive))
    try:
        messages, versions = await hub.ask(missed, stream.visitor, stream.view, since)
        hub.begin(versions)
        for message in messages:
            await send({"type": "http.response.body", "body": message, "more_body": True})
        while not gone.done() and not (stream.ended and stream.messages.empty()):
            waiting = asyncio.ensure_future(stream.messages.get())
            await asyncio.wait({waiting, gone}, timeout=PING, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
            if gone.done():
                break
            body = waiting.result() if waiting.done() and not waiting.cancelled() else b": still here\n\n"
            if body:
                await send({"type": "http.response.body", "body": body, "more_body": True})
        if not gone.done():
            with contextlib.suppress(OSError):
                await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


def session_of(cookies: str) -> str:
    """The session's key in a Cookie header, empty when there is none."""
    with contextlib.suppress(CookieError):
        found = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
        return found.value if found else ""
    return ""


def missed(visitor: Visitor, view: str, since: str) -> tuple[list[bytes], dict[int, int]]:
    """What changed since the version that the page shows, if it says which; then the version of each team, and who asks."""
    for team_id in visitor.teams:
        heal(team_id)
    pulses = list(Pulse.objects.filter(team__in=visitor.teams).select_related("team"))
    said: list[bytes] = []
    for pulse in pulses:
        if since.isdecimal() and len(since) < 19 and len(visitor.teams) == 1 and int(since) < pulse.version:
            said.append(news_of(pulse, int(since), frozenset([view])).message(view, visitor.user_id))
    said.append(event("hello", {"me": visitor.user_id, "versions": {pulse.team.key: pulse.version for pulse in pulses}}))
    return said, {pulse.pk: pulse.version for pulse in pulses}


def before_exit(call: Callable[[], None]) -> None:
    """Do this first when the process is told to stop. uvicorn has no hook for it in the processes that it starts itself,
    and would wait for open streams until its patience ends.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        earlier = signal.getsignal(number)
        if callable(earlier):
            signal.signal(number, partial(in_turn, call, earlier))


def in_turn(first: Callable[[], None], then: Callable[[int, FrameType | None], Any], number: int, frame: FrameType | None) -> None:
    first()
    then(number, frame)
