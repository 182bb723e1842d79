"""The reports: allocation, experiments, time boxes, and each table as a CSV file that no spreadsheet runs."""

import csv
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sprints.models import Sprint
from sprints.tables import OF_SPRINT, OF_TEAM
from tests.sprints.telling import MEI, OMAR, closed, decided, done, reported, sprint_from, started
from tests.sprints.views.test_review import table, text
from tests.world import World, wall

As = Callable[..., Client]
REPORTS = "/t/FRAUD/reports/"
PAGES = ("allocation", "experiments", "time-boxes")
HOSTILE = '=HYPERLINK("http://evil.example";"click")'


@pytest.fixture
def told(world: World) -> Sprint:
    """A closed sprint: eight points finished (4 d), three left, a box of three days used for 2.5 and decided, one that ran out.

    That one had a day from Monday 16 March and ran until the sprint closed on Friday at four, which took it back: 4.875 d.
    """
    with wall("2026-03-09 08:00"):
        task, left = world.development(points=8, owner=OMAR), world.maintenance(points=3, owner=OMAR, title=HOSTILE)
        boxed, late = world.experiment(owner=MEI), world.research(owner=MEI, title="-2+3")
    sprint = sprint_from(world, "2026-03-09", task, left, boxed, late)
    started(world, boxed, "2026-03-09 09:00")
    done(world, task, "2026-03-10 12:00")
    reported(world, boxed, "2026-03-11 13:00")
    decided(world, boxed, "2026-03-12 13:00")
    started(world, late, "2026-03-16 09:00")
    return closed(world, sprint, "2026-03-20 16:00", unfinished="backlog")


def rows(client: Client, name: str) -> list[list[str]]:
    response = client.get(f"{REPORTS}{name}")
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_everybody_of_the_team_reads_and_nobody_else(world: World, as_: As, told: Sprint) -> None:
    for page in PAGES:
        for member in (world.lead, world.mei, world.vera):
            assert "<h1>" in text(as_(member).get(f"{REPORTS}{page}/"))
        assert as_(world.ivo).get(f"{REPORTS}{page}/").status_code == 404
    assert as_(world.ivo).get(f"{REPORTS}load.csv").status_code == 404


class TestAllocation:
    def test_the_chart_stands_above_its_table(self, world: World, as_: As, told: Sprint) -> None:
        html = text(as_(world.vera).get(f"{REPORTS}allocation/"))
        assert table(html, "Table of planned and actual shares")[1:] == [
            ["Sprint 1", "58 / 42 / 0", "35%", "65%", "0%", "Committed −25 Experiments +35 Learning −10"]
        ]
        assert html.index('role="img" aria-label="Planned and actual allocation of sprint 1') < html.index("Table of planned and actual")
        assert "split equally while one person ran several" in html
        assert "Box days outside the sprint" in html

    def test_the_four_numbers(self, world: World, as_: As, told: Sprint) -> None:
        html = text(as_(world.vera).get(f"{REPORTS}allocation/"))
        assert '<dd class="big">35 / 65 / 0</dd><dd class="tiny mute">35 over on experiments, 25 under on committed</dd>' in html
        assert '<dd class="big">1 <small>of 2 started</small></dd>' in html
        assert '<dd class="big">1 of 2</dd>' in html
        assert '<dd class="big">1.0 d</dd><dd class="tiny mute">one decision</dd>' in html

    def test_scope_carry_over_and_points(self, world: World, as_: As, told: Sprint) -> None:
        html = text(as_(world.vera).get(f"{REPORTS}allocation/"))
        assert table(html, "Table of scope change, carry-over and points")[1:] == [["Sprint 1", "0", "0", "0 of 4", "8", "0 d"]]
        assert table(html, "Table of ideas by sprint")[1:] == [["Sprint 1", "0", "2", "1", "1", "1.0 d"]]

    def test_before_the_first_sprint_closes(self, world: World, as_: As) -> None:
        words = "Allocation appears after your first sprint closes. Until then, the plan is on the"
        assert words in text(as_(world.vera).get(f"{REPORTS}allocation/"))
        sprint_from(world, "2026-03-09")
        with wall("2026-03-10 09:00"):
            html = text(as_(world.vera).get(f"{REPORTS}allocation/"))
        assert words in html
        assert 'href="/t/FRAUD/sprints/1/review/">Sprint 1 so far</a>' in html

    def test_no_person_is_ranked_and_none_has_a_velocity(self, world: World, as_: As, told: Sprint) -> None:
        html = text(as_(world.vera).get(f"{REPORTS}allocation/"))
        names = [row[0] for row in table(html, "Table of load per person")[1:]]
        assert names == sorted(names, key=lambda name: name.split()[1])
        assert table(html, "Table of load per person")[0] == ["Person", "S1", "Mean"]


def test_experiments_under_way_and_decided(world: World, as_: As, told: Sprint) -> None:
    with wall("2026-03-23 09:00"):
        world.started(world.experiment(title="Under way"))
        dropped = world.experiment(title="Dropped")
        dropped.drop(world.lead, "Not now.")
        world.experiment(title="An idea")
        html = text(as_(world.vera).get(f"{REPORTS}experiments/"))
    told_of = [row[1:] for row in table(html, "Table of experiments")[1:]]
    assert [(row[0], row[2], row[3], row[4], row[5]) for row in told_of] == [
        ("BERT vs GPT comparison", "Decision", "Supported", "Abandon", "1.0 d"),
        ("Under way", "Active", "", "", ""),
    ]


