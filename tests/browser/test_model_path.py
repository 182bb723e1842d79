"""The whole path in the browser: a card is decided, its version answers every criterion, both sides sign, it serves, and it goes back."""

import re

from playwright.sync_api import Locator, Page, expect

from handoffs import checklists
from handoffs.checklists import Criterion
from handoffs.contract import TERMS, Term
from tests.browser.conftest import PageOf
from tests.browser.eyes import violations
from tests.browser.test_deciding import choose, open_decision, record
from tests.browser.test_moving import board
from tests.world import World

V1 = "/t/fraud/models/churn/versions/v1/"


def say(page: Page, opener: Locator, **said: str) -> Locator:
    """Open a dialog and fill it; underscores of a name are spaces of the label, `it_is` picks a choice."""
    opener.click()
    dialog = page.get_by_role("dialog")
    for label, value in said.items():
        if label == "it_is":
            dialog.get_by_role("radio", name=value, exact=True).check(force=True)
        else:
            field = dialog.get_by_label(re.compile(f"^{label.replace('_', ' ')}", re.IGNORECASE))
            field.select_option(value) if field.evaluate("one => one.tagName") == "SELECT" else field.fill(value)
    return dialog


def done(page: Page, opener: Locator, button: str, **said: str) -> None:
    """An act that is taken: the page is loaded again."""
    save = say(page, opener, **said).get_by_role("button", name=button, exact=True)
    with page.expect_navigation():
        save.click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def press(page: Page, name: str) -> None:
    """A button that is a form of its own."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def refused(page: Page, opener: Locator, button: str, words: str, **said: str) -> None:
    """An act that is refused with these words; what was typed stays until the dialog is closed."""
    say(page, opener, **said).get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("dialog").get_by_text(words).first).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    if (leave := page.get_by_role("button", name="Leave", exact=False)).is_visible():
        leave.click()
    page.goto(page.url)


def criterion(page: Page, one: Criterion) -> Locator:
    return page.locator(f"#{one.slug}")


def meet(page: Page, one: Criterion, evidence: str) -> None:
    opener = criterion(page, one).get_by_role("link", name=re.compile("^(Answer|Confirm|Change)"))
    done(page, opener, "Save", it_is="Met", What_shows_it=evidence)
    expect(criterion(page, one)).to_have_attribute("data-st", "met")


def line(page: Page, term: Term) -> Locator:
    return page.locator(f"#{term.slug}")


def opener(page: Page, term: Term) -> Locator:
    return line(page, term).get_by_role("link", name=re.compile("^(Provide|Change|Return…)"))


def givers(term: Term, mei: Page, omar: Page) -> tuple[Page, Page]:
    """Who gives a line, and the other side."""
    return (omar, mei) if term.side == "engineering" else (mei, omar)


def put_through(term: Term, giver: Page, owner: str) -> None:
    """Blocked, not needed where that is allowed, not there yet, provided."""
    done(giver, opener(giver, term), "Save", it_is="Blocked", Owner=owner, Why="Not there yet.", Expected_on="2099-03-18")
    expect(line(giver, term)).to_contain_text("Not there yet.")
    if not term.always:
        done(giver, opener(giver, term), "Save", it_is="Not needed", Why="A batch job has none.")
        expect(line(giver, term)).to_contain_text("A batch job has none.")
    done(giver, opener(giver, term), "Save", it_is="Not there yet")
    done(giver, opener(giver, term), "Save", it_is="Provided", What_shows_it=f"https://wiki.example.org/{term.slug}")
    expect(line(giver, term)).to_contain_text("wiki.example.org")


def return_and_verify(term: Term, giver: Page, other: Page, mei: Page, omar: Page) -> None:
    """The other side gives it back, its own side mends it, whoever is asked says yes."""
    other.reload()
    done(other, opener(other, term), "Save", it_is="Returned to the other side", Why="It names no limits.")
    giver.reload()
    expect(line(giver, term)).to_contain_text("It names no limits.")
    done(giver, opener(giver, term), "Save", it_is="Provided", What_shows_it=f"https://wiki.example.org/{term.slug}/2")
    if term.side:
        expect(line(giver, term).get_by_role("link", name=re.compile("^Verify"))).to_have_count(0)
    for side in term.verifiers:
        page = mei if side == "science" else omar
        page.reload()
        done(page, line(page, term).get_by_role("link", name=re.compile("^Verify")), "Verify")


def test_from_a_card_to_production_and_back(page_as: PageOf, world: World) -> None:
    task = world.in_analysis(world.experiment(title="Tenure beats usage"))
    lead = board(page_as, world.lead)
    mei, omar, vera = page_as(world.mei.user), page_as(world.omar.user), page_as(world.vera.user)

    # The lead decides: what it makes is said before and found after.
    open_decision(lead, task)
    choose(lead, "Productionize")
    dialog = lead.get_by_role("dialog")
    dialog.get_by_label("Why").fill("Four points over the baseline.")
    dialog.get_by_label(re.compile("^Name|^New model")).locator("visible=true").first.fill("Churn")
    dialog.get_by_label(re.compile("^Version")).locator("visible=true").first.fill("v1")
    # What it will make is said before it is made; a press while that changes may miss the button.
    expect(dialog.locator("#effects")).to_contain_text("Churn")
    expect(dialog.locator("#effects")).to_contain_text("v1")
    record(lead)
    outsider = page_as(world.ivo.user)
    assert outsider.goto(V1).status == 404  # type: ignore[union-attr]

    # Everything owed is answered, each with evidence; the gate asks for it, and for the handoff.
    mei.goto(V1)
    expect(mei.locator("#h-gate")).to_contain_text("12 criteria stand between v1 and Deployment")
    refused(mei, mei.get_by_role("link", name="Pass gate"), "Pass gate", "handoff")
    vera.goto(V1)
    expect(vera.get_by_role("link", name="Pass gate")).to_have_count(0)
    evidence = ("https://wiki.example.org/churn", task.ref, "0.93", "We looked at three months.")
    for place, one in enumerate(checklists.before("deployment")):
        meet(mei, one, evidence[place % len(evidence)])
    assert violations(mei) == []
    done(mei, mei.get_by_role("link", name="Deploy", exact=True), "Deploy", Where="staging")
    expect(mei.get_by_role("region", name="Deployments")).to_contain_text("Staging")

    # The contract: every line through every state, by its own side, before and after it is offered.
    with mei.expect_navigation():
        mei.get_by_role("link", name=re.compile("^Handoff ?: ?draft")).click()
    omar.goto(mei.url)
    vera.goto(mei.url)
    expect(vera.get_by_role("link", name=re.compile("^(Provide|Change)"))).to_have_count(0)
    for term in TERMS:
        giver, other = givers(term, mei, omar)
        if term.side:
            expect(opener(other, term)).to_have_count(0)
        owner = "omar@example.org" if term.side == "engineering" else "mei@example.org"
        put_through(term, giver, owner)
    mei.reload()
    press(mei, "Offer")
    omar.reload()
    done(omar, omar.get_by_role("main").get_by_role("link", name="Return…", exact=True).first, "Return", Why="The formats are of v0.")
    mei.reload()
    expect(mei.get_by_role("region", name="Where it stands")).to_contain_text("The formats are of v0.")
    press(mei, "Offer again")
    for term in TERMS:
        return_and_verify(term, *givers(term, mei, omar), mei, omar)

    # A signature, a change after it, and both again: the first one stays as signed for an earlier version.
    mei.reload()
    press(mei, "Sign as Mei Tanaka")
    expect(mei.get_by_role("region", name="Signatures")).to_contain_text("Signed")
    card = next(term for term in TERMS if term.slug == "model-card")
    done(mei, opener(mei, card), "Save", it_is="Provided", What_shows_it="https://wiki.example.org/model-card/3")
    expect(mei.get_by_role("region", name="Signatures")).to_contain_text("signed for an earlier version")
    omar.reload()
    done(omar, line(omar, card).get_by_role("link", name=re.compile("^Verify")), "Verify")
    press(omar, "Sign as Omar Haddad")
    mei.reload()
    press(mei, "Sign as Mei Tanaka")
    expect(mei.get_by_text("Both sides have signed.")).to_be_visible()
    assert violations(mei) == []

    # Through the gate, into production, monitored.
    mei.goto(V1)
    done(mei, mei.get_by_role("link", name="Pass gate"), "Pass gate")
    expect(mei.locator("#h-gate")).to_contain_text("Monitoring")
    done(mei, mei.get_by_role("link", name="Deploy", exact=True), "Deploy", Where="production")
    for one in checklists.of("deployment"):
        if one.if_applicable:
            done(
                mei,
                criterion(mei, one).get_by_role("link", name=re.compile("^Answer")),
                "Save",
                it_is="Not applicable",
                Why="It runs as a batch.",
            )
        else:
            meet(mei, one, "It runs.")
    done(mei, mei.get_by_role("link", name="Pass gate"), "Pass gate")
    for one in checklists.of("monitoring"):
        meet(mei, one, "The dashboard.")
    lead.goto("/t/fraud/models/today/")
    expect(lead.get_by_role("main")).to_contain_text("Churn")

    # Back to experimentation: a version that retrains it brings the earlier answers to confirm; v1 itself may go back too.
    done(mei, mei.get_by_role("link", name="New version"), "Add it", Version="v2", Retrains="v1", Starts_at="model-experimentation")
    mei.goto(V1.replace("v1", "v2"))
    expect(criterion(mei, checklists.CRITERIA[0])).to_contain_text("as of v1, to confirm")
    meet(mei, checklists.CRITERIA[0], "It still is.")
    mei.goto(V1)
    done(mei, mei.get_by_role("link", name="Go back…"), "Go back", Back_to="model-experimentation", Why="The data drifted.")
    expect(criterion(mei, checklists.BY_SLUG["several-approaches-tried"])).to_contain_text("Open again: The data drifted.")
