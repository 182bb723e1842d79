"""Every address of a team, walked over the URLconf: strangers are sent to sign in, outsiders find nothing, viewers change nothing."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from dsboard.models import Absence, Activity, DayOff, Delivery, Membership, Webhook
from experiments.models import Task, Tracker
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
    RegistryLink,
    Series,
    Signature,
    Verification,
    Version,
)
from sprints.models import Seat, Sprint
from tests.world import World, found_world


def patterns(resolver: URLResolver, namespace: str = "") -> list[tuple[str, URLPattern]]:
    """Every named address below a resolver."""
    found = []
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            found += patterns(one, one.namespace or namespace)
        elif one.name:
            found.append((f"{namespace}:{one.name}" if namespace else one.name, one))
    return found


def of_a_team() -> list[str]:
    """The names of all addresses below /t/<team>/."""
    return sorted({name for name, one in patterns(get_resolver()) if "team" in one.pattern.converters})


def routes() -> dict[str, str]:
    """The route of each named address."""
    return {name: str(one.pattern) for name, one in patterns(get_resolver())}


ADDRESSES = of_a_team()
#: what a viewer may post: following a card is reading it
READING = {"experiments:watch"}


@pytest.fixture
def world(db: None) -> World:
    return found_world()


@pytest.fixture
def addresses(world: World) -> dict[str, str]:
    """Each name with an address of team FRAUD that is really there."""
    task = world.in_analysis()
    moved = Activity.objects.of(task).filter(verb="moved").last()
    running = Sprint.plan(world.team, world.lead)
    running.take_in(task, world.mei)
    running.start(world.lead)
    seated = Activity.objects.of(task).filter(verb="seated").last()
    known: dict[str, Any] = {
        "team": "FRAUD",
        "ref": task.ref,
        "stage": "ideation",
        "name": "title",
        "pk": moved.pk if moved else 1,
        "number": running.number,
        "place": "learning",
        "bucket": "learning",
        "lane": "ready",
        "table": "allocation",
    }
    members = ("team-member", "team-member-link", "experiments:departure", "experiments:member-calendar")
    absence = Absence.add(world.omar, world.lead, first_day=date(2026, 12, 1), last_day=date(2026, 12, 4))
    day = DayOff.add(world.team, world.lead, day=date(2026, 12, 24), name="Christmas Eve")
    webhook = Webhook.set_up(world.team, world.lead, url="https://hooks.example.org/services/T1")
    delivery = Delivery.objects.create(webhook=webhook, event="findings", key="1", facts={"title": "Findings"}, state="failed")
    pks = dict.fromkeys(members, world.omar.pk) | {"experiments:absence-removal": absence.pk, "experiments:day-off-removal": day.pk}
    model = MLModel.register(world.team, world.lead, name="Ranker", version="v2.3 beta", starts_at="model-development")
    deployment = Deployment.deploy(model.versions.get(), world.lead, environment="staging")
    pks |= {"team-webhook-replay": delivery.pk, "sprints:seat-undo": seated.pk if seated else 1, "handoffs:retirement": deployment.pk}
    handoff = Handoff.start(model.versions.get(), world.lead)
    pks |= {name: handoff.pk for name in ADDRESSES if "/handoffs/<int:pk>/" in routes()[name]}
    kept = EvidenceFile.add(model.versions.get(), world.lead, SimpleUploadedFile("report.pdf", b"%PDF"))
    tracker = Tracker.connect(world.team, world.lead, name="MLflow", url="http://127.0.0.1:9")
    pks |= {name: tracker.pk for name in ADDRESSES if "trackers/<int:pk>/" in routes()[name]}
    point, _ = Series.tell(model, world.lead, name="AUC", value=0.9)
    pks |= {"handoffs:series": point.series.pk, "handoffs:series-removal": point.series.pk}
    pks |= dict.fromkeys(("handoffs:alarm-feedback", "handoffs:alarm-task"), Alarm.raise_(point, "drift", "It drifts.").pk)
    pks |= {"handoffs:registry-removal": RegistryLink.link(model, world.lead, tracker, "ranker").pk}
    of_a_model = {"slug": "ranker", "name": "v2.3 beta", "criterion": "documented", "key": kept.key}
    found = {}
    for name, one in patterns(get_resolver()):
        if name in ADDRESSES:
            values = known | ({"pk": pks[name]} if name in pks else {}) | (of_a_model if "slug" in one.pattern.converters else {})
            values |= {"slug": "model-card", "form": "md"} if "/handoffs/<int:pk>/" in routes()[name] else {}
            found[name] = reverse(name, kwargs={key: values.get(key, "1") for key in one.pattern.converters})
    return found


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("cards.csv", b"title\nOne\n")


def browser(who: Membership | None, **kwargs: Any) -> Client:
    client = Client(**kwargs)
    if who is not None:
        client.force_login(who.user)
    return client


def test_the_walk_finds_the_addresses() -> None:
    assert len(ADDRESSES) > 30
    assert {"experiments:board", "experiments:column", "handoffs:decision", "team-settings"} <= set(ADDRESSES)


def test_strangers_are_sent_to_sign_in(world: World, addresses: dict[str, str]) -> None:
    client = browser(None)
    for url in addresses.values():
        for method in (client.get, client.post):
            response = method(url)
            assert (url, response.status_code) == (url, 302)
            assert response.url.startswith("/sign-in/")


def test_outsiders_find_nothing(world: World, addresses: dict[str, str]) -> None:
    before = list(Activity.objects.values_list("pk", flat=True))
    client = browser(world.ivo)
    htmx = browser(world.ivo, headers={"HX-Request": "true"})
    answers = {(url, method(url).status_code) for url in addresses.values() for method in (client.get, client.post, htmx.get, htmx.post)}
    assert answers == {(url, 404) for url in addresses.values()}
    assert list(Activity.objects.values_list("pk", flat=True)) == before


def test_a_card_of_another_team_is_not_reached_through_ones_own(world: World, addresses: dict[str, str]) -> None:
    client = browser(world.ivo)
    through = {name: url.replace("/t/FRAUD/", "/t/OTHER/") for name, url in addresses.items() if "/tasks/FRAUD-" in url}
    assert len(through) > 10
    assert {name: client.post(url).status_code for name, url in through.items() if client.get(url).status_code not in (404, 405)} == {}
    assert {client.post(url).status_code for url in through.values()} <= {404, 405}


def test_a_viewer_is_refused_whatever_is_posted(world: World, addresses: dict[str, str]) -> None:
    tasks = list(Task.objects.order_by("pk").values())
    history, seats = Activity.objects.count(), list(Seat.objects.order_by("pk").values())
    card = {"stage": "active", "title": "Changed", "text": "Hello", "reason": "No.", "card": "FRAUD-1", "kind": "research", "act": "add"}
    decision = {"outcome": "abandon", "why": "No.", "ref": "FRAUD-1", "phase": "prototype"}
    person = {"email": "new@example.org", "name": "New", "role": "member", "side": "science"}
    hook = {"url": "https://evil.example/", "format": "json", "events": ["findings"], "is_on": "on"}
    sprint = {"goal": "Mine", "starts_on": "2027-03-01", "ends_on": "2027-03-12", "unfinished": "backlog", "note": "Fine."}
    model = {"version": "9", "state": "met", "evidence": "Mine.", "to": "data-exploration", "environment": "staging", "mode": "shadow"}
    said = card | decision | person | hook | sprint | model
    kept = model_rows()
    client = browser(world.vera)
    answers = {name: client.post(url, said | {"file": a_file()}).status_code for name, url in addresses.items() if name not in READING}
    assert {name: status for name, status in answers.items() if status not in (403, 404, 405)} == {}
    assert list(Task.objects.order_by("pk").values()) == tasks
    assert (Webhook.objects.get().url, Delivery.objects.get().state) == ("https://hooks.example.org/services/T1", "failed")
    assert Activity.objects.count() == history
    assert (list(Seat.objects.order_by("pk").values()), Sprint.objects.get().state) == (seats, "running")
    assert model_rows() == kept


def model_rows() -> list[Any]:
    """Everything that is kept of models."""
    return [
        list(table.objects.order_by("pk").values())
        for table in (MLModel, Version, Answer, CardEdition, EvidenceFile, Passage, Deployment, Handoff, Line, Verification, Signature)
    ]
