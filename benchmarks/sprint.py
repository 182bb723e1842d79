"""Planning a sprint of 60 cards beside a backlog of 200 and of 2,000, dragging in it, and the review of eight sprints with 400 tasks.

Every figure is a ratio to a bare view that answers the same number of bytes from the same server in the same run. DATABASE_URL
names a PostgreSQL server to measure on as well; BENCH_ROUNDS makes a shorter run.
"""

import contextlib
import re
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from benchmarks._client import Client, places, rounds_of, served

BACKLOGS = (200, 2_000)
WARM_UP = 5
#: what each may cost at most, in times of the bare view; and how much more beside ten times the backlog
BUDGETS = {"open the plan": 40.0, "drag a card": 30.0, "filter the backlog": 25.0, "open the review": 45.0}
#: a filter that sorts has to look at every card; nothing else may notice how long the backlog is
GROWTH = {"open the plan": 1.3, "drag a card": 1.3, "filter the backlog": 2.0, "open the review": 1.5}
RESULTS = Path(__file__).with_suffix(".md")
ABOUT = """Written by `./dev bench sprint`. Each figure stands beside a bare view that answered the same number of bytes from the same
server in the same run: read the ratios, the milliseconds are the machine's."""
CARD = re.compile(rb'id="task-([A-Z0-9]+-\d+)"')
BUCKETS = ("committed", "experiments", "learning", "backlog")


class Plan:
    """A planned sprint beside one backlog: what is asked of it, and the bare answers beside that."""

    def __init__(self, client: Client, size: int) -> None:
        self.client, self.size, self.team = client, size, f"/t/S{size}"
        self.plan = f"{self.team}/sprints/9/plan/"
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.bytes: dict[str, int] = {}
        self.queries: dict[str, int] = {}
        self.step = 0
        self.cards = [ref.decode() for ref in CARD.findall(self.ask("open the plan", "GET", self.plan).partition(b'id="bk-committed"')[2])]
        if len(self.cards) != 60:
            raise SystemExit(f"The plan shows {len(self.cards)} cards of 60.")

    def ask(
        self, what: str, method: str, path: str, fields: dict[str, str] | None = None, *, count: bool = False, htmx: bool = False
    ) -> bytes:
        headers = ({"X-Count": "1"} if count else {}) | ({"HX-Request": "true"} if htmx else {})
        seconds, answer, content = self.client.ask(method, path, fields, **headers)
        if answer.status != 200:
            raise SystemExit(f"{method} {path} {fields} answered {answer.status}: {content[:300]!r}")
        if count:
            self.queries[what] = max(self.queries.get(what, 0), int(answer.headers["X-Queries"]))
        else:
            self.seconds[what].append(seconds)
            self.bytes[what] = len(content)
        return content

    def drag(self, count: bool = False) -> None:
        """Every card goes round: to the next bucket, to the backlog, and into the sprint again."""
        card, place = self.cards[self.step // len(BUCKETS) % len(self.cards)], BUCKETS[self.step % len(BUCKETS)]
        self.step += 1
        self.ask("drag a card", "POST", f"{self.plan}{place}/", {"card": card}, count=count)

    def once(self, count: bool = False) -> None:
        self.ask("open the plan", "GET", self.plan, count=count)
        self.drag(count)
        self.ask("filter the backlog", "GET", f"{self.plan}?q=monitor&sort=ready&part=waiting", count=count, htmx=True)
        self.ask("open the review", "GET", f"{self.team}/reports/allocation/", count=count)

    def round(self) -> None:
        """Each once, and a bare answer of the same size after it, so that a slow second of the machine falls on all."""
        self.once()
        for what in BUDGETS:
            seconds, _, _ = self.client.ask("GET", f"/bare/{self.bytes[what]}/")
            self.seconds[f"bare {what}"].append(seconds)

    def figures(self, what: str) -> tuple[float, float, float, float]:
        """Milliseconds (median, 95th percentile), the bare view's, and the ratio of the medians."""
        took, bare = self.seconds[what][WARM_UP:], self.seconds[f"bare {what}"][WARM_UP:]
        middle, plain = statistics.median(took), statistics.median(bare)
        return middle * 1000, statistics.quantiles(took, n=20)[-1] * 1000, plain * 1000, middle / plain


def run(client: Client, rounds: int) -> list[Plan]:
    plans = [Plan(client, size) for size in BACKLOGS]
    for _ in range(rounds + WARM_UP):
        for plan in plans:
            plan.round()
    for plan in plans:
        for _ in range(len(BUCKETS)):
            plan.once(count=True)
    return plans


def table(title: str, plans: list[Plan]) -> str:
    lines = [
        f"### {title}",
        "",
        "| what | backlog | bytes | queries | ms: median | p95 | bare view | ratio | budget |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for what, budget in BUDGETS.items():
        for plan in plans:
            middle, late, bare, ratio = plan.figures(what)
            sizes = f"{plan.size:,} | {plan.bytes[what]:,} | {plan.queries[what]}"
            lines.append(f"| {what} | {sizes} | {middle:.1f} | {late:.1f} | {bare:.2f} | {ratio:.1f} | {budget:.0f} |")
    small, large = BACKLOGS
    for what in BUDGETS:
        lines += ["", f"{what.capitalize()}: {growth(plans, what):.2f} times as much beside {large:,} cards as beside {small}."]
    return "\n".join(lines)


def growth(plans: list[Plan], what: str) -> float:
    return plans[-1].figures(what)[0] / plans[0].figures(what)[0]


def broken(plans: list[Plan]) -> list[str]:
    """The promises that this run did not keep."""
    found = [f"{what}: {counts} queries" for what in BUDGETS if len(set(counts := [plan.queries[what] for plan in plans])) > 1]
    for what, budget in BUDGETS.items():
        worst = max(plan.figures(what)[3] for plan in plans)
        found += [f"{what} costs {worst:.1f} times the bare view, over {budget:.0f}"] if worst > budget else []
    return found + [f"{what} grows by {growth(plans, what):.2f}" for what in BUDGETS if growth(plans, what) > GROWTH[what]]


def main() -> int:
    """Measure, print, keep the tables beside this file; 1 when a promise is broken."""
    rounds = rounds_of(40)
    tables, trouble = [], []
    with contextlib.ExitStack() as stack:
        for title, settings in places(stack):
            with served("benchmarks._sprint_team", BACKLOGS, **settings) as client:
                plans = run(client, rounds)
            tables.append(table(f"{title}, a sprint of 60 cards, eight closed ones with 400 tasks, {rounds} rounds", plans))
            trouble += [f"{title}: {sentence}" for sentence in broken(plans)]
            print(tables[-1], flush=True)
    if rounds >= 40:
        RESULTS.write_text("\n\n".join(["# Sprints, as last measured", ABOUT, *tables]) + "\n")
    for sentence in trouble:
        print(f"Not kept: {sentence}.", file=sys.stderr)
    return 1 if trouble else 0
