"""Which checks each line of the contract goes through (reference: what software can verify of the fourteen items)."""

from collections.abc import Callable, Iterable

from handoffs.checks.ages import attested, not_older_than_built, younger_than
from handoffs.checks.benchmarks import benchmarks
from handoffs.checks.card import card
from handoffs.checks.check import FAILED, Check
from handoffs.checks.checksum import checksum
from handoffs.checks.facts import Facts
from handoffs.checks.formats import formats

Look = Callable[[Facts], Iterable[Check]]

#: a rollback drill and a load test stay true for a quarter, a runbook for half a year
CHECKS: dict[str, tuple[Look, ...]] = {
    "trained-model-artifact": (checksum, not_older_than_built),
    "model-card": (card,),
    "feature-requirements": (attested, not_older_than_built),
    "input-output-formats": (formats, not_older_than_built),
    "performance-benchmarks": (benchmarks, not_older_than_built),
    "feature-pipeline": (attested,),
    "serving-platform": (attested,),
    "monitoring-and-alerting": (attested,),
    "ab-testing-framework": (attested,),
    "scaling-and-reliability": (attested, younger_than(90)),
    "integration-testing": (attested, not_older_than_built),
    "performance-optimization": (attested, not_older_than_built),
    "incident-response": (attested, younger_than(180)),
    "documentation": (attested,),
}


def check(facts: Facts) -> list[Check]:
    """Everything that is found of a line that was given; nothing of one that was not."""
    if facts.file is not None and facts.file.unread:
        return [Check("file", FAILED, facts.file.unread)]
    return [found for look in CHECKS[facts.slug] for found in look(facts)] if facts.kind else []