def test_every_time_box_that_ended(world: World, as_: As, told: Sprint) -> None:
    html = text(as_(world.vera).get(f"{REPORTS}time-boxes/"))
    boxes = [(row[1], *row[3:]) for row in table(html, "Table of time boxes that ended")[1:]]
    assert boxes == [
        ("-2+3", "1", "1 d", "4.9 d", "0", "Expired, nothing reported 3.9 d after its end"),
        ("BERT vs GPT comparison", "1", "3 d", "2.5 d", "0", "Reported inside the box"),
    ]


def test_an_empty_team(world: World, as_: As) -> None:
    client = as_(world.vera)
    assert "No experiments yet." in text(client.get(f"{REPORTS}experiments/"))
    assert "No time box has ended in a sprint yet." in text(client.get(f"{REPORTS}time-boxes/"))
    for name in OF_TEAM:
        assert len(rows(client, f"{name}.csv")) in (1, 6)


class TestFiles:
    @pytest.mark.parametrize("name", [*OF_TEAM, *OF_SPRINT])
    def test_each_table_is_a_file_of_even_rows(self, world: World, as_: As, told: Sprint, name: str) -> None:
        response = as_(world.vera).get(f"{REPORTS}{name}.csv?sprint=1")
        assert response["Content-Disposition"] == f'attachment; filename="FRAUD-{name}.csv"'
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        found = rows(as_(world.vera), f"{name}.csv?sprint=1")
        assert len({len(row) for row in found}) == 1
        assert len(set(found[0])) == len(found[0])

    def test_every_table_of_the_pages_has_its_file(self, world: World, as_: As, told: Sprint) -> None:
        client = as_(world.vera)
        shown = "".join(text(client.get(f"{REPORTS}{page}/")) for page in PAGES)
        shown += text(client.get("/t/FRAUD/sprints/1/review/"))
        sprint_from(world, "2026-03-23")
        with wall("2026-03-24 09:00"):
            shown += text(client.get("/t/FRAUD/sprints/2/review/"))
        assert {name for name in (*OF_TEAM, *OF_SPRINT) if f"{REPORTS}{name}.csv" not in shown} == set()

    def test_allocation(self, world: World, as_: As, told: Sprint) -> None:
        header, row = rows(as_(world.vera), "allocation.csv")
        found = dict(zip(header, row, strict=True))
        assert (found["sprint"], found["state"], found["guideline"]) == ("1", "closed", "60/30/10")
        assert (found["planned_committed_%"], found["actual_committed_%"], found["actual_committed_days"]) == ("58", "35", "4")
        assert found["out_of_band"] == "Committed −25; Experiments +35; Learning −10"

    def test_cells_that_a_spreadsheet_would_run_are_text(self, world: World, as_: As, told: Sprint) -> None:
        client = as_(world.vera)
        titles = [row[2] for row in rows(client, "cards.csv?sprint=1")]
        assert titles == ["title", "Serve the ranker", f"'{HOSTILE}", "BERT vs GPT comparison", "'-2+3"]
        assert [row[2] for row in rows(client, "experiments.csv")] == ["title", "BERT vs GPT comparison"]
        assert "'-2+3" in [row[2] for row in rows(client, "time-boxes.csv")]

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_whatever_it_begins_with(self, world: World, as_: As, told: Sprint, start: str) -> None:
        type(world.mei.user).objects.filter(pk=world.mei.user.pk).update(name=f"{start}1+1")
        names = {row[0] for row in rows(as_(world.vera), "load.csv")}
        assert f"'{start}1+1" in names

    def test_a_table_that_there_is_not(self, world: World, as_: As, told: Sprint) -> None:
        client = as_(world.vera)
        for name in (
            "nonsense.csv",
            "cards.csv",
            "cards.csv?sprint=9",
            "cards.csv?sprint=x",
            "cards.csv?sprint=²",
            f"cards.csv?sprint={'9' * 99}",
        ):
            assert (name, client.get(f"{REPORTS}{name}").status_code) == (name, 404)
        Sprint.plan(world.team, world.lead)
        assert client.get(f"{REPORTS}cards.csv?sprint=2").status_code == 404

    def test_of_earlier_sprints(self, world: World, as_: As, told: Sprint) -> None:
        sprint_from(world, "2026-03-23")
        with wall("2026-03-24 09:00"):
            client = as_(world.vera)
            assert [row[0] for row in rows(client, "changes.csv")] == ["sprint", "2", "1"]
            assert [row[0] for row in rows(client, "changes.csv?until=1")] == ["sprint", "1"]


def test_the_pages_take_the_same_queries_for_one_sprint_and_for_three(world: World, as_: As, told: Sprint) -> None:
    client = as_(world.vera)

    def counts() -> list[int]:
        found = []
        for page in PAGES:
            with CaptureQueriesContext(connection) as queries:
                text(client.get(f"{REPORTS}{page}/"))
            found.append(len(queries))
        return found

    counts()
    few = counts()
    for monday in ("2026-03-23", "2026-04-06"):
        with wall(f"{monday} 08:00"):
            tasks = [world.experiment(title=f"{monday} {n}", owner=MEI) for n in range(6)]
        sprint = sprint_from(world, monday, *tasks)
        for task in tasks:
            started(world, task, f"{monday} 09:00")
            reported(world, task, f"{monday} 12:00")
            decided(world, task, f"{monday} 13:00")
        closed(world, sprint, f"{monday[:8]}{int(monday[8:]) + 7:02} 16:00")
    assert counts() == few
