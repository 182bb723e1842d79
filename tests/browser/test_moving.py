"""Moving cards by mouse, by finger and by keyboard: what is seen, said and saved."""

import re

from playwright.sync_api import Page, expect

from dsboard.models import Membership
from experiments.models import Task
from tests.browser.conftest import PageOf
from tests.browser.eyes import centre, refs
from tests.browser.hands import Finger, card, drag, pick_up, place, title
from tests.world import World, history_of, order_of


def board(page_as: PageOf, who: Membership, **kind: object) -> Page:
    page = page_as(who.user, **kind)
    page.goto(f"/t/{who.team.key.lower()}/board/")
    return page


def said(page: Page, sentence: str) -> None:
    """A screen reader was told this at once."""
    expect(page.locator("#announce")).to_have_text(sentence)


def saved(task: Task) -> tuple[str, int]:
    task.refresh_from_db()
    return task.stage, task.version


def test_a_mouse_moves_a_card_to_another_column_and_opens_nothing(page_as: PageOf, world: World) -> None:
    first, second, running = world.experiment(), world.experiment(title="Second"), world.started(world.experiment(title="Runs"))
    page = board(page_as, world.mei)
    drag(page, first.ref, "active", above=running.ref)
    expect(page.locator("#toasts")).to_contain_text("Started the 3-day time box. Ends")
    assert refs(page, "active") == [first.ref, running.ref]
    assert refs(page, "ideation") == [second.ref]
    assert order_of(world.team, "in_progress") == [first.ref, running.ref]
    assert page.url.endswith("/board/")
    page.reload()
    assert refs(page, "active") == [first.ref, running.ref]


def test_a_mouse_moves_a_card_within_its_column(page_as: PageOf, world: World) -> None:
    cards = [world.experiment(title=title) for title in ("One", "Two", "Three")]
    page = board(page_as, world.mei)
    drag(page, cards[2].ref, "ideation", above=cards[0].ref)
    expect(card(page, cards[2].ref)).to_have_attribute("data-version", "2")
    assert refs(page, "ideation") == [cards[2].ref, cards[0].ref, cards[1].ref] == order_of(world.team, "ready")


def test_while_held_the_old_place_and_the_new_one_are_shown(page_as: PageOf, world: World) -> None:
    task, _ = world.experiment(), world.started(world.experiment(title="Runs"))
    page = board(page_as, world.mei)
    pick_up(page, task.ref)
    expect(page.locator(".slot--from")).to_contain_text("BERT vs GPT comparison")
    expect(page.locator(".slot--from")).to_contain_text("was here")
    page.mouse.move(*place(page, "active"), steps=8)
    expect(page.locator("#list-active > .slot")).to_be_visible()
    expect(page.locator("#col-active")).to_have_class(re.compile("col--target"))
    page.keyboard.press("Escape")
    expect(page.locator(".slot, .card--lift")).to_have_count(0)
    page.mouse.up()
    assert refs(page, "ideation") == [task.ref]
    assert saved(task) == ("ideation", 1)


def test_a_click_still_opens_the_card(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = board(page_as, world.mei)
    page.mouse.click(*centre(card(page, task.ref)))
    expect(page).to_have_url(re.compile(f"/tasks/{task.ref}/$"))


def test_a_refused_move_puts_the_card_back_and_says_why(page_as: PageOf, world: World) -> None:
    task = world.experiment(hypothesis="", title="No hypothesis yet")
    page = board(page_as, world.mei)
    drag(page, task.ref, "active")
    expect(page.get_by_text(re.compile("hypothesis", re.IGNORECASE)).last).to_be_visible()
    expect(page.locator(f"#list-ideation #task-{task.ref}")).to_be_visible()
    assert saved(task) == ("ideation", 1)
    assert [verb for verb, *_ in history_of(task)] == ["created"]


def test_the_missing_field_is_filled_right_there(page_as: PageOf, world: World) -> None:
    task = world.experiment(hypothesis="")
    page = board(page_as, world.mei)
    drag(page, task.ref, "active")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Hypothesis").fill("It holds on short texts.")
    dialog.locator("form button[type=submit], form button.btn--primary").last.click()
    expect(page.locator(f"#list-active #task-{task.ref}")).to_be_visible()
    assert saved(task)[0] == "active"


def test_undo_by_its_button_and_by_its_key(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = board(page_as, world.mei)
    drag(page, task.ref, "active")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(f"#list-ideation #task-{task.ref}")).to_be_visible()
    assert saved(task)[0] == "ideation"
    drag(page, task.ref, "active")
    expect(page.locator("#toasts").get_by_role("button", name="Undo")).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator(f"#list-ideation #task-{task.ref}")).to_be_visible()
    expect(card(page, task.ref)).to_have_attribute("data-stage", "ideation")
    assert saved(task)[0] == "ideation"


