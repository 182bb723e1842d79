"""The teams of the board's benchmark: each with a past of finished work and a board of a chosen size."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from dsboard.models import Membership, Team, User
from experiments.demo.past import Past
from experiments.models import Decision, Finding, Label, Metric, Result, SearchEntry, Task, TimeBox
from experiments.models.order import GAP
from experiments.stages import LANE_OF, Bucket, Kind, Phase, Stage

#: of a hundred cards on the board
SPREAD = (Stage.IDEATION,) * 45 + (Stage.ACTIVE,) * 30 + (Stage.ANALYSIS,) * 15 + (Stage.DECISION,) * 10


def prepare(past: int, *sizes: int) -> dict[str, Any]:
    """Write the teams; returns what a client needs to know of them."""
    people = a_crew()
    for size in sizes:
        team = Team.found(key=f"B{size}", name=f"Board of {size}", lead=people[0])
        Membership.objects.bulk_create(Membership(team=team, user=user) for user in people[1:])
        with transaction.atomic():
            finished(team, past)
            open_cards(team, size)
    return told(people[0])


def a_crew() -> list[User]:
    """An empty database with five people."""
    call_command("migrate", verbosity=0, interactive=False)
    names = ("Mei Tanaka", "Omar Haddad", "Arjun Patel", "Sofia Rossi", "Tom Rey")
    return [User.objects.create_user(f"{name.split()[0].lower()}@bench.example", name) for name in names]


def told(user: User) -> dict[str, Any]:
    """What the client needs to be this person; the database knows its own sizes by then."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
    return {"cookie": f"{settings.SESSION_COOKIE_NAME}={session(user)}", "csrf": settings.CSRF_COOKIE_NAME}


def finished(team: Team, past: int) -> None:
    """What the team has behind it."""
    told = Past(team, past, 1)
    for start in range(0, past, 2_000):
        told.write(range(start, min(start + 2_000, past)))
    Team.objects.filter(pk=team.pk).update(last_number=past)
    team.refresh_from_db()


def open_cards(team: Team, size: int) -> None:
    """The board: cards with everything that a face can show, spread over the columns in a fixed way."""
    chance, now, first = random.Random(size), timezone.now(), team.last_number + 1
    people = list(team.memberships.values_list("user_id", flat=True))
    last = team.tasks.aggregate(last=Max("rank"))["last"] or 0
    stages = [SPREAD[place % 100] for place in range(size)]
    chance.shuffle(stages)
    tasks = Task.objects.bulk_create(
        Task(
            team=team,
            number=first + place,
            ref=f"{team.key}-{first + place}",
            kind=Kind.EXPERIMENT,
            stage=stage,
            lane=LANE_OF[stage],
            rank=last + GAP * (place + 1),
            title=f"{('Gradient boosting', 'Graph features', 'A small encoder')[place % 3]} for question {place}",
            statement="Ordered boosting with target encoding clears the bar without more features or a longer run.",
            success="The bar, at the same latency.",
            owner_id=chance.choice(people),
            bucket=Bucket.EXPERIMENTS,
            phase=Phase.EXPLORE,
            started_at=None if stage == Stage.IDEATION else now - timedelta(days=5),
            ended_at=now - timedelta(days=2) if stage == Stage.DECISION else None,
            shown_until=now + timedelta(days=12) if stage == Stage.DECISION else None,
            comment_count=place % 4,
        )
        for place, stage in enumerate(stages)
    )
    Team.objects.filter(pk=team.pk).update(last_number=first + size)
    hang(team, tasks)


def hang(team: Team, tasks: list[Task]) -> None:
    """Time boxes, metrics, labels; findings and decisions where the stage asks for them."""
    names = [Label.objects.create(team=team, name=name) for name in ("nlp", "fraud", "recommender", "pricing")]
    Task.labels.through.objects.bulk_create(
        Task.labels.through(task_id=task.pk, label_id=names[place % 4].pk) for place, task in enumerate(tasks)
    )
    TimeBox.objects.bulk_create(box_of(task) for task in tasks)
    metrics = Metric.objects.bulk_create(Metric(task=task, name="AUC", target=0.9) for task in tasks)
    reported = [(task, metric) for task, metric in zip(tasks, metrics, strict=True) if task.stage in ("analysis", "decision")]
    findings = Finding.objects.bulk_create(
        Finding(task=task, tried="Three seeds.", learned="It holds in all markets.", verdict="supported", by_id=task.owner_id)
        for task, _ in reported
    )
    Result.objects.bulk_create(
        Result(finding=finding, metric=metric, metric_name="AUC", goal=metric.goal, value=0.91, is_met=True)
        for finding, (_, metric) in zip(findings, reported, strict=True)
    )
    decided = [task for task in tasks if task.stage == Stage.DECISION]
    Decision.objects.bulk_create(
        Decision(task=task, outcome="abandon", why="It costs too much.", evidence={}, by_id=task.owner_id) for task in decided
    )
    SearchEntry.objects.bulk_create(SearchEntry(task=task, team=team, body=f"{task.ref}\n{task.title}\n{task.statement}") for task in tasks)


def box_of(task: Task) -> TimeBox:
    """Two days; running with some of it used in Active, closed once findings are in."""
    now, used, whole = timezone.now(), timedelta(hours=2), timedelta(hours=16)
    box = TimeBox(task=task, hours=Decimal(16), original_hours=Decimal(16), started_at=task.started_at)
    if task.stage == Stage.ACTIVE:
        box.runs_since, box.runs_for_id, box.used, box.left = now, task.owner_id, used, whole - used
        box.warns_at, box.ends_at = now + timedelta(days=1), now + timedelta(days=2)
    elif task.started_at:
        box.closed_at, box.used, box.left = now, used, whole - used
    return box


def session(user: User) -> str:
    """A session as a sign-in leaves it."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)
