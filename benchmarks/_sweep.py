"""The process that the sweep's benchmark measures in: writes open boxes, lets some fall due, and times sweeps."""

import importlib
import json
import statistics
import sys
import time
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

AT_ONCE = 2_000
ROUNDS = 15


def main(sizes: list[int], dues: list[int]) -> list[dict[str, Any]]:
    """For each number of open boxes and of due ones: queries, rows written, and milliseconds beside a bare query."""
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    team = importlib.import_module("benchmarks._sweep_team")
    night, told = team.found(), []
    for size in sizes:
        team.grow(night, size, AT_ONCE)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        told += [measured(team, size, due) for due in dues]
    return told


def measured(team: Any, size: int, due: int) -> dict[str, Any]:
    """The median of some rounds. The bare figure is one query for one row, in the same moments."""
    took, bare, queries, written = [], [], 0, 0
    for turn in range(ROUNDS):
        team.let_fall_due(due)
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        bare.append(time.perf_counter() - began)
        if turn % 5 == 4:
            with CaptureQueriesContext(connection) as seen:
                team.sweep()
            queries, written = len(seen), team.told()
            continue
        began = time.perf_counter()
        team.sweep()
        took.append(time.perf_counter() - began)
    return {
        "open": size, "due": due, "queries": queries, "notices": written,
        "ms": statistics.median(took) * 1000, "bare": statistics.median(bare) * 1000,
    }  # fmt: skip


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(main(given["sizes"], given["dues"])))
