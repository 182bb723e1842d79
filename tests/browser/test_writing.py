"""Writing on the board: quick-add with hints and pasted lines, inline edits, refusals that keep the words."""

from playwright.sync_api import Page, expect

from experiments.models import Task
from tests.browser.conftest import PageOf
from tests.browser.eyes import refs
from tests.browser.hands import card
from tests.browser.test_moving import board
from tests.world import World


def quick_add(page: Page, stage: str = "ideation"):
    page.locator(f"#col-{stage}").get_by_role("link", name="New card").click()
    field = page.locator(f"#quick-{stage} textarea")
    expect(field).to_be_focused()
    return field


def test_quick_add_keeps_the_field_for_the_next_one(page_as: PageOf, world: World) -> None:
    world.research()
    page = board(page_as, world.mei)
    field = quick_add(page)
    field.press_sequentially("Test BERT vs GPT 3d @mei f1>=0.9")
    expect(page.locator("#quick-ideation-chips")).to_contain_text("3d")
    expect(page.locator("#quick-ideation-chips")).to_contain_text("Mei")
    page.keyboard.press("Enter")
    expect(page.locator("#list-ideation")).to_contain_text("Test BERT vs GPT")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    field.fill("Attention pooling")
    page.keyboard.press("Enter")
    expect(page.locator("#list-ideation")).to_contain_text("Attention pooling")
    expect(page.locator("#col-ideation-head")).to_contain_text("3")
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(page.locator("#col-ideation").get_by_role("link", name="New card")).to_be_focused()
    task = Task.objects.within(world.team).get(title="Test BERT vs GPT")
    assert (task.kind, task.owner, [m.name for m in task.metrics.all()]) == ("experiment", world.mei.user, ["f1"])


def test_pasted_lines_become_cards(page_as: PageOf, world: World) -> None:
    world.research()
    page = board(page_as, world.mei)
    field = quick_add(page)
    field.fill("One\nTwo\n\nThree\nFour")
    page.get_by_role("button", name="Add 4 cards").click()
    expect(page.locator("#list-ideation > [data-card]")).to_have_count(5)
    expect(page.get_by_role("button", name="Add card")).to_be_visible()


def test_a_refused_line_keeps_its_text_and_says_why(page_as: PageOf, world: World) -> None:
    world.research()
    page = board(page_as, world.mei)
    field = quick_add(page)
    field.fill("Explore embeddings 5pt")
    page.keyboard.press("Enter")
    expect(page.locator("#quick-ideation-said").get_by_role("alert")).to_be_visible()
    expect(field).to_have_value("Explore embeddings 5pt")
    assert Task.objects.within(world.team).count() == 1


def test_a_card_typed_twice_by_an_impatient_hand_is_one_card(page_as: PageOf, world: World) -> None:
    world.research()
    page = board(page_as, world.mei)
    quick_add(page).fill("Only once")
    page.locator("#quick-ideation button[type=submit]").dblclick()
    expect(page.locator("#list-ideation")).to_contain_text("Only once")
    page.wait_for_load_state("networkidle")
    assert Task.objects.within(world.team).filter(title="Only once").count() == 1


def test_a_title_is_edited_in_place(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = page_as(world.mei.user)
    page.goto(f"/t/fraud/tasks/{task.ref}/")
    heading = page.locator("[data-edit][data-name=title]")
    heading.click()
    field = heading.locator("textarea")
    field.fill("BERT against GPT")
    page.keyboard.press("Escape")
    expect(heading).to_have_text("BERT vs GPT comparison")
    heading.focus()
    page.keyboard.press("Enter")
    field.fill("BERT against GPT")
    page.keyboard.press("Enter")
    expect(page.locator("h1").filter(has_text="BERT against GPT")).to_be_visible()
    task.refresh_from_db()
    assert task.title == "BERT against GPT"


def test_leaving_the_field_saves_and_a_refusal_keeps_the_words(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = page_as(world.mei.user)
    page.goto(f"/t/fraud/tasks/{task.ref}/")
    heading = page.locator("[data-edit][data-name=title]")
    heading.click()
    heading.locator("textarea").fill("Saved by leaving")
    page.locator("main").click(position={"x": 2, "y": 2})
    expect(page.locator("h1").filter(has_text="Saved by leaving")).to_be_visible()
    page.locator("[data-edit][data-name=title]").click()
    page.locator("[data-edit] textarea").fill("x" * 900)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts .toast--bad, .err").first).to_be_visible()
    expect(page.locator("[data-edit] textarea")).to_have_value("x" * 900)


def test_two_people_and_one_title(page_as: PageOf, world: World) -> None:
    """The same field: told, with the words kept. Another field: both stay. Nothing live arrives on a slow line."""
    task = world.experiment()
    page = page_as(world.mei.user)
    page.route("**/live/**", lambda route: route.abort())
    page.goto(f"/t/fraud/tasks/{task.ref}/")
    Task.objects.within(world.team).get(pk=task.pk).change(world.omar, success="Half the price.")
    page.locator("[data-edit][data-name=title]").click()
    page.locator("[data-edit] textarea").fill("By Mei")
    page.keyboard.press("Enter")
    expect(page.locator("h1").filter(has_text="By Mei")).to_be_visible()
    Task.objects.within(world.team).get(pk=task.pk).change(world.omar, title="By Omar")
    page.locator("[data-edit][data-name=title]").click()
    page.locator("[data-edit][data-name=title] textarea").fill("By Mei again")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Omar changed this just now.")).to_be_visible()
    expect(page.locator("textarea").filter(has_text="By Mei again").or_(page.locator("[data-edit] textarea")).first).to_have_value(
        "By Mei again"
    )
    task.refresh_from_db()
    assert (task.title, task.success) == ("By Omar", "Half the price.")


def test_a_comment_is_posted_once(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    page = page_as(world.mei.user)
    page.goto(f"/t/fraud/tasks/{task.ref}/")
    page.get_by_label("Comment", exact=True).fill("Run 13 clears the bar. **Cost** is still over.")
    page.get_by_role("button", name="Comment", exact=True).dblclick()
    expect(page.locator(".feed .bubble")).to_have_count(1)
    expect(page.locator(".feed .bubble strong")).to_have_text("Cost")
    page.wait_for_load_state("networkidle")
    assert task.comments.count() == 1


def test_the_first_hypothesis_goes_from_an_empty_team_to_its_board(page_as: PageOf, world: World) -> None:
    page = board(page_as, world.mei)
    page.get_by_label("Hypothesis").fill("Fine-tuned BERT beats GPT-2 on ticket classification")
    page.get_by_role("button", name="Put it on the board").click()
    expect(page.locator("#list-ideation")).to_contain_text("Fine-tuned BERT beats GPT-2")
    assert len(refs(page, "ideation")) == 1
    expect(card(page, refs(page, "ideation")[0])).to_have_attribute("data-kind", "experiment")
