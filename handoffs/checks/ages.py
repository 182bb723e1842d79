"""How old evidence is: older than what was built, or than its kind stays true."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from handoffs.checks.check import ATTESTED, STALE, Check
from handoffs.checks.facts import Facts


def not_older_than_built(facts: Facts) -> Iterator[Check]:
    """Evidence of what was built before its last change shows another thing."""
    if facts.given_at and facts.built_at and facts.given_at < facts.built_at:
        yield Check("age", STALE, "It was given before the artifact, checksum or metrics last changed.")


def younger_than(days: int) -> Callable[[Facts], Iterator[Check]]:
    """A check that calls evidence of this kind stale after so many days."""

    def age(facts: Facts) -> Iterator[Check]:
        if facts.given_at and facts.now - facts.given_at > timedelta(days=days):
            yield Check("age", STALE, f"It was given more than {days} days ago.")

    return age


def attested(facts: Facts) -> Iterator[Check]:
    """What only a person can vouch for."""
    if facts.kind == "link":
        yield Check("address", ATTESTED, "An address: nothing is fetched from it, whoever verifies it looks.")
