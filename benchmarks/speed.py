"""The everyday of a board, each thing as a ratio to what stands below it in the same run.

`same` is a view that answers the very bytes of the page from the same server after the same look at session and person;
`constant` is one of 50 bytes; `SQL` are the statements of the act itself, repeated by a client without Django. DATABASE_URL
names a PostgreSQL server to measure on as well. BENCH_HISTORY sets the tasks of the longest past.
"""

import contextlib
import json
import os
import random
import re
import statistics
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import _readers, _surroundings
from benchmarks._client import Client, places, rounds_of, served
from benchmarks._repeating import replayed, together

SIZES = (200, 1_000, 2_000)
WARM_UP = 5
SECONDS = 10
RESULTS = Path(__file__).with_suffix(".md")
ABOUT = """Written by `./dev bench speed`. *same* is a view of the very bytes of the page after the same look at session and person,
*constant* one of 50 bytes, *SQL* the statements of the act repeated without Django, all from the same server in the same run:
read the ratios, the milliseconds are the machine's. Two web processes, gzip accepted."""
HEAD = "| what | ms | p95 to p50 | queries | beside, ms | ratio | target | |\n|---|---|---|---|---|---|---|---|"
CARD = re.compile(rb'id="task-([A-Z0-9]+-\d+)"')


