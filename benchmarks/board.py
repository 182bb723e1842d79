"""Opening the board and moving a card, for boards of three sizes in teams with a long past.

Every figure is a ratio to a bare view that answers the same number of bytes from the same server in the same run, since
milliseconds are the machine's. DATABASE_URL names a PostgreSQL server to measure on as well; BENCH_PAST and BENCH_ROUNDS
make a shorter run.
"""

import contextlib
import os
import random
import re
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from benchmarks._client import Client, places, rounds_of, served

SIZES = (200, 1_000, 2_000)
#: a move on the largest board may cost this many times one on the smallest
MOVE_BOUND = 1.3
WARM_UP = 5
RESULTS = Path(__file__).with_suffix(".md")
ABOUT = """Written by `./dev bench board`. Each figure stands beside a bare view that answered the same number of bytes from the same
server in the same run: read the ratios, the milliseconds are the machine's. The faces of the cards are drawn already, as on
a board that somebody looked at before."""
CARD = re.compile(rb'id="task-([A-Z0-9]+-\d+)"')


class BoardOf:
    """A board of one size: opening it, moving its cards between two columns, and the bare answers beside both."""

    def __init__(self, client: Client, size: int) -> None:
        self.client, self.size, self.path = client, size, f"/t/B{size}"
        self.chance = random.Random(size)
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.bytes: dict[str, int] = {}
        self.queries: dict[str, int] = {}
        page = self.open()
        columns = {stage: self.cards_of(page, stage) for stage in ("ideation", "active")}
        if sum(map(len, columns.values())) < self.size * 0.7:
            raise SystemExit(f"The board shows {columns} of {size} cards.")
        self.columns = columns

    def cards_of(self, page: bytes, stage: str) -> list[str]:
        part = page.partition(f'id="list-{stage}"'.encode())[2].partition(b"</ol>")[0]
        return [ref.decode() for ref in CARD.findall(part)]

    def measure(self, what: str, method: str, path: str, fields: dict[str, str] | None = None, *, count: bool = False) -> bytes:
        seconds, answer, content = self.client.ask(method, path, fields, **({"X-Count": "1"} if count else {}))
        if answer.status != 200:
            raise SystemExit(f"{method} {path} {fields} answered {answer.status}: {content[:300]!r}")
        if count:
            self.queries[what] = max(self.queries.get(what, 0), int(answer.headers["X-Queries"]))
        else:
            self.seconds[what].append(seconds)
        self.bytes[what] = len(content)
        return content

    def open(self, *, count: bool = False) -> bytes:
        return self.measure("open", "GET", f"{self.path}/board/", count=count)

    def move(self, *, count: bool = False) -> None:
        """A random card into the other column, between two cards of it."""
        source, target = ("ideation", "active") if len(self.columns["ideation"]) > self.size * 0.35 else ("active", "ideation")
        ref = self.columns[source].pop(self.chance.randrange(len(self.columns[source])))
        spot = self.chance.randrange(1, len(self.columns[target]))
        before, after = self.columns[target][spot - 1 : spot + 1]
        self.columns[target].insert(spot, ref)
        self.measure("move", "POST", f"{self.path}/columns/{target}/", {"card": ref, "before": before, "after": after}, count=count)

    def round(self) -> None:
        """Each of the four once, so that a slow second of the machine falls on all of them."""
        self.open()
        self.measure("bare open", "GET", f"/bare/{self.bytes['open']}/")
        self.move()
        self.measure("bare move", "POST", f"/bare/{self.bytes['move']}/", {})

    def figures(self, what: str) -> tuple[float, float, float, float]:
        """Milliseconds (median, 95th percentile), the bare view's, and the ratio of the medians."""
        took, bare = self.seconds[what][WARM_UP:], self.seconds[f"bare {what}"][WARM_UP:]
        middle, plain = statistics.median(took), statistics.median(bare)
        return middle * 1000, statistics.quantiles(took, n=20)[-1] * 1000, plain * 1000, middle / plain


def run(client: Client, rounds: int) -> list[BoardOf]:
    boards = [BoardOf(client, size) for size in SIZES]
    for _ in range(rounds + WARM_UP):
        for board in boards:
            board.round()
    for board in boards:
        for _ in range(3):
            board.open(count=True)
            board.move(count=True)
    return boards


def table(title: str, boards: list[BoardOf]) -> str:
    lines = [
        f"### {title}",
        "",
        "| what | cards | bytes | queries | ms: median | p95 | bare view | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for what, name in (("open", "open the board"), ("move", "move a card")):
        for board in boards:
            middle, late, bare, ratio = board.figures(what)
            sizes = f"{board.size:,} | {board.bytes[what]:,} | {board.queries[what]}"
            lines.append(f"| {name} | {sizes} | {middle:.1f} | {late:.1f} | {bare:.2f} | {ratio:.1f} |")
    small, large = boards[0].figures("move")[0], boards[-1].figures("move")[0]
    lines += ["", f"A move on {SIZES[-1]:,} cards costs {large / small:.2f} times one on {SIZES[0]:,} (bound {MOVE_BOUND})."]
    return "\n".join(lines)


def broken(boards: list[BoardOf]) -> list[str]:
    """The promises that this run did not keep."""
    found = [f"{what}: {counts} queries" for what in ("open", "move") if len(set(counts := [b.queries[what] for b in boards])) > 1]
    growth = boards[-1].figures("move")[0] / boards[0].figures("move")[0]
    return [*found, *([f"a move grows by {growth:.2f}"] if growth > MOVE_BOUND else [])]


def main() -> int:
    """Measure, print, keep the tables beside this file; 1 when a promise is broken."""
    past, rounds = int(os.environ.get("BENCH_PAST", "50000")), rounds_of(40)
    tables, trouble = [], []
    with contextlib.ExitStack() as stack:
        for title, settings in places(stack):
            with served("benchmarks._team", [past, *SIZES], **settings) as client:
                boards = run(client, rounds)
            tables.append(table(f"{title}, {past:,} finished tasks in each team, {rounds} rounds", boards))
            trouble += [f"{title}: {sentence}" for sentence in broken(boards)]
            print(tables[-1], flush=True)
    if past >= 50_000:
        RESULTS.write_text("\n\n".join(["# The board, as last measured", ABOUT, *tables]) + "\n")
    for sentence in trouble:
        print(f"Not kept: {sentence}.", file=sys.stderr)
    return 1 if trouble else 0
