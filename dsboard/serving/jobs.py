"""A real Celery worker and a real beat as threads of this process: one kill takes everything, nothing is left to clean up."""

import os
import threading
import time

from celery.beat import EmbeddedService
from celery.worker import WorkController, state

from dsboard.celery import app


class Jobs:
    """Worker and beat: started before the web server, stopped after it."""

    def __init__(self, threads: int = 2) -> None:
        # Celery would run Django's checks at each start: ./dev check has, and they load all that waits for a first use.
        os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
        app.finalize()
        app.set_default()
        app.loader.import_default_modules()
        self.beat = EmbeddedService(app, thread=True)
        self.worker = WorkController(
            app=app,
            pool="threads",
            concurrency=threads,
            loglevel="WARNING",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        self.thread = threading.Thread(target=self.worker.start, name="worker", daemon=True)

    def start(self) -> None:
        """Start the worker first, so that beat's first message finds its queue."""
        state.should_stop = None
        self.thread.start()
        self.beat.start()

    def leave(self) -> None:
        """Tell both to stop, without waiting: the server has pages to finish meanwhile."""
        self.beat.service.stop()
        # The worker's loop looks at this flag; WorkController.stop() from another thread would race with it.
        state.should_stop = 0

    def stop(self, seconds: float = 1.0) -> None:
        """Wait for both, `seconds` at most. An idle worker may still wait for a message then, which is harmless;
        a sweep that is running has a thread of its own, which the interpreter waits for.
        """
        self.leave()
        until = time.monotonic() + seconds
        for thread in (self.beat, self.thread):
            thread.join(max(0.0, until - time.monotonic()))
