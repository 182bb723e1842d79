"""The pulse of a team: one number that every accepted change raises, and what the last changes were about."""

import json
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from dsboard import wakes

#: how much of the recent past a row keeps, in characters: about two hundred changes
KEPT = 5_000
#: a change of more things than this is told as a change of everything
MANY = 40
EVERYTHING = "*"


def subject(kind: str, ref: object) -> str:
    """How a change names a thing: task:FRAUD-42. Without spaces, because a line of changes is parted by them."""
    return f"{kind}:{'_'.join(str(ref).split())}"


class Pulse(models.Model):
    """Raised after the commit, never inside: a writer that waited here while it holds a card would stop those that hold
    the team and want that card. What a killed process did not tell is found by `heal`: `upto` is the last line of history told.
    """

    team = models.OneToOneField("dsboard.Team", on_delete=models.CASCADE, primary_key=True, related_name="pulse")
    version = models.PositiveBigIntegerField(default=0)
    upto = models.BigIntegerField(default=0)
    recent = models.TextField(blank=True, default="", help_text="Lines of a version and what it changed; the first may be cut.")

    def __str__(self) -> str:
        return f"{self.team_id} at {self.version}"

    @classmethod
    def beat(cls, team_id: int, subjects: Iterable[str], upto: int = 0) -> None:
        """One version more, in a single statement; wakes whoever listens, here and beside."""
        said = " ".join(sorted(set(subjects)))
        if said.count(" ") >= MANY:
            said = EVERYTHING
        if not raise_one(team_id, f" {said}\n", upto):
            # A team that came in by another way than `found`.
            cls.objects.bulk_create(
                [cls(team=team) for team in apps.get_model("dsboard", "Team").objects.filter(pk=team_id)], ignore_conflicts=True
            )
            raise_one(team_id, f" {said}\n", upto)
        wakes.tell_here(changed=team_id)

    def since(self, version: int) -> set[str]:
        """What changed after `version`; everything when that is longer ago than this row remembers."""
        if version >= self.version:
            return set()
        lines = self.recent.splitlines()
        if len(self.recent) >= KEPT:
            lines = lines[1:]
        told = [line.split(" ") for line in lines]
        newer = [words for words in told if words[0].isdecimal() and int(words[0]) > version]
        if len(newer) < self.version - version:
            return {EVERYTHING}
        return {word for words in newer for word in words[1:] if word}


#: by hand, because every act pays for it; on PostgreSQL the word to the other processes goes out with the row and adds nothing to it
RAISE = {
    "sqlite": """UPDATE dsboard_pulse SET version = version + 1, upto = max(upto, %s),
        recent = substr(recent, -%s) || (version + 1) || %s WHERE team_id = %s""",
    "postgresql": """UPDATE dsboard_pulse SET version = version + 1, upto = greatest(upto, %s),
        recent = right(recent, %s) || (version + 1) || %s || pg_notify(%s, %s)::text WHERE team_id = %s""",
}


def raise_one(team_id: int, line: str, upto: int) -> bool:
    """Raise the version of a team by one and put it with `line` behind the recent past; False if the team has no row yet."""
    word = [wakes.CHANNEL, json.dumps({"changed": team_id})] if connection.vendor == "postgresql" else []
    with connection.cursor() as cursor:
        cursor.execute(RAISE[connection.vendor], [upto, KEPT, line, *word, team_id])
        return bool(cursor.rowcount)


def heal(team_id: int) -> None:
    """Tell of lines of history that nobody told: their process was killed between its commit and its word."""
    upto = Pulse.objects.filter(team_id=team_id).values_list("upto", flat=True).first()
    history = apps.get_model("dsboard", "Activity").objects.filter(team_id=team_id, pk__gt=upto or 0)
    untold = list(history.order_by("pk").values_list("pk", "subject_type", "subject_ref")[: MANY + 1])
    if untold:
        last = untold[-1][0] if len(untold) <= MANY else history.order_by("-pk").values_list("pk", flat=True)[0]
        Pulse.beat(team_id, [subject(kind, ref) for _, kind, ref in untold], last)


class Words:
    """What a connection has to tell once its transaction is committed."""

    def __init__(self) -> None:
        self.by_team: dict[int, tuple[set[str], int]] = {}

    def gather(self, team_id: int, subjects: Iterable[str], upto: int) -> None:
        before, last = self.by_team.get(team_id, (set(), 0))
        self.by_team[team_id] = (before | set(subjects), max(last, upto))

    def out(self) -> None:
        """Tell everything that has gathered."""
        while self.by_team:
            team_id, (subjects, upto) = self.by_team.popitem()
            Pulse.beat(team_id, subjects, upto)


def tell(team_id: int, *subjects: str, upto: int = 0) -> None:
    """Once this transaction is committed, let the team's open pages know that these things changed."""
    # The thread's own: `connection` is one stand-in for those of all threads.
    mine: Any = transaction.get_connection()
    words: Words = mine.__dict__.setdefault("words", Words())
    if not any(waiting == words.out for _, waiting, _ in mine.run_on_commit):
        # Those of a transaction that was rolled back.
        words.by_team.clear()
    words.gather(team_id, subjects, upto)
    # Each telling asks for a turn, since a savepoint takes its own with it; the first turn that comes tells all.
    transaction.on_commit(words.out, robust=True)
