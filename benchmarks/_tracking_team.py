"""A team whose card has two thousand runs on a tracking server, and what reading them costs; imported once Django is set up."""

import socket
import statistics
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dsboard import clock
from experiments.models import RunLink, Tracker
from experiments.tracking import sync
from experiments.tracking.mlflow import Mlflow
from tests.experiments.tracking.fake import Store, run, tracking
from tests.world import F1, found_world

RUNS, FEW, METRICS, PARAMS, ROUNDS = 2_000, 60, 10, 15, 30


def large(number: int) -> dict[str, Any]:
    """A run with ten metrics and fifteen parameters."""
    one = run(number, value=0.5 + number % 100 / 250)
    one["data"]["metrics"] += [{"key": f"metric {n}", "value": n / 7, "step": 0} for n in range(METRICS - 1)]
    one["data"]["params"] = [{"key": f"param {n}", "value": f"value {n} of {number}"} for n in range(PARAMS)]
    return one


def timed(act: Callable[[], Any]) -> tuple[float, int]:
    """Milliseconds and queries."""
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        act()
        took = time.perf_counter() - began
    return took * 1000, len(queries)


def swept() -> None:
    Tracker.objects.update(next_at=clock.now() - timedelta(seconds=1))
    if sync.sweep() != 1 or Tracker.objects.get().trouble:
        raise SystemExit(f"It was not read: {Tracker.objects.get().said}")


def pages(client: Client, paths: dict[str, str]) -> dict[str, float]:
    """The median of each in milliseconds, asked in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(ROUNDS):
        for name, path in paths.items():
            began = time.perf_counter()
            answer = client.get(path)
            seconds[name].append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
    return {name: statistics.median(found[3:]) * 1000 for name, found in seconds.items()}


def figures() -> dict[str, Any]:
    """Readings, pages before, and pages beside a black hole: all in milliseconds, but `held` in seconds."""
    settings.ALLOWED_HOSTS = ["*"]
    world = found_world()
    task, some, empty = (world.started(world.experiment(metrics=[F1])) for _ in range(3))
    client = Client()
    client.force_login(world.mei.user)
    store = Store([large(number) for number in range(60, RUNS + 60)])
    rows: list[dict[str, Any]] = []
    with tracking(store) as fake:
        tracker = Tracker.connect(world.team, world.lead, name="MLflow", url=fake.url, by_tag=False)
        RunLink.link(task, world.mei, tracker, experiment="ticket-clf")
        reading = Mlflow(tracker)
        bare, _ = timed(lambda: [None for _ in reading.search(["7"], [])])
        for what, fresh in (("first, 2,000 runs", 0), ("again, nothing new", 0), ("again, 20 new ones", 20)):
            begun = RUNS + 60 + len(rows) * 100
            store.runs += [large(number) for number in range(begun, begun + fresh)]
            took, queries = timed(swept)
            rows.append({"what": what, "ms": took, "queries": queries, "bare": bare})
        if task.runs.count() != RUNS + 20:
            raise SystemExit(f"{task.runs.count()} runs came")
        sync.keep_runs(tracker, some, store.runs[:FEW])
        where = f"/t/FRAUD/tasks/{task.ref}/"
        paths = {
            "card without runs": f"/t/FRAUD/tasks/{empty.ref}/",
            f"card with {FEW} runs": f"/t/FRAUD/tasks/{some.ref}/",
            "card with 2,020 runs": where,
            "board": "/t/FRAUD/board/",
        }
        paths |= {"all runs, sorted by the metric": f"{where}runs/?sort=-m0"}
        before = pages(client, paths)
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(50)
        Tracker.objects.update(url=f"http://127.0.0.1:{hole.getsockname()[1]}", next_at=clock.now())

        def fall_in() -> None:
            sync.sweep()
            close_old_connections()

        thread = threading.Thread(target=fall_in)
        began = time.perf_counter()
        thread.start()
        during = pages(client, paths)
        inside = thread.is_alive()
        thread.join()
        held = time.perf_counter() - began
    return {"reading": rows, "before": before, "during": during, "inside": inside, "held": held}
