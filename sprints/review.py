"""The allocation review: a team's last eight sprints, planned against actual, in a fixed number of queries."""

from fractions import Fraction
from functools import cached_property

from dsboard.models import Team, User
from experiments.stages import Bucket
from sprints import charts
from sprints.adherence import Adherence
from sprints.allocation import BUCKETS, parts
from sprints.balance import whole_shares
from sprints.funnel import Funnel
from sprints.load import Load
from sprints.models import Sprint, figures
from sprints.models.flow import Box
from sprints.reviewed import Reviewed, listed, slashed, span_of
from sprints.states import State

#: how many sprints the review shows (PRODUCT 4)
SPRINTS = 8


class Review:
    """The eight sprints that end at `until`, or the last eight; planned ones are not in it."""

    def __init__(self, team: Team, until: str = "") -> None:
        self.team = team
        started = Sprint.objects.within(team).started()
        self.every: list[tuple[int, int, str]] = list(started.values_list("pk", "number", "state"))
        numbers = [str(number) for _, number, _ in self.every]
        self.first = numbers.index(until) if until in numbers else 0
        pks = [pk for pk, _, _ in self.every[self.first : self.first + 2 * SPRINTS]]
        found = list(started.filter(pk__in=pks).select_related("signed_by"))
        known = figures.of(found) if found else {}
        both = [Reviewed(sprint, known[sprint.pk]) for sprint in found]
        #: the newest first; `before` are the eight before them, to compare with
        self.rows, self.before = both[:SPRINTS], both[SPRINTS:]

    @property
    def is_empty(self) -> bool:
        """Allocation appears after the first sprint closed (DESIGN 4.6)."""
        return not any(state == State.CLOSED for _, _, state in self.every)

    @property
    def newest(self) -> Sprint | None:
        return self.rows[0].sprint if self.rows else None

    @property
    def query(self) -> str:
        """What an address asks for to show these sprints; nothing for the last eight."""
        return f"until={self.newest.number}" if self.first and self.newest else ""

    @property
    def oldest_first(self) -> list[Reviewed]:
        return self.rows[::-1]

    @property
    def span(self) -> str:
        """Sprints 17 to 24."""
        return span_of([row.sprint.number for row in self.rows])

    @property
    def spans(self) -> list[tuple[int, str, bool]]:
        """What the menu offers: the number of the last sprint of each eight, its words, and whether it is shown."""
        numbers = [number for _, number, _ in self.every]
        chunks = [numbers[start : start + SPRINTS] for start in range(0, len(numbers), SPRINTS)]
        return [(chunk[0], span_of(chunk), chunk[0] == numbers[self.first]) for chunk in chunks]

    @cached_property
    def funnel(self) -> Funnel:
        return Funnel(self.rows, self.before if len(self.before) == SPRINTS else [])

    # ── allocation ──

    @cached_property
    def chart(self) -> charts.Allocation:
        return charts.allocation([row.bars for row in self.oldest_first])

    @property
    def guides(self) -> set[str]:
        return {str(row.sprint.guideline) for row in self.rows}

    @property
    def guide_words(self) -> str:
        return f"guide {next(iter(self.guides))}" if len(self.guides) == 1 else "guide of each sprint"

    @property
    def tolerance_words(self) -> str:
        """±5 where all sprints had the same."""
        found = {row.sprint.guideline.tolerance for row in self.rows}
        return f" (±{found.pop()})" if len(found) == 1 else ""

    @property
    def sentence(self) -> str:
        """What the chart says."""
        said = [f"Planned and actual allocation of {self.span[:1].lower()}{self.span[1:]} beside the guideline."]
        for bucket in BUCKETS:
            for word, sign in (("above", 1), ("below", -1)):
                rows = [row for row in self.oldest_first if row.has_left_band and row.actual[bucket].in_band is False]
                left = [row.sprint.number for row in rows if (row.actual[bucket].drift or 0) * sign > 0]
                if left:
                    in_sprints = f"sprint{'s' if len(left) > 1 else ''} {listed([str(one) for one in left])}"
                    said.append(f"{Bucket(bucket).label} was {word} its band in {in_sprints}.")
        return " ".join(said if len(said) > 1 else [*said, "No sprint left the band."])

    @cached_property
    def total(self) -> list[tuple[str, int, int]] | None:
        """Each bucket with its share of all actual days in whole per cent, and its guideline, sprints weighing by their days."""
        days: dict[str, Fraction] = {b: sum((row.actual[b].days for row in self.rows), Fraction(0)) for b in BUCKETS}
        whole = sum(days.values())
        newest = self.newest
        if not whole or newest is None:
            return None
        shares = whole_shares(parts(days, newest.guideline)) or {}
        weighed = [(sum(part.days for part in row.actual.values()), row.sprint.guideline) for row in self.rows]
        return [(b, shares[b], round(sum(weight * guide.of(b) for weight, guide in weighed) / whole)) for b in BUCKETS]

    @property
    def total_words(self) -> str:
        return slashed({bucket: share for bucket, share, _ in self.total}) if self.total else "–"

    @property
    def drift_words(self) -> str:
        """5 over on committed, 3 under on learning: the farthest on each side."""
        drifts = [(share - guide, Bucket(bucket).label.lower()) for bucket, share, guide in self.total or []]
        over, under = max(drifts, default=(0, "")), min(drifts, default=(0, ""))
        said = [f"{over[0]} over on {over[1]}"] if over[0] > 0 else []
        said += [f"{-under[0]} under on {under[1]}"] if under[0] < 0 else []
        return ", ".join(said) or ("on the guideline" if self.total else "no days were used yet")

    # ── boxes and people ──

    @cached_property
    def boxes(self) -> list[tuple[int, Box]]:
        """Every box that ended with the number of its sprint, each once, as it stands in the latest: a reopened one may end twice."""
        latest = {box.ref: (row.sprint.number, box) for row in self.oldest_first for box in row.figures.boxes}
        return list(latest.values())

    @cached_property
    def adherence(self) -> Adherence:
        return Adherence([box for _, box in self.boxes], self.team)

    @cached_property
    def load(self) -> Load:
        keys = {one.person for row in self.rows for one in row.figures.load}
        people = User.objects.in_bulk(keys)
        return Load([(row.sprint.number, row.figures.load) for row in self.oldest_first], people)
