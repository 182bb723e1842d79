"""The library of findings: what was found and decided, searched and filtered, in a fixed number of queries."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from dsboard.models import Team
from experiments.models import Decision, Finding, Task, TaskLink
from experiments.search import matching
from experiments.stages import Outcome, Verdict

#: an outcome to filter by that is none yet
WAITING = "waiting"


@dataclass(frozen=True)
class Pick:
    """One choice of a filter: where it leads, and whether it is on."""

    label: str
    query: str
    on: bool


@dataclass(frozen=True)
class Library:
    """The cards with findings or a decision that match, newest first; and how many of all of them ended how."""

    text: str
    outcome: str
    verdict: str
    entries: QuerySet[Any]
    outcomes: Counter[str]
    verdicts: Counter[str]

    @classmethod
    def of(cls, team: Team, asked: Mapping[str, str]) -> "Library":
        """What was asked for in the address; words that mean nothing here are left out."""
        text = asked.get("q", "").strip()[:200]
        outcome = asked.get("outcome", "") if asked.get("outcome") in (*Outcome.values, WAITING) else ""
        verdict = asked.get("verdict", "") if asked.get("verdict") in Verdict.values else ""
        every = known(team)
        counted = list(every.values_list("standing_outcome", "last_verdict"))
        entries = matching(every, text) if text else every
        if outcome:
            entries = entries.filter(standing_outcome=None if outcome == WAITING else outcome)
        if verdict:
            entries = entries.filter(last_verdict=verdict)
        return cls(text, outcome, verdict, shown(entries), Counter(o or WAITING for o, _ in counted), Counter(v for _, v in counted if v))

    @property
    def decided(self) -> int:
        return sum(count for outcome, count in self.outcomes.items() if outcome != WAITING)

    @property
    def sentence(self) -> str:
        """How much was finished; refuted and abandoned count like everything else."""
        if not self.decided:
            return "Nothing is decided yet. Every answer will count, a no as much as a yes."
        parts = [
            f"{self.outcomes[Outcome.PRODUCTIONIZE]} productionized",
            f"{self.outcomes[Outcome.ABANDON]} abandoned",
            f"{self.outcomes[Outcome.MORE_RESEARCH]} led to more research",
        ]
        refuted = self.verdicts[Verdict.REFUTED]
        told = (
            f" {refuted} {'hypothesis was' if refuted == 1 else 'hypotheses were'} refuted: that is finished work too." if refuted else ""
        )
        return f"{self.decided} finished: {', '.join(parts)}.{told}"

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.outcome or self.verdict)

    @property
    def query(self) -> str:
        """The filters as a query string, for the links to other pages."""
        return self.asking()

    def asking(self, **other: str) -> str:
        asked = {"q": self.text, "outcome": self.outcome, "verdict": self.verdict} | other
        return urlencode({name: value for name, value in asked.items() if value})

    @property
    def by_outcome(self) -> list[Pick]:
        choices = [("", "All"), *Outcome.choices, (WAITING, "Waiting for a decision")]
        return [Pick(label, self.asking(outcome=value), value == self.outcome) for value, label in choices]

    @property
    def by_verdict(self) -> list[Pick]:
        choices = [("", "Any verdict"), *Verdict.choices]
        return [Pick(label, self.asking(verdict=value), value == self.verdict) for value, label in choices]


def known(team: Team) -> QuerySet[Any]:
    """Every card of the team with findings, with its standing outcome and last verdict beside it."""
    last = Finding.objects.filter(task=OuterRef("pk")).order_by("-pk")
    standing = Decision.objects.filter(task=OuterRef("pk"), standing=True)
    return (
        Task.objects.within(team)
        .present()
        .filter(Exists(last))
        .annotate(
            last_verdict=Subquery(last.values("verdict")[:1]),
            standing_outcome=Subquery(standing.values("outcome")[:1]),
            found_at=Greatest(
                Subquery(last.values("at")[:1]), Coalesce(Subquery(standing.values("at")[:1]), Subquery(last.values("at")[:1]))
            ),
        )
    )


def shown(cards: QuerySet[Any]) -> QuerySet[Any]:
    """The cards with everything that an entry shows, newest first."""
    created = Prefetch("links", TaskLink.objects.filter(rel="origin").select_related("task"), to_attr="created_links")
    return (
        cards.select_related("owner")
        .prefetch_related(
            Prefetch("findings", Finding.objects.order_by("-pk").select_related("by").prefetch_related("results"), to_attr="reports"),
            Prefetch(
                "decisions", Decision.objects.filter(standing=True).select_related("by").prefetch_related(created), to_attr="standing"
            ),
        )
        .order_by("-found_at", "-pk")
    )
