"""The backlog by hand: a row is dragged by its grip."""

from playwright.sync_api import expect

from tests.browser.conftest import PageOf
from tests.browser.eyes import refs
from tests.world import World, order_of


def test_a_row_of_the_backlog_is_dragged_to_another_place(page_as: PageOf, world: World) -> None:
    first, second, third = world.research(), world.development(), world.experiment()
    page = page_as(world.mei.user)
    page.goto("/t/fraud/backlog/")
    start, end = (page.locator(f"#task-{task.ref} [data-grip]").bounding_box() for task in (third, first))
    assert start
    assert end
    page.mouse.move(start["x"] + 4, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, start["y"] - 10, steps=4)
    page.mouse.move(end["x"] + 8, end["y"] - 4, steps=8)
    with page.expect_response("**/backlog/order/"):
        page.mouse.up()
    expect(page.locator("#list-backlog > li").first).to_contain_text(third.title)
    assert refs(page, "backlog") == [third.ref, first.ref, second.ref]
    assert order_of(world.team, "ready") == [third.ref, first.ref, second.ref]
