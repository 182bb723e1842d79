"""Access over the HTTP API: every operation of the document, for a stranger, an outsider, a viewer; and ids of another team in bodies."""

import json
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dsboard.api.root import api
from dsboard.kinds import Kind
from dsboard.models import Absence, Activity, Notice, Team
from dsboard.roles import Role
from experiments.models import (
    Attachment,
    Comment,
    Decision,
    Extension,
    Finding,
    Label,
    Metric,
    Run,
    RunLink,
    RunMetric,
    Task,
    TaskLink,
    TimeBox,
    Tracker,
    outcomes,
)
from handoffs.models import (
    Alarm,
    Answer,
    CardEdition,
    Deployment,
    EvidenceFile,
    Handoff,
    Line,
    MLModel,
    Passage,
    Point,
    RegistryLink,
    RetrainingPlan,
    Series,
    Signature,
    Verification,
    Version,
)
from sprints.models import Capacity, Seat, Sprint
from tests.caller import Caller
from tests.world import World, found_world

DOCUMENT = api.get_openapi_schema(path_prefix="")
OPERATIONS = [
    (method.upper(), path, "requestBody" in operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
NAMED = [row for row in OPERATIONS if "{" in row[1]]
UNSAFE = [row for row in OPERATIONS if row[0] != "GET"]
#: a body that fits each operation, so that nothing but access can be in the way
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/teams/{key}/tasks"): {"kind": "research", "title": "Mine"},
    ("PATCH", "/tasks/{ref}"): {"version": 1, "title": "Mine"},
    ("POST", "/tasks/{ref}/move"): {"stage": "active"},
    ("POST", "/tasks/{ref}/archive"): {"reason": "Mine."},
    ("POST", "/tasks/{ref}/findings"): {"tried": "It.", "learned": "Much."},
    ("POST", "/tasks/{ref}/comments"): {"text": "Mine."},
    ("POST", "/tasks/{ref}/links"): {"rel": "builds_on", "ref": "FRAUD-1"},
    ("DELETE", "/tasks/{ref}/links"): {"rel": "builds_on", "ref": "FRAUD-1"},
    ("POST", "/tasks/{ref}/promotion"): {"phase": "prototype"},
    ("PUT", "/tasks/{ref}/time-box"): {"hours": 8},
    ("POST", "/tasks/{ref}/time-box/extension"): {"hours": 1, "reason": "Mine."},
    ("POST", "/tasks/{ref}/time-box/pause"): {"reason": "Mine."},
    ("POST", "/tasks/{ref}/time-box/resume"): {},
    ("POST", "/teams/{key}/absences"): {"email": "mei@example.org", "from": "2026-12-01", "to": "2026-12-02"},
    ("POST", "/tasks/{ref}/time-box/nudge"): {},
    ("POST", "/tasks/{ref}/runs"): {"external_id": "mine", "metrics": {"macro-F1": 0.99}},
    ("POST", "/teams/{key}/trackers"): {"name": "Mine", "url": "http://127.0.0.1:9"},
    ("PATCH", "/teams/{key}/trackers/{id}"): {"name": "Mine"},
    ("POST", "/tasks/{ref}/run-links"): {"tracker": 1, "experiment": "mine"},
    ("POST", "/teams/{key}/models/{slug}/metrics"): {"name": "AUC", "value": 0.1},
    ("POST", "/teams/{key}/models/{slug}/registry"): {"tracker": 1, "name": "mine"},
    ("PUT", "/teams/{key}/models/{slug}/series"): {"name": "Mine"},
    ("PUT", "/teams/{key}/models/{slug}/alarms/{id}/feedback"): {"feedback": "true"},
    ("POST", "/teams/{key}/models/{slug}/alarms/{id}/task"): {},
    ("PUT", "/teams/{key}/models/{slug}/retraining"): {"every": "week"},
    ("POST", "/me/notices/{id}/read"): {},
    ("POST", "/tasks/{ref}/decision"): {"outcome": "abandon", "why": "Mine."},
    ("POST", "/tasks/{ref}/decision/reversal"): {"reason": "Mine."},
    ("POST", "/teams/{key}/sprints"): {"goal": "Mine."},
    ("PATCH", "/teams/{key}/sprints/{n}"): {"goal": "Mine."},
    ("POST", "/teams/{key}/sprints/{n}/tasks"): {"ref": "FRAUD-2"},
    ("POST", "/teams/{key}/sprints/{n}/start"): {},
    ("POST", "/teams/{key}/sprints/{n}/close"): {"unfinished": "backlog"},
    ("POST", "/teams/{key}/sprints/{n}/sign-off"): {"note": "Mine."},
    ("POST", "/teams/{key}/models"): {"name": "Mine"},
    ("PATCH", "/teams/{key}/models/{slug}"): {"name": "Mine"},
    ("POST", "/teams/{key}/models/{slug}/versions"): {"version": "mine"},
    ("PATCH", "/teams/{key}/models/{slug}/versions/{v}"): {"artifact": "s3://mine"},
    ("PUT", "/teams/{key}/models/{slug}/versions/{v}/criteria/{criterion}"): {"state": "met", "evidence": "Mine."},
    ("POST", "/teams/{key}/models/{slug}/versions/{v}/stage"): {"to": "data-exploration", "reason": "Mine."},
    ("POST", "/teams/{key}/models/{slug}/versions/{v}/deployments"): {"environment": "staging"},
    ("PATCH", "/teams/{key}/models/{slug}/versions/{v}/deployments/{id}"): {"state": "retired"},
    ("PUT", "/teams/{key}/models/{slug}/versions/{v}/card"): {"text": "# Mine"},
    ("POST", "/teams/{key}/handoffs"): {"model": "ranker", "version": "v2.3 beta"},
    ("POST", "/teams/{key}/handoffs/{id}/offer"): {},
    ("POST", "/teams/{key}/handoffs/{id}/return"): {"reason": "Mine."},
    ("POST", "/teams/{key}/handoffs/{id}/withdrawal"): {"reason": "Mine."},
    ("POST", "/teams/{key}/handoffs/{id}/signature"): {},
    ("POST", "/teams/{key}/handoffs/{id}/tasks"): {},
    ("PUT", "/teams/{key}/handoffs/{id}/lines/{line}"): {"state": "provided", "evidence": "Mine."},
    ("POST", "/teams/{key}/handoffs/{id}/lines/{line}/verification"): {},
}


@pytest.fixture
def world(db: None) -> World:
    world = found_world()
    Comment.write(world.experiment(), world.omar, "@ines, @mei and @vera")
    Absence.add(world.omar, world.lead, first_day=date(2026, 12, 1), last_day=date(2026, 12, 4))
    Sprint.plan(world.team, world.lead, goal="Rings").take_in(world.experiment(), world.mei)
    model = MLModel.register(world.team, world.mei, name="Ranker", version="v2.3 beta", starts_at="model-development")
    Deployment.deploy(model.versions.get(), world.mei, environment="staging", mode="shadow")
    CardEdition.write(model.versions.get(), world.mei, "# Theirs")
    EvidenceFile.add(model.versions.get(), world.mei, SimpleUploadedFile("secret.pdf", b"%PDF"))
    point, _ = Series.tell(model, world.mei, name="AUC", value=0.9)
    Alarm.raise_(point, "drift", "It drifts.")
    Tracker.connect(world.team, world.lead, name="MLflow", url="http://127.0.0.1:9", auth="token", secret="a secret")
    RegistryLink.link(model, world.mei, Tracker.objects.get(), "theirs")
    handoff = Handoff.start(model.versions.get(), world.mei)
    handoff.read_lines()[1].put("provided", world.mei, evidence="We looked.")
    handoff.offer(world.mei)
    return world


UPLOADS = {("POST", "/teams/{key}/models/{slug}/versions/{v}/files"), ("POST", "/tasks/{ref}/attachments")}


def state() -> list[Any]:
    """Every row that an act through the API could write."""
    models = (
        Task,
        Finding,
        Decision,
        Comment,
        TaskLink,
        Label,
        Activity,
        Notice,
        TimeBox,
        Extension,
        Absence,
        Sprint,
        Seat,
        Capacity,
        MLModel,
        Version,
        Answer,
        Passage,
        CardEdition,
        EvidenceFile,
        Deployment,
        Handoff,
        Line,
        Verification,
        Signature,
        Tracker,
        Series,
        Point,
        Alarm,
        RetrainingPlan,
        RegistryLink,
        # A run that is told has a metric; the one that `run_of` makes has none.
        RunMetric,
        Metric,
    )
    return [list(model.objects.order_by("pk").values()) for model in models]


def number_in(path: str) -> int:
    """A row that is really there, of the list that an address names rows of by number."""
    tables: dict[str, Any] = {
        "absences": Absence,
        "notices": Notice,
        "deployments": Deployment,
        "handoffs": Handoff,
        "trackers": Tracker,
        "series": Series,
        "alarms": Alarm,
        "registry": RegistryLink,
    }
    named = [model for name, model in tables.items() if f"/{name}/" in path]
    return named[0].objects.order_by("pk").values_list("pk", flat=True)[0] if named else 1


def filled(path: str, key: str, ref: str) -> str:
    """The address of something that is there."""
    named = {"n": 1, "slug": "ranker", "v": quote("v2.3 beta"), "criterion": "documented", "line": "model-card"}
    if "{file}" in path:
        named["file"] = EvidenceFile.objects.get().key
    number = (
        link_of(ref)
        if "/run-links/" in path
        else run_of(ref)
        if "/runs/" in path
        else attachment_of(ref)
        if "/attachments/" in path
        else number_in(path)
    )
    return path.format(key=key, ref=ref, id=number, **named)


def attachment_of(ref: str) -> int:
    """A file that is really there, on that card; any number where there is no such card."""
    task = Task.objects.filter(ref=ref).first()
    if task is None:
        return 1
    kept = {"name": "secret.pdf", "size": 4, "sha256": 64 * "a", "file": SimpleUploadedFile("secret.pdf", b"%PDF")}
    found, _ = Attachment.objects.get_or_create(task=task, defaults=kept)
    return int(found.pk)


def link_of(ref: str) -> int:
    """A link to runs that is really there, of that card; any number where there is no such card."""
    task, server = Task.objects.filter(ref=ref).first(), Tracker.objects.first()
    return int(RunLink.objects.get_or_create(task=task, tracker=server, experiment="theirs")[0].pk) if task and server else 1


def run_of(ref: str) -> int:
    """A run that is really there, of that card; any number where there is no such card."""
    task = Task.objects.filter(ref=ref).first()
    return int(Run.objects.get_or_create(task=task, external_id="secret")[0].pk) if task else 1


def call(caller: Caller, method: str, path: str, has_body: bool, ref: str, key: str = "FRAUD") -> Any:
    """The operation on one card or team, with a body that fits."""
    if (method, path) in UPLOADS:
        return caller.upload(filled(path, key=key, ref=ref))
    assert not has_body or (method, path) in BODIES, f"BODIES has none for {method} {path}"
    return caller(method, filled(path, key=key, ref=ref), BODIES.get((method, path)))


def ids(rows: list[tuple[str, str, bool]]) -> list[str]:
    return [f"{method} {path}" for method, path, _ in rows]


@pytest.mark.parametrize(("method", "path", "has_body"), OPERATIONS, ids=ids(OPERATIONS))
def test_without_a_token_every_operation_is_401(world: World, method: str, path: str, has_body: bool) -> None:
    task = world.in_analysis()
    before = state()
    answers = [call(caller, method, path, has_body, task.ref) for caller in (Caller(), Caller(token="dsb_wrong"))]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert task.title.encode() not in answers[0].content + answers[1].content
    assert state() == before


@pytest.mark.parametrize(("method", "path", "has_body"), NAMED, ids=ids(NAMED))
def test_to_an_outsider_every_address_is_as_unknown_as_one_that_never_was(world: World, method: str, path: str, has_body: bool) -> None:
    task = world.in_analysis()
    ivo = Caller(world.ivo)
    before = state()
    there, nowhere = call(ivo, method, path, has_body, task.ref), call(ivo, method, path, has_body, "FRAUD-999", key="NOBODY")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.content == nowhere.content
    assert state() == before


@pytest.mark.parametrize(("method", "path", "has_body"), UNSAFE, ids=ids(UNSAFE))
def test_a_viewer_and_a_reading_token_change_nothing(world: World, method: str, path: str, has_body: bool) -> None:
    task = world.in_analysis()
    before = state()
    answers = [call(caller, method, path, has_body, task.ref) for caller in (Caller(world.vera), Caller(world.lead, scope="read"))]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert state() == before


@pytest.mark.parametrize(("method", "path", "has_body"), [row for row in OPERATIONS if row[0] == "GET"])
def test_a_viewer_reads_everything(world: World, method: str, path: str, has_body: bool) -> None:
    task = world.in_analysis()
    assert call(Caller(world.vera), method, path, has_body, task.ref).status_code == 200
    assert call(Caller(world.lead, scope="runs"), method, path, has_body, task.ref).status_code == 403


@pytest.mark.parametrize(("method", "path", "has_body"), UNSAFE, ids=ids(UNSAFE))
def test_a_token_for_runs_posts_runs_and_nothing_else(world: World, method: str, path: str, has_body: bool) -> None:
    task = world.in_analysis()
    answer = call(Caller(world.lead, scope="runs"), method, path, has_body, task.ref)
    told = {("POST", "/tasks/{ref}/runs"), ("POST", "/teams/{key}/models/{slug}/metrics")}
    assert answer.status_code == (201 if (method, path) in told else 403)


def test_a_token_follows_its_owners_role_at_once(world: World) -> None:
    task, caller = world.experiment(), Caller(world.mei)
    assert caller.post(f"/tasks/{task.ref}/comments", text="Mine.").status_code == 201
    world.mei.role = Role.VIEWER
    world.mei.save()
    assert caller.post(f"/tasks/{task.ref}/comments", text="Mine.").status_code == 403
    world.mei.delete()
    assert caller.get(f"/tasks/{task.ref}").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "/teams/FRAUD/tasks", {"kind": "research", "title": "Mine", "owner": "{person}"}),
        ("POST", "/teams/FRAUD/tasks", {"kind": "research", "title": "Mine", "decider": "{person}"}),
        ("POST", "/teams/FRAUD/tasks", {"kind": "development", "title": "Mine", "comparable_to": "{ref}"}),
        ("PATCH", "/tasks/{own}", {"version": 1, "owner": "{person}"}),
        ("PATCH", "/tasks/{own}", {"version": 1, "decider": "{person}"}),
        ("PATCH", "/tasks/{own}", {"version": 1, "comparable_to": "{ref}"}),
        ("POST", "/tasks/{own}/move", {"stage": "ready", "before": "{ref}"}),
        ("POST", "/tasks/{own}/move", {"stage": "ready", "after": "{ref}"}),
        ("POST", "/tasks/{own}/links", {"rel": "builds_on", "ref": "{ref}"}),
        ("DELETE", "/tasks/{own}/links", {"rel": "builds_on", "ref": "{ref}"}),
        ("POST", "/teams/FRAUD/sprints/1/tasks", {"ref": "{ref}"}),
        ("POST", "/teams/FRAUD/models", {"name": "Mine", "owners": ["{person}"]}),
        ("PATCH", "/teams/FRAUD/models/ranker", {"owners": ["{person}"]}),
        ("POST", "/teams/FRAUD/models/ranker/versions", {"version": "v9", "origin": "{ref}"}),
        ("PATCH", "/teams/FRAUD/models/ranker/versions/v2.3%20beta", {"origin": "{ref}"}),
        (
            "PUT",
            "/teams/FRAUD/models/ranker/versions/v2.3%20beta/criteria/documented",
            {"state": "met", "evidence": {"type": "task", "value": "{ref}"}},
        ),
        ("PUT", "/teams/FRAUD/handoffs/{handoff}/lines/model-card", {"state": "provided", "evidence": {"type": "task", "value": "{ref}"}}),
        ("PUT", "/teams/FRAUD/handoffs/{handoff}/lines/documentation", {"state": "missing", "owner": "{person}"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
def test_ids_of_another_team_in_a_body_change_nothing_and_show_nothing(world: World, method: str, path: str, sent: dict[str, Any]) -> None:
    """What is another team's gets the answer that something made up gets, word for word but for its name."""
    own = world.development()
    foreign = world.done(world.development(by=world.ivo, title="Secret plans"), by=world.ivo)
    if "builds_on" in sent.values():
        foreign = world.started(world.experiment(by=world.ivo, title="Secret plans"), world.ivo)
        world.report(foreign, by=world.ivo)
        outcomes.abandon(foreign, world.ivo, why="A secret.")
    caller = Caller(world.mei)
    said = []
    for person, ref in (("ivo@example.org", foreign.ref), ("xyz@example.org", "OTHER-9")):
        body = json.loads(json.dumps(sent).replace("{person}", person).replace("{ref}", ref))
        before = state()
        answer = caller(method, path.format(own=own.ref, handoff=Handoff.objects.get().pk), body)
        assert answer.status_code in (409, 422)
        assert state() == before
        assert b"Secret plans" not in answer.content
        said.append((answer.status_code, answer.content.decode().replace(person, "").replace(ref, "")))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "/teams/FRAUD/sprints", '{"capacity": [{"email": "<person>", "availability": 1}]}'),
        ("PATCH", "/teams/FRAUD/sprints/2", '{"capacity": [{"email": "<person>", "availability": 1}]}'),
        ("POST", "/teams/FRAUD/sprints/1/close", '{"except": {"<ref>": "carry"}}'),
        ("POST", "/teams/FRAUD/sprints/1/close", '{"earned": {"<ref>": 50}}'),
    ],
)
def test_nor_do_those_that_a_lead_sends_of_a_sprint(world: World, method: str, path: str, sent: str) -> None:
    foreign = world.development(by=world.ivo, title="Secret plans")
    world.team.sprints.get().start(world.lead)
    Sprint.plan(world.team, world.lead)
    said = []
    for person, ref in (("ivo@example.org", foreign.ref), ("xyz@example.org", "OTHER-9")):
        before = state()
        answer = Caller(world.lead)(method, path, json.loads(sent.replace("<person>", person).replace("<ref>", ref)))
        assert (answer.status_code, state()) == (422, before)
        said.append((answer.json()["errors"][0]["field"], answer.content.decode().replace(person, "").replace(ref, "")))
    assert said[0] == said[1]


