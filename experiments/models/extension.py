"""An extension: more hours for a time box, with a reason; the owner once, after that a lead."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from dsboard import clock
from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity, Membership, TeamScoped
from dsboard.roles import Act
from experiments.models import reminder, running
from experiments.models.cleaning import No, number
from experiments.models.time_box import TimeBox, as_time
from experiments.stages import LONGEST_EXTENDED_DAYS, Stage

if TYPE_CHECKING:
    from experiments.models.task import Task


class Extension(TeamScoped):
    team_path = "box__task__team"
    box = models.ForeignKey(TimeBox, on_delete=models.CASCADE, related_name="extensions")
    hours = models.DecimalField(max_digits=5, decimal_places=2)
    reason = models.CharField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0), name="extension_has_hours"),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.hours.normalize():f} h"


@clock.still()
@transaction.atomic
def extend(task: "Task", by: Membership, *, hours: Any, reason: str) -> Extension:
    """Give the box more hours: it ends by that much later or, if it has ended, by that much from now.

    The owner once, by at most half of the original; after that, and for others, a lead, up to 20 days in all.
    Raises Forbidden and Refusal by field.
    """
    by.must(Act.EXTEND, task.team_id)
    task.hold()
    box = box_under_way(task)
    added, reason = cleaned_hours(hours), reason.replace("\x00", "").strip()
    asked = {} if reason else {"reason": "Say why it needs more time, and what you know so far."}
    if len(reason) > 2000:
        asked["reason"] = "Keep the reason under 2000 characters."
    if not by.may(Act.EXTEND_AGAIN):
        refuse_owner(task, box, by, added)
    most = by.team.hours_per_day * LONGEST_EXTENDED_DAYS
    if box.hours + added > most:
        asked["hours"] = (
            f"With its extensions a box is at most {LONGEST_EXTENDED_DAYS} days ({most.normalize():f} hours). Split the question."
        )
    if asked:
        raise Refusal.of(asked)
    before = box.hours
    grow(task, box, added)
    extension = Extension.objects.create(box=box, hours=added, reason=reason, by_id=by.user_id)
    task.touch()
    Activity.record(task, "extended", by, field="hours", before=float(before), after=float(box.hours), reason=reason)
    reminder.plan(task)
    return extension


def grow(task: "Task", box: TimeBox, added: Decimal) -> None:
    """Add the hours. A clock that runs is settled first and runs on with what is left and what was added."""
    under_way = box.runs_since is not None
    if under_way:
        box.halt(clock.now(), running.working_time_of(task))
    box.hours += added
    box.left += as_time(added)
    box.ends_at = None
    if under_way:
        running.run(task)


def box_under_way(task: "Task") -> TimeBox:
    """The box of a card whose clock has started and whose findings are still to come, or may come again."""
    if not task.is_boxed:
        raise Refusal(f"{task.get_kind_display()} has no time box. It is sized in story points.")
    if task.is_off_boards:
        raise Refusal(f"{task.ref} is off the board. Restore it first.")
    if task.box is None or task.box.started_at is None:
        raise Refusal(f"The clock of {task.ref} has not started. Until then the length of its box can simply be changed.")
    if task.stage == Stage.DECISION:
        raise Refusal(f"{task.ref} is decided. Reverse the decision first.", way="reversal")
    box: TimeBox = task.box
    return box


def refuse_owner(task: "Task", box: TimeBox, by: Membership, added: Decimal) -> None:
    """What a member may not: extend somebody else's box, extend again, or by more than half of the original."""
    if task.owner_id != by.user_id:
        raise Forbidden(f"Only the owner of {task.ref}, once, or a lead can extend its time box.")
    if box.extensions.exists():
        raise Forbidden("This box was extended before. A lead can extend it again; consider deciding with what you know.")
    half = box.original_hours / 2
    if added > half:
        raise Refusal.of(
            {"hours": f"The first extension is at most half of the original, {half.normalize():f} hours. A lead can give more."}
        )


def cleaned_hours(value: Any) -> Decimal:
    """Hours of an extension, a positive number with at most two decimals."""
    try:
        found = number(value)
        if found <= 0:
            raise No("An extension has a length, such as 4 hours.")
        if found > 999:
            raise No("That is more than any box may have.")
        if found != found.quantize(Decimal("0.01")):
            raise No("Give the hours with at most two decimals.")
    except No as no:
        raise Refusal.of({"hours": str(no)}) from no
    return found.quantize(Decimal("0.01"))
