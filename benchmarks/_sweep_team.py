"""The team of the sweep's benchmark: it works around the clock, and has as many running time boxes as asked for."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from dsboard.models import Membership, Notice, Team, User
from experiments import reminding
from experiments.models import Task, TimeBox
from experiments.models.order import GAP
from experiments.stages import Bucket, Kind, Lane, Stage

#: of a box, and how far off the end of a running one is
LENGTH, FAR = timedelta(hours=16), timedelta(days=1)


def found() -> Team:
    """A lead and nine members."""
    lead = User.objects.create_user("lead@bench.example", "Lena Lead")
    team = Team.found(key="NIGHT", name="Night watch", lead=lead, time_zone="UTC")
    Team.objects.filter(pk=team.pk).update(week="Mon-Sun 00:00-24:00")
    people = [User.objects.create_user(f"p{n}@bench.example", f"Person {n}") for n in range(9)]
    Membership.objects.bulk_create(Membership(team=team, user=user) for user in people)
    team.refresh_from_db()
    return team


def grow(team: Team, size: int, at_once: int) -> None:
    """Add running boxes until there are `size`; none of them needs a look today."""
    people = list(team.memberships.values_list("user_id", flat=True))
    have = Task.objects.within(team).count()
    for start in range(have, size, at_once):
        with transaction.atomic():
            write(team, people, range(start, min(start + at_once, size)))


def write(team: Team, people: list[int], places: range) -> None:
    """The cards of these places, each with a running box, its stretch and its next look."""
    now = timezone.now()
    tasks = Task.objects.bulk_create(
        Task(
            team=team,
            number=place + 1,
            ref=f"{team.key}-{place + 1}",
            kind=Kind.EXPERIMENT,
            stage=Stage.ACTIVE,
            lane=Lane.IN_PROGRESS,
            rank=GAP * (place + 1),
            title=f"Question {place}",
            statement="It holds.",
            success="It holds at night.",
            owner_id=people[place % len(people)],
            bucket=Bucket.EXPERIMENTS,
            started_at=now,
        )
        for place in places
    )
    TimeBox.objects.bulk_create(
        TimeBox(
            task=task, hours=Decimal(16), original_hours=Decimal(16), started_at=now, runs_since=now, left=LENGTH,
            warns_at=now + FAR, ends_at=now + 2 * FAR, runs_for_id=task.owner_id, next_look_at=now + FAR,
        )
        for task in tasks
    )  # fmt: skip


def let_fall_due(count: int) -> None:
    """Forget what was told, and let `count` boxes reach four fifths just now; the others are far from it."""
    now = timezone.now()
    Notice.objects.all().delete()
    TimeBox.objects.filter(next_look_at__lt=now + FAR / 2).update(next_look_at=now + FAR)
    chosen = list(Task.objects.order_by("pk").values_list("pk", flat=True)[:count])
    TimeBox.objects.filter(task__in=chosen).update(warns_at=now, next_look_at=now)


def sweep() -> int:
    """One sweep; how many cards it looked at."""
    return reminding.sweep()


def told() -> int:
    """How many notices there are."""
    return Notice.objects.count()
