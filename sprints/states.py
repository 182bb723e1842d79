"""The words of sprints: where one stands, and how a task's seat in it ended (PRODUCT section 4)."""

from django.db import models


class State(models.TextChoices):
    PLANNED = "planned", "Planned"
    RUNNING = "running", "Running"
    CLOSED = "closed", "Closed"


class End(models.TextChoices):
    """What became of a seat when its sprint closed."""

    FINISHED = "finished", "Finished"
    CARRIED = "carried", "Carried over"
    BACKLOG = "backlog", "Back to the backlog"
    DROPPED = "dropped", "Dropped"
    REMOVED = "removed", "Taken out"


#: how long a sprint may be, in days
LONGEST = 12 * 7
