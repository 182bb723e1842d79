"""Editing a card: cleaning each field by its own rule, writing what changed, refusing what is stale."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.db.models import Field

from dsboard import clock
from dsboard.errors import Refusal, Stale
from dsboard.kinds import Kind as NoticeKind
from dsboard.models import Activity, Membership, Notice
from dsboard.roles import Act
from experiments import markdown, rules
from experiments.models import order, reminder, running, standing
from experiments.models.amendment import LOCKED, Amendment
from experiments.models.deliverable import Deliverable
from experiments.models.fields import CLEANERS, COLUMNS, cleaned, fields_of, value_of
from experiments.models.label import Label
from experiments.models.metric import Metric
from experiments.models.search_entry import SearchEntry
from experiments.models.time_box import TimeBox
from experiments.stages import LANE_OF, Confidence, Kind, Phase, Stage, default_bucket, stages_of

if TYPE_CHECKING:
    from experiments.models.task import Task

__all__ = ["change", "cleaned", "first_phase", "kind_of", "write_new"]


def first_phase(kind: Kind, values: dict[str, Any]) -> str:
    """Explore, prototype or productionize (PRODUCT section 5); upkeep has none."""
    if kind.is_boxed:
        return Phase.EXPLORE
    if kind == Kind.DEVELOPMENT:
        return Phase.PRODUCTIONIZE if values.get("confidence") == Confidence.FIRM else Phase.PROTOTYPE
    return ""


def kind_of(word: Any) -> Kind:
    """One of the four kinds."""
    if word not in Kind.values:
        raise Refusal.of({"kind": "A card is research, an experiment, development or maintenance."})
    return Kind(word)


def write_new(task: "Task", values: dict[str, Any]) -> None:
    """Save a new card with the rows that hang on it."""
    for name, value in values.items():
        if name in COLUMNS:
            setattr(task, COLUMNS[name], value)
    refuse_half_firm(task)
    render_description(task)
    task.save()
    for name, value in values.items():
        if name in WRITERS and value not in (None, []):
            WRITERS[name](task, value)
    # Nothing was found or decided yet.
    task.finding = task.decision = None
    SearchEntry.begin(task)


@clock.still()
@transaction.atomic
def change(task: "Task", by: Membership, *, version: int | None, fields: dict[str, Any]) -> list[str]:
    """See Task.change."""
    by.must(Act.EDIT, task.team_id)
    team = by.team
    wanted = fields.pop("kind", None)
    if wanted and wanted != task.kind:
        team.lock()  # another kind is another row of stages, perhaps another place
    task.hold()
    if task.deleted_at:
        raise Refusal(f"{task.ref} is in the bin. Restore it first.")
    kind = kind_of(wanted or task.kind)
    values = cleaned(team, kind, fields)
    before = {name: value_of(task, name) for name in values}
    refuse_stale(task, version, [*(["kind"] if kind != task.kind else []), *(n for n in values if before[n] != as_json(n, values[n]))])
    lost = change_kind(task, kind, by) if kind != task.kind else []
    refuse_locked(task, values, before)
    clock_before = running.working_time_of(task) if "owner" in values and task.box and task.box.runs_since else None
    columns = []
    for name, value in values.items():
        if name in COLUMNS:
            setattr(task, COLUMNS[name], value)
            columns.append(COLUMNS[name])
        elif before[name] != as_json(name, value):
            WRITERS[name](task, value)
    refuse_half_firm(task)
    if "description" in values:
        render_description(task)
        columns.append("description_html")
    changed = [name for name in values if before[name] != value_of(task, name)]
    refuse_missing(task, changed)
    if not changed and not lost:
        return []
    task.touch(*columns, *(["kind", "stage", "lane", "rank", "bucket", "phase", *lost] if lost else []))
    for name in changed:
        record_edit(task, by, name, before[name])
    if "owner" in changed:
        if clock_before:
            running.hand_over(task, clock_before)
        tell_owner(task, by)
    if "owner" in changed or ("decider" in changed and task.stage == Stage.ANALYSIS):
        reminder.plan(task)
    SearchEntry.index(task)
    return [*(["kind"] if lost else []), *changed]


def record_edit(task: "Task", by: Membership, name: str, before: Any) -> None:
    """One line of history; what was locked when the clock started is amended, with a date."""
    verb, after = "assigned" if name == "owner" else "edited", value_of(task, name)
    if name in LOCKED and task.box and task.box.started_at:
        verb = "amended"
        Amendment.objects.create(task=task, field=name, before=before, after=after, by_id=by.user_id)
    Activity.record(task, verb, by, field=name, before=before, after=after)


def refuse_stale(task: "Task", version: int | None, names: list[str]) -> None:
    """A stale save is refused only if one of the same fields changed since the version that was seen."""
    if version is None or version == task.version or not names:
        return
    since = Activity.objects.of(task).since(version, names).last()
    if since or version > task.version:
        who = since.actor.first_name if since and since.actor else "Somebody"
        clashing = [name for name in since.fields if name in names] if since else []
        what = clashing[0].replace("_", " ") if clashing else "card"
        clash = dict.fromkeys(clashing, f"{who} changed this first.")
        raise Stale(f"{who} changed the {what} of {task.ref} first. Your change was not saved.", current=task, fields=clash, since=since)


def refuse_locked(task: "Task", values: dict[str, Any], before: dict[str, Any]) -> None:
    """The length of a box is settled once its clock has started."""
    if task.started_at and task.is_boxed and "hours" in values and before["hours"] != as_json("hours", values["hours"]):
        raise Refusal.of({"hours": "The clock has started, so the length of the time box is settled. Extend it with a reason instead."})


def refuse_half_firm(task: "Task") -> None:
    """Firm points stand on both ticks."""
    if task.confidence == Confidence.FIRM:
        asked = {
            "requirements_clear": "Firm points need clear requirements. Tick it, or keep the points rough.",
            "technology_known": "Firm points need known technology. Tick it, or keep the points rough.",
        }
        left = {name: sentence for name, sentence in asked.items() if not getattr(task, name)}
        if left:
            raise Refusal.of(left)


def refuse_missing(task: "Task", changed: list[str]) -> None:
    """What a stage asked for can't be taken away while the card stands there."""
    gone = {name: sentence for name, sentence in rules.missing(task, task.stage).items() if name in changed}
    if gone:
        raise Refusal.of(gone)


