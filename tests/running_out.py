"""Time boxes that run out while processes are killed: made and counted by processes of their own, `python -m tests.running_out`.

It speaks to the database that the killed processes use, with the settings that they have.
"""

import json
import os
import sys
from collections import Counter
from datetime import timedelta
from typing import Any

import django
from django.db import transaction

#: 72 seconds of working time: four fifths are used after 57.6
LENGTH, WARNING = timedelta(hours=0.02), timedelta(hours=0.016)


def prepare(boxes: int, people: int, spread: float, lead_in: float) -> dict[str, Any]:
    """A team that works around the clock, and `boxes` that reach four fifths within `spread` seconds from `lead_in` seconds on.

    Each has an owner and a watcher. Returns the first instant.
    """
    from dsboard import clock
    from dsboard.models import Membership, Team, User
    from dsboard.roles import Role, Side
    from experiments.models import Task, TimeBox
    from experiments.stages import Kind, Lane, Stage

    lead = User.objects.create_user("lead@example.org", "Lena Lead")
    team = Team.found(key="NIGHT", name="Night watch", lead=lead, time_zone="UTC")
    Team.objects.filter(pk=team.pk).update(week="Mon-Sun 00:00-24:00")
    members = [User.objects.create_user(f"p{n}@example.org", f"Person{n} Runs") for n in range(people)]
    Membership.objects.bulk_create(Membership(team=team, user=user, role=Role.MEMBER, side=Side.SCIENCE) for user in members)
    now = clock.now()
    for n in range(boxes):
        started = now + timedelta(seconds=lead_in + spread * n / boxes) - WARNING
        task = Task.objects.create(
            team=team, number=n + 1, ref=f"NIGHT-{n + 1}", kind=Kind.EXPERIMENT, stage=Stage.ACTIVE, lane=Lane.IN_PROGRESS, rank=n + 1,
            title=f"Box {n + 1:04d}", owner=members[n % people], started_at=started, bucket="experiments",
            statement="It holds.", success="It holds at night.",
        )  # fmt: skip
        task.watchers.add(members[(n + 1) % people])
        TimeBox.objects.create(
            task=task, hours="0.02", original_hours="0.02", started_at=started, runs_since=started, runs_for=task.owner, left=LENGTH,
            warns_at=started + WARNING, ends_at=started + LENGTH, next_look_at=started + WARNING,
        )  # fmt: skip
    return {"boxes": boxes}


def tell() -> dict[str, Any]:
    """What is in the inboxes and where the mail stands."""
    from dsboard.models import Notice

    notices = list(Notice.objects.select_related("user").order_by("pk"))
    by_kind = Counter(notice.kind for notice in notices)
    per_person = Counter((notice.user_id, notice.key) for notice in notices)
    return {
        "by_kind": by_kind,
        "doubled": [str(key) for key, count in per_person.items() if count > 1],
        "ended": [[notice.user.email, notice.title.partition(": ")[2]] for notice in notices if notice.kind == "box_ended"],
        "warned": [[notice.user.email, notice.title.partition(": ")[2]] for notice in notices if notice.kind == "box_warning"],
        "mail": Counter(notice.mail for notice in notices),
        "letters": [
            [notice.user.email, notice.kind, notice.title.rpartition(": ")[2], notice.mail, str(notice.letter)] for notice in notices
        ],
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.fast_settings")
    django.setup()
    act, *words = sys.argv[1:]
    with transaction.atomic():
        said = prepare(int(words[0]), int(words[1]), float(words[2]), float(words[3])) if act == "prepare" else tell()
    print(json.dumps(said))