@pytest.mark.parametrize("query", ["owner=ivo@example.org", "label=secret", "q=secret", "similar_to=secret+plans", "q=plans", "sprint=2"])
def test_filters_and_searches_never_reach_another_team(world: World, query: str) -> None:
    """Row 5: lists, counts and nearest neighbours are of this team alone."""
    theirs = world.experiment(by=world.ivo, title="Secret plans", labels=["secret"], owner="ivo@example.org", hypothesis="A secret plan.")
    world.started(theirs, world.ivo)
    world.report(theirs, by=world.ivo, learned="A secret.")
    for _ in range(2):
        sprint = Sprint.plan(world.other, world.ivo)
    sprint.take_in(theirs, world.ivo)
    world.in_analysis()
    caller, list_of = Caller(world.mei), "findings" if "similar" in query else "tasks"
    assert caller.get(f"/teams/FRAUD/{list_of}?{query}").json() == {"items": [], "count": 0}
    assert Caller(world.ivo).get(f"/teams/OTHER/{list_of}?{query}").json()["count"] == 1


def test_a_mention_of_a_stranger_tells_nobody(world: World) -> None:
    Caller(world.mei).post(f"/tasks/{world.experiment().ref}/comments", text="Look, @ivo and @ivo@example.org")
    assert not Notice.objects.filter(by=world.mei.user_id, kind=Kind.MENTION).exists()


