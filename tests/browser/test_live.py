"""Two people at one board, each with a page of their own: what one does the other sees, and is never disturbed by."""

import pytest
from django.db import transaction
from playwright.sync_api import Route, expect

from experiments.models import Comment
from experiments.stages import Stage
from sprints.models import Sprint
from tests.browser.conftest import PageOf
from tests.browser.eyes import LIVE, looking, refs, violations
from tests.browser.hands import card, drag, pick_up, title
from tests.world import World


def test_a_dragged_card_moves_on_the_other_page_with_both_column_heads(page_as: PageOf, world: World) -> None:
    first, second, runs = world.experiment(), world.experiment(title="Second"), world.started(world.experiment(title="Runs"))
    mine, hers = looking(page_as, world.mei, "board/"), looking(page_as, world.vera, "board/")
    drag(mine, first.ref, "active", above=runs.ref)
    expect(hers.locator("#list-active [data-ref]").first).to_have_attribute("data-ref", first.ref)
    assert refs(hers, "ideation") == [second.ref]
    expect(hers.locator("#col-active-head")).to_contain_text("2 of 3")
    expect(hers.locator("#col-ideation-head .col__n")).to_have_text("1")
    assert refs(mine, "active") == refs(hers, "active")


def test_every_kind_of_change_arrives_while_somebody_types_and_the_words_stay(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = looking(page_as, world.omar, "board/")
    hers.locator("#col-ideation [data-quick-open]").click()
    hers.keyboard.type("A thought of my own")
    field = hers.locator("#col-ideation form[data-quick] textarea")
    for change, words in (
        (lambda: task.change(world.mei, title="A clearer title"), "A clearer title"),
        (lambda: task.change(world.mei, metrics=[{"name": "recall", "direction": "higher", "target": 0.5}]), "recall"),
        (lambda: Comment.write(task, world.mei, "Looks good."), "1 comment"),
        (lambda: task.move_to(Stage.ACTIVE, world.mei), "left"),
    ):
        change()
        expect(card(hers, task.ref)).to_contain_text(words)
        expect(field).to_have_value("A thought of my own")
        expect(field).to_be_focused()
    new = world.research(title="Somebody else's question")
    expect(card(hers, new.ref)).to_be_visible()
    new.delete_to_bin(world.mei)
    expect(card(hers, new.ref)).to_have_count(0)
    expect(field).to_have_value("A thought of my own")


def test_a_card_in_the_hand_is_not_pulled_away(page_as: PageOf, world: World) -> None:
    held, other = world.experiment(), world.experiment(title="Other")
    hers = looking(page_as, world.omar, "board/")
    pick_up(hers, held.ref)
    other.change(world.mei, title="Changed meanwhile")
    hers.wait_for_timeout(700)
    expect(card(hers, other.ref)).not_to_contain_text("Changed meanwhile")
    hers.keyboard.press("Escape")
    expect(card(hers, other.ref)).to_contain_text("Changed meanwhile")
    hers.mouse.up()


def test_a_card_lifted_by_keyboard_waits_too_and_keeps_the_focus(page_as: PageOf, world: World) -> None:
    held, other = world.experiment(), world.experiment(title="Other")
    hers = looking(page_as, world.omar, "board/")
    title(hers, held.ref).focus()
    hers.keyboard.press("Space")
    other.change(world.mei, title="Changed meanwhile")
    hers.wait_for_timeout(700)
    expect(card(hers, other.ref)).not_to_contain_text("Changed meanwhile")
    hers.keyboard.press("Escape")
    expect(card(hers, other.ref)).to_contain_text("Changed meanwhile")
    expect(title(hers, held.ref)).to_be_focused()


def test_the_focused_card_keeps_the_focus_when_it_changes(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = looking(page_as, world.omar, "board/")
    title(hers, task.ref).focus()
    task.change(world.mei, title="Under the focus")
    expect(title(hers, task.ref)).to_have_text("Under the focus")
    expect(title(hers, task.ref)).to_be_focused()


@pytest.mark.parametrize("kind", [{"height": 600}, {"width": 390, "height": 600, "touch": True}], ids=["desk", "phone"])
def test_a_card_that_arrives_above_the_fold_waits_behind_a_pill(page_as: PageOf, world: World, kind: dict[str, int]) -> None:
    cards = [world.experiment(title=f"Number {number}") for number in range(14)]
    hers = looking(page_as, world.omar, "board/", **kind)
    hers.evaluate("scrollTo({ top: 1500, behavior: 'instant' })")
    hers.wait_for_function("document.querySelector('#list-ideation').getBoundingClientRect().top < 0")
    before = card(hers, cards[10].ref).bounding_box()
    for number in range(2):
        with transaction.atomic():
            new = world.experiment(title=f"New {number}")
            new.move_to(Stage.IDEATION, world.mei, after=cards[0].ref)
    pill = hers.locator('[data-new="list-ideation"]')
    expect(pill).to_have_text("2 new")
    expect(pill).to_be_in_viewport()
    after = card(hers, cards[10].ref).bounding_box()
    assert before
    assert after
    assert abs(after["y"] - before["y"]) < 2
    assert violations(hers, ":is(#col-ideation, .coltabs)") == []
    pill.click()
    expect(pill).to_have_count(0)
    expect(hers.get_by_text("New 0")).to_be_in_viewport()
    assert hers.locator("#list-ideation > [data-card]:visible").count() == 16


def test_a_card_page_takes_what_changed_and_leaves_what_is_written(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = looking(page_as, world.omar, f"tasks/{task.ref}/")
    field = hers.get_by_label("Comment", exact=True)
    field.fill("Half a sentence")
    Comment.write(task, world.mei, "First!")
    expect(hers.locator("#stream")).to_contain_text("First!")
    task.change(world.mei, title="A clearer title", success="More than before.")
    expect(hers.locator("h1")).to_have_text("A clearer title")
    expect(hers.locator("#card-page")).to_contain_text("More than before.")
    expect(field).to_have_value("Half a sentence")
    hers.get_by_role("button", name="Comment", exact=True).click()
    expect(hers.locator("#stream")).to_contain_text("Half a sentence")
    task.refresh_from_db()
    assert [comment.text for comment in task.comments.order_by("pk")] == ["First!", "Half a sentence"]


def test_a_page_whose_comparison_fails_takes_the_next_change_with_what_it_missed(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = looking(page_as, world.omar, f"tasks/{task.ref}/")
    # Said in words that every page here may say: this one fails on purpose.
    hers.evaluate("""() => {
      const { get, set } = Object.getOwnPropertyDescriptor(CharacterData.prototype, "data");
      const fail = () => {
        Object.defineProperty(CharacterData.prototype, "data", { get, set, configurable: true });
        throw new Error("Failed to fetch");
      };
      Object.defineProperty(CharacterData.prototype, "data", { get, set: fail, configurable: true });
    }""")
    with hers.expect_console_message(lambda message: "Failed to fetch" in message.text):
        task.change(world.mei, title="A clearer title", success="More than before.")
    task.change(world.mei, description="And a description.")
    for words in ("A clearer title", "More than before.", "And a description."):
        expect(hers.locator("#card-page")).to_contain_text(words)


def test_an_open_title_is_not_overwritten_and_who_comes_second_sees_both(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = looking(page_as, world.omar, f"tasks/{task.ref}/")
    hers.locator("h1[data-edit]").click()
    hers.keyboard.press("End")
    hers.keyboard.type(", by Omar")
    task.change(world.mei, title="By Mei", description="And a description.")
    expect(hers.locator("#card-page")).to_contain_text("And a description.")
    field = hers.locator("h1 .edit__in")
    expect(field).to_have_value("BERT vs GPT comparison, by Omar")
    hers.keyboard.press("Enter")
    dialog = hers.locator("#dialog")
    expect(dialog).to_contain_text("Mei changed this")
    expect(dialog.locator("textarea, input[type=text]").first).to_have_value("BERT vs GPT comparison, by Omar")
    dialog.get_by_text("Show that version").click()
    expect(dialog).to_contain_text("By Mei")
    dialog.get_by_role("button", name="Keep mine").click()
    expect(hers.locator("h1")).to_have_text("BERT vs GPT comparison, by Omar")
    task.refresh_from_db()
    assert task.title == "BERT vs GPT comparison, by Omar"


def test_an_open_menu_stays_open(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = looking(page_as, world.omar, f"tasks/{task.ref}/")
    hers.locator("details[data-pop] > summary").first.click()
    task.change(world.mei, title="A clearer title")
    expect(hers.locator("h1")).to_have_text("A clearer title")
    expect(hers.locator("details[data-pop][open]")).to_have_count(1)


def test_a_dialog_and_its_words_stay(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = looking(page_as, world.omar, "board/")
    hers.keyboard.press("c")
    hers.locator("#dialog input[name=title]").fill("My new card")
    task.change(world.mei, title="Behind the dialog")
    expect(card(hers, task.ref)).to_contain_text("Behind the dialog")
    expect(hers.locator("#dialog input[name=title]")).to_have_value("My new card")
    expect(hers.locator("#dialog input[name=title]")).to_be_focused()


def test_the_plan_of_a_sprint_the_backlog_and_my_work_are_live(page_as: PageOf, world: World) -> None:
    task = world.experiment(owner=world.omar.user.email)
    backlog = looking(page_as, world.omar, "backlog/")
    task.change(world.mei, title="Renamed in the backlog")
    expect(backlog.locator("#main")).to_contain_text("Renamed in the backlog")
    mine = page_as(world.omar.user)
    mine.goto("/me/")
    expect(mine.locator(LIVE)).to_be_attached()
    task.change(world.mei, title="Renamed once more")
    expect(mine.locator("#main")).to_contain_text("Renamed once more")
    sprint = Sprint.plan(world.team, world.lead)
    plan = looking(page_as, world.omar, f"sprints/{sprint.number}/plan/")
    sprint.take_in(task, world.lead)
    expect(plan.locator("#main")).to_contain_text("Renamed once more")
    task.change(world.mei, title="Renamed in the plan")
    expect(plan.locator("#main")).to_contain_text("Renamed in the plan")


def test_the_count_of_what_waits_follows_the_inbox(page_as: PageOf, world: World) -> None:
    hers = looking(page_as, world.lead, "board/")
    dot = hers.locator(".nav .count--hot")
    expect(dot).to_have_count(0)
    world.in_analysis()
    expect(dot).to_have_text("1 waiting")


def test_faces_show_who_is_here_and_the_card_s_edge_who_edits(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = looking(page_as, world.vera, "board/")
    mine = looking(page_as, world.mei, f"tasks/{task.ref}/")
    expect(hers.locator("[data-here]")).to_contain_text("1 here now")
    expect(hers.locator("[data-here] .av")).to_have_attribute("title", "Mei Tanaka")
    mine.locator("h1[data-edit]").click()
    mine.keyboard.type("!")
    expect(card(hers, task.ref).locator(".card__who")).to_contain_text("Mei is editing")
    assert violations(hers) == []
    mine.keyboard.press("Escape")
    expect(card(hers, task.ref).locator(".card__who")).to_have_count(0)
    mine.close()
    expect(hers.locator("[data-here]")).to_be_hidden()


def test_without_a_stream_the_page_asks_by_itself(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = page_as(world.vera.user)
    hers.route("**/live/FRAUD/?*", lambda route: route.abort() if "/t/" not in route.request.url else route.continue_())
    hers.clock.install()
    hers.goto("/t/FRAUD/board/")
    for _ in range(6):
        hers.clock.run_for(3_000)
        hers.wait_for_timeout(50)
    task.change(world.mei, title="Asked for")
    for _ in range(6):
        hers.clock.run_for(3_000)
        hers.wait_for_timeout(50)
    expect(card(hers, task.ref)).to_contain_text("Asked for")


def test_a_page_that_was_behind_catches_up(page_as: PageOf, world: World) -> None:
    """Its stream begins with what the version that it shows has missed."""
    task = world.experiment()
    hers = page_as(world.vera.user)

    def late(route: Route) -> None:
        answer = route.fetch()
        task.change(world.mei, title="After the page was made")
        route.fulfill(response=answer)

    hers.route("**/t/FRAUD/board/", late)
    hers.goto("/t/FRAUD/board/")
    expect(card(hers, task.ref)).to_contain_text("After the page was made")


@pytest.mark.parametrize("filters", ["?person=Mei Tanaka", "?q=signals"])
def test_a_filtered_board_takes_changes_of_its_cards_and_no_others(page_as: PageOf, world: World, filters: str) -> None:
    shown = world.research(owner=world.mei.user.email)
    hers = looking(page_as, world.vera, f"board/{filters}")
    hidden = world.experiment()
    shown.change(world.mei, title="Look for signals again")
    expect(card(hers, shown.ref)).to_contain_text("Look for signals again")
    expect(card(hers, hidden.ref)).to_have_count(0)


def test_a_plan_leaves_the_card_in_the_hand_alone(page_as: PageOf, world: World) -> None:
    """Pages that look at themselves again wait like a board does."""
    first, second = world.experiment(), world.experiment(title="Second")
    hers = looking(page_as, world.omar, "backlog/")
    row = hers.locator(f'[data-ref="{first.ref}"]')
    row.locator("a").first.focus()
    hers.keyboard.press("Space")
    expect(hers.locator("[data-lifted]")).to_have_count(1)
    second.change(world.mei, title="Changed meanwhile")
    hers.wait_for_timeout(700)
    expect(hers.locator("#main")).not_to_contain_text("Changed meanwhile")
    hers.keyboard.press("Escape")
    expect(hers.locator("#main")).to_contain_text("Changed meanwhile")


def test_a_new_card_stands_once_when_the_word_of_it_comes_before_its_answer(page_as: PageOf, world: World) -> None:
    hers = looking(page_as, world.omar, "board/")

    def late(route: Route) -> None:
        answer = route.fetch()
        hers.wait_for_timeout(800)
        route.fulfill(response=answer)

    hers.route("**/quick/", late)
    hers.locator("#col-ideation [data-quick-open]").click()
    hers.keyboard.type("Only one of me")
    hers.keyboard.press("Enter")
    expect(hers.locator("#toasts")).to_contain_text("Added Only one of me")
    hers.wait_for_timeout(300)
    expect(hers.locator("#list-ideation > [data-card]")).to_have_count(1)
