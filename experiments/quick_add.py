"""Quick add: one typed line becomes a card; hints in it become fields.

Test BERT vs GPT 3d @mei #nlp f1>=0.9      an experiment with a 3-day box, an owner, a label and a metric
Serve the ranker 5pt                       five story points
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dsboard.models import User
from experiments.markdown import handle
from experiments.models.metric import plain
from experiments.models.time_box import length_in_words
from experiments.stages import Direction, Kind

NUMBER = r"\d{1,6}(?:\.\d{1,6})?"
#: each hint is a word of its own; what is not a hint is the title
BOX = re.compile(rf"({NUMBER})(h|d|w)", re.IGNORECASE)
POINTS = re.compile(rf"({NUMBER})(?:pt|pts|sp)", re.IGNORECASE)
METRIC = re.compile(rf"([A-Za-z][\w@./-]{{0,50}})(>=|<=|≥|≤|>|<)(-?{NUMBER})%?")
OWNER = re.compile(r"@([\w.+-]+(?:@[\w.-]+)?)")
LABEL = re.compile(r"#([^\W\d_][\w-]{0,39})")
BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)]|\[[ xX]?\])\s+")
LINES_AT_MOST = 100


@dataclass(frozen=True)
class Quick:
    """What a line said. `hours` and `points` are None when no size was typed; `owner` is a hint, still to be found."""

    title: str
    hours: Decimal | None = None
    points: Decimal | None = None
    owner: str = ""
    labels: tuple[str, ...] = ()
    metrics: tuple[tuple[str, str, float], ...] = ()

    def fields(self, kind: str, members: Iterable[User]) -> dict[str, Any]:
        """The fields for Task.plan. A size that the kind refuses is passed on, so that the refusal names it.

        A hint that names nobody goes back into the title: nothing that was typed is lost.
        """
        owner = person_hinted(self.owner, members)
        title = self.title if owner or not self.owner else f"{self.title} @{self.owner}".strip()
        metrics = [{"name": name, "direction": direction, "target": target} for name, direction, target in self.metrics]
        return {
            "title": title,
            **({"hours": self.hours} if self.hours is not None else {}),
            **({"points": self.points} if self.points is not None else {}),
            **({"owner": owner.email} if owner else {}),
            **({"labels": list(self.labels)} if self.labels else {}),
            **({"metrics": metrics} if metrics else {}),
        }

    def chips(self, hours_per_day: Decimal, members: Iterable[User]) -> list[str]:
        """What was understood, in a few words each, to show while the line is typed."""
        owner = person_hinted(self.owner, members)
        return [
            *([f"{length_in_words(self.hours, hours_per_day)} box"] if self.hours is not None else []),
            *([f"{plain(self.points)} pts"] if self.points is not None else []),
            *([owner.name] if owner else []),
            *(f"#{label}" for label in self.labels),
            *(f"{name} {'≥' if direction == Direction.HIGHER else '≤'} {plain(target)}" for name, direction, target in self.metrics),
        ]


def parse(line: str, hours_per_day: Decimal = Decimal(8)) -> Quick:
    """Read one line; never fails. Boxes add up (1d 4h), a week is five days; the last @name wins."""
    title: list[str] = []
    labels: dict[str, None] = {}
    metrics: dict[str, tuple[str, str, float]] = {}
    hours = points = None
    owner = ""
    for word in BULLET.sub("", line.replace("\x00", "")).split():
        if box := BOX.fullmatch(word):
            length = {"h": Decimal(1), "d": hours_per_day, "w": hours_per_day * 5}[box[2].lower()]
            hours = (hours or Decimal(0)) + Decimal(box[1]) * length
        elif size := POINTS.fullmatch(word):
            points = Decimal(size[1])
        elif goal := METRIC.fullmatch(word):
            direction = Direction.HIGHER if goal[2] in (">=", ">", "≥") else Direction.LOWER
            metrics[goal[1]] = (goal[1], str(direction), float(goal[3]))
        elif named := OWNER.fullmatch(word):
            owner = named[1]
        elif label := LABEL.fullmatch(word):
            labels[label[1]] = None
        else:
            title.append(word)
    return Quick(" ".join(title), hours, points, owner, tuple(labels), tuple(metrics.values()))


def lines_of(text: str) -> list[str]:
    """The lines of a paste that say something, at most a hundred."""
    return [line.strip() for line in text.splitlines() if BULLET.sub("", line).strip()][:LINES_AT_MOST]


def person_hinted(hint: str, members: Iterable[User]) -> User | None:
    """The one member that a hint means: by address, by the part before its @, or by first name; None if unclear."""
    wanted = hint.lower()
    if not wanted:
        return None
    exact = [user for user in members if wanted in (user.email, handle(user), user.first_name.lower())]
    return exact[0] if len(exact) == 1 else None


def kind_for(stage_is_delivery: bool, quick: Quick) -> Kind:
    """The kind that a line means where nobody said: numbers to meet make an experiment, else research; points deliver."""
    if stage_is_delivery:
        return Kind.DEVELOPMENT
    return Kind.EXPERIMENT if quick.metrics else Kind.RESEARCH
