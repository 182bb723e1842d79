"""The processes of a team's installation: written down twice, run here for real."""

import os
import re
import shlex
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from django.db import connection

from tests.processes import ROOT, ask, free_port, manage, started, stop, wait_until

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_and_procfile_name_the_same_processes() -> None:
    commands = {name: service["command"] for name, service in COMPOSE["services"].items() if service.get("image") == "dsboard"}
    assert commands == PROCFILE


def test_the_image_runs_the_web_line() -> None:
    run = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert run and yaml.safe_load(run.group(1)) == shlex.split(PROCFILE["web"])


def test_every_secret_of_compose_is_declared_and_comes_from_a_file() -> None:
    used = {name for service in COMPOSE["services"].values() for name in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"KEY|PASSWORD|DATABASE_URL", name):
                assert name.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_every_volume_and_dependency_of_compose_exists() -> None:
    for service in COMPOSE["services"].values():
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])


def line(name: str, port: int) -> list[str]:
    """A line of the Procfile with this Python, on the loopback address."""
    words = shlex.split(PROCFILE[name].replace("--host 0.0.0.0", "--host 127.0.0.1"))
    return [sys.executable, *words[1:]] + (["--port", str(port)] if name == "web" else [])


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_web_worker_and_beat_run_apart_on_postgresql_and_redis(redis_url: str, tmp_path: Path) -> None:
    name, port = f"dsboard_services_{os.getpid()}", free_port()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    settings = {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}",
        "REDIS_URL": redis_url,
        "SECRET_KEY": "apart",
        "DSBOARD_DATA": str(tmp_path / "data"),
    }
    try:
        migrated = manage(*shlex.split(PROCFILE["migrate"])[2:], **settings)
        assert migrated.returncode == 0, migrated.stderr
        with ExitStack() as running:
            services = {
                service: running.enter_context(started(line(service, port), tmp_path / f"{service}.log", **settings))
                for service in ("web", "worker", "beat")
            }
            wait_until(lambda: ask(f"http://127.0.0.1:{port}/readyz")[0] == 200, 90, "ready")
            wait_until(lambda: ask(f"http://127.0.0.1:{port}/readyz")[1]["last_sweep_age_seconds"] is not None, 45, "a sweep by the worker")
            for service in ("beat", "worker", "web"):
                code, seconds = stop(services[service])
                assert (service, code) == (service, 0)
                assert seconds < 10
        logs = "".join((tmp_path / f"{service}.log").read_text() for service in services)
        assert "Traceback" not in logs
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
