"""The ASGI application as uvicorn serves it, in a thread of this process."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn

from dsboard.serving.server import APPLICATION, OPTIONS, listen


@contextlib.contextmanager
def served() -> Iterator[str]:
    """Its address, on a free port of this machine."""
    listener: socket.socket = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(APPLICATION, **OPTIONS))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    for _ in range(100):
        if server.started:
            break
        time.sleep(0.05)
    assert server.started
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
