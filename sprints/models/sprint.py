"""A sprint of a team: its dates and goal; planned, then running, then closed; what it froze when it started."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse

from dsboard import clock
from dsboard.errors import Refusal, Stale
from dsboard.models import Activity, Membership, Team, TeamQuerySet, TeamScoped
from dsboard.models.team import RateSource
from dsboard.roles import Act
from experiments.models import Task
from sprints.allocation import Guide
from sprints.models import closing, dates, seating, signing, starting
from sprints.models.capacity import Capacity, cleaned_availability
from sprints.states import State

#: what a sprint copies from its team when it starts
GUIDELINE = ("guide_committed", "guide_experiments", "guide_learning", "tolerance")


class SprintQuerySet(TeamQuerySet):
    def running(self) -> Any:
        """The sprint that runs, or None."""
        return self.filter(state=State.RUNNING).first()

    def planned(self) -> Self:
        """The planned ones, the next one first."""
        return self.filter(state=State.PLANNED).order_by("starts_on")

    def started(self) -> Self:
        """The running one and the closed ones, the newest first."""
        return self.exclude(state=State.PLANNED).order_by("-starts_on")


class Sprint(TeamScoped):
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="sprints")
    number = models.PositiveIntegerField()
    goal = models.CharField(max_length=300, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day, included.")
    state = models.CharField(max_length=7, choices=State, default=State.PLANNED)
    version = models.PositiveIntegerField(default=1)
    # frozen when it starts
    started_at = models.DateTimeField(null=True, blank=True)
    guide_committed = models.PositiveSmallIntegerField(null=True, blank=True)
    guide_experiments = models.PositiveSmallIntegerField(null=True, blank=True)
    guide_learning = models.PositiveSmallIntegerField(null=True, blank=True)
    tolerance = models.PositiveSmallIntegerField(null=True, blank=True)
    rate = models.DecimalField("days per point", max_digits=5, decimal_places=2, null=True, blank=True)
    rate_source = models.CharField(max_length=8, choices=RateSource, blank=True)
    # frozen when it closes
    closed_at = models.DateTimeField(null=True, blank=True)
    boxed_days = models.DecimalField(
        "box days used",
        max_digits=9,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="By all boxes of the team.",
    )
    # a lead looked at the figures
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True, help_text="What the lead says of it at sign-off.")
    figures = models.JSONField(null=True, blank=True, help_text="The review's figures as they were signed.")

    objects = SprintQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="sprint_number_once"),
            models.UniqueConstraint(fields=["team"], condition=Q(state=State.RUNNING), name="sprint_one_runs"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="sprint_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(state=State.PLANNED, started_at=None, closed_at=None, rate=None, rate_source="")
                | Q(state=State.RUNNING, started_at__isnull=False, closed_at=None, rate__gt=0)
                | Q(state=State.CLOSED, started_at__isnull=False, closed_at__gte=F("started_at"), rate__gt=0),
                name="sprint_in_one_state",
            ),
            models.CheckConstraint(
                condition=Q(state=State.PLANNED, guide_committed=None, guide_experiments=None, guide_learning=None, tolerance=None)
                | Q(guide_committed=100 - F("guide_experiments") - F("guide_learning"), tolerance__isnull=False),
                name="sprint_guideline_frozen",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None, figures=None) | Q(state=State.CLOSED, signed_at__isnull=False),
                name="sprint_signed_when_closed",
            ),
        ]
        indexes = [models.Index(fields=["team", "starts_on"], name="sprint_of_team")]

    def __str__(self) -> str:
        return f"Sprint {self.number}"

    @property
    def ref(self) -> str:
        return f"Sprint {self.number}"

    def get_absolute_url(self) -> str:
        """The page that is of use in its state."""
        page = {State.PLANNED: "plan", State.RUNNING: "board", State.CLOSED: "review"}[State(self.state)]
        return self.address(page)

    def address(self, page: str) -> str:
        return reverse(f"sprints:{page}", kwargs={"team": self.team.key, "number": self.number})

    # ── verbs ──

    @classmethod
    @transaction.atomic
    def plan(
        cls,
        team: Team,
        by: Membership,
        *,
        goal: str = "",
        starts_on: date | None = None,
        ends_on: date | None = None,
        availability: dict[str, Any] | None = None,
    ) -> "Sprint":
        """The next sprint; dates that are not given follow the last one, two weeks or what the team has set.

        `availability` maps addresses to the part of their time that people can give, in 0 to 1; others as last time.
        Raises Refusal by field for dates that overlap another sprint or have no working day.
        """
        by.must(Act.SPRINTS, team)
        team.lock()
        starts_on = starts_on or dates.next_start(team)
        number = (team.sprints.aggregate(last=models.Max("number"))["last"] or 0) + 1
        sprint = cls(
            team=team,
            number=number,
            goal=dates.cleaned_goal(goal),
            starts_on=starts_on,
            ends_on=ends_on or dates.usual_end(team, starts_on),
        )
        dates.vet(sprint)
        sprint.save()
        Capacity.inherit(sprint)
        Activity.record(sprint, "planned", by, after=f"{sprint.starts_on} to {sprint.ends_on}")
        if availability:
            sprint.set_availability(by, availability)
        return sprint

    @transaction.atomic
    def change(
        self,
        by: Membership,
        *,
        version: int | None = None,
        goal: str | None = None,
        starts_on: date | None = None,
        ends_on: date | None = None,
        availability: dict[str, Any] | None = None,
    ) -> list[str]:
        """Another goal, other dates, other availability; returns the names that differ.

        A running sprint keeps its first day and its capacity, which froze with the plan; a closed one keeps everything.
        """
        by.must(Act.SPRINTS, self.team_id)
        self.hold()
        self.refuse_closed()
        wanted = {"goal": None if goal is None else dates.cleaned_goal(goal), "starts_on": starts_on, "ends_on": ends_on}
        before = {name: getattr(self, name) for name in wanted}
        changed = [name for name, value in wanted.items() if value is not None and value != before[name]]
        self.refuse_stale(version, changed)
        if self.state == State.RUNNING and "starts_on" in changed:
            raise Refusal.of({"starts_on": f"{self} has started, so its first day is settled."})
        for name in changed:
            setattr(self, name, wanted[name])
        if changed:
            if changed != ["goal"]:
                dates.vet(self)
            self.touch(*changed)
        for name in changed:
            Activity.record(self, "changed", by, field=name, before=str(before[name]), after=str(wanted[name]))
        return changed + (["capacity"] if availability and self.set_availability(by, availability) else [])

    @transaction.atomic
    def set_availability(self, by: Membership, availability: dict[str, Any]) -> bool:
        """The part of their time that people can give to a planned sprint, by address; True if anything differs."""
        by.must(Act.SPRINTS, self.team_id)
        self.hold()
        if self.state != State.PLANNED:
            raise Refusal.of({"capacity": f"The capacity of {self} froze with its plan."})
        parts = cleaned_availability(self.team, availability)
        differ = [Capacity.settle(self, user, part, by) for user, part in parts.items()]
        return any(differ)

    @transaction.atomic
    def discard(self, by: Membership) -> None:
        """A planned sprint that will not be: its pencil marks go, its tasks stay where they are."""
        by.must(Act.SPRINTS, self.team_id)
        self.hold()
        if self.state != State.PLANNED:
            raise Refusal(f"{self} has started, so it stays.")
        Activity.record(self, "discarded", by, before=f"{self.starts_on} to {self.ends_on}", refs=[s.task.ref for s in self.pencilled()])
        self.seats.all().delete()
        self.capacities.all().delete()
        self.delete()

    def take_in(self, task: Task, by: Membership, bucket: str = "") -> tuple[Any, bool]:
        """Give a task a seat, or another bucket; returns the seat and whether it is new. See seating.take_in."""
        return seating.take_in(self, task, by, bucket)

    def take_out(self, task: Task, by: Membership) -> Any:
        """Take a task's seat away; in a running sprint the row stays as scope change. See seating.take_out."""
        return seating.take_out(self, task, by)

    def start(self, by: Membership) -> None:
        """Freeze plan, guideline and rate, and run. See starting.start."""
        starting.start(self, by)

    def close(
        self, by: Membership, *, unfinished: str = "carry", exceptions: dict[str, str] | None = None, earned: dict[str, Any] | None = None
    ) -> Any:
        """End it: what is unfinished is carried over or goes back, the actuals freeze. See closing.close."""
        return closing.close(self, by, default=unfinished, exceptions=exceptions or {}, earned=earned or {})

    def sign_off(self, by: Membership, note: str) -> None:
        """A lead has looked at the figures of a closed sprint: they are kept as they are. See signing.sign_off."""
        signing.sign_off(self, by, note)

    # ── what the verbs stand on ──

    def hold(self) -> None:
        """Lock the team and read this sprint again, inside a transaction: who starts, closes and drags waits in one line."""
        team = self.team
        team.lock()
        try:
            self.refresh_from_db()
            self.team = team
        except Sprint.DoesNotExist as error:
            raise Refusal(f"{self} was discarded in the meantime.") from error

    def touch(self, *fields: str) -> None:
        self.version += 1
        self.save(update_fields=[*fields, "version"])

    def refuse_closed(self) -> None:
        if self.state == State.CLOSED:
            raise Refusal(f"{self} is closed. What it was stays as it is.")

    def refuse_stale(self, version: int | None, changed: list[str]) -> None:
        """Somebody changed the same thing since the version that was seen; other fields merge."""
        if version is None or version == self.version or not changed:
            return
        since = Activity.objects.of(self).since(version, changed).last()
        if since or version > self.version:
            who = since.actor.first_name if since and since.actor else "Somebody"
            raise Stale(f"{who} changed {self} first. Your change was not saved.", current=self)

    # ── what is read off it ──

    def pencilled(self) -> Any:
        """The seats of a planned sprint, for as long as their tasks are there to be done."""
        return self.seats.filter(task__ended_at=None, task__deleted_at=None).select_related("task__time_box", "task__owner")

    @property
    def guideline(self) -> Guide:
        """Its own once it has started, the team's until then."""
        source: Any = self.team if self.state == State.PLANNED else self
        return Guide(*(getattr(source, name) for name in GUIDELINE))

    @property
    def days_per_point(self) -> Decimal:
        """The rate that it counts with."""
        return self.team.days_per_point if self.rate is None else self.rate

    @property
    def source_of_rate(self) -> str:
        return self.team.rate_source if self.rate is None else self.rate_source

    @property
    def is_planned(self) -> bool:
        return self.state == State.PLANNED

    @property
    def is_running(self) -> bool:
        return self.state == State.RUNNING

    @property
    def is_closed(self) -> bool:
        return self.state == State.CLOSED

    def period(self) -> tuple[Any, Any]:
        """The instants between which it really ran: from its start to its close, or to now."""
        return self.started_at, self.closed_at or clock.now()
