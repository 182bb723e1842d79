"""A handoff in the browser: on paper it is one page."""

import re

from handoffs.models import Handoff, MLModel
from tests.browser.conftest import PageOf
from tests.handoffs.models.conftest import built
from tests.handoffs.table import everything_verified, line
from tests.world import World

ADDRESS = "https://wiki.example.org/models/recommendation/v2/what-was-found-and-why-it-holds"


def test_a_signed_contract_prints_on_one_page(page_as: PageOf, world: World) -> None:
    handoff = Handoff.start(built(world, MLModel.register(world.team, world.mei, name="Recommendation")), world.mei)
    everything_verified(world, handoff)
    for one in handoff.read_lines():
        line(handoff, one.slug).put("provided", world.omar if one.term.side == "engineering" else world.mei, evidence=ADDRESS)
        for side in one.term.verifiers:
            line(handoff, one.slug).verify(world.mei if side == "science" else world.omar)
    handoff.sign(world.mei)
    handoff.sign(world.omar)
    page = page_as(world.vera.user)
    page.goto(f"/t/fraud/handoffs/{handoff.pk}/")
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1
    page.emulate_media(media="print")
    signed = page.locator(".sig__n").all_inner_texts()
    assert signed == ["Mei Tanaka", "Omar Haddad"]
    assert page.get_by_role("heading", name="Evidence").is_visible()
