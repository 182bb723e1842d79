"""What the team's webhook is told of this floor: rows written in the transaction of what they tell of."""

from datetime import datetime
from typing import TYPE_CHECKING

from dsboard.models import Delivery, Event, Membership, News
from experiments.stages import Outcome

if TYPE_CHECKING:
    from experiments.models.decision import Decision, Reversal
    from experiments.models.finding import Finding
    from experiments.models.task import Task


def of_findings(finding: "Finding") -> None:
    """Findings are in, with what their reporter suggests."""
    tell(finding.task, Event.FINDINGS, f"Findings: {finding.task.title}", finding.in_brief(2000), f"findings:{finding.pk}")


def of_decision(decision: "Decision", by: Membership) -> None:
    """Somebody decided."""
    title = f"{by.user.first_name} decided {Outcome(decision.outcome).label}: {decision.task.title}"
    tell(decision.task, Event.DECISION, title, decision.why, f"decision:{decision.pk}")


def of_reversal(reversal: "Reversal", by: Membership) -> None:
    """A decision was taken back."""
    task = reversal.decision.task
    tell(task, Event.REVERSAL, f"{by.user.first_name} reversed the decision: {task.title}", reversal.reason, f"reversal:{reversal.pk}")


def of_end(task: "Task") -> News:
    """A time box has ended; once for each end, however often it is told to people."""
    owner = task.owner.first_name if task.owner else "Nobody"
    key = f"ended:{task.pk}:{task.box.ends_at:%Y%m%d%H%M%S}"
    return news(task, Event.BOX_ENDED, f"Time box ended: {task.title}", f"{owner} reports what was learned next.", key)


def of_waiting(task: "Task", since: datetime, brief: str) -> News:
    """A decision waits; once, when it is named to the deciders for the first time."""
    return news(task, Event.DECISION_WAITING, f"Waiting for a decision: {task.title}", brief, f"waiting:{task.pk}:{since:%Y%m%d%H%M%S}")


def news(task: "Task", event: str, title: str, text: str, key: str) -> News:
    return News(task.team, event, title, text, task.get_absolute_url(), key)


def tell(task: "Task", event: str, title: str, text: str, key: str) -> None:
    Delivery.post_all([news(task, event, title, text, key)])
