"""The numbers of a version: against the goals of the experiment it comes from, and against what serves in production."""

from collections.abc import Iterator

from handoffs.checks.check import ATTESTED, FAILED, VERIFIED, Check
from handoffs.checks.facts import Facts


def benchmarks(facts: Facts) -> Iterator[Check]:
    """Each goal by itself; a metric that production also has is compared with it."""
    for goal in facts.goals:
        if goal.is_met is None:
            yield Check("threshold", ATTESTED, f"{goal.name} has no number; its target is {goal.goal}.")
        elif goal.is_met:
            yield Check("threshold", VERIFIED, f"{goal.name} meets its target, {goal.goal}.")
        else:
            yield Check("threshold", FAILED, f"{goal.name} misses its target, {goal.goal}.")
    for name, number in facts.metrics.items():
        if name in facts.champion:
            yield compared(name, number, facts.champion[name], facts)
    if not facts.goals and not facts.metrics:
        yield Check("threshold", ATTESTED, "The version has no numbers and no goals to compare.")


def compared(name: str, number: float, other: float, facts: Facts) -> Check:
    """The direction is the experiment's; where it names none, a person has to say which is better."""
    said = f"{name} {number:g}, in production {other:g} ({facts.champion_name})"
    if name not in facts.directions:
        return Check("production", ATTESTED, f"{said}. The board does not know which is better.")
    worse = number > other if facts.directions[name] == "lower" else number < other
    return Check("production", FAILED, f"Worse than what serves: {said}.") if worse else Check("production", VERIFIED, f"{said}.")
