"""The bridge between uvicorn and the pages, driven as uvicorn drives it."""

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from dsboard.serving.bridge import Bridge
from dsboard.serving.mount import mount

where = contextvars.ContextVar("where", default="nowhere")


class Body:
    """A WSGI answer that knows whether it was closed, and where."""

    def __init__(self, *chunks: bytes, streaming: bool = False) -> None:
        self.chunks = chunks
        self.streaming = streaming
        self.given = 0
        self.closed_in: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.given += 1
            yield chunk

    def close(self) -> None:
        self.closed_in = threading.current_thread().name


class Client:
    """One request: what the server would hand in, and what came out."""

    def __init__(self, body: list[bytes] | None = None, headers: list[tuple[bytes, bytes]] | None = None, **scope: Any) -> None:
        self.scope = {
            "type": "http",
            "method": "POST" if body else "GET",
            "path": "/",
            "query_string": b"",
            "http_version": "1.1",
            "headers": headers or [],
            "server": ("board.example", 80),
            "client": ("10.0.0.9", 5),
        } | scope
        parts = body or [b""]
        self.incoming = [{"type": "http.request", "body": part, "more_body": at + 1 < len(parts)} for at, part in enumerate(parts)]
        self.gone = asyncio.Event()
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if self.incoming:
            return self.incoming.pop(0)
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


def ask(bridge: Callable[..., Awaitable[None]], **request: Any) -> Client:
    async def run() -> Client:
        client = Client(**request)
        await bridge(client.scope, client.receive, client.send)
        return client

    return asyncio.run(run())


def answering(body: Body, seen: dict[str, Any] | None = None) -> Any:
    def wsgi(environ: dict[str, Any], start_response: Any) -> Body:
        if seen is not None:
            seen.update(environ)
            seen["body"] = environ["wsgi.input"].read()
            seen["thread"] = threading.current_thread().name
            seen["context"] = where.get()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return body

    return wsgi


def test_a_view_runs_in_a_page_thread_and_its_answer_is_joined_and_closed_there() -> None:
    body, seen = Body(b"one ", b"two"), {}
    client = ask(Bridge(answering(body, seen)), path="/tée", query_string=b"a=1", headers=[(b"host", b"board.example")])
    assert (client.status, client.body) == (200, b"one two")
    assert len(client.sent) == 2
    assert client.sent[0]["headers"] == [(b"content-type", b"text/plain")]
    assert seen["thread"].startswith("page")
    assert body.closed_in is not None and body.closed_in.startswith("page")
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/tée"
    assert (seen["QUERY_STRING"], seen["REMOTE_ADDR"], seen["HTTP_HOST"]) == ("a=1", "10.0.0.9", "board.example")


def test_the_view_sees_the_context_of_its_request() -> None:
    seen: dict[str, Any] = {}

    async def run() -> None:
        where.set("in this request")
        client = Client()
        await Bridge(answering(Body(b""), seen))(client.scope, client.receive, client.send)

    asyncio.run(run())
    assert seen["context"] == "in this request"


def test_a_chunked_body_arrives_whole_with_its_length() -> None:
    seen: dict[str, Any] = {}
    ask(Bridge(answering(Body(b"ok"), seen)), body=[b"abc", b"", b"defg"], headers=[(b"transfer-encoding", b"chunked")])
    assert (seen["body"], seen["CONTENT_LENGTH"]) == (b"abcdefg", "7")


def test_an_announced_body_over_the_limit_is_refused_before_it_is_read() -> None:
    seen: dict[str, Any] = {}
    client = ask(Bridge(answering(Body(b"ok"), seen), body_limit=10), body=[b"x" * 11], headers=[(b"content-length", b"11")])
    assert (client.status, seen) == (413, {})
    assert len(client.incoming) == 1
    assert (b"connection", b"close") in client.sent[0]["headers"]


def test_a_chunked_body_over_the_limit_is_refused_where_it_passes_it() -> None:
    seen: dict[str, Any] = {}
    client = ask(Bridge(answering(Body(b"ok"), seen), body_limit=10), body=[b"x" * 6, b"x" * 6, b"x" * 6])
    assert (client.status, seen) == (413, {})
    assert len(client.incoming) == 1


def test_a_body_of_exactly_the_limit_passes() -> None:
    seen: dict[str, Any] = {}
    client = ask(Bridge(answering(Body(b"ok"), seen), body_limit=10), body=[b"x" * 10], headers=[(b"content-length", b"10")])
    assert (client.status, len(seen["body"])) == (200, 10)


