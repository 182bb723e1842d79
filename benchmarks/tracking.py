"""Reading 2,000 runs with ten metrics each from a tracking server, and what a card's page and the board cost beside it.

A reading stands beside the bare one: the same answers fetched and thrown away. The pages are asked before, and while the worker waits
for a server that takes connections and never answers. DATABASE_URL names a PostgreSQL server to measure on as well.
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

#: while a server is a black hole, a page may cost this many times what it cost before
BOUND = 1.3
#: seconds that a black hole may hold a worker
HELD = 15
RESULTS = Path(__file__).with_suffix(".md")
ABOUT = """Written by `./dev bench tracking`. A bare reading fetches the same runs and keeps nothing. Read the ratios, the milliseconds are
the machine's."""


def measured(**settings: str) -> dict[str, Any]:
    """All figures, from a process of its own."""
    with tempfile.TemporaryDirectory(prefix="dsboard-bench-") as folder:
        passed = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = passed | {"DSBOARD_DATA": folder, "DJANGO_SETTINGS_MODULE": "dsboard.settings", **settings}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks._tracking"], env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
    return dict(json.loads(done.stdout))


def table(title: str, found: dict[str, Any]) -> str:
    lines = [f"### {title}", "", "| reading | queries | ms | bare | ratio |", "|---|---|---|---|---|"]
    for row in found["reading"]:
        lines.append(f"| {row['what']} | {row['queries']} | {row['ms']:.0f} | {row['bare']:.0f} | {row['ms'] / row['bare']:.2f} |")
    lines += ["", "| page | ms | beside a black hole | ratio |", "|---|---|---|---|"]
    for name, before in found["before"].items():
        lines.append(f"| {name} | {before:.1f} | {found['during'][name]:.1f} | {found['during'][name] / before:.2f} |")
    lines += ["", f"The black hole held the worker for {found['held']:.1f} seconds."]
    return "\n".join(lines)


def broken(found: dict[str, Any]) -> list[str]:
    """The promises that this run did not keep."""
    said = [] if found["inside"] else ["the pages were asked after the black hole had let go"]
    said += [f"it held the worker for {found['held']:.0f} seconds"] if found["held"] > HELD else []
    slower = {name: found["during"][name] / before for name, before in found["before"].items()}
    return said + [f"{name} cost {ratio:.2f} times as much beside a black hole" for name, ratio in slower.items() if ratio > BOUND]


def main() -> int:
    """Measure, print, keep the tables beside this file; 1 when a promise is broken."""
    tables, trouble = [], []
    with contextlib.ExitStack() as stack:
        for title, settings in places(stack):
            found = measured(**settings)
            tables.append(table(title, found))
            trouble += [f"{title}: {sentence}" for sentence in broken(found)]
            print(tables[-1], flush=True)
    RESULTS.write_text("\n\n".join(["# Reading a tracking server, as last measured", ABOUT, *tables]) + "\n")
    for sentence in trouble:
        print(f"Not kept: {sentence}.", file=sys.stderr)
    return 1 if trouble else 0
