"""Moving a card: the rules of the stage it enters, its place among neighbours, what a start does; and undoing it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from dsboard import clock
from dsboard.errors import Refusal, Stale
from dsboard.models import Activity, Membership
from dsboard.models.pulse import tell
from dsboard.roles import Act
from experiments import rules
from experiments.models import order, reminder, running
from experiments.stages import DAYS_TO_UNDO, LANE_OF, Lane, Stage, stages_of

if TYPE_CHECKING:
    from experiments.models.task import Task

#: undoing a start within this much working time makes the box idle again
FIRST_MINUTE = timedelta(minutes=1)
BACK_TO_IDEATION = "Back in Ideation."


@clock.still()
@transaction.atomic
def move(task: "Task", stage: str, by: Membership, *, before: str = "", after: str = "", version: int | None = None) -> Activity | None:
    """See Task.move_to."""
    by.must(Act.MOVE, task.team_id)
    by.team.lock()
    task.hold()
    refuse_misplaced(task, stage)
    refuse_stale(task, stage, version)
    if stage != task.stage:
        refuse_unready(task, stage)
        refuse_out_of_time(task, stage)
    return put(task, Stage(stage), by, before=before, after=after)


def put(
    task: "Task",
    stage: Stage,
    by: Membership,
    *,
    before: str = "",
    after: str = "",
    verb: str = "moved",
    columns: Iterable[str] = (),
    **facts: Any,
) -> Activity | None:
    """Place a held card in a stage, under the team's lock, and record it; the verbs above it have asked the rules.

    `columns` were set by these, and are written with it; `facts` go into its line of history.
    """
    came_from, above = task.stage, card_above(task)
    if stage == came_from and not before and not after and task.rank is not None and not card_below(task):
        return None
    if stage == came_from and above == before and before and task.rank is not None:
        return None
    if stage == came_from and after and not before and card_below(task) == after:
        return None
    rank = order.place(task, LANE_OF[stage], before=before, after=after)
    task.stage, task.lane, task.rank = stage, LANE_OF[stage], rank
    changed = ["stage", "lane", "rank", *columns]
    facts |= {"above": above}
    if stage != came_from:
        changed += enter(task, by, facts)
    task.touch(*changed)
    if stage != came_from and task.is_boxed:
        reminder.plan(task)
    if Stage.ANALYSIS in (stage, came_from):
        # A decision waits for somebody, or does not any more.
        tell(task.team_id, "desk:decision")
    if stage == came_from:
        return Activity.record(task, "reordered", by, field="place", before=above or None, after=before or None, **facts)
    return Activity.record(task, verb, by, field="stage", before=str(came_from), after=str(stage), **facts)


def enter(task: "Task", by: Membership, facts: dict[str, Any]) -> list[str]:
    """What entering a stage does to the card itself; returns the columns it set."""
    now = clock.now()
    changed = []
    if task.lane == Lane.IN_PROGRESS and task.started_at is None:
        task.started_at = now
        changed.append("started_at")
        facts["started"] = True
    if task.lane == Lane.IN_PROGRESS and task.owner_id is None:
        task.owner_id = by.user_id
        changed.append("owner")
        facts["also"] = {"owner": {"before": None, "after": by.user.email}}
    if task.is_boxed:
        turn_clock(task, now)
    ended = now if task.lane == Lane.DONE else None
    if bool(ended) != bool(task.ended_at):
        task.ended_at, task.shown_until = ended, task.until_when_shown() if ended else None
        changed += ["ended_at", "shown_until"]
    return changed


def turn_clock(task: "Task", now: datetime) -> None:
    """The clock of a time box runs in Active: it starts with the first entry, and again when the card comes back."""
    if task.stage == Stage.ACTIVE:
        running.run(task)
    elif task.stage == Stage.IDEATION:
        running.pause(task, BACK_TO_IDEATION)
    else:
        running.close(task, now)


def card_above(task: "Task") -> str:
    """The reference of the card right above, empty at the top: what an undo returns to."""
    if task.rank is None:
        return ""
    return next((ref for ref, _ in order.next_above(task.team_id, task.lane, task.rank, task.pk)), "")


def card_below(task: "Task") -> str:
    """The reference of the card right below, empty at the end."""
    if task.rank is None:
        return ""
    return next((ref for ref, _ in order.next_below(task.team_id, task.lane, task.rank, task.pk)), "")


def refuse_misplaced(task: "Task", stage: str) -> None:
    """A card that is off the boards does not move, and each kind has its own four stages."""
    if task.deleted_at:
        raise Refusal(f"{task.ref} is in the bin. Restore it first.")
    if task.dropped_at:
        raise Refusal(f"{task.ref} was dropped. Restore it first.")
    names = [s.label for s in stages_of(task.kind)]
    if stage not in stages_of(task.kind):
        raise Refusal.of({"stage": f"{task.get_kind_display()} walks {', '.join(names[:3])} and {names[3]}. Choose one of these."})


def refuse_stale(task: "Task", stage: str, version: int | None) -> None:
    """Somebody else moved the card since the version that was seen."""
    if version is None or version == task.version:
        return
    since = Activity.objects.of(task).since(version, ["stage", "place"]).last()
    if since or version > task.version:
        who = since.actor.first_name if since and since.actor else "Somebody"
        raise Stale(f"{who} moved {task.ref} first. It is in {task.get_stage_display()} now; your move was not saved.", current=task)


def refuse_unready(task: "Task", stage: str) -> None:
    """The rules of the stage: Decision only by deciding, out of it only by reversing, the rest from rules.py."""
    if stage == Stage.DECISION:
        raise Refusal.of({"stage": f"A card enters Decision by a decision. Decide on {task.ref} instead of moving it."}, way="decision")
    if task.stage == Stage.DECISION:
        raise Refusal.of({"stage": f"{task.ref} is decided. Reverse the decision to take it back to Analysis."}, way="reversal")
    asked = rules.missing(task, stage)
    if asked:
        raise Refusal.of(asked, way="findings" if set(asked) == {"findings"} else "")


def refuse_out_of_time(task: "Task", stage: str) -> None:
    """Back from Analysis the clock runs again, so something must be left of the box."""
    if stage == Stage.ACTIVE and task.stage == Stage.ANALYSIS and task.box and not task.box.left:
        raise Refusal.of({"hours": f"No time is left in the box of {task.ref}. Extend it by some hours first."}, way="extension")


@clock.still()
@transaction.atomic
def undo(task: "Task", activity: Activity, by: Membership) -> Activity | None:
    """Take back a move or a new place: to the stage it came from, below the card that was above it if that is still there.

    Raises Refusal when the card moved again since, or the move is over 30 days old.
    """
    by.must(Act.MOVE, task.team_id)
    by.team.lock()
    task.hold()
    refuse_too_late(activity)
    stage = Stage(str(activity.before)) if activity.field == "stage" else Stage(task.stage)
    if activity.field == "stage" and task.stage != activity.after:
        raise Refusal(f"{task.ref} moved again since; it is in {task.get_stage_display()} now.")
    if Stage.DECISION in (stage, task.stage):
        raise Refusal(f"{task.ref} is decided. Reverse the decision instead.", way="reversal")
    if task.is_off_boards:
        raise Refusal(f"{task.ref} is off the board. Restore it first.")
    if stage != task.stage:
        refuse_unready(task, stage)
    above = activity.facts.get("above") or ""
    still = order.others(task, LANE_OF[stage]).filter(ref=above).exists() if above else False
    first = order.others(task, LANE_OF[stage]).order_by("rank").values_list("ref", flat=True).first() or ""
    too_soon = activity.facts.get("started") and worked_since_start(task, activity) <= FIRST_MINUTE
    unstarted: dict[str, Any] = unstart(task, activity) if too_soon else {}
    return put(task, stage, by, before=above if still else "", after="" if still or above else first, verb="undid", **unstarted)


def worked_since_start(task: "Task", activity: Activity) -> timedelta:
    """The working time since a card was started, by the clock of whoever owns it."""
    return running.working_time_of(task).between(activity.at, clock.now())


def unstart(task: "Task", activity: Activity) -> dict[str, Any]:
    """A start that was undone at once never happened: the box is idle and the owner that it set is gone. What `put` has to know of it."""
    task.started_at = None
    running.forget(task)
    if "owner" not in activity.also or task.owner is None or task.owner_id != activity.actor_id:
        return {"columns": ["started_at"]}
    gone = {"before": task.owner.email, "after": None}
    task.owner = None
    return {"columns": ["started_at", "owner"], "also": {"owner": gone}}


def refuse_too_late(activity: Activity) -> None:
    if clock.now() - activity.at > timedelta(days=DAYS_TO_UNDO):
        raise Refusal(f"This was over {DAYS_TO_UNDO} days ago and can't be undone any more.")
