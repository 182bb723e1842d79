"""What the shell around every page of a team shows of its running sprint."""

from fractions import Fraction
from typing import Any

from django.db.models import Q, Sum
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from dsboard.models import Team
from experiments.kept import for_now
from sprints.allocation import BUCKETS, parts
from sprints.bars import Bar
from sprints.models import Sprint, dates
from sprints.states import State


class Widget:
    """Day 4 of 10, and the shares of the plan as it froze: two queries."""

    def __init__(self, sprint: Any, team: Team) -> None:
        sprint.team = team
        self.sprint = sprint
        self.day, self.days = dates.day_of(sprint, dates.calendar_of(team, sprint.starts_on))
        planned: dict[str, Fraction] = {bucket: Fraction(getattr(sprint, bucket) or 0) for bucket in BUCKETS}
        self.bar = Bar(parts(planned, sprint.guideline), sprint.guideline)

    @property
    def day_words(self) -> str:
        return f"day {self.day} of {self.days}" if self.day else "not begun"


def widget_of(team: Team) -> Widget | None:
    """The running sprint of a team as the sidebar shows it; None when none runs."""
    sums = {bucket: Sum("seats__days", filter=Q(seats__planned_bucket=bucket)) for bucket in BUCKETS}
    sprint = Sprint.objects.within(team).filter(state=State.RUNNING).annotate(**sums).first()
    return Widget(sprint, team) if sprint else None


def running(request: HttpRequest) -> dict[str, Any]:
    """`running_sprint`, read only when a template shows it."""
    team = getattr(request, "team", None)
    return {"running_sprint": SimpleLazyObject(lambda: for_now(team, "running sprint", lambda: widget_of(team))) if team else None}
