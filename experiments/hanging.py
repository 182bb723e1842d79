"""What hangs on a card, told beside its row: the small things whole, of the others whether there are any.

A page of one card would ask fifteen tables; most of them have nothing to say of most cards.
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import JSONObject

from dsboard.models import Team, User
from dsboard.prepared import prepared
from experiments.face import Gathered
from experiments.models import Amendment, Attachment, Comment, Decision, Extension, Finding, Run, RunLink, Task, TaskLink

HERE = OuterRef("pk")
#: of more comments a page asks for the newest
FEW_COMMENTS = 100


def gathered(rows: QuerySet[Any], by: str, columns: tuple[str, ...]) -> Subquery:
    """These rows as one list of objects."""
    return Subquery(rows.order_by().values(by).annotate(found=Gathered(JSONObject(**{name: name for name in columns}))).values("found"))


AMENDMENT = ("id", "field", "before", "after", "at", "by_id", "by__name")
EXTENSION = ("id", "hours", "reason", "at", "by_id", "by__name")
COMMENT = ("id", "html", "at", "by_id", "by__name")
ATTACHMENT = ("id", "file", "name", "size", "at", "by_id", "by__name")


@prepared
def hung(team: int, ref: str) -> Any:
    """The card of a team with what hangs on it, in one query."""
    labels: Any = Task.labels.through.objects.filter(task=HERE).order_by().values("task")
    seats: Any = Task.objects.filter(pk=HERE, seats__removed_at=None, seats__state__in=("planned", "running")).order_by().values("pk")
    watchers: Any = Task.watchers.through.objects.filter(task=HERE).order_by().values("task")
    runs: Any = Run.objects.filter(task=HERE).order_by().values("task")
    cards = Task.objects.within(Team(pk=team)).filter(ref=ref)
    return cards.select_related("owner", "decider", "time_box", "deleted_by").annotate(
        label_names=Subquery(labels.annotate(found=Gathered("label__name")).values("found")),
        sprint_numbers=Subquery(seats.annotate(found=Gathered("seats__sprint__number")).values("found")),
        watcher_ids=Subquery(watchers.annotate(found=Gathered("user_id")).values("found")),
        told_extensions=gathered(Extension.objects.filter(box__task=HERE), "box__task", EXTENSION),
        told_amendments=gathered(Amendment.objects.filter(task=HERE), "task", AMENDMENT),
        told_attachments=gathered(Attachment.objects.filter(task=HERE, removed_at=None), "task", ATTACHMENT),
        last_finding=Subquery(Finding.objects.filter(task=HERE).order_by("-pk").values("pk")[:1]),
        told_comments=Case(
            When(comment_count__range=(1, FEW_COMMENTS), then=gathered(Comment.objects.filter(task=HERE), "task", COMMENT)), default=None
        ),
        has_decisions=Exists(Decision.objects.filter(task=HERE)),
        has_links=Exists(TaskLink.objects.filter(Q(task=HERE) | Q(other=HERE))),
        run_count=Subquery(runs.annotate(found=Count("pk")).values("found")),
        has_run_links=Exists(RunLink.objects.filter(task=HERE)),
    )


def rebuilt(model: type[models.Model], found: list[dict[str, Any]] | None, **same: Any) -> list[Any]:
    """The rows of such a list as they would have come from their own table, oldest first; `by` with a name only."""
    rows = []
    for said in sorted(found or [], key=lambda one: one["id"]):
        row = model(**{name: value_of(model, name, value) for name, value in said.items() if "__" not in name}, **same)
        if said.get("by_id"):
            # Each of these models has `by`; their common type does not know it.
            row.by = User(pk=said["by_id"], name=said["by__name"])  # type: ignore[attr-defined]
        rows.append(row)
    return rows


def value_of(model: type[models.Model], name: str, value: Any) -> Any:
    """A value that went through JSON, as its field has it."""
    field: Any = model._meta.pk if name == "id" else model._meta.get_field(name.removesuffix("_id"))
    if isinstance(field, models.JSONField):
        return json.loads(value) if connection.vendor == "sqlite" and isinstance(value, str) else value
    if isinstance(field, models.DateTimeField) and value is not None:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return field.to_python(value) if not field.is_relation else value
