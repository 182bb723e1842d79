"""What a page is told: the new version of its team, what changed, and the parts of it that are drawn already."""

import json
from functools import cached_property
from typing import Any

from dsboard import floors
from dsboard.models import Pulse, Team

NOTICE = "notice:"
#: something began or ceased to wait for somebody
DESK = "desk:"


def event(name: str, said: Any) -> bytes:
    """One message of a stream of server-sent events. Without an id: a page says itself which version it shows."""
    return f"event: {name}\ndata: {json.dumps(said, separators=(',', ':'))}\n\n".encode()


class News:
    """What changed in a team between two versions. Parts are drawn once for each view and shared by all who look at it."""

    def __init__(self, team: Team, version: int, subjects: set[str], parts: dict[str, dict[str, Any]]) -> None:
        self.team_id, self.key, self.version = team.pk, team.key, version
        self.subjects, self.parts = subjects, parts
        self.drawn: dict[tuple[str, bool], bytes] = {}

    @cached_property
    def open_subjects(self) -> list[str]:
        """What everybody in the team may hear; whose inbox changed is nobody else's business."""
        return sorted(one for one in self.subjects if not one.startswith((NOTICE, DESK)))

    def counts_for(self, user_id: int) -> bool:
        """May what waits for this person be another number now?"""
        return any(one in (f"{NOTICE}{user_id}", "*") or one.startswith(DESK) for one in self.subjects)

    def said(self, view: str, user_id: int) -> dict[str, Any]:
        """The message in full, for the page that asks without a stream too."""
        told = {"team": self.key, "version": self.version, "subjects": self.open_subjects, "inbox": self.counts_for(user_id)}
        return told | self.parts.get(view, {})

    def message(self, view: str, user_id: int) -> bytes:
        """The same as an event, written once for all who get the same."""
        inbox = self.counts_for(user_id)
        if (view, inbox) not in self.drawn:
            self.drawn[view, inbox] = event("changed", self.said(view, user_id))
        return self.drawn[view, inbox]


def news_of(pulse: Pulse, seen: int, views: frozenset[str]) -> News:
    """Read and draw what changed since `seen`. Each floor may have a module `live` with `parts(team, view, subjects)`."""
    subjects = pulse.since(seen)
    parts: dict[str, dict[str, Any]] = {}
    for view in views - {""}:
        for floor in floors.modules("live"):
            found = floor.parts(pulse.team, view, subjects)
            if found is not None:
                parts[view] = found
    return News(pulse.team, pulse.version, subjects, parts)
