"""Takes the README's pictures: starts a demo board of its own and photographs today's pages in Chromium.

    .venv/bin/python docs/take_pictures.py

Needs what `./dev test` installs, and Chromium on the PATH. Writes docs/pictures/*.png.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = Path(__file__).resolve().parent / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--font-render-hinting=none"]

#: name: address, width, height, theme
PICTURES = {
    "board": ("/t/DEMO/board/", 1440, 900, "light"),
    "board-phone": ("/t/DEMO/board/", 390, 844, "light"),
    "delivery-dark": ("/t/DEMO/delivery/", 1440, 900, "dark"),
    "findings": ("/t/DEMO/findings/", 1440, 900, "light"),
    "my-work": ("/me/", 1440, 900, "light"),
    "calendar": ("/t/DEMO/settings/calendar/", 1440, 900, "light"),
    "sprint-plan": ("/t/DEMO/sprints/7/plan/", 1440, 900, "light"),
    "sprint-board": ("/t/DEMO/sprint/", 1440, 900, "light"),
    "allocation": ("/t/DEMO/reports/allocation/", 1440, 1000, "light"),
    "model": ("/t/DEMO/models/recommendation-model/", 1440, 1100, "light"),
    "runs": ("/t/DEMO/tasks/DEMO-67/runs/", 1440, 1000, "light"),
    "monitoring": ("/t/DEMO/models/recommendation-model/monitoring/", 1440, 1000, "light"),
    "handoff": ("open:/t/DEMO/handoffs/", 1440, 1100, "light"),
    "card": ("first:active", 1440, 1000, "light"),
    "decision": ("decide:analysis", 1440, 1000, "light"),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def manage(*arguments: str, env: dict[str, str]) -> str:
    return subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout


def ready(address: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/readyz", timeout=2)
        except OSError:
            time.sleep(0.25)
        else:
            return
    raise SystemExit("The board did not get ready.")


def signed_in(browser: Browser, address: str, env: dict[str, str], width: int, height: int, theme: str) -> Page:
    token = manage("signin_link", "lead@demo.example", env=env).split("/sign-in/")[1].split("/")[0]
    scheme = "dark" if theme == "dark" else "light"
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{address}/sign-in/{token}/")
    return page


def photograph(page: Page, address: str, where: str) -> None:
    how, _, stage = where.partition(":")
    if how == "open":
        page.goto(address + stage)
        page.goto(address + (page.locator(".lines a").last.get_attribute("href") or ""))
    elif stage:
        page.goto(f"{address}/t/DEMO/board/")
        card = page.locator(f'.card[data-stage="{stage}"][data-kind="experiment"] .card__a').first
        target = card.get_attribute("href") or ""
        page.goto(address + target + ("decision/" if how == "decide" else ""))
    else:
        page.goto(address + where)
    page.wait_for_load_state("networkidle")


def main() -> None:
    OUT.mkdir(exist_ok=True)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data:
        env = {**os.environ, "DSBOARD_DATA": data}
        server = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--demo", "--port", str(port)], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
        )
        try:
            ready(address)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
                for name, (where, width, height, theme) in PICTURES.items():
                    page = signed_in(browser, address, env, width, height, theme)
                    photograph(page, address, where)
                    page.screenshot(path=OUT / f"{name}.png")
                    page.context.close()
                browser.close()
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()
