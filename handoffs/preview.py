"""What each decision would create, said before it is made; and what keeps a person from making it."""

from collections.abc import Iterable
from dataclasses import dataclass

from dsboard.errors import Refusal
from dsboard.models import Membership
from dsboard.roles import Act, Side
from experiments.models import Decision, Task
from experiments.models.decision import needs_override, refuse_alone
from experiments.models.outcomes import is_untouched
from experiments.models.time_box import length_in_words
from experiments.stages import Outcome, Stage
from handoffs.contract import other
from handoffs.models.cleaning import LONGEST_MODEL
from handoffs.models.creation import Made, of_decision
from handoffs.productionize import proposed_title
from handoffs.stages import VersionStage
from handoffs.ways import NEW, Way


@dataclass(frozen=True)
class Effect:
    """One thing that a decision does: "Development card **Serve the ranker**, in the backlog"."""

    icon: str
    start: str
    name: str = ""
    end: str = ""


@dataclass(frozen=True)
class Choice:
    """One of the three outcomes, equal in size, with everything that it would do."""

    outcome: Outcome
    line: str
    icon: str
    tone: str
    effects: tuple[Effect, ...]


def choices(task: Task, way: Way) -> list[Choice]:
    """The three outcomes for this card; `way` is what Productionize makes beside its card."""
    return [
        Choice(Outcome.PRODUCTIONIZE, "It works. Build it.", "ship", "productionize", tuple(productionizing(task, way))),
        Choice(Outcome.ABANDON, "We know enough to stop.", "archive", "abandon", tuple(abandoning(task))),
        Choice(Outcome.MORE_RESEARCH, "Promising, not proven.", "loop", "more", tuple(researching(task))),
    ]


def proposed(task: Task) -> dict[str, object]:
    """What the form holds before anybody typed: the card's title on its way to production, the same time box again."""
    length = length_in_words(task.hours, task.team.hours_per_day) if task.hours else "2d"
    return {"version": task.version, "title": proposed_title(task), "hours": length, "model": NEW, "model_name": task.title[:LONGEST_MODEL]}


def productionizing(task: Task, way: Way) -> Iterable[Effect]:
    yield Effect("plus", "Development card ", way.title or proposed_title(task), ", in the backlog")
    yield Effect("plus", f"It builds on {task.ref} and links back to its evidence")
    if not way.is_wanted:
        return
    stage = VersionStage.MODEL_DEVELOPMENT.label
    if way.is_new:
        yield Effect("plus", "Model ", way.name or "without a name yet", f", new, with version {way.version} at {stage}")
    else:
        yield Effect("plus", "Version ", f"{way.name} {way.version}", f" at {stage}; the model is there already")
    receiver = Side(way.receiver)
    yield Effect("plus", f"A handoff draft with fourteen lines, from {other(receiver).label} to {receiver.label}")


def abandoning(task: Task) -> Iterable[Effect]:
    yield Effect("plus", "A finding in the library, searchable")
    yield Effect("plus", "Results stay attached. Nothing is deleted.")


def researching(task: Task) -> Iterable[Effect]:
    count = task.metrics.count()
    carried = f", with {count} {'metric' if count == 1 else 'metrics'} carried over" if count else ""
    yield Effect("plus", "A Research card in Ideation with a new time box")
    yield Effect("plus", f"Or, for a hypothesis, an Experiment card{carried}")
    yield Effect("plus", f"Linked to {task.ref}; labels and success sentence carried over")


def obstacle(task: Task, by: Membership) -> str:
    """Why this person can't decide on this card now, in a sentence; empty when nothing is in the way."""
    if not by.may(Act.DECIDE):
        return by.refusal(Act.DECIDE)
    try:
        refuse_alone(task, by)
    except Refusal as refusal:
        return refusal.sentence
    if task.stage != Stage.ANALYSIS or task.finding is None:
        return "Available once findings are reported."
    return ""


def override(task: Task, by: Membership) -> str:
    """What Productionize asks for beside the why, when the findings met no metric; empty when they did."""
    if not needs_override(task):
        return ""
    return (
        "No metric was met. Say why it is still worth building."
        if by.may(Act.OVERRIDE)
        else "No metric was met, so only a lead can productionize it."
    )


@dataclass(frozen=True)
class Withdrawal:
    """What a reversal would take back, and what it would leave because somebody has touched it."""

    withdrawn: tuple[Task, ...]
    kept: tuple[Task, ...]
    withdrawn_made: tuple[Made, ...] = ()
    kept_made: tuple[Made, ...] = ()


def withdrawal(made: Decision) -> Withdrawal:
    """What reversing this decision would do to what it created."""
    cards = [card for card in made.created if not card.deleted_at]
    untouched = tuple(card for card in cards if is_untouched(card))
    creation = of_decision(made)
    withdrawn, kept = creation.would() if creation else ([], [])
    return Withdrawal(untouched, tuple(card for card in cards if card not in untouched), tuple(withdrawn), tuple(kept))
