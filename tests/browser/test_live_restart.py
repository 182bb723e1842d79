"""Live pages of a real server in a process of its own: it is killed and comes back, and somebody leaves the team."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dsboard.models import Membership
from tests.browser.conftest import PageOf
from tests.browser.eyes import LIVE, looking
from tests.browser.hands import card, drag
from tests.processes import ROOT, ask, environment, free_port, manage, started, wait_until
from tests.world import World

#: what a second process does to the same database
FOUND = """
from django.conf import settings
from django.test import Client
world = found_world()
cards = [world.experiment(title=title).ref for title in ("First", "Second")]
def cookie(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
print(json.dumps({"cards": cards, "name": settings.SESSION_COOKIE_NAME, "cookies": [cookie(one.user) for one in (world.mei, world.omar)]}))
"""
CHANGE = """
from dsboard.models import Membership
from experiments.models import Comment, Task
task = Task.objects.select_related("team").get(ref={ref!r})
by = Membership.objects.select_related("team", "user").get(team=task.team, user__name="Inês Duarte")
task.change(by, title={title!r})
"""


def done_beside(folder: Path, words: str) -> str:
    """Run these words in a process of their own on the database of that folder; what they print."""
    words = f"import json, django\ndjango.setup()\nfrom tests.world import found_world\n{words}"
    settings = environment(DSBOARD_DATA=str(folder), DJANGO_SETTINGS_MODULE="dsboard.settings")
    return subprocess.run([sys.executable, "-c", words], cwd=ROOT, env=settings, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def pages(chromium: Browser, tmp_path: Path) -> Iterator[Any]:
    """A folder with a team, and how to open a board of a server on it."""
    folder = tmp_path / "data"
    assert manage("migrate", "--verbosity", "0", DSBOARD_DATA=str(folder)).returncode == 0
    said = json.loads(done_beside(folder, FOUND).splitlines()[-1])
    url = f"http://127.0.0.1:{free_port()}"
    contexts = []

    def open_page(cookie: str) -> Page:
        context = chromium.new_context(base_url=url, reduced_motion="reduce")
        contexts.append(context)
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": said["name"], "value": cookie, "url": url}])
        page = context.new_page()
        page.goto("/t/FRAUD/board/")
        expect(page.locator(LIVE)).to_be_attached()
        return page

    yield folder, url, said, open_page
    for context in contexts:
        context.close()


def test_both_pages_catch_up_after_the_server_was_killed(pages: Any, tmp_path: Path) -> None:
    folder, url, said, open_page = pages
    command = [sys.executable, str(ROOT / "manage.py"), "up", "--port", url.rpartition(":")[2], "--data", str(folder)]
    first, second = said["cards"]
    with ExitStack() as running:
        server = running.enter_context(started(command, tmp_path / "first.log"))
        wait_until(lambda: ask(f"{url}/readyz")[0] == 200, 90, "the first start")
        mine, hers = (open_page(cookie) for cookie in said["cookies"])
        hers.locator("#col-ideation [data-quick-open]").click()
        hers.keyboard.type("Half a thought")

        os.killpg(server.pid, signal.SIGKILL)
        for page in (mine, hers):
            expect(page.locator(LIVE)).to_have_count(0)
        done_beside(folder, CHANGE.format(ref=first, title="Changed while nobody served"))
        expect(card(hers, first)).not_to_contain_text("Changed while nobody served")

        running.enter_context(started(command, tmp_path / "second.log"))
        wait_until(lambda: ask(f"{url}/readyz")[0] == 200, 90, "the second start")
        for page in (mine, hers):
            expect(card(page, first)).to_contain_text("Changed while nobody served", timeout=30_000)
            expect(page.locator(LIVE)).to_be_attached()
        expect(hers.locator("#col-ideation form[data-quick] textarea")).to_have_value("Half a thought")
        drag(mine, second, "active")
        expect(hers.locator(f"#list-active #task-{second}")).to_be_visible()
    assert "Traceback" not in (tmp_path / "second.log").read_text()


def test_a_removed_member_s_page_hears_nothing_more(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = looking(page_as, world.omar, "board/")
    Membership.objects.get(pk=world.omar.pk).remove(world.lead)
    # It is asked again at once, and every ten seconds: fifteen are the promise.
    expect(hers.locator(LIVE)).to_have_count(0, timeout=15_000)
    task.change(world.mei, title="Not for those who left")
    hers.wait_for_timeout(3_000)
    expect(hers.get_by_text("Not for those who left")).to_have_count(0)
    expect(hers.locator(LIVE)).to_have_count(0)
