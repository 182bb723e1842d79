"""The three decisions, each by dragging a card through the board, and what they leave behind."""

import re

from playwright.sync_api import Page, expect

from experiments.models import Task
from tests.browser.conftest import PageOf
from tests.browser.eyes import refs, violations
from tests.browser.hands import card, drag, pick_up, place, title
from tests.browser.test_moving import board, saved
from tests.world import World


def open_decision(page: Page, task: Task) -> None:
    drag(page, task.ref, "decision")
    expect(page.get_by_role("dialog").get_by_text("Productionize").first).to_be_visible()


def choose(page: Page, outcome: str) -> None:
    page.get_by_role("dialog").get_by_role("radio", name=re.compile(outcome)).check(force=True)


def record(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Record decision").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_findings_are_asked_for_on_the_way_into_analysis(page_as: PageOf, world: World) -> None:
    task = world.started(world.experiment())
    page = board(page_as, world.mei)
    drag(page, task.ref, "analysis")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    assert refs(page, "active") == [task.ref]
    dialog.get_by_label("What did you try?").fill("Three seeds each.")
    dialog.get_by_label("What did you learn?").fill("The encoder is enough.")
    page.keyboard.press("Escape")
    expect(dialog.get_by_text("Leave without saving?")).to_be_visible()
    dialog.get_by_role("button", name="Keep writing").click()
    expect(dialog.get_by_label("What did you learn?")).to_have_value("The encoder is enough.")
    dialog.get_by_role("spinbutton").or_(dialog.locator("input[name*=value]")).first.fill("0.93")
    dialog.get_by_role("radio", name="Supported").or_(dialog.get_by_label("Supported")).first.check(force=True)
    dialog.get_by_role("button", name="Report findings").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(f"#list-analysis #task-{task.ref}")).to_be_visible()
    assert saved(task)[0] == "analysis"
    expect(title(page, task.ref)).to_be_focused()


def test_closing_the_decision_leaves_the_card(page_as: PageOf, world: World) -> None:
    task = world.in_analysis()
    page = board(page_as, world.lead)
    pick_up(page, task.ref)
    page.mouse.move(*place(page, "decision"), steps=8)
    expect(page.locator("#list-decision .slot")).to_contain_text("You will choose an outcome next")
    page.mouse.up()
    expect(page.get_by_role("dialog").get_by_text("Productionize").first).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert refs(page, "analysis") == [task.ref]
    expect(title(page, task.ref)).to_be_focused()
    assert saved(task)[0] == "analysis"


def test_abandon(page_as: PageOf, world: World) -> None:
    task = world.in_analysis()
    page = board(page_as, world.lead)
    open_decision(page, task)
    choose(page, "Abandon")
    page.get_by_role("dialog").get_by_label("Why").fill("Costs three times the budget.")
    record(page)
    expect(page.locator(f"#list-decision #task-{task.ref}")).to_have_attribute("data-out", "abandon")
    assert saved(task)[0] == "decision"
    page.goto(f"/t/fraud/findings/?q={task.ref}")
    expect(page.get_by_text("The encoder is enough.").first).to_be_visible()


def test_more_research(page_as: PageOf, world: World) -> None:
    task = world.in_analysis()
    page = board(page_as, world.lead)
    open_decision(page, task)
    choose(page, "More research")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").fill("Promising on long texts.")
    dialog.get_by_label(re.compile("[Qq]uestion|[Hh]ypothesis")).locator("visible=true").first.fill("Does it hold on short texts?")
    dialog.get_by_label("Time box").fill("2d")
    record(page)
    expect(page.locator(f"#list-decision #task-{task.ref}")).to_be_visible()
    follow_up = Task.objects.within(world.team).exclude(pk=task.pk).get()
    assert follow_up.stage == "ideation"
    page.reload()
    expect(card(page, follow_up.ref)).to_be_visible()


def test_productionize(page_as: PageOf, world: World) -> None:
    task = world.in_analysis()
    page = board(page_as, world.lead)
    open_decision(page, task)
    choose(page, "Productionize")
    page.get_by_role("dialog").get_by_label("Why").fill("Holds on all three markets.")
    record(page)
    expect(page.locator(f"#list-decision #task-{task.ref}")).to_be_visible()
    made = Task.objects.within(world.team).exclude(pk=task.pk).get()
    assert (made.kind, made.stage) == ("development", "ready")
    page.goto("/t/fraud/delivery/")
    expect(card(page, made.ref)).to_be_visible()
    title(page, made.ref).click()
    expect(page.get_by_role("link", name=re.compile(task.ref)).first).to_be_visible()


def test_a_decision_is_recorded_once_however_often_its_button_is_pressed(page_as: PageOf, world: World) -> None:
    task = world.in_analysis()
    page = board(page_as, world.lead)
    open_decision(page, task)
    choose(page, "Abandon")
    page.get_by_role("dialog").get_by_label("Why").fill("We know enough.")
    page.get_by_role("dialog").get_by_role("button", name="Record decision").dblclick()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#toasts .toast--bad")).to_have_count(0)
    assert task.decisions.count() == 1
