"""The frame around every page: menus, shortcuts, the palette, toasts, the skip link."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PageOf
from tests.browser.hands import title
from tests.browser.test_moving import board
from tests.world import World


def focused_title(page: Page) -> str:
    return page.evaluate("() => document.activeElement.textContent.trim()")


def test_menus_open_and_close_as_people_expect(page_as: PageOf, world: World) -> None:
    page = board(page_as, world.mei)
    account = page.locator(".side summary", has_text="Mei Tanaka")
    account.click()
    expect(page.get_by_role("link", name="Team settings").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Team settings").first).to_be_hidden()
    expect(account).to_be_focused()
    account.click()
    page.locator("main").click(position={"x": 5, "y": 5})
    expect(page.get_by_role("link", name="Team settings").first).to_be_hidden()


def test_the_skip_link_leads_past_the_sidebar(page_as: PageOf, world: World) -> None:
    page = board(page_as, world.mei)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_palette_finds_a_card_by_keyboard_alone(page_as: PageOf, world: World) -> None:
    world.research()
    task = world.experiment(title="Distil the classifier")
    page = board(page_as, world.mei)
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search or jump to")
    expect(field).to_be_focused()
    page.keyboard.type("distil")
    expect(page.get_by_role("option", name=re.compile("Distil the classifier"))).to_have_attribute("aria-selected", "true")
    expect(page.locator("#announce")).to_contain_text("result")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/tasks/{task.ref}/$"))


def test_escape_closes_the_palette_and_gives_the_focus_back(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = board(page_as, world.mei)
    title(page, task.ref).focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("bert")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_single_keys(page_as: PageOf, world: World) -> None:
    for name in ("One", "Two"):
        world.experiment(title=name)
    page = board(page_as, world.mei)
    page.keyboard.press("j")
    assert focused_title(page) == "One"
    page.keyboard.press("j")
    assert focused_title(page) == "Two"
    page.keyboard.press("k")
    assert focused_title(page) == "One"
    page.keyboard.press("m")
    expect(page.get_by_role("dialog").get_by_role("heading", level=2)).to_be_visible()
    page.keyboard.press("Escape")
    assert focused_title(page) == "One"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_role("heading", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search cards")).to_be_focused()
    page.keyboard.type("jjj")
    expect(page.get_by_role("searchbox", name="Search cards")).to_have_value("jjj")


def test_keys_work_on_the_page_of_a_card_too(page_as: PageOf, world: World) -> None:
    task = world.started(world.experiment())
    page = page_as(world.lead.user)
    page.goto(f"/t/fraud/tasks/{task.ref}/")
    for key, words in {"m": "Move", "a": "People", "r": "Report findings", "d": "Decide"}.items():
        page.keyboard.press(key)
        expect(page.get_by_role("dialog").get_by_role("heading", level=2)).to_contain_text(re.compile(words, re.IGNORECASE))
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_two_keys_go_to_a_place(page_as: PageOf, world: World) -> None:
    page = board(page_as, world.mei)
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.get_by_role("heading", level=1)).to_have_text("Backlog")
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", level=1)).to_have_text("My work")


def test_single_keys_can_be_turned_off(page_as: PageOf, world: World) -> None:
    world.experiment()
    world.mei.user.single_keys = False
    world.mei.user.save()
    page = board(page_as, world.mei)
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate("() => document.activeElement === document.body")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_theme_of_a_person_is_written_by_the_server(page_as: PageOf, world: World) -> None:
    world.mei.user.theme = "dark"
    world.mei.user.save()
    page = board(page_as, world.mei)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_a_toast_goes_by_itself_but_waits_under_the_pointer(page_as: PageOf, world: World) -> None:
    page = page_as(world.mei.user)
    page.clock.install()
    page.goto("/t/fraud/board/")
    said = page.locator("#toasts [data-toast]")
    page.evaluate(
        """() => {
            const toast = document.createElement("div");
            toast.className = "toast";
            toast.dataset.toast = "";
            toast.textContent = "Copied link";
            document.getElementById("toasts").append(toast);
        }"""
    )
    expect(said).to_be_visible()
    page.clock.run_for(7_000)
    said.hover()
    page.clock.run_for(20_000)
    expect(said).to_be_visible()
    page.mouse.move(5, 5)
    page.clock.run_for(9_000)
    expect(said).to_have_count(0)


def test_an_error_page_keeps_its_words_when_asked_for_by_a_fragment(page_as: PageOf, world: World) -> None:
    """A whole page never lands inside another: its sentence is said in a toast."""
    task = world.experiment()
    page = page_as(world.mei.user)
    # A slow line: the card stays on this page although it is gone.
    page.route("**/live/**", lambda route: route.abort())
    page.goto(f"/t/{world.team.key}/board/")
    task.delete_to_bin(world.mei)
    title(page, task.ref).focus()
    page.keyboard.press("m")
    expect(page.locator("#toasts .toast--bad")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("main")).to_have_count(1)


def test_a_session_that_ended_keeps_what_was_written(page_as: PageOf, world: World) -> None:
    page = board(page_as, world.mei)
    page.context.clear_cookies()
    page.keyboard.press("c")
    expect(page.locator("#toasts")).to_contain_text("You were signed out. Sign in again in a new tab; this page keeps what you wrote.")
