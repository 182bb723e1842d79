"""The page of one sprint's review, for everybody of the team: running, closed, signed, planned, empty."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.models import Task
from sprints.models import Sprint
from tests.sprints.telling import MEI, OMAR, closed, decided, done, reported, sprint_from, started
from tests.world import World, wall

As = Callable[..., Client]
REVIEW = "/t/FRAUD/sprints/1/review/"


def text(response) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def table(html: str, label: str) -> list[list[str]]:
    """The cells of a table, row by row, without marks."""
    found = re.search(rf'aria-label="{label}"><table.*?</table>', html, re.DOTALL)
    assert found, label
    rows = re.findall(r"<tr>(.*?)</tr>", found.group(), re.DOTALL)
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


@pytest.fixture
def told(world: World) -> Sprint:
    """Eight points of development that are finished, a box that was decided, a card that is open."""
    with wall("2026-03-09 08:00"):
        task, boxed, left = world.development(points=8, owner=OMAR), world.experiment(owner=MEI), world.maintenance(owner=OMAR)
    sprint = sprint_from(world, "2026-03-09", task, boxed, left)
    started(world, boxed, "2026-03-09 09:00")
    done(world, task, "2026-03-10 12:00")
    reported(world, boxed, "2026-03-11 13:00")
    decided(world, boxed, "2026-03-12 10:00")
    return sprint


def test_everybody_of_the_team_reads_it_and_nobody_else(world: World, as_: As, told: Sprint) -> None:
    with wall("2026-03-12 12:00"):
        for member in (world.lead, world.mei, world.omar, world.vera):
            assert "<h1>Sprint 1</h1>" in text(as_(member).get(REVIEW))
        assert as_(world.ivo).get(REVIEW).status_code == 404
        assert as_(world.lead).get("/t/FRAUD/sprints/2/review/").status_code == 404
        assert as_(world.lead).get(f"/t/FRAUD/sprints/{2**63}/review/").status_code == 404


def test_planned_against_actual_with_the_chart_above_its_table(world: World, as_: As, told: Sprint) -> None:
    with wall("2026-03-12 12:00"):
        html = text(as_(world.vera).get(REVIEW))
    assert table(html, "Table of planned and actual days by bucket")[1:] == [
        ["Committed", "5 d", "63%", "4 d", "62%", "60%", "2 over, in band"],
        ["Experiments", "3 d", "37%", "2.5 d", "38%", "30%", "8 over, out of band so far"],
        ["Learning", "0 d", "0%", "0 d", "0%", "10%", "10 under, out of band so far"],
    ]
    assert 'role="img" aria-label="Planned 63 / 37 / 0, actual 62 / 38 / 0, guideline 60/30/10. So far, points count' in html
    assert html.index("Planned 63 / 37 / 0") < html.index("Table of planned and actual days by bucket")
    assert "split equally while one person ran several" in html
    assert "Box days outside this sprint: 0 d." in html


def test_a_running_sprint_shows_its_burndown_and_its_boxes(world: World, as_: As, told: Sprint) -> None:
    with wall("2026-03-12 12:00"):
        html = text(as_(world.vera).get(REVIEW))
    sentence = "1 of 5 committed days remain on day 4 of 10; an even pace would leave 3."
    assert f'role="img" aria-label="{sentence}"' in html
    assert table(html, "Table of the burndown")[1:] == [
        ["Start", "5", "5"],
        ["Mon 9 Mar", "5", "4.5"],
        ["Tue 10 Mar", "1", "4"],
        ["Wed 11 Mar", "1", "3.5"],
        ["Thu 12 Mar", "1", "3"],
    ]
    boxes = table(html, "Table of time boxes in this sprint")[1:]
    assert [(row[1], row[3], row[4], row[6]) for row in boxes] == [("BERT vs GPT comparison", "2.5 d", "Reported in 2d 4h", "Abandon")]
    assert "Carried over" not in html
    assert "Sign off" not in html


def test_a_closed_sprint_says_what_became_of_each_card(world: World, as_: As, told: Sprint) -> None:
    closed(world, told, "2026-03-20 16:00")
    with wall("2026-03-21 12:00"):
        html = text(as_(world.vera).get(REVIEW))
    cards = table(html, "Table of the cards of this sprint")[1:]
    assert [(row[1].split(" Better")[0], *row[4:]) for row in cards] == [
        ("Serve the ranker", "4", "4", "Finished"),
        ("BERT vs GPT comparison", "3", "2.5", "Abandon"),
        ("Retrain the ranker", "1", "0", "Carried over"),
    ]
    assert "Better at a third of the cost." in html
    assert "1 of 3" in html
    assert "Table of the burndown" not in html
    assert table(html, "Table of load per person")[1:] == [
        ["ID Inês Duarte Inês Duarte", "0 d", "10 d", "0%"],
        ["MT Mei Tanaka Mei Tanaka", "3 d", "10 d", "30%"],
        ["OH Omar Haddad Omar Haddad", "5 d", "10 d", "50%"],
    ]


def test_who_changed_the_scope_when(world: World, as_: As, told: Sprint) -> None:
    with wall("2026-03-12 11:00"):
        late = world.maintenance(title="Fix the <b>feed</b>")
        told.take_in(late, world.lead)
        html = text(as_(world.vera).get(REVIEW))
    assert f'Inês added <a href="{late.get_absolute_url()}">{late.ref}</a> Fix the &lt;b&gt;feed&lt;/b&gt;' in html
    assert "+1 d" in html


def test_a_sprint_without_experiments(world: World, as_: As) -> None:
    with wall("2026-03-09 08:00"):
        task = world.development(points=8)
    sprint_from(world, "2026-03-09", task)
    with wall("2026-03-10 12:00"):
        html = text(as_(world.lead).get(REVIEW))
    assert "No research and no experiment has a seat in this sprint." in html
    assert "No days were used yet." in html
    assert "no days yet" in html


def test_an_empty_sprint(world: World, as_: As) -> None:
    sprint = sprint_from(world, "2026-03-09")
    with wall("2026-03-10 12:00"):
        html = text(as_(world.lead).get(REVIEW))
    assert "Nothing is committed in this sprint." in html
    assert "No card has a seat in this sprint." in html
    closed(world, sprint, "2026-03-20 16:00")
    assert "No days were used in this sprint." in text(as_(world.lead).get(REVIEW))


def test_a_planned_sprint_has_nothing_to_review(world: World, as_: As) -> None:
    Sprint.plan(world.team, world.lead)
    html = text(as_(world.lead).get(REVIEW))
    assert "Sprint 1 has not started." in html
    assert 'href="/t/FRAUD/sprints/1/plan/"' in html


def test_the_three_views_of_a_sprint(world: World, as_: As, told: Sprint) -> None:
    html = text(as_(world.lead).get(REVIEW))
    for page in ("plan", "board", "review"):
        assert f'href="/t/FRAUD/sprints/1/{page}/"' in html
    assert 'review/" aria-current="page">Review</a>' in html


def test_the_page_takes_the_same_queries_for_three_cards_and_for_thirty(world: World, as_: As, told: Sprint) -> None:
    client = as_(world.vera)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            text(client.get(REVIEW))
        return len(queries)

    with wall("2026-03-12 12:00"):
        count()
        few = count()
        for n in range(9):
            for task in (world.development(title=f"More {n}", owner=OMAR), world.started(world.experiment(title=f"Try {n}", owner=MEI))):
                told.take_in(task, world.lead)
        told.take_out(Task.objects.get(title="More 3"), world.lead)
        assert (few, count()) == (few, few)
    closed(world, told, "2026-03-20 16:00")
    with wall("2026-03-21 12:00"):
        assert count() < few


def test_it_begins_in_the_teams_own_days(world: World, as_: As) -> None:
    """What the page says of dates is the sprint's, not the reader's."""
    with wall("2026-03-09 08:00"):
        Sprint.plan(world.team, world.lead, starts_on=date(2026, 3, 9)).start(world.lead)
        assert "9 Mar to 20 Mar 2026" in text(as_(world.vera).get(REVIEW))
