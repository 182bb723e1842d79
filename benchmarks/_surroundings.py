"""What is around a page: the server that it could run on instead, the memory, the start, the first load, and what a browser makes of it."""

import contextlib
import gzip
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django_htmx
from django.contrib.staticfiles.storage import StaticFilesStorage
from playwright.sync_api import Page, sync_playwright

from benchmarks._client import Client
from benchmarks._repeating import together
from dsboard.static_files import HashedFiles

ROOT = Path(__file__).resolve().parent.parent
STREAMS, ROUNDS, SECONDS = 20, 30, 4
GZIP: dict[str, Any] = {"Accept-Encoding": "gzip"}
#: people of the small embedded board; written by a process that is gone when memory is looked at
PREPARE = """
import json, django
django.setup()
from benchmarks import _team
from benchmarks._speed_team import founded
people = _team.a_crew()
_team.open_cards(founded("A200", people), 200)
print(json.dumps(_team.told(people[0])))
"""


def environment(**more: str) -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | more


@contextlib.contextmanager
def running(command: list[str], port: int, path: str, **env: str) -> Iterator[tuple[int, float]]:
    """A server as a process of its own until the end; its pid, and the seconds until `path` was answered."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment(**env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - began < 60:
            with contextlib.suppress(OSError):
                line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                line.request("GET", path)
                if line.getresponse().read() is not None:
                    break
            time.sleep(0.02)
        yield process.pid, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(20)


def median_ms(act: Callable[[], object], *others: Callable[[], object]) -> list[float]:
    """The medians of several acts done in turn."""
    took: list[list[float]] = [[] for _ in range(1 + len(others))]
    for place in range(ROUNDS + 3):
        for one, seconds in zip((act, *others), took, strict=True):
            began = time.perf_counter()
            one()
            if place >= 3:
                seconds.append(time.perf_counter() - began)
    return [statistics.median(seconds) * 1000 for seconds in took]


def servers(client: Client, settings: dict[str, str]) -> list[str]:
    """The same application on our server and on granian, each with two processes of two threads."""
    port = client.port + 1 if client.port < 65_000 else client.port - 1
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    command += ["--workers", "2", "--blocking-threads", "2", "--log-level", "error", "dsboard.wsgi:application"]
    env = {"DSBOARD_DATA": client.folder, "DJANGO_SETTINGS_MODULE": "benchmarks._settings", "DSBOARD_LOG": "ERROR", **settings}
    lines = []
    with running(command, port, "/healthz", **env):
        other = Client(port, client.cookie, client.csrf)
        for name, path in (("constant", "/same/constant/"), ("same: P200", "/same/P200/"), ("open P200", "/t/P200/board/")):

            def opens(of: Client, path: str = path) -> Callable[[], object]:
                return lambda: of.ask("GET", path, **GZIP)

            ours, theirs = median_ms(opens(client), opens(other))
            rates = [rate(at, client.cookie, client.csrf, path) for at in (client.port, port)]
            lines.append(
                f"| {name} on our server and on granian | {ours:.2f} | | | {theirs:.2f} granian | **{ours / theirs:.2f}** | | "
                f"8 clients: {rates[0]:.0f} and {rates[1]:.0f} /s |"
            )
    return lines


def rate(port: int, cookie: str, csrf: str, path: str) -> float:
    """Answers a second with eight clients."""

    def opener(_: int) -> int:
        client, done, until = Client(port, cookie, csrf), 0, time.perf_counter() + SECONDS
        while time.perf_counter() < until:
            done += client.ask("GET", path, **GZIP)[1].status == 200
        return done

    return together(8, opener) / SECONDS


def embedded() -> list[str]:
    """Start and memory of `up` with its worker, its beat and twenty streams, beside a bare Django on the same server."""
    with tempfile.TemporaryDirectory(prefix="dsboard-bench-") as folder:
        ports = free_ports()
        env = {"DSBOARD_DATA": folder, "DJANGO_SETTINGS_MODULE": "dsboard.settings", "DSBOARD_LOG": "ERROR"}
        up = [sys.executable, "manage.py", "up", "--port", str(ports[0])]
        with running(up, ports[0], "/sign-in/", **env) as (_, first):
            pass
        said = subprocess.run([sys.executable, "-c", PREPARE], cwd=ROOT, env=environment(**env), capture_output=True, text=True, check=True)
        told = json.loads(said.stdout.splitlines()[-1])
        bare_command = [sys.executable, "-m", "benchmarks._bare", str(ports[1])]
        with running(up, ports[0], "/sign-in/", **env) as (pid, second), running(bare_command, ports[1], "/") as (bare_pid, bare_start):
            client, bare = Client(ports[0], **told), Client(ports[1], "", "x")
            streams = [opened(ports[0], told["cookie"]) for _ in range(STREAMS)]
            for _ in range(50):
                bare.ask("GET", "/")
            for path in ("/t/A200/board/", "/t/A200/tasks/A200-7/", "/t/A200/backlog/", "/me/") * 10:
                client.ask("GET", path)
            # A minute has one sweep of each kind in it, so the jobs have been at work too.
            time.sleep(65)
            ours, theirs = memory(pid), memory(bare_pid)
            for stream in streams:
                stream.close()
    took = f"{first:.1f} s, **{second:.1f} s** | | | {bare_start:.1f} s bare Django"
    return [
        f"| memory, with worker, beat and {STREAMS} streams | {ours / 1024:.0f} MB | | | {theirs / 1024:.0f} MB bare Django "
        f"| **{ours / theirs:.2f}** | 2 | |",
        f"| first start, second start, to the first page | {took} | | ≤ 3 s | |",
    ]


def opened(port: int, cookie: str) -> http.client.HTTPConnection:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", "/live/A200/?view=experiments", headers={"Cookie": cookie})
    assert line.getresponse().status == 200
    return line


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def memory(pid: int) -> int:
    """What the process keeps in memory, in kB."""
    resident = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(resident.split()[1])


def weight() -> list[str]:
    """The scripts and styles of a first load, compressed as an image stores them."""
    with tempfile.TemporaryDirectory(prefix="dsboard-bench-") as folder:
        # Our settings want a key, or make one where the data is, also of those who only want the static files.
        os.environ |= {"DSBOARD_DATA": folder, "SECRET_KEY": "only for this run"}
        target = collected(Path(folder))
        scripts = [path for path in (target / "js").glob("*.js") if not re.search(r"\.[0-9a-f]{12}\.", path.name)]
        scripts.append(Path(django_htmx.__file__).parent / "static/django_htmx/htmx-4.min.js")
        sizes = [sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths) for paths in (scripts, [target / "css/app.css"])]
    plain = f"scripts {sizes[0] / 1000:.1f} KB, styles {sizes[1] / 1000:.1f} KB"
    return [f"| first load, compressed | **{sum(sizes) / 1000:.1f} KB** | | | | | ≤ 68 KB | {plain} |"]


def collected(folder: Path) -> Path:
    """Our static files as an image stores them."""
    source = StaticFilesStorage(location=ROOT / "static", base_url="/static/")
    target = HashedFiles(location=folder, base_url="/static/")
    names = [str(path.relative_to(ROOT / "static")) for path in (ROOT / "static").rglob("*") if path.suffix in (".css", ".js")]
    shutil.copytree(ROOT / "static", folder, dirs_exist_ok=True)
    for _ in target.post_process({name: (source, name) for name in names}):
        pass
    return folder


def painted(client: Client) -> list[str]:
    """In Chromium: from asking to the first paint, and from letting a card go to the end of its answer."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return ["| in Chromium | | | | | | | not measured: there is none here |"]
    lines = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        context = browser.new_context(base_url=f"http://127.0.0.1:{client.port}", viewport={"width": 1440, "height": 900})
        name, _, value = client.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{client.port}"}])
        page = context.new_page()
        for size in (200, 1_000):
            paths = (f"/t/A{size}/board/", f"/same/A{size}/")
            board, plain = (statistics.median([first_paint(page, path) for _ in range(7)][2:]) for path in paths)
            lines.append(f"| first paint of A{size} in Chromium | {board:.0f} | | | {plain:.0f} same | **{board / plain:.2f}** | | |")
        page.goto("/t/D200/delivery/")
        page.locator('[data-live-is="streaming"]').wait_for(state="attached")
        drags = [dragged(page) for _ in range(9)][2:]
        lines.append(f"| a drag on D200 in Chromium, from letting go to its answer | {statistics.median(drags):.0f} | | | | | | |")
        browser.close()
    return lines


