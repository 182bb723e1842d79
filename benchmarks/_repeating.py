"""What a benchmark repeats beside the board: recorded statements without Django, and work in several threads at once."""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg


def together(count: int, work: Callable[[int], int]) -> int:
    """The sum of what so many threads did at once."""
    results = [0] * count

    def run(place: int) -> None:
        results[place] = work(place)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(results)


@contextlib.contextmanager
def replayed(settings: dict[str, str], folder: str, name: str, last: bool = False) -> Iterator[Callable[[], None]]:
    """A call that repeats the recorded statements on a connection of its own; `last`: only the last one."""
    statements = json.loads((Path(folder) / f"{name}.sql.json").read_text())
    statements = statements[-1:] if last else statements
    connection: Any
    if "DATABASE_URL" in settings:
        connection = psycopg.connect(settings["DATABASE_URL"].replace("postgres://", "postgresql://", 1), autocommit=True)
    else:
        connection = sqlite3.connect(Path(folder) / "dsboard.sqlite3", isolation_level=None, timeout=20)
        connection.execute("PRAGMA synchronous=NORMAL")

    def again() -> None:
        for statement in statements:
            cursor = connection.execute(statement)
            if cursor.description:
                cursor.fetchall()

    try:
        yield again
    finally:
        connection.close()
