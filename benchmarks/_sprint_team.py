"""The teams of the sprints' benchmark: a backlog of a chosen size, a planned sprint of 60 cards, eight closed ones of 50."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from benchmarks._team import a_crew, told
from dsboard.models import Membership, Team, User
from experiments.models import Deliverable, SearchEntry, Task
from experiments.models.order import GAP
from experiments.stages import LANE_OF, Bucket, Kind, Stage
from sprints.models import Capacity, Seat, Sprint
from sprints.states import End, State

SEATED, CLOSED, IN_EACH = 60, 8, 50
RATE = Decimal("0.5")


def prepare(*backlogs: int) -> dict[str, Any]:
    """Write a team for each size of backlog; returns what a client needs to know."""
    people = a_crew()
    for size in backlogs:
        planning(f"S{size}", people, size)
    return told(people[0])


def planning(key: str, people: list[User], size: int) -> None:
    """One team with its closed sprints, a planned one, and a backlog."""
    team = Team.found(key=key, name=f"Backlog of {size}", lead=people[0])
    Membership.objects.bulk_create(Membership(team=team, user=user) for user in people[1:])
    with transaction.atomic():
        for number in range(1, CLOSED + 1):
            closed(team, number)
        lead = team.memberships.select_related("team", "user").get(user=people[0])
        planned = Sprint.plan(team, lead)
        seated = jobs(team, SEATED, Stage.READY)
        Seat.objects.bulk_create(Seat(sprint=planned, task=task, added_by=people[0]) for task in seated)
        jobs(team, size, Stage.READY)


def jobs(team: Team, count: int, stage: Stage, ended: datetime | None = None) -> list[Task]:
    """Development cards with points, owners and deliverables."""
    people = list(team.memberships.values_list("user_id", flat=True))
    team.refresh_from_db()
    first = team.last_number + 1
    last = team.tasks.aggregate(last=Max("rank"))["last"] or 0
    tasks = Task.objects.bulk_create(
        Task(
            team=team,
            number=first + place,
            ref=f"{team.key}-{first + place}",
            kind=Kind.DEVELOPMENT,
            stage=stage,
            lane=LANE_OF[stage],
            rank=last + GAP * (place + 1),
            title=f"{('Serve', 'Monitor', 'Backfill')[place % 3]} the model of question {place}",
            bucket=(Bucket.COMMITTED, Bucket.COMMITTED, Bucket.EXPERIMENTS, Bucket.LEARNING)[place % 4],
            points=Decimal((1, 2, 3, 5)[place % 4]),
            owner_id=people[place % len(people)],
            ended_at=ended,
            shown_until=ended,
        )
        for place in range(count)
    )
    Deliverable.objects.bulk_create(Deliverable(task=task, text="An endpoint", done=bool(ended)) for task in tasks)
    SearchEntry.objects.bulk_create(SearchEntry(task=task, team=team, body=f"{task.ref}\n{task.title}") for task in tasks)
    Team.objects.filter(pk=team.pk).update(last_number=first + count)
    return tasks


def closed(team: Team, number: int) -> None:
    """A sprint of the past with everything frozen."""
    today = timezone.now().date()
    starts_on = today - timedelta(days=today.weekday() + 14 * (CLOSED - number + 1))
    ends_on = starts_on + timedelta(days=11)
    sprint = Sprint.objects.create(
        team=team,
        number=number,
        starts_on=starts_on,
        ends_on=ends_on,
        state=State.CLOSED,
        started_at=at(starts_on, 9),
        closed_at=at(ends_on, 17),
        boxed_days=Decimal(10),
        guide_committed=60,
        guide_experiments=30,
        guide_learning=10,
        tolerance=5,
        rate=RATE,
        rate_source="assumed",
    )
    Seat.objects.bulk_create(
        Seat(
            sprint=sprint,
            task=task,
            state=State.CLOSED,
            bucket=task.bucket,
            planned_bucket=task.bucket,
            days=(task.points or 0) * RATE,
            owner_id=task.owner_id,
            end=End.FINISHED,
            earned_points=task.points or 0,
            finished_points=task.points or 0,
        )
        for task in jobs(team, IN_EACH, Stage.DONE, at(ends_on, 12))
    )
    Capacity.objects.bulk_create(
        Capacity(sprint=sprint, user_id=user, days=10, available=10) for user in team.memberships.values_list("user_id", flat=True)
    )


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)
