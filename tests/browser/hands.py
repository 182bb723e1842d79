"""The hands of a browser test: a mouse that drags and a finger that holds."""

from collections.abc import Iterator

from playwright.sync_api import CDPSession, FloatRect, Locator, Page

from tests.browser.eyes import centre

Point = tuple[float, float]


def card(page: Page, ref: str):
    return page.locator(f"#task-{ref}")


def title(page: Page, ref: str):
    """The link that is the card."""
    return card(page, ref).locator(":is(h2, h3, h4) a")


def place(page: Page, stage: str, above: str = "") -> Point:
    """Where to let go: on the upper part of the card `above`, else at the end of the column."""
    if above:
        box = measured(card(page, above))
        return box["x"] + box["width"] / 2, box["y"] + 12
    head = measured(page.locator(f"#col-{stage}-head"))
    cards = page.locator(f"#list-{stage} > [data-card]").last
    box = measured(cards) if cards.count() else None
    return head["x"] + head["width"] / 2, box["y"] + box["height"] - 8 if box else head["y"] + head["height"] + 40


def measured(locator: Locator) -> FloatRect:
    """Where an element is; one that the answer of the last move exchanges at this moment is looked for again."""
    for _ in range(50):
        if box := locator.bounding_box():
            return box
        locator.page.wait_for_timeout(20)
    raise AssertionError(f"{locator} is not on the page")


def steps(start: Point, end: Point, count: int = 8) -> Iterator[Point]:
    for step in range(1, count + 1):
        yield start[0] + (end[0] - start[0]) * step / count, start[1] + (end[1] - start[1]) * step / count


def pick_up(page: Page, ref: str) -> Point:
    """Press the mouse on a card and move it a little."""
    # A page that has just come may stand there before its scripts do.
    page.wait_for_load_state()
    x, y = centre(card(page, ref))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 3, steps=3)
    return x, y


def drag(page: Page, ref: str, stage: str, *, above: str = "") -> None:
    """Drag a card by mouse to a place in a column."""
    pick_up(page, ref)
    page.mouse.move(*place(page, stage, above), steps=8)
    page.mouse.up()


class Finger:
    """One finger on the glass, through the browser's own protocol: what a page gets is a true touch."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.glass: CDPSession = page.context.new_cdp_session(page)

    def touch(self, kind: str, at: Point | None = None) -> None:
        points = [] if at is None else [{"x": at[0], "y": at[1]}]
        self.glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def move(self, start: Point, end: Point) -> None:
        for at in steps(start, end, 10):
            self.touch("touchMove", at)
            self.page.wait_for_timeout(16)

    def drag(self, start: Point, end: Point, *, hold: int = 0) -> None:
        """Put the finger down, hold it for some milliseconds, slide and lift."""
        self.touch("touchStart", start)
        self.page.wait_for_timeout(hold)
        self.move(start, end)
        self.touch("touchEnd")
