"""People and teams by hand: the first run, a forgotten password, inviting, leaving; each page for every eye."""

import re
import time

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from dsboard.models import Membership, SignInLink, Team, User
from tests.browser.conftest import PageOf
from tests.browser.eyes import sideways, violations
from tests.world import World


def faults(page: Page) -> list[str]:
    return [*violations(page), *sideways(page)]


def mailed(pattern: str) -> str:
    """The first match in the last mail; it is written after the answer."""
    for _ in range(100):
        found = re.search(pattern, mail.outbox[-1].body) if mail.outbox else None
        if found:
            return found[1]
        time.sleep(0.05)
    pytest.fail(f"no mail with {pattern}")


def test_the_first_run(page_as: PageOf) -> None:
    page = page_as()
    page.goto("/sign-in/")
    expect(page.get_by_text("Nobody is here yet.")).to_be_visible()
    page.goto(f"/sign-in/{SignInLink.issue(None)}/")
    expect(page.get_by_role("heading", name="Set up dsboard")).to_be_visible()
    page.get_by_label("Your name").fill("Inês Duarte")
    page.get_by_label("Your email").fill("ines@example.org")
    page.get_by_label("Team").fill("Applied ML")
    page.get_by_label("Password").fill("short")
    page.get_by_label("Time zone").select_option("Europe/Lisbon")
    page.get_by_role("button", name="Open the board").click()
    expect(page.get_by_text("at least 10 characters")).to_be_visible()
    expect(page.get_by_label("Team")).to_have_value("Applied ML")
    assert faults(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("Password").fill("three blue herons")
    page.get_by_role("button", name="Open the board").click()
    expect(page).to_have_url(re.compile(r"/t/AML/board/$"))
    assert Team.objects.get().members.get().email == "ines@example.org"


def test_a_forgotten_password(page_as: PageOf, world: World) -> None:
    page = page_as()
    page.goto("/sign-in/")
    page.get_by_role("link", name="Forgot it?").click()
    assert faults(page) == []
    page.get_by_label("Email").fill("mei@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("If somebody here has the address")).to_be_visible()
    assert faults(page) == []
    page.goto(mailed(r"http://[^/]+(/password/\S+)"))
    assert faults(page) == []
    page.get_by_label("New password").fill("three blue herons")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("heading", name="Password changed")).to_be_visible()
    assert User.objects.get(email="mei@example.org").check_password("three blue herons")


def test_a_link_that_is_used_up(page_as: PageOf, world: World) -> None:
    page = page_as()
    page.goto("/sign-in/not-a-link/")
    expect(page.get_by_role("heading", name="This link is used up")).to_be_visible()
    assert faults(page) == []


def test_inviting_somebody_who_comes_in_by_the_link(page_as: PageOf, world: World) -> None:
    page = page_as(world.lead.user)
    page.goto("/t/FRAUD/settings/")
    page.get_by_role("link", name="Members").click()
    page.get_by_label("Name").fill("Tomás Silva")
    page.get_by_label("Email").fill("tomas@example.org")
    page.get_by_label("Side", exact=True).select_option("engineering")
    page.get_by_role("button", name="Add to the team").click()
    link = page.get_by_label("A sign-in link for Tomás Silva.").input_value()
    assert faults(page) == []
    new = page_as()
    new.goto(link)
    expect(new.get_by_role("link", name="Board", exact=True).first).to_have_attribute("href", "/t/FRAUD/board/")
    new.goto("/me/settings/")
    new.get_by_label("Dark").check()
    new.get_by_role("region", name="Profile").get_by_role("button", name="Save").click()
    expect(new.locator("html")).to_have_attribute("data-theme", "dark")


def test_leaving_hands_the_cards_over(page_as: PageOf, world: World) -> None:
    task = world.started(
        world.experiment(title="Explore_a_very_long_identifier_without_any_place_to_break_it_of_the_kind_that_pipelines_have")
    )
    mei, page = page_as(world.mei.user), page_as(world.lead.user)
    mei.goto("/t/FRAUD/settings/")
    page.goto("/t/FRAUD/settings/members/")
    page.get_by_role("link", name="Remove… Mei Tanaka").click()
    expect(page.get_by_role("link", name=task.title)).to_be_visible()
    expect(page.get_by_text("Time box running")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Who takes it over").select_option(label="Omar Haddad")
    page.get_by_role("button", name="Remove Mei Tanaka").click()
    expect(page.get_by_text("Mei Tanaka left the team")).to_be_visible()
    task.refresh_from_db()
    assert task.owner == world.omar.user
    mei.reload()
    expect(mei.get_by_text("not shared with you")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_a_member_and_pages_with_something_to_say(page_as: PageOf, world: World, theme: str) -> None:
    found = {}
    viewer = page_as(world.vera.user, theme=theme)
    for address in ("/t/FRAUD/settings/", "/t/FRAUD/settings/members/", "/me/settings/"):
        viewer.goto(address)
        found[f"viewer {address}"] = faults(viewer)
    lead = page_as(world.lead.user, theme=theme)
    lead.goto(f"/t/FRAUD/settings/members/{world.mei.pk}/")
    found["place"] = faults(lead)
    lead.goto("/t/FRAUD/settings/")
    lead.get_by_label("Committed, %").fill("90")
    lead.get_by_role("button", name="Save").click()
    expect(lead.get_by_text("must add up to 100")).to_be_visible()
    found["refused settings"] = faults(lead)
    lead.goto("/me/settings/")
    lead.get_by_role("button", name="Make a token").click()
    expect(lead.get_by_label("Your new token.")).to_have_value(re.compile("^dsb_"))
    found["token"] = faults(lead)
    lead.get_by_role("button", name="Make an address").click()
    expect(lead.get_by_label("The address of your feed.")).to_have_value(re.compile(r"/calendar/[\w-]+\.ics$"))
    found["feed"] = faults(lead)
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert Membership.objects.filter(team=world.team).count() == 4
