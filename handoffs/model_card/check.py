"""Whether a card can be handed over: it can be read, it says how good the model is and where it is not, and it is newer than the model."""

import re
from dataclasses import dataclass
from datetime import datetime

from handoffs.model_card import results
from handoffs.model_card.placeholders import is_enough, is_placeholder
from handoffs.model_card.reading import Card, read
from handoffs.model_card.sections import LABELS, of_kind

REQUIRED = ("performance", "limitations")
DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Verdict:
    """One thing that was looked at: verified, failed or stale, and why in a sentence."""

    state: str
    reason: str


def check(words: str, at: datetime | None = None, built_at: datetime | None = None) -> list[Verdict]:
    """Everything that is wrong with a card, or one line that says it is whole. `at` is when it was written, `built_at` the model."""
    card = read(words)
    if not card.text.strip():
        return [Verdict("failed", "The card is empty.")]
    said = [Verdict("failed", card.trouble)] if card.trouble else []
    said += [Verdict("failed", sentence) for name in REQUIRED if (sentence := lacking(card, name))]
    unread = [one for one in results.shown(card.facts) if one.number is None]
    if unread:
        said.append(Verdict("failed", f"{unread[0].name} in the model-index is no number: {unread[0].written[:60]}."))
    if not said and at and built_at and at < built_at:
        return [Verdict("stale", "The card is older than the last change of the version.")]
    return said or [Verdict("verified", "Performance and limitations are said.")]


def state(words: str, at: datetime | None = None, built_at: datetime | None = None) -> str:
    """The worst of what was found."""
    return check(words, at, built_at)[0].state


def lacking(card: Card, name: str) -> str:
    """What a required section lacks, empty when nothing."""
    if name == "performance" and any(one.number is not None for one in results.shown(card.facts)):
        return ""
    found = of_kind(card.body, name)
    if not found:
        return f"{LABELS[name]} has no section."
    words = "\n".join(one.words for one in found)
    if is_placeholder(words):
        return f"{LABELS[name]} is a placeholder."
    if name == "performance":
        return "" if DIGIT.search(words) or is_enough(words) else f"{LABELS[name]} has no number and fewer than 120 characters."
    return "" if is_enough(words) else f"{LABELS[name]} has fewer than 120 characters."
