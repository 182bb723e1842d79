"""What sprints do when a person leaves a team: capacity ends; seats stay with their tasks."""

from dsboard.models import Activity, Membership
from sprints.models import Capacity, capacity
from sprints.states import State


def left_behind(membership: Membership) -> list[tuple[str, list[tuple[str, str]]]]:
    """Nothing of sprints is handed to anybody."""
    return []


def leave(membership: Membership, by: Membership, successor: Membership | None) -> None:
    """Capacity in planned sprints goes, in the running one it ends on this day. Inside the transaction of the departure."""
    mine = Capacity.objects.filter(sprint__team_id=membership.team_id, user_id=membership.user_id, sprint__state=State.RUNNING)
    before = mine.values_list("days", flat=True).first()
    capacity.leave(membership)
    row = mine.select_related("sprint").first()
    if row:
        days, left = float(before or 0), float(row.days or 0)
        Activity.record(row.sprint, "changed", by, field="capacity", before=days, after=left, who=membership.user.name)
