"""A time box before one's eyes: its clock steps, it ends, asks for findings, takes an extension; inbox and mail say the right words."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from dsboard import clock, outbox
from dsboard.models import Notice
from experiments import reminding
from experiments.models import Task
from experiments.models.pauses import pause
from experiments.stages import Stage
from tests.browser.conftest import PageOf
from tests.browser.eyes import violations
from tests.browser.hands import card, title
from tests.world import World, lisbon

Step = Callable[..., None]


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Iterator[Step]:
    """`step("2026-03-12 14:10", page)`: it is that time on the wall, the jobs have run, and a minute has passed in the browser."""
    wall = SimpleNamespace(moment=lisbon("2026-03-10 09:00"))
    monkeypatch.setattr(clock, "timezone", SimpleNamespace(now=lambda: wall.moment))

    def go(to: str, *pages: Page) -> None:
        wall.moment = lisbon(to)
        reminding.sweep()
        outbox.sweep()
        for page in pages:
            page.clock.fast_forward(61_000)

    yield go


@pytest.fixture
def task(step: Step, world: World) -> Task:
    """Mei's box of three days, started on Tuesday, 10 March, at nine; Omar watches."""
    task = world.started(world.experiment())
    task.watch(world.omar, on=True)
    return task


def opened(page: Page, address: str) -> Page:
    """The page, with its own clock in our hands, and a mark that a reload would wipe away."""
    page.clock.install()
    page.goto(address)
    # A request that is still under way would be a minute old after the first step, and given up.
    page.wait_for_load_state("networkidle")
    page.evaluate("window.stayed = true")
    return page


def label(page: Page, task: Task):
    return card(page, task.ref).locator(".tb")


