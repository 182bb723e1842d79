"""Without script every act is a plain form on a page of its own."""

from playwright.sync_api import expect

from experiments.models import Task
from tests.browser.conftest import PageOf
from tests.browser.hands import card
from tests.browser.test_moving import board, saved
from tests.world import World


def test_a_card_is_added_and_moved(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = board(page_as, world.mei, script=False)
    card(page, task.ref).locator("a", has=page.locator("use[href='#i-dots']")).click(force=True)
    page.get_by_label("Column").select_option("active")
    page.get_by_role("button", name="Move").click()
    assert saved(task)[0] == "active"
    page.goto("/t/fraud/tasks/new/?kind=research")
    page.get_by_label("Question", exact=True).fill("Which signals tell fraud rings apart?")
    page.get_by_label("Title").fill("Ring signals")
    page.get_by_role("button", name="Add card").click()
    expect(page.locator("h1")).to_contain_text("Ring signals")
    assert Task.objects.within(world.team).filter(title="Ring signals").exists()


def test_findings_and_a_decision(page_as: PageOf, world: World) -> None:
    task = world.started(world.experiment())
    page = page_as(world.lead.user, script=False)
    page.goto(f"/t/fraud/tasks/{task.ref}/findings/")
    page.get_by_role("button", name="Report findings").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    page.get_by_label("What did you try?").fill("Three seeds each.")
    page.get_by_label("What did you learn?").fill("The encoder is enough.")
    page.get_by_label("Value of macro-F1").fill("0.93")
    page.get_by_label("Supported").check()
    page.get_by_role("button", name="Report findings").click()
    assert saved(task)[0] == "analysis"
    page.goto(f"/t/fraud/tasks/{task.ref}/decision/")
    page.get_by_role("radio", name="Abandon").check(force=True)
    page.get_by_label("Why", exact=True).fill("We know enough.")
    page.get_by_role("button", name="Record decision").click()
    assert saved(task)[0] == "decision"


def test_a_comment_and_a_menu(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = page_as(world.mei.user, script=False)
    page.goto(f"/t/fraud/tasks/{task.ref}/")
    page.get_by_label("Comment", exact=True).fill("Run 13 clears the bar.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".feed .bubble")).to_have_text("Run 13 clears the bar.")
    page.locator(".side summary", has_text="Mei Tanaka").click()
    page.locator(".side").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
