"""Starting uvicorn the same way everywhere, and stopping it in time."""

import gc
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

APPLICATION = "dsboard.asgi:application"
#: seconds that pages in flight get to finish
GRACE = 2
#: seconds after the signal at which the process ends, whatever still hangs in a thread
LAST = 4.0
OPTIONS: dict[str, Any] = {
    "loop": "auto",
    "http": "httptools",
    "ws": "none",
    "lifespan": "off",
    "access_log": False,
    "server_header": False,
    # uvicorn would believe X-Forwarded-For from any process of this machine; throttle.source says when we do.
    "proxy_headers": False,
    "log_config": None,
    "timeout_graceful_shutdown": GRACE,
}


class Taken(Exception):
    """Somebody else listens on this port, or this process may not."""


class Server(uvicorn.Server):
    """uvicorn that tells others when it is asked to stop, and is out of the way LAST seconds later."""

    def __init__(self, config: uvicorn.Config, leaving: Callable[[], None]) -> None:
        super().__init__(config)
        self.leaving = leaving

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Page threads are joined when the interpreter ends; one that waits for a locked database would hold it up.
        last = threading.Timer(LAST, os._exit, [0])
        last.daemon = True
        last.start()
        self.leaving()
        super().handle_exit(sig, frame)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything else is done; raises Taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    if os.name != "nt":
        # Windows would let two servers share the port; elsewhere this only skips the wait after a restart.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise Taken(
            f"Port {port} of {host} can't be used: {(error.strerror or str(error)).lower()}. Try another one with --port."
        ) from error
    listener.set_inheritable(True)
    return listener


def serve(listener: socket.socket, leaving: Callable[[], None] = lambda: None) -> None:
    """Serve in this thread until SIGTERM or SIGINT, then return; `leaving` is called as soon as the signal comes."""
    # uvicorn raises the signal again after its own shutdown; without these nothing after run() would happen.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: None)
    Server(uvicorn.Config(APPLICATION, **OPTIONS), leaving).run(sockets=[listener])
    # Nothing of a process that ends needs collecting; on a busy machine the last collection took a second.
    gc.freeze()


def serve_by(workers: int, listener: socket.socket) -> None:
    """Serve with several processes on one socket until SIGTERM or SIGINT."""
    Multiprocess(uvicorn.Config(APPLICATION, workers=workers, **OPTIONS), sockets=[listener]).run()
