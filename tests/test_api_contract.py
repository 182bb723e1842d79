"""A contract fuzzer over the OpenAPI document: no server error, no undeclared answer, nothing outside its schema."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dsboard.api.root import api
from dsboard.models import Absence, Notice
from experiments.models import Attachment, Comment, Task
from handoffs.checklists import CRITERIA
from handoffs.models import CardEdition, Deployment, EvidenceFile, Handoff, MLModel, Version
from sprints.models import Sprint
from tests.caller import Caller
from tests.handoffs.table import everything_verified
from tests.world import World, found_world

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    allow_header_conformance,
]
DOCUMENT = api.get_openapi_schema(path_prefix="/api/v1/")
OPERATIONS = [(method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations]
EXAMPLES, EXAMPLES_LONG = 10, 200
FLOORS = ("dsboard", "experiments", "sprints", "handoffs")


@pytest.fixture
def world(db: None) -> World:
    return found_world()


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A request would close the connection that holds the test's transaction; Django's own client does the same."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def refs(world: World) -> list[str]:
    """Cards of every kind and stage, so that what the fuzzer sends reaches the verbs."""
    cards = [
        world.research(labels=["graph"], owner="mei@example.org"),
        world.experiment(),
        world.started(world.experiment()),
        world.in_analysis(),
        world.in_analysis(),
        world.decided().task,
        world.decided("productionize").task,
        world.decided("more_research").task,
        world.development(),
        world.started(world.development()),
        world.done(),
        world.maintenance(),
        world.started(world.maintenance()),
    ]
    for _ in range(3):
        Comment.write(Task.objects.within(world.team)[0], world.omar, "@ines")
    for name in ("mei", "omar", "lead"):
        member = getattr(world, name)
        Absence.add(member, world.lead, first_day=date(2026, 12, 1), last_day=date(2026, 12, 4))
    plan_sprints(world, cards)
    for card in cards[:2]:
        Attachment.add(card, world.mei, SimpleUploadedFile("report.pdf", b"%PDF"))
    keep_models(world)
    return [card.ref for card in cards]


def plan_sprints(world: World, cards: list[Task]) -> None:
    """Sprint 1 is closed, sprint 2 runs, sprints 3 and 4 are planned; with open cards in each."""
    open_ones = [card for card in cards if Task.objects.within(world.team).open().filter(pk=card.pk).exists()]
    sprints = [Sprint.plan(world.team, world.lead) for _ in range(4)]
    for sprint in sprints[:2]:
        for card in open_ones[:4]:
            sprint.take_in(card, world.mei)
        sprint.start(world.lead)
        if sprint is sprints[0]:
            sprint.close(world.lead, unfinished="backlog")
    for card in open_ones[2:]:
        sprints[2].take_in(card, world.mei)


def keep_models(world: World) -> None:
    """A model with a version at its start, one that is built and live, and one that retrains it."""
    model = MLModel.register(world.team, world.mei, name="Ranker", owners=["mei@example.org"])
    built = Version.add(model, world.mei, name="v2.3 beta", starts_at="model-development", metrics={"AUC": 0.9})
    for criterion in CRITERIA[:12]:
        built.answer(criterion.slug, world.mei, state="met", evidence="We looked.")
    Deployment.deploy(built, world.mei, environment="staging", share=20)
    Deployment.deploy(built, world.mei, environment="staging")
    built.advance("deployment", world.lead, override_reason="By mail.")
    v3 = Version.add(model, world.mei, name="v3", retrains=built)
    everything_verified(world, Handoff.start(built, world.mei))
    Handoff.start(v3, world.lead)
    CardEdition.write(built, world.mei, "# Ranker")
    EvidenceFile.add(built, world.mei, SimpleUploadedFile("report.pdf", b"%PDF"))


def rows_named(path: str) -> list[int]:
    """The numbers of the rows that an address can name."""
    tables: dict[str, Any] = {"absences": Absence, "notices": Notice, "deployments": Deployment, "handoffs": Handoff}
    tables["attachments"] = Attachment
    named = [model for name, model in tables.items() if f"/{name}/" in path]
    return list(named[0].objects.values_list("pk", flat=True)) if named else [1]


@cache
def contract() -> Any:
    """The document as the fuzzer reads it, asked of the API itself."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())


def can_be_wrong(method: str, path: str) -> bool:
    """Whether an operation takes anything beside its address, which fits its schema whatever it is."""
    operation = DOCUMENT["paths"][path][method.lower()]
    return "requestBody" in operation or any(parameter["in"] == "query" for parameter in operation["parameters"])


def shapes(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """All that is told or taken, of every floor."""
    for below in kind.__subclasses__():
        if below.__module__.split(".")[0] in FLOORS and "[" not in below.__name__:
            yield below
        yield from shapes(below)


def test_no_two_shapes_share_a_name() -> None:
    """The document keeps shapes by name: the second of a name would take the place of the first in what the other floor tells."""
    homes: dict[str, set[str]] = {}
    for shape in shapes(BaseModel):
        homes.setdefault(shape.__name__, set()).add(shape.__module__)
    assert {name: sorted(found) for name, found in homes.items() if len(found) > 1} == {}
    assert {"SentLink", "SentWebLink", "SentSprint"} <= set(homes)


RUNS = [
    *[(GenerationMode.POSITIVE, method, path) for method, path in OPERATIONS],
    *[(GenerationMode.NEGATIVE, method, path) for method, path in OPERATIONS if can_be_wrong(method, path)],
]


@pytest.mark.parametrize(
    ("mode", "method", "path"), RUNS, ids=[f"{mode.value} {method} {path.removeprefix('/api/v1')}" for mode, method, path in RUNS]
)
def test_no_server_error_and_no_undeclared_answer(
    mode: GenerationMode, method: str, path: str, world: World, refs: list[str], request: pytest.FixtureRequest
) -> None:
    caller = Caller(world.lead)
    operation = contract()[path][method]
    known = {
        "key": st.just("FRAUD"),
        "ref": st.sampled_from(refs),
        "id": st.sampled_from(rows_named(path)),
        "n": st.sampled_from([1, 2, 3, 4, 5]),
        "slug": st.just("ranker"),
        "v": st.sampled_from(["v1", "v2.3 beta", "v3"]),
        "file": st.sampled_from([*EvidenceFile.objects.values_list("key", flat=True), "f-none"]),
        "line": st.sampled_from(["model-card", "serving-platform", "documentation", "beauty"]),
        "criterion": st.sampled_from(["documented", "ab-test", "baseline-established"]),
    }

    @settings(
        max_examples=EXAMPLES_LONG if request.config.getoption("--long") else EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), choices=st.fixed_dictionaries(known))
    def ask(case: schemathesis.Case, choices: dict[str, Any]) -> None:
        # Made-up references would all end in 404; these reach the verbs.
        case.path_parameters = {name: choices[name] for name in case.path_parameters or {}}
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {caller.token}", "Accept-Encoding": "identity"}
        with transaction.atomic():
            case.call_and_validate(checks=CHECKS)
            transaction.set_rollback(True)

    ask()