def test_header_names_with_an_underscore_are_dropped() -> None:
    seen: dict[str, Any] = {}
    headers = [(b"x_forwarded_for", b"1.2.3.4"), (b"x-forwarded-proto", b"https"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    ask(Bridge(answering(Body(b"ok"), seen)), headers=headers)
    assert "HTTP_X_FORWARDED_FOR" not in seen
    assert (seen["HTTP_X_FORWARDED_PROTO"], seen["HTTP_COOKIE"]) == ("https", "a=1; b=2")


def test_a_streaming_answer_leaves_chunk_by_chunk_and_is_closed() -> None:
    body = Body(b"one", b"", b"two", streaming=True)
    client = ask(Bridge(answering(body)))
    assert [message.get("body") for message in client.sent[1:]] == [b"one", b"two", b""]
    assert [message.get("more_body", False) for message in client.sent[1:]] == [True, True, False]
    assert body.closed_in is not None and body.closed_in.startswith("page")


def test_a_streaming_answer_stops_and_is_closed_when_the_client_has_gone() -> None:
    body = Body(*[b"x"] * 1000, streaming=True)

    async def run() -> None:
        client = Client()

        async def send(message: dict[str, Any]) -> None:
            client.sent.append(message)
            if len(client.sent) == 4:
                client.gone.set()
                await asyncio.sleep(0.01)

        await Bridge(answering(body))(client.scope, client.receive, send)

    asyncio.run(run())
    assert body.given < 10
    assert body.closed_in is not None


def test_a_stalled_reader_of_a_stream_holds_no_thread() -> None:
    """One page thread, one client that takes nothing: the next request is answered all the same."""

    def wsgi(environ: dict[str, Any], start_response: Any) -> Body:
        start_response("200 OK", [])
        return Body(b"x", b"y", streaming=environ["PATH_INFO"] == "/stream")

    async def run() -> Client:
        bridge, stalled, quick = Bridge(wsgi, workers=1), Client(path="/stream"), Client()
        never = asyncio.Event()

        async def send(message: dict[str, Any]) -> None:
            await never.wait()

        waiting = asyncio.create_task(bridge(stalled.scope, stalled.receive, send))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(bridge(quick.scope, quick.receive, quick.send), 2)
        waiting.cancel()
        return quick

    assert asyncio.run(run()).body == b"xy"


def test_a_client_that_leaves_in_the_middle_of_its_body_gets_no_view() -> None:
    seen: dict[str, Any] = {}

    async def run() -> Client:
        client = Client()
        client.incoming = [{"type": "http.request", "body": b"half", "more_body": True}]
        client.gone.set()
        await Bridge(answering(Body(b"ok"), seen))(client.scope, client.receive, client.send)
        return client

    assert asyncio.run(run()).sent == []
    assert seen == {}


def test_a_long_queue_answers_503_and_recovers() -> None:
    go = threading.Event()

    def wsgi(environ: dict[str, Any], start_response: Any) -> Body:
        go.wait(5)
        start_response("200 OK", [])
        return Body(b"ok")

    async def run() -> list[int]:
        bridge = Bridge(wsgi, workers=1, queue=1)
        clients = [Client() for _ in range(4)]
        running = [asyncio.create_task(bridge(client.scope, client.receive, client.send)) for client in clients[:3]]
        await asyncio.sleep(0.05)
        go.set()
        await asyncio.gather(*running)
        await bridge(clients[3].scope, clients[3].receive, clients[3].send)
        return [client.status for client in clients]

    assert asyncio.run(run()) == [200, 200, 503, 200]


def test_an_error_closes_the_answer_and_reaches_the_server() -> None:
    class Breaking(Body):
        def __iter__(self) -> Iterator[bytes]:
            raise RuntimeError("in the middle")

    body = Breaking()
    with pytest.raises(RuntimeError, match="in the middle"):
        ask(Bridge(answering(body)))
    assert body.closed_in is not None


def test_only_http_is_spoken() -> None:
    with pytest.raises(NotImplementedError):
        ask(Bridge(answering(Body(b""))), type="websocket")


def test_a_mounted_application_gets_its_prefix_and_the_pages_the_rest() -> None:
    async def live(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})

    both = mount(Bridge(answering(Body(b"page"))), {"/live/": live})
    assert ask(both, path="/live/DEMO").status == 299
    assert ask(both, path="/lively").body == b"page"
