"""A sprint starts: the plan, the guideline and the rate freeze, and from now on a change is scope change."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Calendars, Membership
from dsboard.roles import Act
from sprints.models import capacity
from sprints.models.capacity import as_decimal
from sprints.models.seat import earned_before, held_days
from sprints.states import State

if TYPE_CHECKING:
    from sprints.models.sprint import Sprint

FROZEN = ("state", "started_at", "guide_committed", "guide_experiments", "guide_learning", "tolerance", "rate", "rate_source")


@clock.still()
@transaction.atomic
def start(sprint: "Sprint", by: Membership) -> None:
    """Run. What has ended since it was pencilled leaves the plan. Raises Refusal while another sprint of the team runs."""
    by.must(Act.SPRINTS, sprint.team_id)
    sprint.hold()
    sprint.team.refresh_from_db()
    refuse_started(sprint)
    pencilled = list(sprint.pencilled())
    sprint.seats.exclude(pk__in=[seat.pk for seat in pencilled]).delete()
    guide = sprint.guideline
    sprint.rate, sprint.rate_source = sprint.team.days_per_point, sprint.team.rate_source
    sprint.guide_committed, sprint.guide_experiments, sprint.guide_learning, sprint.tolerance = guide
    sprint.state, sprint.started_at = State.RUNNING, clock.now()
    sprint.touch(*FROZEN)
    capacity.freeze(sprint)
    calendars, earned = Calendars.of([sprint.team]), earned_before([seat.task_id for seat in pencilled])
    for seat in pencilled:
        task = seat.task
        task.team = sprint.team
        working = calendars.of_member(sprint.team_id, task.owner_id)
        seat.days = as_decimal(held_days(task, working, sprint.rate, earned.get(task.pk, Decimal(0))))
        seat.state, seat.bucket, seat.planned_bucket, seat.owner_id = State.RUNNING, task.bucket, task.bucket, task.owner_id
        seat.save()
    Activity.record(sprint, "started", by, after=f"{guide}, {sprint.rate} d per point", seats=len(pencilled))


def refuse_started(sprint: "Sprint") -> None:
    if sprint.is_running:
        raise Refusal(f"{sprint} is running already.")
    sprint.refuse_closed()
    other = type(sprint).objects.within(sprint.team).running()
    if other:
        raise Refusal(f"{other} is running. Close it first.")
