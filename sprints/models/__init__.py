"""The nouns of sprints: the sprint, a task's seat in it, what a person can give to it."""

from sprints.models.capacity import Capacity
from sprints.models.seat import Seat
from sprints.models.sprint import Sprint

__all__ = ["Capacity", "Seat", "Sprint"]
