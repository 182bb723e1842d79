"""One database, a tracking server with two thousand runs, and what reading it costs; prints its figures as JSON."""

import json
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import close_old_connections, connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from dsboard import clock  # noqa: E402
from experiments.models import Run, RunLink, Tracker  # noqa: E402
from experiments.tracking import sync  # noqa: E402
from experiments.tracking.mlflow import Mlflow  # noqa: E402
from tests.experiments.tracking.fake import Store, run, tracking  # noqa: E402
from tests.world import F1, found_world  # noqa: E402

RUNS, METRICS, PARAMS, ROUNDS = 2_000, 10, 15, 30


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


def main() -> None:
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    world = found_world()
    task, empty = (world.started(world.experiment(metrics=[F1])) for _ in range(2))
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
        if Run.objects.count() != RUNS + 20:
            raise SystemExit(f"{Run.objects.count()} runs came")
        where = f"/t/FRAUD/tasks/{task.ref}/"
        paths = {"card without runs": f"/t/FRAUD/tasks/{empty.ref}/", "card with 2,020 runs": where, "board": "/t/FRAUD/board/"}
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
    json.dump({"reading": rows, "before": before, "during": during, "inside": inside, "held": held}, sys.stdout)


if __name__ == "__main__":
    main()
