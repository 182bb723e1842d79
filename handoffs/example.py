"""The example board of the first run: eleven cards, one of each outcome among them, removed with one click."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from dsboard.demo import Cast
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, Team
from dsboard.roles import Act
from experiments.demo.ideas import IDEAS
from experiments.demo.lives import Verb, explore
from experiments.models import Decision, Task
from handoffs.demo import DECIDE, RANKER

LABEL = "example"
TITLES = (
    "Clustering approaches",
    "Real-time anomaly detection",
    "Gradient boosting optimization",
    "BERT vs GPT comparison",
    "Explore NLP approaches for sentiment",
    "Feature selection results",
    "RNN approach",
    "Graph approach",
)


@transaction.atomic
def example(team: Team, by: Membership) -> list[Task]:
    """Load the example board: three ideas, two under way, two to decide, three decided and the card that one of them made.

    Raises Forbidden for who may not decide, Refusal when it is loaded already.
    """
    by.must(Act.DECIDE, team)
    team.lock()
    if present(team):
        raise Refusal("The example board is loaded already.")
    cast = Cast(team, defaultdict(lambda: by), timezone.now())
    by_title = {idea.title: idea for idea in IDEAS}
    for idea in (*(by_title[title] for title in TITLES), RANKER):
        for _ in explore(cast, replace(idea, said=(), labels=(LABEL,)), {name: on_its_own(verb) for name, verb in DECIDE.items()}):
            pass
    return present(team)


def on_its_own(verb: Verb) -> Verb:
    """Decide a card that nobody owns: a policy that keeps owners from deciding is not at stake in an example."""

    def decide(task: Task, by: Membership, **said: Any) -> Decision:
        task.change(by, owner=None)
        return verb(task, by, **said)

    return decide


def present(team: Team) -> list[Task]:
    """The example's cards that are not in the bin."""
    return list(Task.objects.within(team).present().filter(labels__name=LABEL))


@transaction.atomic
def remove_example(team: Team, by: Membership) -> int:
    """Put the example's cards into the bin, the decided ones too; returns how many. Each can be restored for 30 days."""
    by.must(Act.DROP_OTHERS, team)
    team.lock()
    tasks = present(team)
    for task in tasks:
        task.deleted_at, task.deleted_by_id, task.rank = timezone.now(), by.user_id, None
        task.touch("deleted_at", "deleted_by", "rank")
        Activity.record(task, "deleted", by, field="deleted", before=None, after=task.title)
    return len(tasks)