@pytest.mark.parametrize("name", ["ref", "number", "team", "team_id", "created_by", "deleted_at", "version", "rank", "id", "stage", "lane"])
def test_a_field_that_is_not_for_sending_is_refused(world: World, name: str) -> None:
    """Rows 22 to 24: no authorship, no place, no team by mass assignment."""
    before = state()
    answer = Caller(world.mei)("POST", "/teams/FRAUD/tasks", {"kind": "research", "title": "Mine", name: 1})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, name)
    assert state() == before


@pytest.mark.parametrize("query", ["owner__password=x", "order_by=team", "kind__in=research", "team=OTHER", "limit=1;DROP TABLE"])
def test_no_field_name_of_the_database_comes_from_the_query(world: World, query: str) -> None:
    """Row 19."""
    assert Caller(world.mei).get(f"/teams/FRAUD/tasks?{query}").status_code == 422


def test_the_author_is_always_the_owner_of_the_token(world: World) -> None:
    task = world.started(world.experiment())
    caller = Caller(world.omar)
    caller.post(f"/tasks/{task.ref}/comments", text="I, Inês, say so.")
    caller.patch(f"/tasks/{task.ref}", version=2, title="Mine")
    assert {line["by"] for line in caller.get(f"/tasks/{task.ref}/activity").json()["items"][:2]} == {"omar@example.org"}


def test_what_the_own_team_may_not_read_any_more_is_gone(world: World) -> None:
    """The bin hides a card from every list and from what links to it."""
    source = world.decided("more_research").task
    caller = Caller(world.mei)
    ref = caller.get(f"/tasks/{source.ref}").json()["links"][0]["ref"]
    Caller(world.lead).delete(f"/tasks/{ref}")
    assert caller.get(f"/tasks/{source.ref}").json()["links"] == []
    assert caller.get(f"/tasks/{source.ref}/links").json()["count"] == 0
    for path in ("", "/comments", "/activity", "/links"):
        assert caller.get(f"/tasks/{ref}{path}").status_code == 404
    assert Team.objects.count() == 2
