"""A nudge: a lead reminds an owner of findings that are due, once a day."""

from typing import TYPE_CHECKING

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.kinds import Kind
from dsboard.models import Membership, Notice
from dsboard.roles import Act
from experiments.models.reminder import about
from experiments.stages import BoxState

if TYPE_CHECKING:
    from experiments.models.task import Task


def nudge(task: "Task", by: Membership) -> None:
    """Tell the owner that somebody waits for the findings. The second one of a day is quietly the first."""
    by.must(Act.NUDGE, task.team_id)
    if task.box is None or task.box.state_at(clock.now()) != BoxState.ENDED or task.is_off_boards:
        raise Refusal(f"The findings of {task.ref} are not due.")
    if task.owner_id is None:
        raise Refusal(f"Nobody owns {task.ref}. Give it an owner first.")
    if task.owner_id == by.user_id:
        raise Refusal(f"You own {task.ref}: report its findings.")
    Notice.objects.post(
        team_id=task.team_id,
        user_id=task.owner_id,
        by_id=by.user_id,
        kind=Kind.NUDGE,
        key=f"nudge:{task.pk}:{by.user_id}:{clock.now():%Y%m%d}",
        about=about(task),
        title=f"{by.user.first_name} waits for your findings: {task.title}",
        text="Three sentences are enough.",
        why=f"you own {task.ref}",
        url=task.get_absolute_url(),
        actions=[("Report findings", f"{task.get_absolute_url()}findings/"), ("Extend", f"{task.get_absolute_url()}time-box/extension/")],
    )