def test_it_runs_down_ends_and_is_extended(page_as: PageOf, world: World, step: Step, task: Task) -> None:
    page = opened(page_as(world.mei.user), "/t/FRAUD/board/")
    expect(label(page, task)).to_have_text("3d left of 3d")
    expect(label(page, task)).to_have_attribute("data-s", "calm")

    step("2026-03-12 14:09", page)
    expect(label(page, task)).to_have_text("2h 51m left of 3d")
    expect(label(page, task)).to_have_attribute("data-s", "warn")
    assert violations(page) == []
    step("2026-03-12 16:59", page)
    expect(label(page, task)).to_have_text("1m left of 3d")
    expect(card(page, task.ref).get_by_text("Findings due")).to_be_hidden()

    step("2026-03-12 17:00", page)
    expect(label(page, task)).to_have_text("Ended just now")
    expect(card(page, task.ref).get_by_text("Findings due")).to_be_visible()
    expect(card(page, task.ref).get_by_role("link", name="Report")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("window.stayed"), "nothing was loaded again"

    step("2026-03-13 09:30", page)
    expect(label(page, task)).to_have_text("Ended yesterday, 17:00")
    title(page, task.ref).focus()
    page.keyboard.press("e")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("How much more?").press_sequentially("4h")
    page.clock.run_for(1_000)
    expect(dialog.get_by_text("The box becomes 3d 4h and ends today, 13:30")).to_be_visible()
    dialog.get_by_label("Why, and what do you know so far?").fill("Two seeds agree, the third one crashed.")
    assert violations(page) == []
    dialog.get_by_role("button", name="Extend").click()
    expect(dialog).to_be_hidden()
    expect(label(page, task)).to_have_text("4h left of 3d 4h")
    expect(card(page, task.ref).get_by_text("Findings due")).to_be_hidden()


def test_inbox_and_mail_say_the_right_words(page_as: PageOf, world: World, step: Step, task: Task) -> None:
    step("2026-03-12 14:10")
    step("2026-03-12 17:00")
    step("2026-03-13 09:00")
    told = [(letter.to[0], letter.subject, letter.body.splitlines()[2]) for letter in mail.outbox]
    assert sorted(told) == [
        (
            "mei@example.org",
            "2h 50m left: BERT vs GPT comparison",
            "Time to start writing down what you know. The target is macro-F1 ≥ 0.9.",
        ),
        ("mei@example.org", "Findings still due: BERT vs GPT comparison", "Three sentences are enough."),
        (
            "mei@example.org",
            "Time box ended: BERT vs GPT comparison",
            "Report what you learned, or extend with a reason. Not finding it counts too.",
        ),
        ("omar@example.org", "Time box ended: BERT vs GPT comparison", "Mei reports what was learned next. Not finding it counts too."),
    ]
    assert "You get this because you own FRAUD-1 in Fraud." in mail.outbox[0].body
    page = page_as(world.mei.user)
    page.goto("/me/")
    expect(page.locator(".hello")).to_contain_text("one late finding and three notices")
    titles = page.locator(".mw--notice .mw__t a")
    expect(titles).to_have_text(
        [
            "Findings still due: BERT vs GPT comparison",
            "Time box ended: BERT vs GPT comparison",
            "2h 50m left: BERT vs GPT comparison",
        ]
    )
    assert violations(page) == []
    more = page.locator(".mw--notice").first.locator("summary")
    more.click()
    page.get_by_role("button", name="Later: tomorrow").first.click()
    expect(titles).to_have_count(2)
    expect(page.locator("#toasts")).to_contain_text("Put off until Saturday, 14 March")
    page.get_by_role("link", name="Later").click()
    expect(page.locator(".mw--notice .mw__t a")).to_have_text(["Findings still due: BERT vs GPT comparison"])
    assert violations(page) == []
    page.get_by_role("link", name="To do").click()
    page.get_by_role("button", name="Mark all read").click()
    expect(titles).to_have_count(0)
    assert Notice.objects.filter(user=world.mei.user, read_at=None).count() == 1


def test_the_card_asks_again_by_itself(page_as: PageOf, world: World, step: Step, task: Task) -> None:
    page = opened(page_as(world.vera.user), task.get_absolute_url())
    heading = page.locator("#h-box")
    expect(heading).to_have_text("3d left")
    step("2026-03-11 12:00", page)
    expect(heading).to_have_text("1d 5h left")
    step("2026-03-12 17:00", page)
    expect(heading).to_have_text("Ended just now")
    expect(page.get_by_text("Findings due.")).to_be_visible()
    assert page.evaluate("window.stayed")
    assert violations(page) == []


def test_a_hidden_page_asks_for_nothing_and_catches_up(page_as: PageOf, world: World, step: Step, task: Task) -> None:
    page = opened(page_as(world.vera.user), "/t/FRAUD/board/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/clocks/" in request.url else None)
    hide = """hidden => {
        Object.defineProperty(document, 'hidden', {value: hidden, configurable: true})
        document.dispatchEvent(new Event('visibilitychange'))
    }"""
    page.evaluate(hide, True)
    step("2026-03-11 12:00", page)
    page.wait_for_timeout(300)
    assert asked == []
    page.evaluate(hide, False)
    expect(label(page, task)).to_have_text("1d 5h left of 3d")


def test_pausing_by_keyboard_until_a_day(page_as: PageOf, world: World, step: Step, task: Task) -> None:
    page = page_as(world.mei.user)
    page.goto(task.get_absolute_url())
    page.get_by_role("link", name="Pause…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("What is it waiting for?")).to_be_focused()
    page.keyboard.type("The labels are late.")
    dialog.get_by_label("Until").fill("2026-03-17")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#h-box")).to_have_text("Paused, 3d left")
    expect(page.get_by_text("The labels are late. Runs on Tue 17 Mar.")).to_be_visible()
    assert violations(page) == []
    step("2026-03-17 09:00")
    page.goto("/t/FRAUD/board/")
    expect(label(page, task)).to_have_text("3d left of 3d")
    assert [letter.subject for letter in mail.outbox] == ["The clock runs again: BERT vs GPT comparison"]


def test_without_script_every_act_is_a_plain_form(page_as: PageOf, world: World, step: Step, task: Task) -> None:
    page = page_as(world.mei.user, script=False)
    page.goto(task.get_absolute_url())
    page.get_by_role("link", name="Extend…").click()
    page.get_by_label("How much more?").fill("4h")
    page.get_by_label("Why, and what do you know so far?").fill("Two seeds agree.")
    page.get_by_role("button", name="Extend").click()
    expect(page.locator("#h-box")).to_have_text("3d 4h left")
    page.get_by_role("link", name="Pause…").click()
    page.get_by_label("What is it waiting for?").fill("The labels are late.")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#h-box")).to_have_text("Paused, 3d 4h left")
    page.get_by_role("button", name="Let it run on").click()
    expect(page.locator("#h-box")).to_have_text("3d 4h left")


def test_a_second_press_extends_once(page_as: PageOf, world: World, step: Step, task: Task) -> None:
    page = page_as(world.mei.user)
    page.goto(f"{task.get_absolute_url()}time-box/extension/")
    page.get_by_label("How much more?").fill("4h")
    page.get_by_label("Why, and what do you know so far?").fill("Two seeds agree.")
    page.get_by_role("button", name="Extend").dblclick()
    expect(page.locator("#h-box")).to_have_text("3d 4h left")
    assert task.box.extensions.count() == 1


def test_two_tabs(page_as: PageOf, world: World, step: Step, task: Task) -> None:
    """Paused in one tab, extended in the other: the second sees how it stands, and what was typed stays."""
    page = page_as(world.mei.user)
    page.goto(f"{task.get_absolute_url()}time-box/pause/")
    pause(task, world.mei, reason="In the other tab.")
    page.get_by_label("What is it waiting for?").fill("The labels are late.")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("FRAUD-1 is paused already: In the other tab.")).to_be_visible()
    expect(page.get_by_label("What is it waiting for?")).to_have_value("The labels are late.")


def test_dropped_on_active_with_no_time_left_it_asks_for_more(page_as: PageOf, world: World, step: Step, task: Task) -> None:
    step("2026-03-13 10:00")
    world.report(task)
    page = page_as(world.mei.user)
    page.goto("/t/FRAUD/board/")
    title(page, task.ref).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("How much more?").fill("4h")
    dialog.get_by_label("Why, and what do you know so far?").fill("One more seed.")
    dialog.get_by_role("button", name="Extend").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(f"#list-active #task-{task.ref}")).to_be_visible()
    task.refresh_from_db()
    assert task.stage == Stage.ACTIVE
