"""The hub of one web process: it looks at the pulses, draws what changed once, and hands it to every stream that shows it.

Everything of the event loop lives here; the database is asked in two threads whose connections go back after each question,
so that a stream holds neither a thread nor a connection.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from django.db import connection, connections

from dsboard import wakes
from dsboard.later import Later
from dsboard.live.news import News, event, news_of
from dsboard.live.presence import Presence
from dsboard.live.visitor import Visitor, still_admitted
from dsboard.models import Pulse

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = Later("psycopg")

log = logging.getLogger(__name__)
#: seconds after which the hub looks by itself, should a wake have got lost
LOOK = 1.0
#: seconds between two looks at most: what happens meanwhile is told together. Longer, the more streams there are to write to.
GATHER, GATHER_A_STREAM = 0.03, 0.0005
#: seconds between two questions whether everybody still may look
RECHECK = 10.0
#: messages that a slow client may leave waiting; after that it is told to look at the whole page
WAITING = 8
#: open streams of one person in one process
MOST_EACH = 40


class Stream:
    """One open page: who looks, at what, and what it has not been told yet."""

    def __init__(self, visitor: Visitor, view: str) -> None:
        self.visitor, self.view = visitor, view
        self.messages: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self.ended = False

    def put(self, message: bytes) -> None:
        """Hand it on; a client that does not keep up forgets the rest and looks again."""
        if self.messages.full():
            while not self.messages.empty():
                self.messages.get_nowait()
            message = event("again", {})
        self.messages.put_nowait(message)

    def end(self) -> None:
        """Close after what waits; the page then asks again by itself, and is let in or not."""
        self.ended = True
        self.put(b"")


class Hub:
    """Streams by team, and one task that keeps them told."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.threads = ThreadPoolExecutor(2, thread_name_prefix="live")
        self.streams: dict[int, set[Stream]] = defaultdict(set)
        self.all: set[Stream] = set()
        self.seen: dict[int, int] = {}
        self.presence = Presence()
        self.woken = asyncio.Event()
        self.doubted = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.closed = False
        wakes.listeners.append(self.hear_from_a_thread)

    # ── what a stream asks ──

    async def ask(self, question: Callable[..., Any], *args: Any) -> Any:
        """Ask the database in a thread, and give its connection back."""
        return await self.loop.run_in_executor(self.threads, with_connection, question, args)

    def open(self, visitor: Visitor, view: str) -> Stream | None:
        """A new stream; None when this person has too many."""
        if sum(one.visitor.user_id == visitor.user_id for one in self.all) >= MOST_EACH:
            return None
        stream = Stream(visitor, view)
        self.all.add(stream)
        for team_id in visitor.teams:
            self.streams[team_id].add(stream)
        self.tell_who_is_here(visitor.teams)
        if not self.tasks:
            self.tasks = [asyncio.create_task(work) for work in (self.look(), self.recheck(), self.listen())]
        return stream

    def begin(self, versions: dict[int, int]) -> None:
        """A stream has been told up to these versions; what comes later is for the next look, unless others wait already."""
        for team_id, version in versions.items():
            if team_id in self.streams:
                self.seen.setdefault(team_id, version)
        self.woken.set()

    def leave(self, stream: Stream) -> None:
        """The page is gone. The last one lets the hub rest."""
        self.all.discard(stream)
        for team_id in stream.visitor.teams:
            self.streams[team_id].discard(stream)
            if not self.streams[team_id]:
                del self.streams[team_id]
                self.seen.pop(team_id, None)
        self.tell_who_is_here(stream.visitor.teams)
        if not self.all:
            self.rest()

    def rest(self) -> None:
        for task in self.tasks:
            task.cancel()
        self.tasks = []

    def close(self) -> None:
        """The process is about to stop: every stream ends. From any thread, and from a signal handler."""
        self.loop.call_soon_threadsafe(self.end_all)

    def end_all(self) -> None:
        self.closed = True
        for stream in self.all:
            stream.end()

    # ── being woken ──

    def hear_from_a_thread(self, message: dict[str, Any]) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.hear, message)

    def hear(self, message: dict[str, Any]) -> None:
        """A change, or a word on who is here, from this process or another one."""
        if "changed" in message:
            self.woken.set()
        elif self.presence.hear(message):
            self.show_who_is_here(message["team"])

    async def listen(self) -> None:
        """PostgreSQL's notifications, on one connection a process; without it the hub looks by itself."""
        if connection.vendor != "postgresql":
            return
        settings = {name: value for name, value in connection.get_connection_params().items() if name not in ("cursor_factory", "context")}
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(**settings, autocommit=True) as listening:
                    await listening.execute(f"LISTEN {wakes.CHANNEL}")
                    self.woken.set()
                    async for note in listening.notifies():
                        self.hear(json.loads(note.payload))
            await asyncio.sleep(LOOK)

    # ── telling ──

    async def look(self) -> None:
        """Look at the pulses when woken, and once a second anyway."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), LOOK)
            self.woken.clear()
            began = time.monotonic()
            try:
                await self.tell()
            except Exception:
                # A database that is away for a moment: the streams stay, the next look tells what was missed.
                log.exception("The live streams could not be told.")
                await asyncio.sleep(LOOK)
            await asyncio.sleep(max(0.0, GATHER + GATHER_A_STREAM * len(self.all) - (time.monotonic() - began)))

    async def tell(self) -> None:
        """Hand out what changed since the last look."""
        views = {team_id: frozenset(one.view for one in self.streams[team_id]) for team_id in self.seen if team_id in self.streams}
        for news in await self.ask(changes, dict(self.seen), views):
            self.seen[news.team_id] = news.version
            if any(one.startswith(("membership:", "*")) for one in news.subjects):
                self.doubted.set()
            for stream in list(self.streams.get(news.team_id, ())):
                stream.put(news.message(stream.view, stream.visitor.user_id))

    async def recheck(self) -> None:
        """Whoever may not look any more loses the stream: at once when somebody left the team, else soon."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.doubted.wait(), RECHECK)
            self.doubted.clear()
            with contextlib.suppress(Exception):
                held = await self.ask(still_admitted, [stream.visitor for stream in self.all])
                for stream in list(self.all):
                    if stream.visitor not in held:
                        stream.end()
            for team_id in list(self.streams):
                await self.share_who_is_here(team_id)

    # ── who is here ──

    def tell_who_is_here(self, teams: Iterable[int]) -> None:
        for team_id in teams:
            if self.presence.put_here(team_id, {one.visitor for one in self.streams.get(team_id, ())}):
                self.show_who_is_here(team_id)
                self.loop.create_task(self.share_who_is_here(team_id))

    def show_who_is_here(self, team_id: int) -> None:
        """Soon, because many come and go at once."""
        if self.presence.is_due(team_id):
            self.loop.call_later(self.presence.SOON, self.put_who_is_here, team_id)

    def put_who_is_here(self, team_id: int) -> None:
        message = event("here", self.presence.of(team_id))
        for stream in self.streams.get(team_id, ()):
            stream.put(message)

    async def share_who_is_here(self, team_id: int) -> None:
        """Let the other processes know who looks from here."""
        if connection.vendor == "postgresql":
            with contextlib.suppress(Exception):
                await self.ask(share, self.presence.told_to_others(team_id))


def with_connection(question: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    try:
        return question(*args)
    finally:
        connections.close_all()


def share(message: dict[str, Any]) -> None:
    wakes.say(**message)


def changes(seen: dict[int, int], views: dict[int, frozenset[str]]) -> list[News]:
    """What is new in these teams, drawn for the views that are open."""
    pulses = Pulse.objects.filter(team__in=views).select_related("team")
    return [news_of(pulse, seen[pulse.pk], views[pulse.pk]) for pulse in pulses if pulse.version > seen[pulse.pk]]
