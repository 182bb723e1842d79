"""Handoffs on My work and in the side bar: listed while one's own side has the next act, in a fixed number of queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard.models import Membership
from experiments.my_work import MyWork, Urgent
from handoffs.models import Handoff, MLModel
from handoffs.models.version import Version
from tests.handoffs.models.conftest import built
from tests.handoffs.table import everything_verified, line, offered
from tests.world import World

pytestmark = pytest.mark.django_db


def model(world: World, name: str = "Recommendation") -> MLModel:
    return MLModel.register(world.team, world.lead, name=name)


@pytest.fixture
def handoff(world: World) -> Handoff:
    return Handoff.start(built(world, model(world)), world.mei)


def rows(who: Membership) -> list[tuple[str, str, str]]:
    return [(row.title, row.text, row.figure) for one in MyWork.of(who.user).sections for row in one.rows]


def test_a_draft_waits_for_nobody(world: World, handoff: Handoff) -> None:
    assert rows(world.mei) == rows(world.omar) == []


def test_an_offer_waits_for_the_side_that_verifies(world: World, handoff: Handoff) -> None:
    line(handoff, "model-card").put("provided", world.mei, evidence="We looked.")
    handoff.offer(world.mei)
    assert rows(world.omar) == [("Recommendation v2", "To verify: Model card.", "0 of 14")]
    assert rows(world.mei) == []
    work = MyWork.of(world.omar.user)
    assert (work.urgent, work.waiting) == (1, 2)  # the notice of it stands below
    assert work.sentence == "Two things need you: one handoff and one notice."
    assert [(one.title, one.hint) for one in work.sections] == [("Handoffs waiting for your side", "you sign for Engineering")]


def test_a_row_names_two_lines_and_counts_the_rest(world: World, handoff: Handoff) -> None:
    offered(world, handoff)
    assert rows(world.omar)[0][1] == "To verify: Trained model artifact, Model card and 7 more."


def test_a_row_says_what_is_blocked_and_who_expects_when(world: World, handoff: Handoff) -> None:
    offered(world, handoff)
    day = date(2099, 3, 18)
    line(handoff, "ab-testing-framework").put("blocked", world.omar, reason="No tool.", owner="omar@example.org", due_on=day)
    assert rows(world.mei)[0][1].endswith("Blocked: A/B testing framework. Omar expects Wed 18 Mar 2099.")


def test_what_came_back_waits_for_the_side_that_offered_it(world: World, handoff: Handoff) -> None:
    offered(world, handoff)
    handoff.give_back(world.omar, reason="The sample is missing.")
    assert rows(world.mei) == [("Recommendation v2", "Returned: The sample is missing.", "0 of 14")]
    assert rows(world.omar) == []


def test_what_is_verified_waits_for_the_signature_that_is_not_there(world: World, handoff: Handoff) -> None:
    everything_verified(world, handoff)
    said = [("Recommendation v2", "Every line is verified. Your side has not signed.", "14 of 14")]
    assert rows(world.mei) == rows(world.omar) == said
    handoff.sign(world.mei)
    assert (rows(world.mei), rows(world.omar)) == ([], said)


def test_nothing_waits_for_a_viewer_nor_in_another_team(world: World, handoff: Handoff) -> None:
    offered(world, handoff)
    assert rows(world.vera) == rows(world.ivo) == []


def test_the_side_bar_counts_the_team_of_the_page(world: World, handoff: Handoff, as_) -> None:
    offered(world, handoff)
    assert Urgent.of(world.omar.user, "fraud").by_section == {"handoffs": 1}
    assert Urgent.of(world.omar.user, "pricing").by_section == {"handoffs": 0}
    page = as_(world.omar).get("/me/count/", {"team": "FRAUD"}).content.decode()
    assert '<span id="count-handoffs" class="count__slot" hx-swap-oob="true"><span class="count">1<' in page
    assert "count-handoffs" not in as_(world.omar).get("/me/count/").content.decode()


def test_the_page_lists_them_between_decisions_and_mentions(world: World, handoff: Handoff, as_) -> None:
    offered(world, handoff)
    page = as_(world.omar).get("/me/").content.decode()
    assert "Handoffs waiting for your side" in page
    assert f'href="{handoff.get_absolute_url()}"' in page


def test_thirty_handoffs_cost_what_one_costs(world: World, handoff: Handoff) -> None:
    offered(world, handoff)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            MyWork.of(world.omar.user)
        return len(seen)

    one = cost()
    kept = model(world, "Churn")
    for number in range(29):
        Handoff.start(Version.add(kept, world.mei, name=f"v{number + 2}"), world.mei).offer(world.mei)
    assert cost() == one
