"""The review and the reports in a real browser: nothing that axe finds, no sideways scroll, and paper with every table open."""

import pytest
from playwright.sync_api import expect

from dsboard import clock
from sprints.models import Sprint
from tests.browser.conftest import PageOf
from tests.browser.eyes import sideways, violations
from tests.world import World, lisbon

PAGES = (
    "reports/allocation/",
    "reports/experiments/",
    "reports/time-boxes/",
    "sprints/1/review/",
    "sprints/2/review/",
    "sprints/3/review/",
)


def tell(world: World) -> None:
    """One closed sprint with something of everything, one that runs, one that is planned."""
    with clock.at(lisbon("2026-03-09 08:00")):
        tasks = [world.development(owner="omar@example.org"), world.maintenance(), world.experiment(owner="mei@example.org")]
        late = world.research(owner="mei@example.org", title="Explore_a_very_long_identifier_without_any_place_to_break_it")
        sprint = Sprint.plan(world.team, world.lead, goal="Know what the new labels are worth")
        for task in (*tasks, late):
            sprint.take_in(task, world.lead)
        sprint.start(world.lead)
    with clock.at(lisbon("2026-03-10 09:00")):
        world.started(tasks[2])
        world.started(late)
        sprint.take_in(world.maintenance(title="Fix the feed"), world.lead)
        sprint.take_out(tasks[1], world.lead)
    with clock.at(lisbon("2026-03-12 09:00")):
        world.report(tasks[2])
        world.decided(task=tasks[2])
    with clock.at(lisbon("2026-03-20 16:00")):
        sprint.close(world.lead)
        second = Sprint.objects.within(world.team).planned().first()
    with clock.at(lisbon("2026-03-23 09:00")):
        second.start(world.lead)
        Sprint.plan(world.team, world.lead)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_violation(page_as: PageOf, world: World, theme: str) -> None:
    tell(world)
    page = page_as(world.lead.user, theme=theme)
    found = {}
    for address in PAGES:
        page.goto(f"/t/fraud/{address}")
        expect(page.locator("h1")).to_have_count(1)
        if lines := violations(page):
            found[address] = lines
    assert found == {}


def test_no_page_scrolls_sideways(page_as: PageOf, world: World) -> None:
    tell(world)
    page = page_as(world.lead.user)
    found = {}
    for address in PAGES:
        page.goto(f"/t/fraud/{address}")
        if lines := sideways(page):
            found[address] = lines
    assert found == {}


def test_on_paper_every_table_is_open_and_the_chrome_is_gone(page_as: PageOf, world: World) -> None:
    tell(world)
    page = page_as(world.lead.user)
    page.goto("/t/fraud/sprints/2/review/")
    burndown = page.locator(".tdet table").last
    page.locator(".tdet summary").last.click()
    expect(burndown).to_be_hidden()
    page.emulate_media(media="print")
    expect(burndown).to_be_visible()
    for chrome in (".side", ".views", ".csv", ".btn"):
        expect(page.locator(chrome).first).to_be_hidden()


def test_a_lead_signs_off_without_script(page_as: PageOf, world: World) -> None:
    tell(world)
    page = page_as(world.lead.user, script=False)
    page.goto("/t/fraud/sprints/1/review/")
    page.get_by_label("What do you make of it?").fill("Serving took a week.")
    page.get_by_role("button", name="Sign off Sprint 1").click()
    expect(page.locator("#signed")).to_contain_text("Signed off by Inês Duarte")
    expect(page.locator("#signed")).to_contain_text("Serving took a week.")
