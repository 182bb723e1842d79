"""A stale save is refused only when the same field changed since; another one merges."""

from typing import Any

from dsboard.errors import Stale
from dsboard.models import Activity


def refuse_stale(subject: Any, seen: int | None, changed: list[str]) -> None:
    """Raise Stale when somebody changed one of `changed` since the counter stood at `seen`."""
    if seen is None or seen == subject.version or not changed:
        return
    since = Activity.objects.of(subject).since(seen, changed).last()
    if since or seen > subject.version:
        who = since.actor.first_name if since and since.actor else "Somebody"
        raise Stale(f"{who} changed {subject.ref} first. Your change was not saved.", current=subject)