def change_kind(task: "Task", kind: Kind, by: Membership) -> list[str]:
    """Another kind, while no clock or work has started; what no longer applies goes to history. Returns the cleared columns."""
    if task.started_at:
        raise Refusal.of({"kind": f"Work on {task.ref} has started, so it stays {Kind(task.kind).label.lower()}."})
    old = Kind(task.kind)
    kept = fields_of(kind)
    renamed = {"question": "hypothesis", "hypothesis": "question"}
    gone = {n: value_of(task, n) for n in fields_of(old) if n not in kept and renamed.get(n) not in kept}
    gone = {n: v for n, v in gone.items() if v not in (None, "", [], False)}
    cleared = []
    for name in gone:
        if name in COLUMNS:
            column = cast("Field[Any, Any]", task._meta.get_field(COLUMNS[name]))
            setattr(task, column.attname, None if column.null else column.get_default())
            cleared.append(COLUMNS[name])
        else:
            WRITERS[name](task, None if name == "hours" else [])
    moved = stages_of(kind)[0]
    if task.bucket == default_bucket(old):
        task.bucket = default_bucket(kind)
    task.kind, task.stage, task.lane = kind, moved, LANE_OF[moved]
    task.phase = first_phase(kind, {})
    if task.rank is None and not task.is_off_boards:
        task.rank = order.end_of(task)
    Activity.record(task, "edited", by, field="kind", before=str(old), after=str(kind), gone=gone)
    return cleared or ["kind"]


def as_json(name: str, value: Any) -> Any:
    """A cleaned value in the form that history and the API show."""
    return CLEANERS[name].show(value)


def render_description(task: "Task") -> None:
    task.description_html = markdown.render(task.description, task.team, task.team.members.all()) if task.description else ""


def tell_owner(task: "Task", by: Membership) -> None:
    if task.owner_id and task.owner_id != by.user_id:
        Notice.objects.post(
            team_id=task.team_id,
            user_id=task.owner_id,
            by_id=by.user_id,
            kind=NoticeKind.ASSIGNED,
            key=f"assigned:{task.pk}:{task.version}",
            title=f"{by.user.first_name} gave you {task.ref}",
            text=task.title,
            url=task.get_absolute_url(),
            why=f"you own {task.ref}",
        )


# ── what is not a column of its own ──


def write_hours(task: "Task", hours: Any) -> None:
    if hours is None:
        TimeBox.objects.filter(task=task).delete()
    else:
        TimeBox.objects.update_or_create(task=task, defaults={"hours": hours, "original_hours": hours})
    task.forget_box()


def write_metrics(task: "Task", metrics: list[dict[str, Any]]) -> None:
    """Metrics keep their rows by name, so that results already reported stay with them."""
    rows = {m.name: m for m in task.metrics.all()}
    task.metrics.exclude(name__in=[m["name"] for m in metrics]).delete()
    for position, values in enumerate(metrics):
        metric = rows.get(values["name"]) or Metric(task=task)
        for name, value in values.items():
            setattr(metric, name, value)
        metric.position = position
        metric.save()
    if task.runs.exists():
        standing.judge(task, list(task.metrics.all()), None)


def write_deliverables(task: "Task", deliverables: list[dict[str, Any]]) -> None:
    task.deliverables.all().delete()
    Deliverable.objects.bulk_create(Deliverable(task=task, position=i, **values) for i, values in enumerate(deliverables))


def write_labels(task: "Task", names: list[str]) -> None:
    task.labels.set(Label.named(task.team, names))


WRITERS: dict[str, Callable[["Task", Any], None]] = {
    "hours": write_hours,
    "metrics": write_metrics,
    "deliverables": write_deliverables,
    "labels": write_labels,
}
