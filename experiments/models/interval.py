"""One interval during which the clock of a time box ran: who owned it, and how much working time it took."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple


class Interval(NamedTuple):
    """`used` is settled when the interval ends, by the calendar of then: a later change of it rewrites nothing.

    The one that still runs has neither `stopped_at` nor `used`.
    """

    owner_id: int | None
    started_at: datetime
    stopped_at: datetime | None = None
    used: timedelta | None = None

    @classmethod
    def of(cls, kept: list[Any]) -> "Interval":
        """One as the box's row keeps it: owner, from and to in ISO 8601, seconds."""
        owner_id, started_at, stopped_at, seconds = kept
        return cls(owner_id, datetime.fromisoformat(started_at), datetime.fromisoformat(stopped_at), timedelta(seconds=seconds))

    @staticmethod
    def kept(owner_id: int | None, started_at: datetime, stopped_at: datetime, used: timedelta) -> list[Any]:
        """The way back: one that has ended, as the row keeps it."""
        return [owner_id, started_at.isoformat(), stopped_at.isoformat(), used.total_seconds()]
