"""What a check says: a state, and why in a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass

#: the worst first; attested is what only a person can vouch for
VERIFIED, ATTESTED, STALE, FAILED = "verified", "attested", "stale", "failed"


@dataclass(frozen=True)
class Check:
    """`name` says what was looked at: checksum, card, formats, benchmarks, age."""

    name: str
    state: str
    reason: str

    @property
    def has_failed(self) -> bool:
        return self.state == FAILED


def failed(checks: Iterable[Check]) -> list[Check]:
    return [check for check in checks if check.has_failed]
