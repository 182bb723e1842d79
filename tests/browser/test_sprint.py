"""A sprint in the browser: planned by mouse, finger and keyboard, started, worked on its board, closed."""

import re

from playwright.sync_api import Locator, Page, expect

from experiments.models import Task
from sprints.models import Seat, Sprint
from tests.browser.conftest import PageOf
from tests.browser.eyes import centre, refs
from tests.browser.hands import Finger, card, pick_up, title
from tests.world import World

OMAR, MEI = "omar@example.org", "mei@example.org"


def article(world: World) -> dict[str, Task]:
    """The cards of the article's sprint, in the backlog."""
    return {
        "deploy": world.development(title="Deploy the model", points=8, owner=OMAR),
        "fix": world.maintenance(title="Fix the pipeline", points=5, owner=OMAR),
        "docs": world.development(title="Document training", points=5, owner=OMAR),
        "bert": world.experiment(title="BERT vs GPT", hours=24, owner=MEI),
        "graph": world.experiment(title="Graph features", hours=16, owner=MEI),
        "papers": world.research(title="Read two papers", hours=8, owner=MEI),
        "tools": world.research(title="Try new tooling", hours=4),
    }


def plan_page(page_as: PageOf, world: World, **kind: object) -> Page:
    page = page_as(world.lead.user, height=1500, **kind)
    page.goto("/t/fraud/sprints/1/plan/")
    return page


def drop_on(page: Page, ref: str, bucket: str) -> None:
    """Drag a row by mouse onto the head of a bucket."""
    pick_up(page, ref)
    page.mouse.move(*centre(page.locator(f"#bk-{bucket}-head")), steps=8)
    page.mouse.up()


def bar(page: Page) -> Locator:
    return page.locator("#plan-allocation .alloc")


def says(page: Page, committed: int, experiments: int, learning: int) -> None:
    """The bar tells these shares."""
    words = f"Planned allocation: committed {committed} percent, experiments {experiments} percent, learning {learning} percent"
    expect(bar(page)).to_have_attribute("aria-label", words)


def test_the_sprint_of_the_article_from_plan_to_review(page_as: PageOf, world: World) -> None:
    cards = article(world)
    page = page_as(world.lead.user, height=1500)
    page.goto("/t/fraud/sprints/")
    page.get_by_role("link", name="New sprint").click()
    page.get_by_label("Goal").fill("A decision on BERT vs GPT.")
    page.get_by_role("button", name="Plan it").click()
    expect(page).to_have_url(re.compile("/sprints/1/plan/$"))
    for name in ("deploy", "fix", "docs", "bert", "graph"):
        page.get_by_role("button", name=f"Add {cards[name].title} to Sprint 1").click()
        expect(card(page, cards[name].ref).get_by_role("link", name="Move to…")).to_be_visible()
    says(page, 64, 36, 0)
    expect(page.locator("#plan-allocation")).to_contain_text("Experiments and Learning out of band")
    drop_on(page, cards["papers"].ref, "learning")
    expect(page.locator("#toasts")).to_contain_text("Added Read two papers to Sprint 1")
    drop_on(page, cards["tools"].ref, "learning")
    # 9, 5 and 1.5 of 15.5 days.
    says(page, 58, 32, 10)
    expect(page.locator("#plan-allocation")).to_contain_text("All inside the band")
    expect(page.locator("#plan-capacity").get_by_role("img", name="Omar Haddad: 9 of 10 days")).to_be_visible()
    page.get_by_role("link", name="Start sprint").click()
    page.get_by_role("button", name="Start sprint").click()
    expect(page).to_have_url(re.compile("/sprints/1/board/$"))
    expect(page.locator(".side__sprint")).to_contain_text("58 / 32 / 10")
    pick_up(page, cards["deploy"].ref)
    page.mouse.move(*centre(page.locator("#col-in_progress-committed")), steps=8)
    page.mouse.up()
    expect(page.locator("#toasts")).to_contain_text("Moved Deploy the model to In progress")
    expect(page.locator("#sb-lanes")).to_contain_text("In progress1")
    page.get_by_role("link", name="Close sprint…").click()
    page.get_by_label("Earned of Deploy the model, per cent").fill("25")
    page.get_by_label("What becomes of Try new tooling").select_option("Back to the backlog")
    page.get_by_role("button", name="Close sprint").click()
    expect(page.locator("#toasts")).to_contain_text("Sprint 1 is closed. 6 cards carried over to Sprint 2, 1 back in the backlog.")
    assert Seat.objects.get(sprint__number=1, task=cards["deploy"]).earned_points == 2


