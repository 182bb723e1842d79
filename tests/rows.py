"""Counting what a verb writes: a limit on rows is a promise about the database, not about statements."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import TestCase

WRITES = ("INSERT", "UPDATE", "DELETE")


@contextmanager
def rows_written() -> Iterator[Counter[str]]:
    """How many rows each table is given, changed or rid of, by the name of the table; what is written after the commit too."""
    found: Counter[str] = Counter()

    def count(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        done = execute(sql, params, many, context)
        verb, _, rest = sql.lstrip().partition(" ")
        if verb in WRITES:
            # SQLite does not count what an INSERT returns.
            rows = 1 + sql.count("), (%s") if verb == "INSERT" else context["cursor"].rowcount
            found[rest.removeprefix("INTO ").removeprefix("FROM ").split()[0].strip('"')] += rows
        return done

    with connection.execute_wrapper(count), TestCase.captureOnCommitCallbacks(execute=True):
        yield found
    # Statements that met no row.
    found += Counter()
