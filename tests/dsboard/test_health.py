"""What the probes say."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from dsboard.models import JobRun, job_run

pytestmark = pytest.mark.django_db


def long_running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_run, "STARTED", job_run.time.monotonic() - 1000)


def everything_ran(ago: timedelta) -> None:
    for entry in settings.CELERY["beat_schedule"].values():
        JobRun.objects.create(name=entry["task"], ran_at=timezone.now() - ago)


def test_healthz_answers_a_stranger(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_a_young_process_is_ready_before_its_first_sweep(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_run, "STARTED", job_run.time.monotonic())
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "jobs": "ok", "last_sweep_age_seconds": None}


def test_a_recent_sweep_is_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    long_running(monkeypatch)
    everything_ran(timedelta(0))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert 0 <= response.json()["last_sweep_age_seconds"] < 5


def test_no_sweep_for_long_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    long_running(monkeypatch)
    everything_ran(timedelta(seconds=100))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["not_ready"] == ["jobs"]
    assert response.json()["jobs"].startswith("not run: dsboard.deliver for 100 seconds, dsboard.mail for 100 seconds, ")


def test_the_one_sweep_that_is_late_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    long_running(monkeypatch)
    everything_ran(timedelta(0))
    JobRun.objects.filter(name="experiments.remind").update(ran_at=timezone.now() - timedelta(seconds=140))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["jobs"]) == (503, "not run: experiments.remind for 140 seconds")


def test_a_daily_job_has_days(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_run, "STARTED", job_run.time.monotonic() - 7 * 86400)
    everything_ran(timedelta(0))
    JobRun.objects.filter(name="dsboard.holidays").update(ran_at=timezone.now() - timedelta(days=2))
    assert client.get("/readyz").status_code == 200
    JobRun.objects.filter(name="dsboard.holidays").update(ran_at=timezone.now() - timedelta(days=4))
    assert client.get("/readyz").json()["jobs"] == f"not run: dsboard.holidays for {4 * 86400} seconds"


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


def test_a_redis_that_is_down_is_named(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["not_ready"] == ["jobs"]


@pytest.mark.redis
def test_a_redis_that_answers_is_ready(client: Client, settings: Any, redis_url: str) -> None:
    settings.REDIS_URL = redis_url
    everything_ran(timedelta(0))
    assert client.get("/readyz").status_code == 200
