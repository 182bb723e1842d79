"""The administration of handoffs: found by state, team and words; lines, yeses and signatures are read, never typed in."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dsboard.models import User
from handoffs.models import Handoff, MLModel, Version
from tests.handoffs.models.conftest import built
from tests.handoffs.table import everything_verified, line
from tests.world import World, every_row

LIST = "admin:handoffs_handoff_changelist"


@pytest.fixture
def staff(world: World) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin@example.org", "Ada Admin", "a long password"))
    return client


@pytest.fixture
def handoff(world: World) -> Handoff:
    """Signed by data science, then changed: the signature is void, one line is blocked."""
    model = MLModel.register(world.team, world.mei, name="Ranker")
    made = Handoff.start(built(world, model), world.mei)
    everything_verified(world, made)
    made.sign(world.mei)
    line(made, "serving-platform").put("blocked", world.omar, reason="No machines.", owner="omar@example.org", due_on=date(2099, 1, 2))
    return made


def test_handoffs_are_found_by_team_state_and_words(world: World, staff: Client, handoff: Handoff) -> None:
    theirs = Handoff.start(MLModel.register(world.other, world.ivo, name="Prices").versions.get(), world.ivo)
    for query, expected in [
        ("", [theirs, handoff]),
        ("?state=in_review", [handoff]),
        ("?q=no+machines", [handoff]),
        ("?q=prices", [theirs]),
        (f"?version__model__team__id__exact={world.other.pk}", [theirs]),
        ("?offered_side=engineering", []),
    ]:
        assert list(staff.get(reverse(LIST) + query).context["cl"].result_list) == expected, query
    assert [row.held for row in staff.get(reverse(LIST)).context["cl"].result_list] == [0, 1]


def test_a_page_shows_lines_with_their_yeses_and_signatures_with_their_end(staff: Client, handoff: Handoff) -> None:
    text = staff.get(reverse("admin:handoffs_handoff_change", args=[handoff.pk])).content.decode()
    for said in ("No machines.", "We looked.", "Omar Haddad for Engineering", "Mei Tanaka for Data Science", "Serving platform"):
        assert said.lower() in text.lower()
    history = staff.get(reverse("admin:handoffs_handoff_history", args=[handoff.pk])).content.decode()
    assert "Mei Tanaka" in history and "signed" in history


def test_nothing_is_added_edited_or_deleted_here(staff: Client, handoff: Handoff) -> None:
    before = {label: rows for label, rows in every_row().items() if label.startswith("handoffs")}
    assert staff.get(reverse("admin:handoffs_handoff_add")).status_code == 403
    assert staff.get(reverse("admin:handoffs_handoff_delete", args=[handoff.pk])).status_code == 403
    page = reverse("admin:handoffs_handoff_change", args=[handoff.pk])
    assert staff.post(page, {"state": "accepted"}).status_code == 403
    assert "_save" not in staff.get(page).content.decode()
    assert {label: rows for label, rows in every_row().items() if label.startswith("handoffs")} == before


@pytest.mark.parametrize("page", ["list", "page"])
def test_a_page_takes_the_same_queries_for_one_row_and_for_ten(world: World, staff: Client, handoff: Handoff, page: str) -> None:
    def queries() -> int:
        address = reverse(LIST) if page == "list" else reverse("admin:handoffs_handoff_change", args=[handoff.pk])
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(address).status_code == 200
        return len(captured)

    queries()
    one = queries()
    for number in range(10):
        made = Handoff.start(Version.add(handoff.version.model, world.mei, name=f"v3.{number}"), world.mei)
        line(made, "model-card").put("provided", world.mei, evidence="We looked.")
    line(handoff, "model-card").put("provided", world.mei, evidence="Again.")
    for who in (world.lead, world.mei):
        line(handoff, "documentation").put("provided", who, evidence=f"By {who}.")
        line(handoff, "documentation").verify(world.omar)
    assert queries() == one
