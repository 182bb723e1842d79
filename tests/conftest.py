"""What all tests share: who may be skipped and why, and a Redis database of one's own."""

import importlib.util
import os
import shutil
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from redis import Redis

from dsboard import throttle
from experiments import kept

KINDS = {
    "postgres": "needs PostgreSQL: --db embedded, or --db with the URL of a server",
    "redis": "needs Redis: --db embedded, or REDIS_URL of a server",
    "browser": "needs Chromium on the PATH and the playwright package",
    "mlflow": "needs MLflow, which DSBOARD_REQUIRE=mlflow installs",
    "audit": "needs the advisory database",
}

#: where the environments of their own are
APART = Path(sys.prefix)


def pytest_configure(config: pytest.Config) -> None:
    for kind, need in KINDS.items():
        config.addinivalue_line("markers", f"{kind}: {need}")
    config.addinivalue_line("markers", "long: a soak or a full kill count, only with --long")


def lacking(kind: str) -> bool:
    """Whether this machine and this run lack what tests of a kind need."""
    match kind:
        case "postgres":
            return not settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
        case "redis":
            return not os.environ.get("DSBOARD_TEST_REDIS")
        case "browser":
            return shutil.which("chromium") is None or importlib.util.find_spec("playwright") is None
        case "mlflow":
            return not all((APART / f"{name}.stamp").exists() for name in ("mlflow", "mlflow2"))
        case _:
            return importlib.util.find_spec(kind) is None


def pytest_runtest_setup(item: pytest.Item) -> None:
    for kind, need in KINDS.items():
        if item.get_closest_marker(kind) and lacking(kind):
            pytest.skip(need)
    if item.get_closest_marker("long") and not item.config.getoption("--long"):
        pytest.skip("only with --long")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """DSBOARD_REQUIRE=postgres,browser turns a skip of these kinds into a failure, or a skip hides for ever."""
    report = yield
    required = set(os.environ.get("DSBOARD_REQUIRE", "").replace(" ", "").split(",")) & KINDS.keys()
    missed = sorted(kind for kind in required if item.get_closest_marker(kind))
    if report.skipped and missed and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"DSBOARD_REQUIRE asks for {', '.join(missed)}, but this was skipped: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped and why."""
    skips = terminalreporter.stats.get("skipped", [])
    if not skips:
        return
    terminalreporter.section("skipped")
    for reason, count in sorted(Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skips).items()):
        terminalreporter.line(f"{count} skipped: {reason}")


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    """Nobody starts with somebody else's wrong tries, or with boards of another database."""
    throttle.reset()
    kept.forget()


@pytest.fixture
def own_folder(settings: Any, tmp_path: Path) -> Path:
    """Where this test's files lie, and no others."""
    where = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"default": where}
    return tmp_path / "files"


@pytest.fixture
def redis_url() -> Iterator[str]:
    """The address of an empty Redis database, emptied again afterwards. The test must be marked `redis`."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    parts = urlsplit(os.environ["DSBOARD_TEST_REDIS"])
    for number in [(worker * 3 + step) % 15 + 1 for step in range(15)]:
        url = parts._replace(path=f"/{number}").geturl()
        with Redis.from_url(url) as mine:
            if mine.dbsize() == 0:
                yield url
                mine.flushdb()
                return
    pytest.fail("every database of this Redis holds something")
