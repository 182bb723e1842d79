"""What the probes say."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from dsboard.models import JobRun
from dsboard.views import health

pytestmark = pytest.mark.django_db


def long_running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "STARTED", health.time.monotonic() - 1000)


def test_healthz_answers_a_stranger(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_a_young_process_is_ready_before_its_first_sweep(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "STARTED", health.time.monotonic())
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "jobs": "ok", "last_sweep_age_seconds": None}


def test_a_recent_sweep_is_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    long_running(monkeypatch)
    JobRun.note("dsboard.sweep")
    response = client.get("/readyz")
    assert response.status_code == 200
    assert 0 <= response.json()["last_sweep_age_seconds"] < 5


def test_no_sweep_for_long_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    long_running(monkeypatch)
    JobRun.objects.create(name="dsboard.sweep", ran_at=timezone.now() - timedelta(seconds=100))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["not_ready"] == ["jobs"]
    assert response.json()["jobs"] == "no sweep for 100 seconds"


def test_no_sweep_ever_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    long_running(monkeypatch)
    assert client.get("/readyz").json()["not_ready"] == ["jobs"]


def test_a_database_that_is_down_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(JobRun, "last", down)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "does not answer"


def test_a_redis_that_is_down_is_named(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["not_ready"] == ["jobs"]


@pytest.mark.redis
def test_a_redis_that_answers_is_ready(client: Client, settings: pytest.FixtureRequest, redis_url: str) -> None:
    settings.REDIS_URL = redis_url
    JobRun.note("dsboard.sweep")
    assert client.get("/readyz").status_code == 200