def test_a_row_goes_between_the_buckets_and_back_by_keyboard(page_as: PageOf, world: World) -> None:
    task, sprint = world.experiment(), Sprint.plan(world.team, world.lead)
    page = plan_page(page_as, world)
    title(page, task.ref).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#announce")).to_have_text("Experiments, position 1 of 1.")
    page.keyboard.press("Space")
    expect(page.locator("#toasts")).to_contain_text("Added BERT vs GPT comparison to Sprint 1")
    assert refs(page, "experiments") == [task.ref]
    expect(title(page, task.ref)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("counts as learning now")
    page.keyboard.press("z")
    says(page, 0, 100, 0)
    page.keyboard.press("m")
    page.get_by_role("dialog").get_by_role("button", name="Backlog").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#backlog-count")).to_have_text("1")
    assert not sprint.seats.exists()


def test_a_finger_drags_a_row_by_its_grip(page_as: PageOf, world: World) -> None:
    task, sprint = world.experiment(), Sprint.plan(world.team, world.lead)
    page = plan_page(page_as, world, width=1024, touch=True)
    grip = card(page, task.ref).locator("[data-grip]")
    Finger(page).drag(centre(grip), centre(page.locator("#bk-learning-head")))
    expect(page.locator("#toasts")).to_contain_text("Added BERT vs GPT comparison to Sprint 1")
    assert [seat.task.bucket for seat in sprint.seats.all()] == ["learning"]


def test_what_is_refused_goes_back_and_says_why(page_as: PageOf, world: World) -> None:
    task, _ = world.development(), Sprint.plan(world.team, world.lead)
    page = plan_page(page_as, world)
    # A slow line: the card stays on this page although it is done.
    page.route("**/live/**", lambda route: route.abort())
    page.reload()
    world.done(task)
    drop_on(page, task.ref, "committed")
    expect(page.locator("#toasts")).to_contain_text("has ended, so there is nothing left to plan")
    assert refs(page, "backlog") == [task.ref]


def test_a_card_is_completed_from_the_checks(page_as: PageOf, world: World) -> None:
    task = world.development(title="Unsized", points=None)
    Sprint.plan(world.team, world.lead).take_in(task, world.lead)
    page = plan_page(page_as, world)
    page.get_by_role("link", name="Size Unsized").click()
    page.get_by_role("dialog").get_by_label("Story points").select_option("3")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#plan-checks")).not_to_contain_text("no size")
    expect(page.locator("#plan-totals")).to_contain_text("3")


def test_cards_are_written_straight_into_a_bucket(page_as: PageOf, world: World) -> None:
    sprint = Sprint.plan(world.team, world.lead)
    page = plan_page(page_as, world)
    page.get_by_role("link", name="Add learning time").click()
    page.keyboard.type("Read two papers 4h")
    page.keyboard.press("Enter")
    expect(page.locator("#list-learning")).to_contain_text("Read two papers")
    expect(page.get_by_role("textbox", name="Add learning time")).to_be_focused()
    page.keyboard.type("Too long 99d")
    page.keyboard.press("Enter")
    expect(page.locator("#quick-learning-said")).to_contain_text("at most")
    expect(page.get_by_role("textbox", name="Add learning time")).to_have_value("Too long 99d")
    assert sprint.seats.count() == 1


def test_the_backlog_is_filtered_while_one_types(page_as: PageOf, world: World) -> None:
    cards = article(world)
    Sprint.plan(world.team, world.lead)
    page = plan_page(page_as, world)
    page.get_by_role("searchbox", name="Filter backlog").fill("papers")
    expect(page.locator("#list-backlog > [data-card]")).to_have_count(1)
    page.get_by_role("button", name="Add Read two papers to Sprint 1").click()
    expect(page.locator("#list-experiments")).to_contain_text("Read two papers")
    page.get_by_role("searchbox", name="Filter backlog").fill("")
    expect(page.locator("#list-backlog > [data-card]")).to_have_count(6)
    page.get_by_label("Order").select_option("Newest first")
    expect(page.locator("#list-backlog > [data-card]").first).to_contain_text(cards["tools"].title)


def test_a_findings_form_opens_where_the_lane_asks_for_it(page_as: PageOf, world: World) -> None:
    task = world.started(world.experiment(owner=MEI))
    sprint = Sprint.plan(world.team, world.lead)
    sprint.take_in(task, world.lead)
    sprint.start(world.lead)
    page = page_as(world.mei.user, height=1200)
    page.goto("/t/fraud/sprints/1/board/")
    pick_up(page, task.ref)
    page.mouse.move(*centre(page.locator("#col-review-experiments")), steps=8)
    page.mouse.up()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("What did you try?")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(f"#list-in_progress-experiments #task-{task.ref}")).to_be_visible()


def test_planning_works_without_script(page_as: PageOf, world: World) -> None:
    cards = article(world)
    page = page_as(world.lead.user, script=False)
    page.goto("/t/fraud/sprints/new/")
    page.get_by_label("Goal").fill("One thing")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("button", name="Add Deploy the model to Sprint 1").click()
    card(page, cards["deploy"].ref).get_by_role("link", name="Move to…").click()
    page.get_by_role("button", name="Learning, Sprint 1").click()
    says(page, 0, 0, 100)
    page.get_by_role("link", name="Start sprint").click()
    page.get_by_role("button", name="Start sprint").click()
    page.get_by_role("link", name="Close sprint…").click()
    page.get_by_role("button", name="Close sprint").click()
    assert Sprint.objects.get(number=1).is_closed
    assert Seat.objects.get(sprint__number=2).task == cards["deploy"]
