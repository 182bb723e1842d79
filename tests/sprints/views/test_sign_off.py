"""Signing off: by a lead, once, with a note; the figures are kept as they are."""

from collections.abc import Callable

import pytest
from django.test import Client

from dsboard.models import Activity
from experiments.models import Decision, outcomes
from sprints.models import Sprint
from tests.sprints.telling import MEI, closed, decided, reported, sprint_from, started
from tests.world import World, wall

As = Callable[..., Client]
REVIEW, SIGN = "/t/FRAUD/sprints/1/review/", "/t/FRAUD/sprints/1/sign-off/"


@pytest.fixture
def sprint(world: World) -> Sprint:
    """Closed, with one experiment that was abandoned."""
    with wall("2026-03-09 08:00"):
        task = world.experiment(owner=MEI)
    sprint = sprint_from(world, "2026-03-09", task)
    started(world, task, "2026-03-09 09:00")
    reported(world, task, "2026-03-11 13:00")
    decided(world, task, "2026-03-12 10:00")
    return closed(world, sprint, "2026-03-20 16:00")


def page(response, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_a_lead_signs_with_a_note(world: World, as_: As, sprint: Sprint) -> None:
    client = as_(world.lead)
    assert "Sign off Sprint 1</button>" in page(client.get(REVIEW))
    with wall("2026-03-23 09:00"):
        response = client.post(SIGN, {"note": "Good, but <i>late</i>."})
    assert (response.status_code, response["Location"]) == (302, REVIEW)
    sprint.refresh_from_db()
    assert (sprint.signed_by, sprint.note, sprint.figures["outcomes"]) == (world.lead.user, "Good, but <i>late</i>.", {"abandon": 1})
    with wall("2026-03-24 09:00"):
        html = page(as_(world.vera).get(REVIEW))
    assert "Signed off by Inês Duarte" in html
    assert "yesterday, 09:00" in html
    assert "Good, but &lt;i&gt;late&lt;/i&gt;." in html
    assert "figures as signed" in html
    assert "Sign off Sprint 1</button>" not in html


def test_what_comes_later_changes_nothing(world: World, as_: As, sprint: Sprint) -> None:
    client = as_(world.lead)
    client.post(SIGN, {"note": "Good."})
    before = client.get("/t/FRAUD/reports/flow.csv").content
    outcomes.reverse(Decision.objects.get().task, world.lead, reason="The split leaked.")
    assert client.get("/t/FRAUD/reports/flow.csv").content == before
    assert b"1,0,1,1,1,0,1,0,0.62" in before


ONLY_A_LEAD = "Only a lead can sign a sprint off."


@pytest.mark.parametrize("who", ["mei", "omar", "vera"])
def test_members_and_viewers_are_refused_and_shown_no_form(world: World, as_: As, sprint: Sprint, who: str) -> None:
    client = as_(getattr(world, who))
    assert "Sign off Sprint 1" not in page(client.get(REVIEW))
    html = page(client.post(SIGN, {"note": "Mine."}), 403)
    assert ONLY_A_LEAD in html
    assert "Mine.</textarea>" in html
    sprint.refresh_from_db()
    assert (sprint.signed_at, sprint.figures) == (None, None)


def test_outsiders_find_nothing(world: World, as_: As, sprint: Sprint) -> None:
    assert as_(world.ivo).post(SIGN, {"note": "Mine."}).status_code == 404
    assert as_(world.ivo).post("/t/OTHER/sprints/1/sign-off/", {"note": "Mine."}).status_code == 404
    assert as_(world.lead).post("/t/FRAUD/sprints/9/sign-off/", {"note": "Mine."}).status_code == 404
    assert as_(world.lead).get(SIGN).status_code == 405


def test_sent_twice_it_is_signed_once(world: World, as_: As, sprint: Sprint) -> None:
    client = as_(world.lead)
    client.post(SIGN, {"note": "The first."})
    html = page(client.post(SIGN, {"note": "The second."}), 422)
    assert "Sprint 1 is signed off already." in html
    assert "The second.</textarea>" in html
    sprint.refresh_from_db()
    assert sprint.note == "The first."
    assert Activity.objects.of(sprint).filter(verb="signed_off").count() == 1


@pytest.mark.parametrize("note", ["", "   ", "\x00"])
def test_an_empty_note_is_asked_for(world: World, as_: As, sprint: Sprint, note: str) -> None:
    assert "Say in a sentence what you make of it." in page(as_(world.lead).post(SIGN, {"note": note}), 422) or note == "\x00"
    sprint.refresh_from_db()
    assert sprint.signed_at is None


def test_too_long_a_note_keeps_what_was_typed(world: World, as_: As, sprint: Sprint) -> None:
    html = page(as_(world.lead).post(SIGN, {"note": "word " * 1001}), 422)
    assert html.count("word word word") > 300
    sprint.refresh_from_db()
    assert sprint.signed_at is None


def test_before_it_is_closed_it_is_refused(world: World, as_: As) -> None:
    sprint_from(world, "2026-03-09")
    with wall("2026-03-10 09:00"):
        assert "Sprint 1 is not closed yet. Close it, then sign it off." in page(as_(world.lead).post(SIGN, {"note": "Good."}), 422)


def test_a_planned_sprint_is_refused_too(world: World, as_: As) -> None:
    Sprint.plan(world.team, world.lead)
    html = page(as_(world.lead).post(SIGN, {"note": "Good."}), 422)
    assert "Sprint 1 is not closed yet. Close it, then sign it off." in html
