"""The example board of an empty team: eleven cards in every column, and their removal with one click."""

from contextlib import suppress
from typing import NamedTuple

from django.db import transaction

from dsboard import clock
from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity, Membership, Team
from dsboard.roles import Act, Role
from experiments.models import Finding, Task, outcomes
from experiments.stages import Kind, Outcome, Stage

LABEL = "example"


class Sketch(NamedTuple):
    """A card of the example: what it says, how far it got, and what came out."""

    kind: Kind
    title: str
    said: str
    success: str
    days: int
    far: str = "ideation"
    metric: str = ""
    target: float = 0
    value: float | None = None
    learned: str = ""


RESEARCH, EXPERIMENT = Kind.RESEARCH, Kind.EXPERIMENT
SKETCHES = (
    Sketch(
        RESEARCH, "Clustering approaches", "Do behavioural clusters give new shoppers better first lists than fixed rules?",
        "One grouping worth an experiment.", 2,
    ),
    Sketch(
        EXPERIMENT, "Graph-based recommender", "A two-hop item graph lifts recall for shoppers with few orders.",
        "Better recall at the same latency.", 3, metric="recall@20", target=0.31,
    ),
    Sketch(
        RESEARCH, "Anomalies as they happen", "Can a streaming forest flag payment spikes in under two seconds?",
        "A yes or a no with a latency.", 5,
    ),
    Sketch(
        EXPERIMENT, "Boosting with ordered targets", "Ordered boosting clears the AUC bar without more features.",
        "The bar, with the features we have.", 2, "active", "AUC", 0.945,
    ),
    Sketch(
        EXPERIMENT, "BERT vs GPT comparison", "Fine-tuned BERT beats GPT-2 on ticket classification at a third of the latency.",
        "Better at a third of the cost.", 3, "active", "macro-F1", 0.9,
    ),
    Sketch(
        RESEARCH, "Graph features for fraud", "Do shared devices and cards reveal rings that single accounts hide?",
        "Three signals worth an experiment.", 3, "active",
    ),
    Sketch(
        RESEARCH, "Small encoders for sentiment", "Is a small sentence encoder good enough to route angry tickets first?",
        "An encoder we can afford.", 2, "analysis", learned="A small encoder routes nine of ten angry tickets first.",
    ),
    Sketch(
        EXPERIMENT, "Fewer features", "Sixty features hold the score of all 412.", "The same score, trained faster.", 2, "analysis",
        "AUC kept", 0.98, 0.989, "Sixty features keep 98.9% of the score.",
    ),
    Sketch(
        EXPERIMENT, "Boosted ranker", "A boosted ranker beats the list we sort by hand.", "More clicks on the first ten.", 3,
        "more_research", "CTR lift", 0.03, 0.041, "More clicks on the first ten, in all three markets.",
    ),
    Sketch(
        EXPERIMENT, "Recurrent sessions", "A recurrent net reads sessions better.", "Better than the baseline within the budget.",
        3, "abandon", "recall@20", 0.3, 0.27, "Never passed the baseline; inference cost three times the budget.",
    ),
)  # fmt: skip


@transaction.atomic
def load(team: Team, by: Membership) -> list[Task]:
    """Make the example, ten cards and the one that a decision creates. Refused once the team has cards of its own."""
    by.must(Act.POLICIES, team)
    team.lock()
    if Task.objects.within(team).present().exists():
        raise Refusal("This team has cards already; the example is for an empty board.")
    # Somebody else's, where there is somebody: a team may not want owners to decide alone.
    others = team.memberships.exclude(pk=by.pk).exclude(role=Role.VIEWER).filter(user__is_active=True).select_related("user")
    owner = next((place.user.email for place in others), by.user.email)
    return [build(team, by, owner, sketch) for sketch in SKETCHES]


def build(team: Team, by: Membership, owner: str, sketch: Sketch) -> Task:
    """One card, walked as far as it goes by the same verbs as any other."""
    named = {"hypothesis" if sketch.kind == Kind.EXPERIMENT else "question": sketch.said, "success": sketch.success}
    metrics = [{"name": sketch.metric, "direction": "higher", "target": sketch.target}] if sketch.metric else []
    hours = team.hours_per_day * sketch.days
    task = Task.plan(team, kind=sketch.kind, title=sketch.title, by=by, hours=hours, metrics=metrics, labels=[LABEL], **named)
    if sketch.far == Stage.IDEATION:
        return task
    task.change(by, owner=owner)
    task.move_to(Stage.ACTIVE, by)
    if sketch.far == Stage.ACTIVE:
        return task
    results = [{"metric": sketch.metric, "value": sketch.value}] if sketch.metric else []
    verdict = {} if sketch.kind == Kind.RESEARCH else {"verdict": "refuted" if sketch.far == Outcome.ABANDON else "supported"}
    Finding.report(task, by, tried="Three runs on last month.", learned=sketch.learned, results=results, **verdict)
    # Where even the only member may not decide alone, the card waits in Analysis.
    with suppress(Forbidden):
        if sketch.far == Outcome.ABANDON:
            outcomes.abandon(task, by, why="It never passed the baseline, and the budget does not allow it.")
        elif sketch.far == Outcome.MORE_RESEARCH:
            question = "Does the lift hold for a week of real traffic?"
            outcomes.more_research(task, by, why="Real, but only measured offline.", question=question, hours=team.hours_per_day)
    return task


@transaction.atomic
def remove(team: Team, by: Membership) -> int:
    """Put the example into the bin, the decided cards too: it is nobody's evidence. Returns how many cards went.

    Not deleted for good: somebody may have given the label to a card of their own, or worked on one of these.
    """
    by.must(Act.POLICIES, team)
    team.lock()
    tasks = list(Task.objects.within(team).present().filter(labels__name=LABEL))
    for task in tasks:
        task.deleted_at, task.deleted_by_id, task.rank = clock.now(), by.user_id, None
        task.touch("deleted_at", "deleted_by", "rank")
        Activity.record(task, "deleted", by, field="deleted", before=None, after=task.title)
    return len(tasks)