def first_paint(page: Page, path: str) -> float:
    """Milliseconds from navigating to the first paint with content."""
    page.goto(path)
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    return float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))


def dragged(page: Page) -> float:
    """Milliseconds from letting the first card of Ready go below the next one until the board has its answer."""
    cards = page.locator("#list-ready > [data-card]")
    (first, second) = (cards.nth(place).bounding_box() for place in (0, 1))
    assert first is not None
    assert second is not None
    page.mouse.move(first["x"] + first["width"] / 2, first["y"] + first["height"] - 14)
    page.mouse.down()
    page.mouse.move(first["x"] + first["width"] / 2, first["y"] + first["height"], steps=3)
    page.mouse.move(second["x"] + second["width"] / 2, second["y"] + second["height"] * 0.8, steps=5)
    page.evaluate(
        "() => { window.answered = new Promise((done) => document.addEventListener('placed', () => "
        "requestAnimationFrame(() => done(performance.now())), { once: true })); "
        "document.addEventListener('pointerup', () => (window.letGo = performance.now()), { once: true, capture: true }); }"
    )
    page.mouse.up()
    return float(page.evaluate("window.answered.then((at) => at - window.letGo)"))


def measured(client: Client, settings: dict[str, Any]) -> list[str]:
    """Every line of this file; what hangs on the database first."""
    return [*servers(client, settings), *painted(client)]
