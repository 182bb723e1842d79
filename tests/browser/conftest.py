"""The real server in a thread, one Chromium, and pages that belong to a person."""

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from dsboard.models import User
from tests.serving import served
from tests.world import World, found_world

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"]
PageOf = Callable[..., Page]
# Two cores may be shared with the other tests: patience costs nothing where all is well.
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="package")
def server_url() -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    # Playwright keeps an event loop on this thread, where Django would refuse to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page_as(transactional_db: None, server_url: str, chromium: Browser) -> Iterator[PageOf]:
    """`page_as(user, width=390, touch=True, theme="dark", script=False)`: a page of a signed-in person; None for nobody.

    Fails afterwards if a page threw an error or the content security policy refused something.
    """
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def listen_to(message: ConsoleMessage) -> None:
        # An answer that is not wanted any more, since its element has gone or asked again, is no error.
        if message.type == "error" and not re.search("Failed to (load resource|fetch)|signal is aborted", message.text):
            trouble.append(message.text)

    def open_page(
        user: User | None = None, *, width: int = 1440, height: int = 900, touch: bool = False, theme: str = "light", script: bool = True
    ) -> Page:
        context = chromium.new_context(
            base_url=server_url,
            viewport={"width": width, "height": height},
            has_touch=touch,
            is_mobile=touch,
            color_scheme=theme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": server_url}])
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", listen_to)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def world(transactional_db: None) -> World:
    return found_world()
