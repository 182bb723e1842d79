"""A mail server for tests, on this machine only: counts what it takes, and misbehaves on demand."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.processes import free_port


class Sink:
    """What arrived, in order. `answer` is what the next letters get; `hang_up` closes the line once a letter was taken.

    `on_letter` is called between taking a letter and answering for it.
    """

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer = "250 OK"
        self.recipient_answer = "250 OK"
        self.hang_up = False
        self.on_letter: Callable[[], None] = lambda: None
        self.port = free_port()

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            self.taken.append(message_from_bytes(envelope.content or b"", policy=policy.default))  # type: ignore[arg-type]
        await asyncio.to_thread(self.on_letter)
        if self.hang_up and server.transport:
            server.transport.abort()
            await asyncio.sleep(0)
        return self.answer

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.taken]

    def doubled(self) -> dict[Any, int]:
        """Letters that arrived more than once."""
        return {letter: count for letter, count in Counter(m["Message-ID"] for m in self.taken).items() if count > 1}


@contextmanager
def sink() -> Iterator[Sink]:
    """A mail server that runs in a thread for as long as the block."""
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port, ready_timeout=20)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()
