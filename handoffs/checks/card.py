"""The model card: the one that the board keeps of the version, else the file or the text that was given."""

from collections.abc import Iterator

from handoffs.checks.check import ATTESTED, Check
from handoffs.checks.facts import Facts
from handoffs.model_card.check import check


def card(facts: Facts) -> Iterator[Check]:
    """Its sections, its numbers, its age."""
    kept = bool(facts.card)
    words = facts.card or (facts.text if facts.file or len(facts.words) > 500 else "")
    if not words:
        yield Check("card", ATTESTED, "The card is elsewhere; the board judges one that it keeps, or a file.")
        return
    at = facts.card_at if kept else facts.given_at
    for verdict in check(words, at, facts.built_at):
        yield Check("card", verdict.state, verdict.reason)
