"""The teams of the benchmark of speed: boards of experiments and of deliveries, alone and beside a long past; 500 who only look."""

import random
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from benchmarks._sprint_team import planning
from benchmarks._team import a_crew, open_cards, session, told
from dsboard.models import Membership, Team, User
from dsboard.roles import Role
from experiments.models import Deliverable, SearchEntry, Task
from experiments.models.order import GAP
from experiments.stages import LANE_OF, Bucket, Confidence, Kind, Phase, Stage

#: of a hundred cards of a delivery board
DELIVERY = (Stage.READY,) * 50 + (Stage.IN_PROGRESS,) * 40 + (Stage.REVIEW,) * 10


def prepare(past: int, history: int, lookers: int, *sizes: int) -> dict[str, Any]:
    """For each size a board alone (A), one beside `past` finished tasks (P) and a delivery board (D); one of 1,000 with `history` (H)."""
    people = a_crew()
    for size in sizes:
        with transaction.atomic():
            open_cards(founded(f"A{size}", people), size)
            with_past(founded(f"P{size}", people), past, size)
            deliveries(founded(f"D{size}", people), size)
    planning("S200", people, 200)
    if history:
        with transaction.atomic():
            with_past(founded("H1000", people), history, 1_000)
    team = Team.objects.get(key="A200")
    watching = User.objects.bulk_create(User(email=f"w{number}@bench.example", name=f"Looker {number}") for number in range(lookers))
    Membership.objects.bulk_create(Membership(team=team, user=user, role=Role.VIEWER) for user in watching)
    keys = [session(user) for user in watching]
    movers = [session(user) for user in people for _ in range(2)]
    return told(people[0]) | {"more": {"lookers": keys, "movers": movers}}


def founded(key: str, people: list[User]) -> Team:
    team = Team.found(key=key, name=f"Board {key}", lead=people[0])
    Membership.objects.bulk_create(Membership(team=team, user=user) for user in people[1:])
    return team


def with_past(team: Team, past: int, size: int) -> None:
    """A board, and finished cards below it: one card of it copied by the database itself, with its words to be searched."""
    open_cards(team, size)
    team.refresh_from_db()
    model = team.tasks.filter(stage=Stage.DECISION)[0]
    columns = [str(field.column) for field in Task._meta.concrete_fields if field.column != "id"]
    first = team.last_number + 1
    own = {
        "number": f"{first} + n",
        "ref": f"'{team.key}-' || ({first} + n)",
        "rank": f"CAST({-GAP} AS bigint) * (n + 1)",
        "title": "title || ' ' || n",
        "shown_until": "ended_at",
        "created_at": "created_at",
    }
    chosen = ", ".join(own.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    # Written as text, since one statement copies a million rows: only names of our own columns and our own numbers go into it.
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {past})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"{numbers} INSERT INTO experiments_task ({names}) SELECT {chosen} FROM experiments_task, numbers WHERE id = {model.pk}"  # noqa: S608
            if connection.vendor == "postgresql"
            else f"INSERT INTO experiments_task ({names}) {numbers} SELECT {chosen} FROM experiments_task, numbers WHERE id = {model.pk}"  # noqa: S608
        )
        cursor.execute(
            "INSERT INTO experiments_searchentry (task_id, team_id, body) SELECT id, team_id, ref || ' ' || title || ' ' || statement "  # noqa: S608
            f"FROM experiments_task WHERE team_id = {team.pk} AND number >= {first}"
        )
    Team.objects.filter(pk=team.pk).update(last_number=first + past)


def deliveries(team: Team, size: int) -> None:
    """Sized development cards over the first three columns."""
    chance, people = random.Random(size), list(team.memberships.values_list("user_id", flat=True))
    stages = [DELIVERY[place % 100] for place in range(size)]
    chance.shuffle(stages)
    last = team.tasks.aggregate(last=Max("rank"))["last"] or 0
    tasks = Task.objects.bulk_create(
        Task(
            team=team,
            number=place + 1,
            ref=f"{team.key}-{place + 1}",
            kind=Kind.DEVELOPMENT,
            stage=stage,
            lane=LANE_OF[stage],
            rank=last + GAP * (place + 1),
            title=f"{('Serve', 'Backfill', 'Monitor')[place % 3]} the ranker, part {place}",
            owner_id=chance.choice(people),
            bucket=Bucket.COMMITTED,
            phase=Phase.PROTOTYPE,
            points=3,
            confidence=Confidence.ROUGH,
            started_at=team.created_at,
        )
        for place, stage in enumerate(stages)
    )
    Deliverable.objects.bulk_create(Deliverable(task=task, text="What was agreed") for task in tasks)
    SearchEntry.objects.bulk_create(SearchEntry(task=task, team=team, body=f"{task.ref}\n{task.title}") for task in tasks)
    Team.objects.filter(pk=team.pk).update(last_number=size)
