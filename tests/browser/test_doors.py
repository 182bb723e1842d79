"""Signing in and out, by hand."""

from playwright.sync_api import expect

from dsboard.models import Team, User
from tests.browser.conftest import PageOf
from tests.browser.eyes import sideways, violations


def test_sign_in_by_password(page_as: PageOf) -> None:
    mei = User.objects.create_user("mei@example.org", "Mei Tanaka", "three blue herons")
    Team.found(key="AML", name="Applied ML", lead=mei)
    page = page_as()
    page.goto("/t/aml/board/")
    expect(page).to_have_url(f"{page.url.split('/sign-in')[0]}/sign-in/?next=/t/aml/board/")
    page.get_by_label("Email").fill("mei@example.org")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    expect(page.get_by_label("Email")).to_have_value("mei@example.org")
    page.get_by_label("Password").fill("three blue herons")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Board", level=1)).to_be_visible()


def test_the_sign_in_page_is_for_everybody(page_as: PageOf) -> None:
    for theme in ("light", "dark"):
        page = page_as(theme=theme)
        page.goto("/sign-in/")
        assert violations(page) == []
        assert sideways(page) == []
