"""One sweep of the reminders over a hundred, a thousand and ten thousand open time boxes, with none, ten and a hundred due.

The cost must grow with what is due, not with what is open: the last column is the ratio to the smallest number of open boxes
with as many due. DATABASE_URL names a PostgreSQL server to measure on as well.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks._client import places

SIZES, DUES = (100, 1_000, 10_000), (0, 10, 100)
#: a sweep over the most open boxes may cost this many times one over the fewest, with as many due
BOUND = 1.5
RESULTS = Path(__file__).with_suffix(".md")
ABOUT = """Written by `./dev bench sweep`: one sweep of the reminders, the median of twelve. A bare query is one row asked of the same
database in the same moments. Read the ratios, the milliseconds are the machine's."""
Row = dict[str, Any]


def measured(**settings: str) -> list[Row]:
    """All rows, from a process of its own."""
    with tempfile.TemporaryDirectory(prefix="dsboard-bench-") as folder:
        passed = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = passed | {"DSBOARD_DATA": folder, "DJANGO_SETTINGS_MODULE": "dsboard.settings", **settings}
        command = [sys.executable, "-m", "benchmarks._sweep", json.dumps({"sizes": SIZES, "dues": DUES})]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return list(json.loads(done.stdout))


def ratio(rows: list[Row], row: Row) -> float:
    """What this row's sweep costs beside the one over the fewest boxes with as many due."""
    first = next(one for one in rows if one["open"] == SIZES[0] and one["due"] == row["due"])
    return float(row["ms"] / first["ms"])


def table(title: str, rows: list[Row]) -> str:
    lines = [
        f"### {title}",
        "",
        "| due | open boxes | queries | notices written | ms | in bare queries | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda row: (row["due"], row["open"])):
        figures = f"{row['queries']} | {row['notices']} | {row['ms']:.1f} | {row['ms'] / row['bare']:.0f} | {ratio(rows, row):.2f}"
        lines.append(f"| {row['due']} | {row['open']:,} | {figures} |")
    return "\n".join(lines)


def broken(rows: list[Row]) -> list[str]:
    """The promises that this run did not keep."""
    found = []
    for due in DUES:
        mine = [row for row in rows if row["due"] == due]
        if len({(row["queries"], row["notices"]) for row in mine}) > 1:
            found.append(f"{due} due: {[row['queries'] for row in mine]} queries")
        # With nothing due a sweep is one query of microseconds, and its ratio is noise.
        found += [f"{due} due of {row['open']:,}: {ratio(mine, row):.2f} times" for row in mine if due and ratio(mine, row) > BOUND]
    return found


def main() -> int:
    """Measure, print, keep the tables beside this file; 1 when a promise is broken."""
    tables, trouble = [], []
    with contextlib.ExitStack() as stack:
        for title, settings in places(stack):
            rows = measured(**settings)
            tables.append(table(title, rows))
            trouble += [f"{title}: {sentence}" for sentence in broken(rows)]
            print(tables[-1], flush=True)
    RESULTS.write_text("\n\n".join(["# The sweep of the reminders, as last measured", ABOUT, *tables]) + "\n")
    for sentence in trouble:
        print(f"Not kept: {sentence}.", file=sys.stderr)
    return 1 if trouble else 0
