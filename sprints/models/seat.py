"""A seat: a task's place in a sprint, what it held when the plan froze, and what became of it."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from dsboard import clock
from dsboard.models import TeamQuerySet, TeamScoped
from experiments.stages import Bucket
from sprints.allocation import box_days, points_days
from sprints.states import End, State

if TYPE_CHECKING:
    from dsboard.working_time import WorkingTime
    from experiments.models import Task


class SeatQuerySet(TeamQuerySet):
    def held(self) -> Self:
        """Not taken out."""
        return self.filter(removed_at=None)

    def with_tasks(self) -> Self:
        """With all that the arithmetic and the words need, in one query."""
        return self.select_related("task__time_box", "task__owner").order_by("pk")


class Seat(TeamScoped):
    """`state` is its sprint's, kept here so that the database itself allows one running and one pencilled seat a task.

    A pencilled seat has no bucket and no days of its own: they are the task's. When the sprint starts, or the seat is
    added later, `bucket`, `days` and `owner` freeze; `planned_bucket` is empty for what was added later: scope change.
    """

    team_path = "sprint__team"
    sprint = models.ForeignKey("sprints.Sprint", on_delete=models.PROTECT, related_name="seats")
    task = models.ForeignKey("experiments.Task", on_delete=models.PROTECT, related_name="seats")
    state = models.CharField(max_length=7, choices=State, default=State.PLANNED)
    bucket = models.CharField(max_length=11, choices=Bucket, blank=True)
    planned_bucket = models.CharField(max_length=11, choices=Bucket, blank=True, help_text="Empty: not in the plan, added later.")
    days = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True, help_text="Person-days that were left when it froze.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(default=clock.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # when the sprint closed
    end = models.CharField(max_length=8, choices=End, blank=True)
    used_days = models.DecimalField("box days used", max_digits=9, decimal_places=4, default=0)
    earned_points = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    finished_points = models.DecimalField(max_digits=5, decimal_places=1, default=0, help_text="Velocity: credited once.")

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["sprint", "task"], name="seat_once_in_a_sprint"),
            models.UniqueConstraint(fields=["task"], condition=Q(state=State.PLANNED), name="seat_one_pencilled"),
            models.UniqueConstraint(fields=["task"], condition=Q(state=State.RUNNING, removed_at=None), name="seat_one_runs"),
            models.CheckConstraint(
                condition=Q(state=State.PLANNED, bucket="", planned_bucket="", days=None, removed_at=None, end="")
                | Q(state=State.RUNNING, days__gte=0, end="") & ~Q(bucket="")
                | Q(state=State.CLOSED, days__gte=0) & ~Q(bucket="") & ~Q(end=""),
                name="seat_frozen_with_its_sprint",
            ),
            models.CheckConstraint(condition=Q(used_days__gte=0, earned_points__gte=0), name="seat_actuals_not_negative"),
        ]
        indexes = [models.Index(fields=["sprint", "state"], name="seat_of_sprint")]

    def __str__(self) -> str:
        return f"{self.task.ref} in {self.sprint}"

    @property
    def bucket_now(self) -> str:
        """Its own once it froze, the task's until then."""
        return self.bucket or self.task.bucket

    @property
    def is_scope_change(self) -> bool:
        """Added after the plan froze."""
        return self.state != State.PLANNED and not self.planned_bucket


def held_days(task: "Task", working: "WorkingTime", rate: Decimal, earned: Decimal) -> Fraction:
    """The days that are left of a task: its box less what it used, or its remaining points times the rate.

    Nothing for a task without size, and nothing of a box whose findings are in: its clock has stopped.
    """
    if task.is_boxed:
        box = task.box
        if box is None or box.closed_at:
            return Fraction(0)
        return box_days(box.length, box.used_at(clock.now(), working), task.team.day)
    return Fraction(0) if task.points is None else points_days(task.points, earned, rate)


def earned_before(tasks: Iterable[int]) -> dict[int, Decimal]:
    """The points that closed sprints have earned of these tasks, by key; one query."""
    rows = Seat.objects.filter(task__in=tasks, state=State.CLOSED).order_by().values_list("task").annotate(models.Sum("earned_points"))
    return dict(rows)
