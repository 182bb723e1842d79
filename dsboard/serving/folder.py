"""The data folder: chosen and tried before the settings are read, held while the database changes."""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no such lock; there two starts at once are left to the database's own.
    fcntl = None  # type: ignore[assignment]


class Unusable(Exception):
    """The folder can't be written; says so in a sentence."""


def choose(arguments: list[str]) -> None:
    """Take --data of `up` before the settings are read: they name the database and keep the key in that folder."""
    known, _ = parser().parse_known_args(arguments)
    if known.data:
        os.environ["DSBOARD_DATA"] = known.data
    folder = Path(os.environ.get("DSBOARD_DATA", "") or Path(__file__).resolve().parent.parent.parent / "data").resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Unusable(f"The data folder {folder} can't be written: {(error.strerror or str(error)).lower()}.") from error


def parser() -> argparse.ArgumentParser:
    """Only what decides about the folder; everything else is the command's own."""
    choosing = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    choosing.add_argument("--data", default="")
    return choosing


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """One process at a time in here, so that two starts don't migrate the same database."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "start.lock").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
