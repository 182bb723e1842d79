"""From idea to decision: how many ideas were proposed, started, reported and decided, how they came out, how long they waited."""

from collections.abc import Sequence
from functools import cached_property
from statistics import median
from typing import NamedTuple

from experiments.my_work import number as in_letters
from experiments.stages import Outcome
from sprints.adherence import FEW
from sprints.charts import widths
from sprints.models.flow import FLOW
from sprints.reviewed import Reviewed, span_of

STAGES = ("Ideation", "Active", "Analysis", "Decision")


class Step(NamedTuple):
    """One step of the funnel: `words` say how many of the step before came here, where that means something."""

    name: str
    number: int
    width: float
    words: str


class Funnel:
    """What flowed through some sprints; `before` are as many sprints before them, empty where there are fewer."""

    def __init__(self, rows: Sequence[Reviewed], before: Sequence[Reviewed]) -> None:
        self.rows, self.before = rows, before

    @cached_property
    def counts(self) -> list[int]:
        """How many ideas were proposed, started, reported and decided."""
        return [sum(row.flow[step] for row in self.rows) for step in range(len(FLOW))]

    @property
    def steps(self) -> list[Step]:
        counts, words = self.counts, [FLOW[0]]
        for step in range(1, len(FLOW)):
            before, now = counts[step - 1], counts[step]
            words.append(f"{round(now * 100 / before)}% {FLOW[step]}" if before >= FEW and now <= before else FLOW[step])
        return [Step(*row) for row in zip(STAGES, counts, widths(counts), words, strict=True)]

    @property
    def sentence(self) -> str:
        counts = self.counts
        return f"{counts[0]} ideas proposed, {counts[1]} started, {counts[2]} reported, {counts[3]} decided."

    @property
    def outcomes(self) -> list[tuple[str, str, int]]:
        """Each outcome with its name and how often it was the decision; all three count."""
        return [(o.value, o.label, sum(row.figures.outcomes.get(o, 0) for row in self.rows)) for o in Outcome]

    @property
    def abandoned_words(self) -> str:
        count = sum(row.figures.outcomes.get(Outcome.ABANDON, 0) for row in self.rows)
        if not count:
            return ""
        word, one = in_letters(count), count == 1
        return (
            f"{word.capitalize()} abandoned experiment{'' if one else 's'} answered {word} question{'' if one else 's'}. "
            f"{'It is' if one else 'They are all'} in"
        )

    @property
    def decided_words(self) -> str:
        """4 more than the 8 sprints before; only where there are as many to compare with."""
        if not self.before:
            span = span_of([row.sprint.number for row in self.rows])
            return f"in {span[:1].lower()}{span[1:]}"
        more, than = self.counts[-1] - sum(row.flow[-1] for row in self.before), f"the {len(self.before)} sprints before"
        return f"{abs(more)} {'more' if more > 0 else 'fewer'} than {than}" if more else f"as many as {than}"

    @property
    def waits(self) -> list[float]:
        return [wait for row in self.rows for wait in row.figures.waits]

    @property
    def wait_words(self) -> str:
        return f"{median(self.waits):.1f} d" if self.waits else "–"

    @property
    def wait_before_words(self) -> str:
        """median, was 2.9 d."""
        if not self.waits:
            return "nothing was decided yet"
        was = [wait for row in self.before for wait in row.figures.waits]
        if was:
            return f"median, was {median(was):.1f} d"
        return f"median of {len(self.waits)}" if len(self.waits) > 1 else "one decision"