def test_the_keyboard_moves_a_card_and_says_each_step(page_as: PageOf, world: World) -> None:
    one, two, three = [world.started(world.experiment(title=name)) for name in ("One", "Two", "Three")]
    page = board(page_as, world.mei)
    title(page, two.ref).focus()
    page.keyboard.press("Space")
    said(page, "Picked up Two. Active, position 2 of 3. Arrow keys move, Space drops, Escape cancels.")
    expect(page.locator(".kbhint")).to_be_visible()
    page.keyboard.press("ArrowUp")
    said(page, "Active, position 1 of 3.")
    page.keyboard.press("ArrowUp")
    said(page, "Already at the top.")
    page.keyboard.press("End")
    said(page, "Active, position 3 of 3.")
    page.keyboard.press("Home")
    said(page, "Active, position 1 of 3.")
    page.keyboard.press("ArrowLeft")
    said(page, "Ideation, position 1 of 1.")
    page.keyboard.press("Space")
    said(page, "Dropped in Ideation, position 1 of 1.")
    expect(card(page, two.ref)).to_have_attribute("data-stage", "ideation")
    expect(title(page, two.ref)).to_be_focused()
    assert saved(two)[0] == "ideation"
    assert refs(page, "active") == [one.ref, three.ref]


def test_escape_takes_a_keyboard_move_back(page_as: PageOf, world: World) -> None:
    _, two = world.experiment(title="One"), world.experiment(title="Two")
    page = board(page_as, world.mei)
    title(page, two.ref).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    said(page, "Move cancelled. Back in Ideation, position 2 of 2.")
    expect(title(page, two.ref)).to_be_focused()
    assert saved(two) == ("ideation", 1)


def test_a_full_column_warns_and_does_not_refuse(page_as: PageOf, world: World) -> None:
    world.team.limit_active = 1
    world.team.save()
    world.started(world.experiment(title="Runs"))
    task = world.experiment()
    page = board(page_as, world.mei)
    title(page, task.ref).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#announce")).to_contain_text("Active is full, 2 of 1. You can still drop here.")
    page.keyboard.press("Enter")
    expect(page.locator("#col-active-head")).to_contain_text("2 of 1")
    assert saved(task)[0] == "active"


def test_a_finger_on_the_grip_moves_a_card(page_as: PageOf, world: World) -> None:
    one, two = world.experiment(title="One"), world.experiment(title="Two")
    page = board(page_as, world.mei, width=390, height=844, touch=True)
    start = centre(card(page, two.ref).locator("[data-grip]"))
    Finger(page).drag(start, (start[0] + 20, place(page, "ideation", one.ref)[1]))
    expect(card(page, two.ref)).to_have_attribute("data-version", "2")
    assert refs(page, "ideation") == [two.ref, one.ref] == order_of(world.team, "ready")


