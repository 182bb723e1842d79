"""A worker killed in the middle of reading, again and again: no run doubled, none lost."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.experiments.tracking.fake import Said, Store, run, tracking
from tests.processes import ROOT, environment, manage

RUNS, KILLS = 600, 10
FAST = {"DJANGO_SETTINGS_MODULE": "tests.fast_settings", "DSBOARD_LOG": "ERROR"}


class Slow(Store):
    """Its pages are small and take a while, so that a kill mostly comes in the middle."""

    def __call__(self, path: str, sent: dict[str, Any]) -> Said:
        if path == "runs/search":
            time.sleep(0.15)
        return super().__call__(path, sent)


def sweeping(env: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "tests.experiments.tracking.sweeper", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment(**env), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.skipif(settings.DATABASES["default"]["ENGINE"].endswith("postgresql"), reason="a process of its own has a database of its own")
def test_ten_kills_in_mid_reading(tmp_path: Path) -> None:
    env = FAST | {"DSBOARD_DATA": str(tmp_path)}
    assert manage("migrate", "--noinput", **env).returncode == 0
    store, chance = Slow([run(number) for number in range(60, RUNS + 60)]), random.Random(7)
    store.page = 20
    with tracking(store) as fake:
        sweeping(env, "prepare", fake.url)
        killed, cut = 0, 0
        while killed < KILLS:
            before = len(fake.asked)
            with (tmp_path / "worker.log").open("ab") as log:
                command = [sys.executable, "-m", "tests.experiments.tracking.sweeper", "sweep"]
                worker = subprocess.Popen(command, cwd=ROOT, env=environment(**env), stdout=log, stderr=log, start_new_session=True)
            until = time.monotonic() + 60
            while len(fake.asked) < before + 3 and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 0.4))
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
            killed += 1
            told = json.loads(sweeping(env, "tell"))
            cut += not told["synced"]
            assert told["twice"] == 0
            if told["synced"]:
                sweeping(env, "again")
        worker = subprocess.Popen(command, cwd=ROOT, env=environment(**env), start_new_session=True, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 120
        while not (told := json.loads(sweeping(env, "tell")))["synced"] and time.monotonic() < until:
            time.sleep(0.3)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    assert cut >= KILLS // 2, "the kills came in the middle"
    assert told == {"runs": RUNS, "twice": 0, "metrics": RUNS, "points": RUNS, "synced": True, "tries": RUNS}
