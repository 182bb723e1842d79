"""Cards over the HTTP API."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Task
from tests.caller import Caller
from tests.world import F1, World, history_of, order_of

EXPERIMENT = {
    "kind": "experiment",
    "title": "BERT vs GPT",
    "description": "See *the paper*.",
    "owner": "mei@example.org",
    "labels": ["nlp", "cost"],
    "hypothesis": "BERT beats GPT-2.",
    "success": "Better at a third of the cost.",
    "metrics": [{"name": "F1", "direction": "higher", "better_than_baseline_by": 0.05, "baseline": 0.8}],
    "hours": 24,
}


@pytest.fixture
def mei(world: World) -> Caller:
    return Caller(world.mei)


def test_an_experiment_is_made_and_told_whole(mei: Caller) -> None:
    made = mei.post("/teams/FRAUD/tasks", **EXPERIMENT)
    assert made.status_code == 201
    assert made["Location"] == "/api/v1/tasks/FRAUD-1"
    card = made.json()
    times = {name: datetime.fromisoformat(card.pop(name)) for name in ("created_at", "updated_at")}
    assert all(time.utcoffset() is not None for time in times.values())
    assert card == {
        **EXPERIMENT,
        "labels": ["cost", "nlp"],
        "metrics": [{"name": "F1", "direction": "higher", "target": None, "better_than_baseline_by": 0.05, "baseline": 0.8}],
        "ref": "FRAUD-1",
        "stage": "ideation",
        "lane": "ready",
        "rank": card["rank"],
        "decider": None,
        "bucket": "experiments",
        "phase": "explore",
        "sprint": None,
        "version": 1,
        "links": [],
        "time_box": {
            "hours": 24,
            "original_hours": 24,
            "used_hours": 0,
            "started_at": None,
            "ends_at": None,
            "state": "idle",
            "pause": None,
            "extensions": [],
            "amendments": [],
        },
        "finding": None,
        "decision": None,
        "outcome": None,
        "url": "http://testserver/t/FRAUD/tasks/FRAUD-1/",
    }
    assert mei.get("/tasks/FRAUD-1").json()["ref"] == "FRAUD-1"


@pytest.mark.parametrize(
    ("fields", "own"),
    [
        (
            {"kind": "research", "question": "Which signals?", "success": "Three.", "hours": 4},
            {"question": "Which signals?", "success": "Three.", "hours": 4, "metrics": []},
        ),
        (
            {"kind": "development", "deliverables": ["An endpoint", {"text": "Docs", "struck_reason": "Not asked for"}], "points": 0.5},
            {
                "deliverables": [
                    {"text": "An endpoint", "done": False, "struck_reason": ""},
                    {"text": "Docs", "done": False, "struck_reason": "Not asked for"},
                ],
                "points": 0.5,
                "confidence": None,
                "requirements_clear": False,
                "technology_known": False,
                "comparable_to": None,
            },
        ),
        (
            {"kind": "maintenance", "serves": "ranker", "work": "bug", "points": 13},
            {"serves": "ranker", "work": "bug", "points": 13, "done_note": ""},
        ),
    ],
    ids=lambda value: value.get("kind", "") if isinstance(value, dict) else "",
)
def test_each_kind_has_its_own_fields(mei: Caller, fields: dict, own: dict) -> None:
    card = mei.post("/teams/FRAUD/tasks", title="A card", **fields).json()
    assert {name: card[name] for name in own} == own
    others = {"question", "hypothesis", "points", "deliverables", "serves", "hours", "metrics", "done_note"} - own.keys()
    assert others & card.keys() == set()


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"points": 3}, "points", "Experiment is sized by a time box, not by story points. Give it hours instead."),
        ({"owner": "ivo@example.org"}, "owner", "Nobody with the address ivo@example.org is in this team."),
        ({"hours": 1000}, "hours", "A time box is at most 10 days (80 hours) here. Split the question."),
        ({"title": " "}, "title", "A title can't be empty."),
        ({"title": "x" * 201}, "title", "title is at most 200 characters."),
        ({"colour": "red"}, "colour", "There is no field colour here."),
        ({"kind": "ticket"}, "kind", "kind is one of 'research', 'experiment', 'development' or 'maintenance'."),
        ({"hours": "24"}, "hours", "hours is a number."),
        ({"labels": "nlp"}, "labels", "labels is a list."),
        ({"metrics": [{"name": "F1", "colour": 1}]}, "metrics.0.colour", "There is no field metrics.0.colour here."),
        ({"metrics": [{"name": "F1"}]}, "metrics", "F1 needs a target, or a margin over the baseline; one of the two."),
        ({"title": "a\x00b"}, "title", "title has a null character in it. Leave it out."),
        ({"version": 7}, "version", "There is no field version here."),
        ({"created_by": "ines@example.org"}, "created_by", "There is no field created_by here."),
    ],
)
def test_what_is_refused_names_its_field(mei: Caller, sent: dict, field: str, sentence: str) -> None:
    answer = mei("POST", "/teams/FRAUD/tasks", {**EXPERIMENT, **sent})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"field": field, "message": sentence}]
    assert (answer.json()["status"], answer.json()["detail"]) == (422, sentence)
    assert Task.objects.count() == 0


def test_a_change_merges_with_another_field_and_clashes_on_the_same(mei: Caller, world: World) -> None:
    task = world.experiment()
    task.change(world.lead, title="Renamed")
    merged = mei.patch(f"/tasks/{task.ref}", version=1, success="Any gain at all.")
    assert merged.status_code == 200
    assert (merged.json()["title"], merged.json()["success"], merged.json()["version"]) == ("Renamed", "Any gain at all.", 3)
    clash = mei.patch(f"/tasks/{task.ref}", version=1, title="Mine")
    assert clash.status_code == 409
    assert clash.json()["current"]["title"] == "Renamed"
    assert clash.json()["detail"] == "Inês changed the title of FRAUD-1 first. Your change was not saved."
    assert mei.get(f"/tasks/{task.ref}").json()["title"] == "Renamed"


def test_a_change_says_which_version_it_saw(mei: Caller, world: World) -> None:
    answer = mei.patch(f"/tasks/{world.experiment().ref}", title="Mine")
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "version", "message": "version is needed."}])


def test_a_version_from_the_future_is_stale(mei: Caller, world: World) -> None:
    assert mei.patch(f"/tasks/{world.experiment().ref}", version=99, title="Mine").status_code == 409


def test_the_kind_can_be_changed_before_the_start(mei: Caller, world: World) -> None:
    task = world.research()
    answer = mei.patch(f"/tasks/{task.ref}", version=1, kind="development", points=3)
    assert answer.status_code == 200
    assert (answer.json()["kind"], answer.json()["stage"], answer.json()["points"], answer.json()["time_box"]) == (
        "development",
        "ready",
        3,
        None,
    )


def test_moving_between_neighbours(mei: Caller, world: World) -> None:
    first, second, third = world.experiment(), world.experiment(), world.experiment()
    answer = mei.post(f"/tasks/{third.ref}/move", stage="ideation", before=first.ref, after=second.ref)
    assert answer.status_code == 200
    assert order_of(world.team, "ready") == [first.ref, third.ref, second.ref]
    answer = mei.post(f"/tasks/{first.ref}/move", stage="active")
    assert (answer.json()["stage"], answer.json()["lane"], answer.json()["owner"]) == ("active", "in_progress", "mei@example.org")
    assert answer.json()["time_box"]["state"] == "running"


@pytest.mark.parametrize(
    ("stage", "field", "way"), [("analysis", "findings", "findings"), ("decision", "stage", "decision"), ("review", "stage", None)]
)
def test_a_refused_move_names_the_way(mei: Caller, world: World, stage: str, field: str, way: str | None) -> None:
    task = world.started(world.experiment())
    before = history_of(task)
    answer = mei.post(f"/tasks/{task.ref}/move", stage=stage)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert answer.json()["way"] == way
    assert history_of(task) == before


def test_a_neighbour_that_left_and_a_card_that_moved_are_409_with_the_card_now(mei: Caller, world: World) -> None:
    first, second = world.experiment(), world.experiment()
    world.started(second)
    gone = mei.post(f"/tasks/{first.ref}/move", stage="ideation", before=second.ref)
    assert (gone.status_code, gone.json()["current"]["ref"]) == (409, first.ref)
    stale = mei.post(f"/tasks/{second.ref}/move", stage="ideation", version=1)
    assert (stale.status_code, stale.json()["current"]["stage"]) == (409, "active")


def test_archive_drops_with_a_reason(mei: Caller, world: World) -> None:
    task = world.experiment()
    assert mei.post(f"/tasks/{task.ref}/archive", reason=" ").status_code == 422
    answer = mei.post(f"/tasks/{task.ref}/archive", reason="Out of scope.")
    assert (answer.status_code, answer.json()["rank"]) == (200, None)
    assert mei.get("/teams/FRAUD/tasks").json() == {"items": [], "count": 0}
    assert mei.get(f"/tasks/{task.ref}").status_code == 200


def test_delete_goes_to_the_bin(mei: Caller, world: World) -> None:
    task = world.experiment()
    assert mei.delete(f"/tasks/{task.ref}").status_code == 200
    assert mei.get(f"/tasks/{task.ref}").status_code == 404
    assert mei.delete(f"/tasks/{task.ref}").status_code == 404
    assert mei.get("/teams/FRAUD/tasks").json()["count"] == 0
    task.refresh_from_db()
    assert task.deleted_at is not None


def test_lists_are_in_lane_then_rank_order_and_filtered(mei: Caller, world: World) -> None:
    research = world.research(labels=["Graph"])
    experiment = world.started(world.experiment(title="Zebra comparison"))
    upkeep = world.maintenance(owner="omar@example.org", bucket="learning")
    done = world.done()

    def refs(query: str) -> list[str]:
        answer = mei.get(f"/teams/FRAUD/tasks?{query}")
        assert answer.status_code == 200, answer.content
        return [item["ref"] for item in answer.json()["items"]]

    assert refs("") == [research.ref, upkeep.ref, experiment.ref, done.ref]
    assert refs("kind=research") == [research.ref]
    assert refs("kind=research&kind=maintenance") == [research.ref, upkeep.ref]
    assert refs("stage=active") == [experiment.ref]
    assert refs("lane=done&lane=in_progress") == [experiment.ref, done.ref]
    assert refs("owner=OMAR@example.org") == [upkeep.ref]
    assert refs("owner=") == [research.ref]
    assert refs("label=graph") == [research.ref]
    assert refs("q=zebr") == [experiment.ref]
    assert refs("sprint=1") == []
    assert refs("limit=1&offset=1") == [upkeep.ref]
    assert mei.get("/teams/FRAUD/tasks?limit=1").json()["count"] == 4


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "offset=-1",
        "offset=99999999999999999999",
        "colour=red",
        "kind=ticket",
        "q=%00",
        "owner=%00",
        "%00=1",
    ],
)
def test_a_query_that_makes_no_sense_is_refused(mei: Caller, query: str) -> None:
    assert mei.get(f"/teams/FRAUD/tasks?{query}").status_code == 422


def test_a_list_costs_the_same_at_one_row_and_at_thirty(mei: Caller, world: World) -> None:
    def fill(count: int) -> None:
        for number in range(count):
            world.experiment(labels=["nlp", f"l{number}"], owner="mei@example.org")
            world.decided(task=world.in_analysis(), outcome="productionize")
            world.development(comparable_to=world.done().ref)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            answer = mei.get("/teams/FRAUD/tasks?limit=100")
        assert answer.status_code == 200
        return len(seen)

    fill(1)
    cost()  # the first call also notes when the token was used
    few = cost()
    fill(6)
    assert mei.get("/teams/FRAUD/tasks").json()["count"] >= 30
    assert cost() == few
    assert few <= 20


def test_comments_and_activity(mei: Caller, world: World) -> None:
    task = world.experiment(metrics=[F1])
    written = mei.post(f"/tasks/{task.ref}/comments", text="Look, @omar")
    assert written.status_code == 201
    assert (written.json()["text"], written.json()["by"]) == ("Look, @omar", "mei@example.org")
    assert mei.get(f"/tasks/{task.ref}/comments").json() == {"items": [written.json()], "count": 1}
    mei.patch(f"/tasks/{task.ref}", version=2, title="Renamed")
    lines = mei.get(f"/tasks/{task.ref}/activity").json()
    assert lines["count"] == 3
    assert {**lines["items"][0], "at": None} == {
        "at": None,
        "by": "mei@example.org",
        "verb": "edited",
        "field": "title",
        "from": "BERT vs GPT comparison",
        "to": "Renamed",
        "also": {},
    }
    task.refresh_from_db()
    task.move_to("active", world.omar)
    started = mei.get(f"/tasks/{task.ref}/activity").json()["items"][0]
    assert started["also"] == {"owner": {"from": None, "to": "omar@example.org"}}
    assert lines["items"][1]["field"] is None
    assert mei.post(f"/tasks/{task.ref}/comments", text="").status_code == 422


def test_links_and_promotion(mei: Caller, world: World) -> None:
    decided = world.decided().task
    built = world.development()
    assert mei.post(f"/tasks/{built.ref}/links", rel="builds_on", ref=decided.ref).status_code == 201
    again = mei.post(f"/tasks/{built.ref}/links", rel="builds_on", ref=decided.ref)
    assert (again.status_code, again.json()) == (200, {"rel": "builds_on", "ref": decided.ref})
    assert mei.get(f"/tasks/{built.ref}/links").json() == {"items": [{"rel": "builds_on", "ref": decided.ref}], "count": 1}
    assert mei.get(f"/tasks/{built.ref}").json()["links"] == [{"rel": "builds_on", "ref": decided.ref}]
    assert mei.post(f"/tasks/{built.ref}/links", rel="origin", ref=decided.ref).status_code == 422
    assert mei.delete(f"/tasks/{built.ref}/links", rel="builds_on", ref=decided.ref).json() == {"items": [], "count": 0}
    assert mei.delete(f"/tasks/{built.ref}/links", rel="builds_on", ref=decided.ref).status_code == 422
    made = mei.post(f"/tasks/{decided.ref}/promotion", phase="prototype", points=3, confidence="rough")
    assert made.status_code == 201
    assert (made.json()["phase"], made.json()["points"], made.json()["links"]) == ("prototype", 3, [{"rel": "phase", "ref": decided.ref}])
    assert made["Location"] == f"/api/v1/tasks/{made.json()['ref']}"
