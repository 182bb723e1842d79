"""A server on this machine that receives webhooks: answers as a test says, well or badly, and keeps what it was sent."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

#: a certificate for hooks.test by nobody, with its key; good for nothing but these tests
CERTIFICATE = Path(__file__).parent / "hooks_test.pem"
Script = Callable[[socket.socket], None]


@dataclass
class Request:
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`url` leads to it; `requests` came in so far; what it does with each is `script`."""

    port: int
    script: Script
    requests: list[Request] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def serve(self, connection: socket.socket, context: ssl.SSLContext | None) -> None:
        """One connection; whatever the caller does to it is no failure here."""
        with contextlib.suppress(OSError), connection:
            connection.settimeout(20)
            talk = context.wrap_socket(connection, server_side=True) if context else connection
            with talk:
                self.requests.append(read(talk))
                self.script(talk)


def read(talk: socket.socket) -> Request:
    """One request, to the end of its body."""
    stream = talk.makefile("rb")
    line = stream.readline().decode("latin-1").strip()
    rows = iter(lambda: stream.readline().decode("latin-1").strip(), "")
    headers = {name.strip(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
    return Request(line, headers, stream.read(int(headers.get("Content-Length", 0))))


def answer(status: int = 200, text: str = "ok", *headers: str) -> Script:
    """A plain answer."""
    body = text.encode()
    head = "\r\n".join([f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers, "", ""])

    def script(talk: socket.socket) -> None:
        talk.sendall(head.encode() + body)

    return script


def sends(*pieces: bytes, over_and_over: bytes = b"", pause: float = 0.0, hold: bool = False) -> Script:
    """Bytes as they are; then one piece again and again until the caller has gone, or silence."""

    def script(talk: socket.socket) -> None:
        for piece in pieces:
            talk.sendall(piece)
        while over_and_over:
            talk.sendall(over_and_over)
            gone.wait(pause)
        while hold and talk.recv(1024):
            pass

    gone = threading.Event()
    return script


@contextmanager
def receiver(script: Script | None = None, *, secure: bool = False) -> Iterator[Receiver]:
    """Listen on a free port of 127.0.0.1 until the end of the block."""
    context = None
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Receiver(listener.getsockname()[1], script or answer())
        if secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            context.sni_callback = lambda _, name, __: made.names.append(name)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=made.serve, args=(connection, context), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield made
        # A blocked accept() does not notice that its socket was closed.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
