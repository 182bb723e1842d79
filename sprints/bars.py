"""The bars and strips of a balance, in per cent of their width: drawn as SVG with plain attributes, so that they fit every screen."""

from dataclasses import dataclass
from fractions import Fraction

from experiments.stages import Bucket
from sprints.allocation import Guide, Part
from sprints.balance import whole_shares

#: the strips show this many points either side of the guideline, and three tolerances at least
REACH = 15
#: a marker is this many pixels wide
WIDE = 36


@dataclass(frozen=True)
class Segment:
    """One bucket of a stacked bar: from `x` on, `width` wide, and its share in whole per cent."""

    bucket: str
    x: float
    width: float
    share: int

    @property
    def name(self) -> str:
        return Bucket(self.bucket).label


@dataclass(frozen=True)
class Strip:
    """How far a bucket is off its guideline: the marker's place, and where the band lies, in per cent of the width."""

    part: Part
    share: int
    x: float
    band_x: float
    band_width: float
    tolerance: int

    @property
    def name(self) -> str:
        return Bucket(self.part.bucket).label

    @property
    def shift(self) -> int:
        """How many pixels left of its place the marker begins, so that it stays inside at either end."""
        return 0 if self.x <= 0 else WIDE if self.x >= 100 else WIDE // 2

    @property
    def text_x(self) -> int:
        return WIDE // 2 - self.shift

    @property
    def off(self) -> str:
        """+2, −4, 0: against the share as it is shown."""
        off = self.share - self.part.guide
        return f"+{off}" if off > 0 else f"−{-off}" if off else "0"

    @property
    def sentence(self) -> str:
        low, high = max(0, self.part.guide - self.tolerance), min(100, self.part.guide + self.tolerance)
        return f"{self.name}: {self.share} percent, guideline {self.part.guide}, tolerance {low} to {high}"


class Bar:
    """The three buckets of a plan, or of what really happened, as one bar and three strips; empty when there are no days."""

    def __init__(self, parts: dict[str, Part], guide: Guide, of: str = "Planned") -> None:
        self.parts, self.guide, self.of = parts, guide, of
        self.shares = whole_shares(parts)
        self.reach = max(REACH, 3 * guide.tolerance)

    @property
    def segments(self) -> list[Segment]:
        found, x = [], Fraction(0)
        for bucket, part in self.parts.items():
            if part.share and self.shares:
                found.append(Segment(bucket, round(float(x), 2), round(float(part.share), 2), self.shares[bucket]))
                x += part.share
        return found

    @property
    def ticks(self) -> list[int]:
        """Where the guideline would part the bar."""
        return [self.guide.committed, self.guide.committed + self.guide.experiments]

    @property
    def strips(self) -> list[Strip]:
        if self.shares is None:
            return []
        band = 50 * self.guide.tolerance / self.reach
        return [
            Strip(part, self.shares[bucket], self.marker(part), 50 - band, 2 * band, self.guide.tolerance)
            for bucket, part in self.parts.items()
        ]

    def marker(self, part: Part) -> float:
        """The guideline is the middle; what lies beyond the reach stands at the edge."""
        drift = float(part.drift or 0)
        return round(50 + 50 * max(-self.reach, min(self.reach, drift)) / self.reach, 2)

    @property
    def sentence(self) -> str:
        """What the bar says."""
        if self.shares is None:
            return f"{self.of} allocation: nothing yet"
        said = ", ".join(f"{bucket} {share} percent" for bucket, share in self.shares.items())
        return f"{self.of} allocation: {said}"

    @property
    def words(self) -> str:
        """62 / 32 / 6."""
        return " / ".join(map(str, (self.shares or dict.fromkeys(self.parts, 0)).values()))

    @property
    def verdict(self) -> str:
        """All inside the band, or which bucket is not, in a few words."""
        out = self.out_of_band
        return "All inside the band" if not out else f"{' and '.join(out)} out of band" if len(out) < 3 else "All three out of band"

    @property
    def out_of_band(self) -> list[str]:
        """The buckets that left the band, by name."""
        return [Bucket(bucket).label for bucket, part in self.parts.items() if part.in_band is False]