class Bench:
    """One server and the seconds that everything took."""

    def __init__(self, client: Client, settings: dict[str, str]) -> None:
        self.client, self.settings = client, settings
        self.seconds: dict[str, list[float]] = {}
        self.facts: dict[str, int] = {}
        self.chance = random.Random(1)
        self.lines: list[str] = []

    # ── asking ──

    def ask(self, what: str, method: str, path: str, fields: dict[str, str] | None = None, **headers: Any) -> bytes:
        seconds, answer, content = self.client.ask(method, path, fields, **{"Accept-Encoding": "gzip", **headers})
        if answer.status != 200:
            raise SystemExit(f"{method} {path} {fields} answered {answer.status}: {content[:300]!r}")
        if "X-Count" in headers:
            self.facts[f"{what}: queries"] = max(self.facts.get(f"{what}: queries", 0), int(answer.headers["X-Queries"]))
        else:
            self.seconds.setdefault(what, []).append(seconds)
        self.facts[f"{what}: sent"] = len(content)
        plain = zlib.decompress(content, 31) if answer.headers.get("Content-Encoding") == "gzip" else content
        self.facts[f"{what}: bytes"] = len(plain)
        self.tag = answer.headers.get("ETag", "")
        return plain

    def keep(self, name: str, content: bytes) -> None:
        (Path(self.client.folder) / f"{name}.same").write_bytes(content)

    def ms(self, what: str) -> float:
        return statistics.median(self.seconds[what][WARM_UP:]) * 1000

    def late(self, what: str) -> float:
        return statistics.quantiles(self.seconds[what][WARM_UP:], n=20)[-1] * 1000

    def row(self, name: str, what: str, base: str, target: float, *more: str) -> None:
        ratio = self.ms(what) / self.ms(base)
        queries, spread, named = self.facts.get(f"{what}: queries", ""), self.late(what) / self.ms(what), base.split(":")[0]
        took = f"{self.ms(what):.2f} | {spread:.2f} | {queries} | {self.ms(base):.2f} {named}"
        self.lines.append(f"| {name} | {took} | **{ratio:.2f}** | {f'{target:g}' if target else ''} | {' '.join(more)} |")

    # ── what is measured ──

    def boards(self, rounds: int) -> None:
        """Each board, the same bytes without us, and the board again unchanged."""
        keys = [f"{kind}{size}" for size in SIZES for kind in "AP"]
        if "H1000" in self.client.more:
            # Beside those that it is compared with: a page of three megabytes before it costs the next one its warm memory.
            keys.insert(keys.index("P1000") + 1, "H1000")
        for key in keys:
            self.keep(key, self.ask(f"open {key}", "GET", f"/t/{key}/board/"))
            self.ask(f"open {key}", "GET", f"/t/{key}/board/", **header({"X-Count": "1"}))
        self.keep("constant", b"x" * 50)
        for _ in range(rounds + WARM_UP):
            for key in keys:
                self.ask(f"open {key}", "GET", f"/t/{key}/board/")
                tag = self.tag
                self.ask(f"same: {key}", "GET", f"/same/{key}/")
                self.ask("constant", "GET", "/same/constant/")
                seconds, answer, _ = self.client.ask("GET", f"/t/{key}/board/", **header({"If-None-Match": tag, "Accept-Encoding": "gzip"}))
                if answer.status == 304:  # else the minute has turned
                    self.seconds.setdefault(f"again {key}", []).append(seconds)
        for key in keys:
            size = int(key[1:])
            each = f"{self.facts[f'open {key}: bytes'] // size} B a card, {self.facts[f'open {key}: sent'] // size} sent"
            self.row(f"open {key}", f"open {key}", f"same: {key}", 3, each)
            self.row(f"unchanged {key}", f"again {key}", "constant", 1.5)
        for size in SIZES[:2]:
            ratio = self.ms(f"open P{size}") / self.ms(f"open A{size}")
            self.lines.append(f"| a past beside {size} cards | | | | | **{ratio:.2f}** | 1.1 | P{size} to A{size} |")
        if "open H1000" in self.seconds:
            ratio = self.ms("open H1000") / self.ms("open A1000")
            self.lines.append(f"| a long past | | | | | **{ratio:.2f}** | 1.1 | H1000 to A1000 |")

    def cards_of(self, key: str, page: str = "delivery") -> dict[str, list[str]]:
        content = self.client.ask("GET", f"/t/{key}/{page}/")[2]
        lists = re.split(rb'<ol class="col__list" id="list-', content)[1:]
        return {part[: part.index(b'"')].decode(): [ref.decode() for ref in CARD.findall(part.partition(b"</ol>")[0])] for part in lists}

    def moves(self, rounds: int) -> None:
        """A card into the other column and back; the same statements without Django."""
        for size in SIZES:
            key = f"D{size}"
            columns = self.cards_of(key)
            self.step(key, columns, f"move {key}", **header({"X-Record": f"move{size}"}))
            self.seconds.pop(f"move {key}")
            with replayed(self.settings, self.client.folder, f"move{size}") as again:
                for _ in range(rounds + WARM_UP):
                    self.step(key, columns, f"move {key}")
                    self.ask("constant", "GET", "/same/constant/")
                    began = time.perf_counter()
                    again()
                    self.seconds.setdefault(f"SQL: {key}", []).append(time.perf_counter() - began)
            self.step(key, columns, f"move {key}", **header({"X-Count": "1"}))
            statements = json.loads((Path(self.client.folder) / f"move{size}.sql.json").read_text())
            written = sum(one.startswith(("INSERT", "UPDATE", "DELETE")) for one in statements)
            self.seconds[f"base: {key}"] = [
                sql + page
                for sql, page in zip(
                    self.seconds[f"SQL: {key}"], self.seconds["constant"][-len(self.seconds[f"SQL: {key}"]) :], strict=True
                )
            ]
            self.row(f"move {key}", f"move {key}", f"base: {key}", 4, f"{written} rows, {self.facts[f'move {key}: bytes']} B")
        self.lines.append(f"| move, 2,000 to 200 | | | | | **{self.ms('move D2000') / self.ms('move D200'):.2f}** | 1.3 | |")

    def step(self, key: str, columns: dict[str, list[str]], what: str, **headers: Any) -> None:
        source, target = ("ready", "in_progress") if len(columns["ready"]) > len(columns["in_progress"]) else ("in_progress", "ready")
        ref = columns[source].pop(self.chance.randrange(len(columns[source])))
        spot = self.chance.randrange(1, len(columns[target]))
        before, after = columns[target][spot - 1 : spot + 1]
        columns[target].insert(spot, ref)
        self.ask(what, "POST", f"/t/{key}/columns/{target}/", {"card": ref, "before": before, "after": after}, **headers)

    def small(self, rounds: int) -> None:
        """Open a card, add one, search."""
        ref = self.cards_of("P1000", "board")["active"][3]
        decided = self.cards_of("P1000", "board")["decision"][3]
        acts: list[tuple[str, Callable[..., bytes], float]] = [
            ("open a card", lambda **h: self.ask("open a card", "GET", f"/t/P1000/tasks/{ref}/", **h), 6),
            ("open a decided card", lambda **h: self.ask("open a decided card", "GET", f"/t/P1000/tasks/{decided}/", **h), 6),
            ("quick-add", lambda **h: self.ask("quick-add", "POST", "/t/A1000/columns/ideation/quick/", {"text": "Does it hold?"}, **h), 6),
        ]
        search = "/t/P1000/jump/?q=gradient+boosting"
        self.ask("search", "GET", search, **header({"HX-Request": "true", "X-Record": "search"}))
        with replayed(self.settings, self.client.folder, "search", last=True) as again:
            for _ in range(rounds + WARM_UP):
                for _, act, _ in acts:
                    act()
                self.ask("search", "GET", search, **header({"HX-Request": "true"}))
                self.ask("constant", "GET", "/same/constant/")
                began = time.perf_counter()
                again()
                self.seconds.setdefault("SQL: search", []).append(time.perf_counter() - began)
        for name, act, target in acts:
            act(**header({"X-Count": "1"}))
            self.row(name, name, "constant", target)
        self.ask("search", "GET", search, **header({"HX-Request": "true", "X-Count": "1"}))
        self.row("search 50,000", "search", "SQL: search", 3)

    def sprints(self, rounds: int) -> None:
        """Open the plan of a sprint of 60 cards beside a backlog of 200, move a card in it, and the review of eight sprints."""
        plan = "/t/S200/sprints/9/plan/"
        page = self.ask("open the plan", "GET", plan)
        cards = [ref.decode() for ref in CARD.findall(page.partition(b'id="bk-committed"')[2])]
        buckets = ("committed", "experiments", "learning", "backlog")
        pages = {"open the plan": plan, "open the review": "/t/S200/reports/allocation/"}
        for what, path in pages.items():
            self.keep(what.replace(" ", "-"), self.ask(what, "GET", path))
        for place in range(rounds + WARM_UP):
            for what, path in pages.items():
                self.ask(what, "GET", path)
                self.ask(f"same: {what}", "GET", f"/same/{what.replace(' ', '-')}/")
            self.ask("move in the plan", "POST", f"{plan}{buckets[place % 4]}/", {"card": cards[place // 4 % len(cards)]})
            self.ask("constant", "GET", "/same/constant/")
        for what, path in pages.items():
            self.ask(what, "GET", path, **header({"X-Count": "1"}))
            self.row(what, what, f"same: {what}", 0)
        self.ask("move in the plan", "POST", f"{plan}committed/", {"card": cards[-1]}, **header({"X-Count": "1"}))
        self.row("move in the plan", "move in the plan", "constant", 0)

    def mover(self, place: int) -> Client:
        """One of eight with a session of their own."""
        name = self.client.cookie.partition("=")[0]
        return Client(self.client.port, f"{name}={self.client.more['movers'][place]}", self.client.csrf)

    def movers(self) -> None:
        """Eight at once for ten seconds, against eight who repeat the statements; then eight drops on one slot."""
        key = "D1000"
        columns = self.cards_of(key)
        refs = columns["ready"] + columns["in_progress"]
        stands = {ref: stage for stage in ("ready", "in_progress") for ref in columns[stage]}
        shares = [refs[place::8] for place in range(8)]
        trouble: list[str] = []

        def mover(place: int, until: float) -> int:
            client = self.mover(place)
            chance, done = random.Random(place), 0
            while time.perf_counter() < until:
                ref, target = chance.choice(shares[place]), chance.choice(("ready", "in_progress"))
                there = [one for one in shares[(place + 1) % 8] if stands[one] == target]
                beside = chance.choice(there) if there else ""
                _, answer, content = client.ask("POST", f"/t/{key}/columns/{target}/", {"card": ref, "after": beside})
                if answer.status == 200:
                    done += 1
                    stands[ref] = target
                elif answer.status != 409:  # the neighbour stands in another column now: an honest answer
                    trouble.append(f"{answer.status} {content[:80]!r}")
            return done

        moved = together(8, lambda place: mover(place, time.perf_counter() + SECONDS)) / SECONDS

        def repeater(place: int) -> int:
            done, until = 0, time.perf_counter() + SECONDS
            with replayed(self.settings, self.client.folder, "move1000") as again:
                while time.perf_counter() < until:
                    again()
                    done += 1
            return done

        plain = together(8, repeater) / SECONDS
        now = self.cards_of(key)
        here = [ref for column in now.values() for ref in column]
        lost = set(columns["review"] + refs) - set(here)
        self.lines.append(
            f"| 8 movers | {moved:.0f} /s | | | {plain:.0f} /s SQL | **{moved / plain:.2f}** | ≥ 0.35 "
            f"| {len(trouble)} errors, {len(lost)} lost, {len(here) - len(set(here))} doubled {trouble[:1] or ''} |"
        )
        slot = now["review"][:2]
        drops: list[int] = []

        def drop(place: int) -> int:
            client = self.mover(place)
            fields = {"card": now["in_progress"][place], "before": slot[0], "after": slot[1]}
            drops.append(client.ask("POST", f"/t/{key}/columns/review/", fields)[1].status)
            return 1

        together(8, drop)
        order = self.cards_of(key)["review"]
        between = order.index(slot[1]) - order.index(slot[0]) - 1
        self.lines.append(f"| 8 drops on one slot | | | | | | | answers {sorted(set(drops))}, {between} between the two |")

    def throughput(self) -> None:
        """Board opens a second with eight clients, beside the same bytes without us."""
        for key in ("P200", "P1000"):
            found = {}
            for what, path in (("board", f"/t/{key}/board/"), ("same", f"/same/{key}/")):

                def opener(place: int, path: str = path) -> int:
                    client = self.mover(place)
                    done, until = 0, time.perf_counter() + 5
                    while time.perf_counter() < until:
                        if client.ask("GET", path, **header({"Accept-Encoding": "gzip"}))[1].status == 200:
                            done += 1
                    return done

                found[what] = together(8, opener) / 5
            ratio = found["board"] / found["same"]
            self.lines.append(f"| 8 clients open {key} | {found['board']:.0f} /s | | | {found['same']:.0f} /s same | **{ratio:.2f}** | | |")


def header(named: dict[str, Any]) -> dict[str, Any]:
    """Headers whose names are no names of arguments."""
    return named


def main() -> int:
    """Measure, print, keep the tables beside this file."""
    past, history, rounds = int(os.environ.get("BENCH_PAST", "50000")), int(os.environ.get("BENCH_HISTORY", "1000000")), rounds_of(60)
    lookers = int(os.environ.get("BENCH_LOOKERS", "500"))
    tables = []
    with contextlib.ExitStack() as stack:
        for title, settings in places(stack):
            big = history if "DATABASE_URL" in settings else 0
            with served("benchmarks._speed_team", [past, big, lookers, *SIZES], BENCH_WORKERS="2", **settings) as client:
                if big:
                    client.more["H1000"] = True
                bench = Bench(client, settings)
                for part in (bench.boards, bench.moves, bench.small, bench.sprints):
                    part(rounds)
                bench.movers()
                bench.throughput()
                bench.lines += _readers.measured(client, lookers)
                bench.lines += _surroundings.measured(client, settings)
            tables.append(f"### {title}, {past:,} finished tasks (P), {big:,} (H), {rounds} rounds\n\n{HEAD}\n" + "\n".join(bench.lines))
            print(tables[-1], flush=True)
    tables.append(f"### Around it\n\n{HEAD}\n" + "\n".join([*_surroundings.weight(), *_surroundings.embedded()]))
    print(tables[-1], flush=True)
    if past >= 50_000:
        RESULTS.write_text("\n\n".join(["# Speed, as last measured", ABOUT, *tables]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
