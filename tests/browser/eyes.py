"""What a browser test looks for on a page: order of cards, violations, sideways scroll."""

from collections.abc import Iterable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from dsboard.models import Membership
from tests.browser.conftest import PageOf

#: a page whose stream is open
LIVE = '[data-live-is="streaming"]'
#: the widths of the design: phone at four times zoom, phone, small laptop, desktop
WIDTHS = (320, 390, 1024, 1440)
#: no preload: axe would load the style sheets again and inject them, which our policy refuses
OPTIONS = {"resultTypes": ["violations"], "preload": False}
STILL = """() => Promise.allSettled(
    document.getAnimations().filter(one => one.effect.getTiming().iterations !== Infinity).map(one => one.finished)
)"""


def looking(page_as: PageOf, who: Membership, path: str, **kind: object) -> Page:
    """A page of this person whose stream is open."""
    page = page_as(who.user, **kind)
    page.goto(f"/t/{who.team.key}/{path}")
    expect(page.locator(LIVE)).to_be_attached()
    return page


def refs(page: Page, stage: str) -> list[str]:
    """The references of the cards in a column, from the top."""
    return page.locator(f"#list-{stage} > [data-card] [data-ref]").evaluate_all("cards => cards.map(card => card.dataset.ref)")


def violations(page: Page, within: str | None = None) -> list[str]:
    """What axe finds, a line each; colours are judged when the style sheets are there and transitions have ended."""
    page.wait_for_load_state("load")
    page.evaluate(STILL)
    found = Axe().run(page, context=within, options=OPTIONS).response["violations"]
    return [f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def sideways(page: Page, widths: Iterable[int] = WIDTHS) -> list[str]:
    """At which widths the page scrolls sideways, and the first elements that stick out."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            found.append(f"{width} px: {over} px too wide: {sticking_out(page)}")
    return found


def sticking_out(page: Page) -> list[str]:
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .filter(one => { for (let up = one.parentElement; up; up = up.parentElement)
                if (/auto|scroll|hidden/.test(getComputedStyle(up).overflowX)) return false; return true; })
            .slice(0, 5).map(one => `${one.tagName.toLowerCase()}.${one.className}`)"""
    )


def centre(locator: Locator) -> tuple[float, float]:
    """The middle of an element, for a pointer."""
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    assert box, f"{locator} is not on the page"
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
