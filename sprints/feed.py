"""What sprints bring to a person's calendar feed: when the planned ones and the running one are."""

from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Subquery

from dsboard.feed import Event
from dsboard.models import Activity, User
from sprints.models import Sprint
from sprints.states import State


def events(user: User) -> list[Event]:
    """One of whole days for each planned and running sprint in every team of this person; one query."""
    return [days_of(sprint) for sprint in mine(user).order_by("starts_on", "pk")]


def mine(user: User) -> Any:
    """The sprints that this person may read and that are not over, with the moment of their last change."""
    lines = Activity.objects.filter(subject_type="sprint", subject_id=OuterRef("pk"), version=OuterRef("version")).order_by("pk")
    theirs = Sprint.objects.exclude(state=State.CLOSED).filter(team__memberships__user=user)
    return theirs.select_related("team").annotate(changed_at=Subquery(lines.values("at")[:1]))


def days_of(sprint: Any) -> Event:
    """From the first day to the last. The sprint's version grows with its goal and its dates, and when it starts."""
    return Event(
        uid=f"sprint-{sprint.pk}",
        sequence=sprint.version,
        changed_at=sprint.changed_at or sprint.team.created_at,
        start=sprint.starts_on,
        end=sprint.ends_on + timedelta(days=1),
        title=f"{sprint} of {sprint.team.name}" + (f": {sprint.goal}" if sprint.goal else ""),
        text="It is planned, and its dates may still change." if sprint.is_planned else "It is running.",
        path=sprint.get_absolute_url(),
        is_tentative=sprint.is_planned,
    )