def test_a_finger_that_holds_moves_a_card_over_the_edge_to_the_next_column(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = board(page_as, world.mei, width=390, height=844, touch=True)
    finger, start = Finger(page), centre(card(page, task.ref))
    finger.touch("touchStart", start)
    page.wait_for_timeout(450)
    finger.move(start, (380, start[1]))
    expect(page.locator("#col-active")).to_have_class(re.compile("col--target"))
    finger.move((380, start[1]), (240, start[1]))
    finger.touch("touchEnd")
    expect(card(page, task.ref)).to_have_attribute("data-stage", "active")
    assert saved(task)[0] == "active"


def test_a_finger_that_swipes_scrolls_and_moves_nothing(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = board(page_as, world.mei, width=390, height=844, touch=True)
    start = centre(card(page, task.ref))
    Finger(page).drag(start, (start[0] - 240, start[1]))
    expect(page.locator(".coltabs [aria-current]")).to_contain_text("Active")
    assert refs(page, "ideation") == [task.ref]
    assert saved(task) == ("ideation", 1)


def test_move_to_is_a_plain_form_without_dragging(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = board(page_as, world.mei)
    card(page, task.ref).get_by_role("link", name="Move to…").or_(card(page, task.ref).get_by_role("button", name="Move to…")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Column").select_option("active")
    dialog.get_by_role("button", name="Move").click()
    expect(page.locator(f"#list-active #task-{task.ref}")).to_be_visible()
    expect(dialog).to_be_hidden()
    assert saved(task)[0] == "active"


def test_a_viewer_can_not_pick_up(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = board(page_as, world.vera)
    pick_up(page, task.ref)
    expect(page.locator(".card--lift")).to_have_count(0)
    page.mouse.up()
    assert saved(task) == ("ideation", 1)


def test_two_people_and_one_card(page_as: PageOf, world: World) -> None:
    """The second mover is told who was first, sees the card in its true place, and can insist."""
    above, task = world.experiment(title="Above"), world.experiment()
    # A slow line: nothing live arrives on this page.
    mine, theirs = page_as(world.mei.user), board(page_as, world.omar)
    mine.route("**/live/**", lambda route: route.abort())
    mine.goto(f"/t/{world.team.key.lower()}/board/")
    drag(theirs, task.ref, "active")
    expect(card(theirs, task.ref)).to_have_attribute("data-stage", "active")
    drag(mine, task.ref, "ideation", above=above.ref)
    expect(mine.locator("#toasts")).to_contain_text(f"Omar moved {task.ref} first.")
    expect(mine.locator(f"#list-active #task-{task.ref}")).to_be_visible()
    assert saved(task) == ("active", 2)
    mine.locator("#toasts").get_by_role("button", name="Move it anyway").click()
    expect(card(mine, task.ref)).to_have_attribute("data-stage", "ideation")
    assert refs(mine, "ideation") == [task.ref, above.ref] == order_of(world.team, "ready")


def test_without_an_answer_the_card_goes_back_and_can_be_sent_again(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = board(page_as, world.mei)
    page.context.set_offline(True)
    drag(page, task.ref, "active")
    expect(page.locator("#toasts")).to_contain_text("Not saved: the server did not answer.")
    expect(page.get_by_text("You are offline.")).to_be_visible()
    assert refs(page, "ideation") == [task.ref]
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(card(page, task.ref)).to_have_attribute("data-stage", "active")
    assert saved(task)[0] == "active"


def test_the_backlog_is_sorted_by_mouse_and_by_keyboard(page_as: PageOf, world: World) -> None:
    one, two, three = world.experiment(title="One"), world.development(title="Two"), world.research(title="Three")
    page = page_as(world.mei.user)
    page.goto("/t/fraud/backlog/")
    x, y = centre(card(page, three.ref))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 8, steps=3)
    page.mouse.move(*place(page, "backlog", one.ref), steps=8)
    page.mouse.up()
    expect(card(page, three.ref)).to_have_attribute("data-version", "2")
    assert refs(page, "backlog") == [three.ref, one.ref, two.ref] == order_of(world.team, "ready")
    page.locator(f"#task-{two.ref}").get_by_role("link", name="Two").focus()
    page.keyboard.press("Space")
    said(page, "Picked up Two. Backlog, position 3 of 3. Arrow keys move, Space drops, Escape cancels.")
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    said(page, "Dropped in Backlog, position 1 of 3.")
    expect(card(page, two.ref)).to_have_attribute("data-version", "2")
    assert order_of(world.team, "ready") == [two.ref, three.ref, one.ref]


def test_the_owner_is_changed_from_the_board(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = board(page_as, world.mei)
    title(page, task.ref).focus()
    page.keyboard.press("a")
    page.get_by_role("dialog").get_by_label("Owner").select_option("omar@example.org")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(card(page, task.ref)).to_contain_text("Omar Haddad")
    expect(page.locator("#toasts")).to_contain_text("Saved BERT vs GPT comparison")
