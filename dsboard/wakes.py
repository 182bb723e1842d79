"""Waking those who wait for changes: in this process by a call, in the other ones by PostgreSQL where it is there.

A wake carries no truth. One that gets lost costs the wait until whoever sleeps looks by himself, a second later.
"""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection

CHANNEL = "dsboard_live"
Listener = Callable[[dict[str, Any]], None]
#: who listens in this process
listeners: list[Listener] = []


def say(**message: Any) -> None:
    """Tell every process; a message has to fit into 8,000 bytes."""
    tell_here(**message)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(message)])


def tell_here(**message: Any) -> None:
    """Tell this process alone: the others hear it from the database."""
    for listener in listeners:
        listener(message)
