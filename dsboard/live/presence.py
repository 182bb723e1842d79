"""Who looks at a team's pages now, and who edits what. Kept in memory only, for as long as it is repeated."""

import os
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from dsboard.live.visitor import Visitor

#: which process this is, for the others
MINE = f"{os.getpid()}-{time.time_ns()}"


class Presence:
    """Of this process and, by what they share, of the others."""

    #: seconds to gather who comes and goes
    SOON = 0.4
    #: seconds after which another process that says nothing more is gone
    LASTS = 35.0
    #: seconds that an editor counts without saying so again
    EDITS = 25.0
    #: faces that are named; the others are counted
    NAMED = 30

    def __init__(self) -> None:
        self.here: dict[int, dict[str, tuple[float, list[list[Any]]]]] = defaultdict(dict)
        self.editing: dict[int, dict[tuple[str, int], tuple[float, list[Any]]]] = defaultdict(dict)
        self.due: set[int] = set()

    def put_here(self, team_id: int, visitors: Iterable[Visitor]) -> bool:
        """Who looks from this process; True when that is news."""
        people = sorted({one.user_id: face(one) for one in visitors}.values())
        before = self.here[team_id].get(MINE, (0.0, []))[1]
        self.here[team_id][MINE] = (float("inf"), people)
        return people != before

    def told_to_others(self, team_id: int) -> dict[str, Any]:
        people = self.here[team_id].get(MINE, (0.0, []))[1]
        return {"team": team_id, "process": MINE, "here": people[: self.NAMED], "count": len(people)}

    def hear(self, message: dict[str, Any]) -> bool:
        """A word of another process on who is there, or of anybody on who edits; True when that is news."""
        team_id, now = message["team"], time.monotonic()
        if "here" in message:
            if message["process"] == MINE:
                return False
            before = self.here[team_id].get(message["process"], (0.0, []))[1]
            self.here[team_id][message["process"]] = (now + self.LASTS, message["here"])
            return bool(before != message["here"])
        mark = (message["edits"], message["person"][0])
        before_until = self.editing[team_id].pop(mark, (0.0, []))[0]
        if message["on"]:
            self.editing[team_id][mark] = (now + self.EDITS, message["person"])
        return bool(message["on"]) != (before_until > now)

    def is_due(self, team_id: int) -> bool:
        """Shall this team be told soon? False while that is under way."""
        if team_id in self.due:
            return False
        self.due.add(team_id)
        return True

    def of(self, team_id: int) -> dict[str, Any]:
        """The people who are here, and what each card's editors are; asked for when it is sent."""
        self.due.discard(team_id)
        now = time.monotonic()
        for process, (until, _) in list(self.here[team_id].items()):
            if until < now:
                del self.here[team_id][process]
        for mark, (until, _) in list(self.editing[team_id].items()):
            if until < now:
                del self.editing[team_id][mark]
        people = {person[0]: person for _, those in self.here[team_id].values() for person in those}
        edits: dict[str, list[list[Any]]] = defaultdict(list)
        for (ref, _), (_, person) in self.editing[team_id].items():
            edits[ref].append(person)
        named = sorted(people.values(), key=lambda person: str(person[1]))
        return {"people": named[: self.NAMED], "count": len(people), "editing": edits}


def face(visitor: Visitor) -> list[Any]:
    """What an avatar needs: the person's number, name, initials and colour."""
    return [visitor.user_id, visitor.name, visitor.initials, visitor.hue]
