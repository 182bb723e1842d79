"""The main job, whole: an export of a real tracker comes in, its cards are dragged to each of the three decisions,
and what the decisions created is there in the browser, in the API and in the history."""

import csv
import io
import re
from pathlib import Path

from django.test import Client
from playwright.sync_api import Page, expect

from dsboard.models import ApiToken
from experiments.models import Task
from tests.browser.conftest import PageOf
from tests.browser.hands import card, drag
from tests.browser.test_deciding import choose, open_decision, record
from tests.world import World, history_of

EXPORT = Path(__file__).parent.parent / "data" / "jira_export.csv"


def with_one_more(text: str) -> bytes:
    """The export with a third experiment, as Jira writes it: BOM, CRLF, columns of the same name."""
    rows = list(csv.reader(io.StringIO(text)))
    extra = dict.fromkeys(range(len(rows[0])), "")
    said = {
        "Summary": "Calendar features for churn",
        "Issue key": "CHURN-110",
        "Issue Type": "Experiment",
        "Status": "To Do",
        "Original Estimate": "57600",
        "Custom field (Hypothesis)": "Holidays explain the January dip.",
        "Custom field (Success criteria)": "The dip is gone from the residuals.",
        "Custom field (Success metric)": "AUC >= 0.85",
    }
    for name, value in said.items():
        extra[rows[0].index(name)] = value
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([*rows, list(extra.values())])
    return out.getvalue().encode("utf-8-sig")


def imported(page: Page, name: str, content: bytes) -> None:
    """Send the file, look at the plan, leave the refused rows out, import the rest."""
    page.goto("/t/FRAUD/import/")
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator('tr[data-will="create"]').first).to_be_visible()
    assert not Task.objects.exists(), "looking writes nothing"
    page.get_by_label(re.compile("Leave out")).check()
    page.get_by_role("button", name=re.compile("Import")).click()
    expect(page.get_by_role("heading", name="Backlog").or_(page.get_by_text(re.compile("Imported"))).first).to_be_visible()


def task(title: str) -> Task:
    return Task.objects.get(title=title)


def report(page: Page, one: Task, learned: str, value: str = "") -> None:
    """Drag into Analysis; the form opens; fill it."""
    drag(page, one.ref, "analysis")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What did you try?").fill("The last 18 months, three seeds.")
    dialog.get_by_label("What did you learn?").fill(learned)
    if value:
        dialog.locator("input[name*=value]").first.fill(value)
        dialog.get_by_label("Supported").first.check(force=True)
    dialog.get_by_role("button", name="Report findings").click()
    expect(page.locator(f"#list-analysis #task-{one.ref}")).to_be_visible()


def test_an_export_of_a_tracker_goes_through_the_board_to_all_three_decisions(page_as: PageOf, world: World) -> None:
    page = page_as(world.lead.user, height=1400)
    imported(page, "jira.csv", with_one_more(EXPORT.read_text(encoding="utf-8-sig")))
    question, boosting, calendar = (
        task("Does tenure beat usage as a churn signal?"),
        task("Gradient boosting beats the logistic baseline"),
        task("Calendar features for churn"),
    )
    page.goto("/t/FRAUD/board/")
    for one in (question, calendar):
        drag(page, one.ref, "active")
        expect(page.locator(f"#list-active #task-{one.ref}")).to_be_visible()
    report(page, question, "Tenure ranks first, with a wide interval.")
    report(page, boosting, "0.862 on the hold-out.", "0.862")
    report(page, calendar, "The dip is gone.", "0.851")

    open_decision(page, question)
    choose(page, "More research")
    page.get_by_role("dialog").get_by_label("Why").fill("The interval is too wide.")
    page.get_by_role("dialog").get_by_label(re.compile("[Qq]uestion|[Hh]ypothesis")).locator("visible=true").first.fill(
        "Does it hold per plan type?"
    )
    record(page)
    open_decision(page, boosting)
    choose(page, "Productionize")
    page.get_by_role("dialog").get_by_label("Why").fill("Four points over the baseline.")
    record(page)
    open_decision(page, calendar)
    choose(page, "Abandon")
    page.get_by_role("dialog").get_by_label("Why").fill("The boosted model has it already.")
    record(page)

    client = Client(headers={"Authorization": f"Bearer {ApiToken.issue(world.lead)}"})
    decided = {one.ref: client.get(f"/api/v1/tasks/{one.ref}").json() for one in (question, boosting, calendar)}
    assert [decided[one.ref]["outcome"] for one in (question, boosting, calendar)] == ["more_research", "productionize", "abandon"]
    follow_up = next(link["ref"] for link in decided[question.ref]["links"] if link["rel"] == "follow_up")
    product = Task.objects.get(links__rel="builds_on", links__other=boosting)
    assert client.get(f"/api/v1/tasks/{follow_up}").json()["stage"] == "ideation"
    assert {"rel": "builds_on", "ref": boosting.ref} in client.get(f"/api/v1/tasks/{product.ref}").json()["links"]

    page.reload()
    expect(card(page, follow_up)).to_be_visible()
    page.goto("/t/FRAUD/delivery/")
    expect(card(page, product.ref)).to_be_visible()
    page.goto("/t/FRAUD/findings/?q=dip")
    expect(page.get_by_text("The dip is gone.").first).to_be_visible()
    page.goto(calendar.get_absolute_url())
    for line in ("moved it from Ideation to Active", "reported findings: supported", "decided Abandon"):
        expect(page.get_by_text(re.compile(line)).first).to_be_visible()
    for one, outcome in ((question, "more_research"), (boosting, "productionize"), (calendar, "abandon")):
        assert ("decided", "outcome", None, outcome) in history_of(one)
