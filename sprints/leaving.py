"""What sprints do when a person leaves a team: capacity ends; seats stay with their tasks."""

from dsboard.models import Membership
from sprints.models import capacity


def leave(membership: Membership) -> None:
    """Capacity in planned sprints goes, in the running one it ends on this day. Inside the transaction of the departure."""
    capacity.leave(membership)
