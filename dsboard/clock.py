"""What time it is: the one place that asks the system, so that an act has one time and a story can be told as of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

#: the moment that this thread keeps, still empty before the first look at the clock; None: time goes on
_kept: ContextVar[list[datetime] | None] = ContextVar("kept", default=None)


def now() -> datetime:
    """The present, aware and in UTC, or the moment that is kept."""
    kept = _kept.get()
    if kept is None:
        return timezone.now()
    if not kept:
        kept.append(timezone.now())
    return kept[0]


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Whatever happens inside happens at `moment`: the demo tells three months of work this way."""
    token = _kept.set([moment])
    try:
        yield
    finally:
        _kept.reset(token)


@contextmanager
def still() -> Iterator[None]:
    """One act, one instant: what it writes in several rows has the same time. Also a decorator.

    The time is taken at the first look, which comes after the act has waited for its locks: who comes second is later.
    """
    token = _kept.set([] if _kept.get() is None else _kept.get())
    try:
        yield
    finally:
        _kept.reset(token)
