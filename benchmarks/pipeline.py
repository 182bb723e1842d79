"""The pipeline with 50 models and 500 versions, and with 500 and 5,000: by stage, what is live today, one model, all handoffs.

Every figure is a ratio to a bare view that answers the same number of bytes from the same server in the same run. DATABASE_URL
names a PostgreSQL server to measure on as well; BENCH_ROUNDS makes a shorter run.
"""

import contextlib
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from benchmarks._client import Client, places, rounds_of, served

MODELS = (50, 500)
WARM_UP = 3
PAGES = {
    "models by stage": "models/",
    "one model found": "models/?q=0007",
    "what is live today": "models/today/",
    "one version": "models/churn-0004/versions/v10/",
    "all handoffs": "handoffs/",
}
#: what each may cost at most, in times of the bare view
BUDGETS = {"models by stage": 60.0, "one model found": 25.0, "what is live today": 60.0, "one version": 25.0, "all handoffs": 40.0}
RESULTS = Path(__file__).with_suffix(".md")
ABOUT = """Written by `./dev bench pipeline`. Each figure stands beside a bare view that answered the same number of bytes from the same
server in the same run: read the ratios, the milliseconds are the machine's. Every model has ten versions."""


class Pipeline:
    """One team's pages: what is asked of it, and the bare answers beside that."""

    def __init__(self, client: Client, size: int) -> None:
        self.client, self.size = client, size
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.bytes: dict[str, int] = {}
        self.queries: dict[str, int] = {}

    def ask(self, what: str, *, count: bool = False) -> None:
        path = f"/t/M{self.size}/{PAGES[what]}"
        headers = {"X-Count": "1"} if count else {}
        seconds, answer, content = self.client.ask("GET", path, None, **headers)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}: {content[:300]!r}")
        if count:
            self.queries[what] = int(answer.headers["X-Queries"])
        else:
            self.seconds[what].append(seconds)
            self.bytes[what] = len(content)

    def round(self) -> None:
        """Each once, and a bare answer of the same size after it, so that a slow second of the machine falls on both."""
        for what in PAGES:
            self.ask(what)
            seconds, _, _ = self.client.ask("GET", f"/bare/{self.bytes[what]}/")
            self.seconds[f"bare {what}"].append(seconds)

    def figures(self, what: str) -> tuple[float, float, float, float]:
        """Milliseconds (median, 95th percentile), the bare view's, and the ratio of the medians."""
        took, bare = self.seconds[what][WARM_UP:], self.seconds[f"bare {what}"][WARM_UP:]
        middle, plain = statistics.median(took), statistics.median(bare)
        return middle * 1000, statistics.quantiles(took, n=20)[-1] * 1000, plain * 1000, middle / plain


def run(client: Client, rounds: int) -> list[Pipeline]:
    found = [Pipeline(client, size) for size in MODELS]
    for _ in range(rounds + WARM_UP):
        for one in found:
            one.round()
    for one in found:
        for what in PAGES:
            one.ask(what, count=True)
    return found


def table(title: str, found: list[Pipeline]) -> str:
    lines = [
        f"### {title}",
        "",
        "| what | models | bytes | queries | ms: median | p95 | bare view | ratio | budget |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for what, budget in BUDGETS.items():
        for one in found:
            middle, late, bare, ratio = one.figures(what)
            sizes = f"{one.size:,} | {one.bytes[what]:,} | {one.queries[what]}"
            lines.append(f"| {what} | {sizes} | {middle:.1f} | {late:.1f} | {bare:.2f} | {ratio:.1f} | {budget:.0f} |")
    return "\n".join(lines)


def broken(found: list[Pipeline]) -> list[str]:
    """The promises that this run did not keep."""
    said = [f"{what}: {counts} queries" for what in PAGES if len(set(counts := [one.queries[what] for one in found])) > 1]
    for what, budget in BUDGETS.items():
        worst = max(one.figures(what)[3] for one in found)
        said += [f"{what} costs {worst:.1f} times the bare view, over {budget:.0f}"] if worst > budget else []
    return said


def main() -> int:
    """Measure, print, keep the tables beside this file; 1 when a promise is broken."""
    rounds = rounds_of(20)
    tables, trouble = [], []
    with contextlib.ExitStack() as stack:
        for title, settings in places(stack):
            with served("benchmarks._pipeline_team", MODELS, **settings) as client:
                found = run(client, rounds)
            tables.append(table(f"{title}, ten versions a model, {rounds} rounds", found))
            trouble += [f"{title}: {sentence}" for sentence in broken(found)]
            print(tables[-1], flush=True)
    if rounds >= 20:
        RESULTS.write_text("\n\n".join(["# Models, as last measured", ABOUT, *tables]) + "\n")
    for sentence in trouble:
        print(f"Not kept: {sentence}.", file=sys.stderr)
    return 1 if trouble else 0
