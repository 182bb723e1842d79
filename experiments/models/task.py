"""A task of the team: one card, one progress field, one place in its lane."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property

from dsboard import clock
from dsboard.models import Activity, Membership, Team, TeamScoped
from dsboard.models.pulse import subject, tell
from dsboard.prepared import prepared
from dsboard.roles import Act
from experiments.models import edits, endings, moves, order
from experiments.models.label import Label
from experiments.models.task_rows import TaskQuerySet
from experiments.stages import (
    DAYS_ON_BOARD,
    DELIVERY_STAGES,
    EXPERIMENT_STAGES,
    LANE_OF,
    POINTS,
    Bucket,
    Confidence,
    Kind,
    Lane,
    Phase,
    Stage,
    Work,
    default_bucket,
    stages_of,
)

BOXED = (Kind.RESEARCH, Kind.EXPERIMENT)
POINTED = (Kind.DEVELOPMENT, Kind.MAINTENANCE)


class Task(TeamScoped):
    # No index of its own: PostgreSQL took it for the boards and read all that a team ever finished.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    number = models.PositiveIntegerField()
    ref = models.CharField("reference", max_length=24, unique=True)
    kind = models.CharField(max_length=11, choices=Kind)
    stage = models.CharField(max_length=11, choices=Stage)
    lane = models.CharField(max_length=11, choices=Lane)
    rank = models.BigIntegerField(null=True, blank=True, help_text="Place within team and lane; empty when off the boards.")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, help_text="Markdown.")
    description_html = models.TextField(blank=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks")
    decider = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    labels = models.ManyToManyField(Label, blank=True, related_name="tasks")
    watchers = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="watched")
    bucket = models.CharField(max_length=11, choices=Bucket)
    phase = models.CharField(max_length=13, choices=Phase, blank=True)
    # research and experiment
    statement = models.TextField("question or hypothesis", blank=True)
    success = models.TextField("what success would be", blank=True)
    # development and maintenance
    points = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    confidence = models.CharField(max_length=5, choices=Confidence, blank=True)
    requirements_clear = models.BooleanField(default=False)
    technology_known = models.BooleanField(default=False)
    comparable_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    serves = models.CharField("model or pipeline", max_length=100, blank=True)
    work = models.CharField("kind of upkeep", max_length=11, choices=Work, blank=True)
    done_note = models.TextField(blank=True)
    # what happened to it
    version = models.PositiveIntegerField(default=1)
    comment_count = models.PositiveIntegerField(default=0)
    external_id = models.CharField(max_length=100, blank=True, help_text="Its name in the tracker it was imported from.")
    origin_reversed = models.BooleanField(default=False, help_text="The decision that created it was reversed.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True, blank=True, help_text="First entered Active or In progress.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Decided, done or dropped.")
    shown_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When an ended card leaves the boards; empty while it is open or its sprint runs.",
    )
    carried = models.PositiveSmallIntegerField(default=0, help_text="How many sprints it was carried over from.")
    dropped_at = models.DateTimeField(null=True, blank=True)
    drop_reason = models.TextField(blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="task_number_once"),
            models.UniqueConstraint(fields=["team", "external_id"], name="task_imported_once", condition=~Q(external_id="")),
            models.UniqueConstraint(fields=["team", "lane", "rank"], name="task_alone_on_its_place"),
            models.CheckConstraint(
                condition=Q(kind__in=BOXED, stage__in=EXPERIMENT_STAGES) | Q(kind__in=POINTED, stage__in=DELIVERY_STAGES),
                name="task_stage_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(lane=Lane.READY, stage__in=[Stage.IDEATION, Stage.READY])
                | Q(lane=Lane.IN_PROGRESS, stage__in=[Stage.ACTIVE, Stage.IN_PROGRESS])
                | Q(lane=Lane.REVIEW, stage__in=[Stage.ANALYSIS, Stage.REVIEW])
                | Q(lane=Lane.DONE, stage__in=[Stage.DECISION, Stage.DONE]),
                name="task_lane_of_its_stage",
            ),
            models.CheckConstraint(condition=Q(points=None) | Q(kind__in=POINTED, points__in=POINTS), name="task_points_on_delivery_only"),
            models.CheckConstraint(
                condition=~Q(confidence=Confidence.FIRM) | Q(kind=Kind.DEVELOPMENT, requirements_clear=True, technology_known=True),
                name="task_firm_has_both_ticks",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=BOXED, stage__in=[Stage.ACTIVE, Stage.ANALYSIS, Stage.DECISION])
                | (~Q(statement="") & ~Q(success="")),
                name="task_asks_before_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.DEVELOPMENT, stage=Stage.IN_PROGRESS, points=None), name="task_sized_before_it_starts"
            ),
            models.CheckConstraint(condition=~Q(kind=Kind.MAINTENANCE, stage=Stage.DONE, done_note=""), name="task_says_what_was_done"),
            models.CheckConstraint(
                condition=Q(dropped_at=None) | (~Q(drop_reason="") & Q(ended_at__isnull=False)), name="task_dropped_with_reason"
            ),
            models.CheckConstraint(condition=Q(shown_until=None) | Q(ended_at__isnull=False), name="task_open_is_shown"),
            models.CheckConstraint(condition=Q(bucket__in=Bucket.values), name="task_bucket_known"),
            models.CheckConstraint(condition=~Q(title=""), name="task_has_a_title"),
            models.CheckConstraint(condition=Q(rank=None) | Q(deleted_at=None, dropped_at=None), name="task_off_the_boards_has_no_place"),
        ]
        indexes = [
            models.Index(fields=["team", "shown_until"], name="task_on_boards", condition=Q(deleted_at=None)),
            models.Index(fields=["team", "created_at"], name="task_ideas", condition=Q(kind__in=BOXED)),
            models.Index(fields=["team", "started_at"], name="task_begun", condition=Q(kind__in=BOXED, started_at__isnull=False)),
            models.Index(fields=["team", "deleted_at"], name="task_in_bin", condition=Q(deleted_at__isnull=False)),
            models.Index(fields=["owner", "ended_at"], name="task_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("experiments:task", kwargs={"team": self.ref.rpartition("-")[0], "ref": self.ref})

    # ── verbs: each asks the role, opens one transaction, changes, records ──

    @classmethod
    @transaction.atomic
    def plan(cls, team: Team, *, kind: str, title: str, by: Membership, external_id: str = "", **fields: Any) -> "Task":
        """A new card at the end of its first lane; `fields` are the kind's own, by the names of the API.

        `external_id` is its name in the tracker that it comes from, once in a team.

        Raises Forbidden for a viewer and Refusal, field by field, for what the kind refuses.
        """
        by.must(Act.CREATE, team)
        cleaned = edits.cleaned(team, edits.kind_of(kind), {"title": title, **fields})
        team.lock()
        number = team.next_number()
        stage = stages_of(kind)[0]
        task = cls(
            team=team,
            number=number,
            ref=f"{team.key}-{number}",
            kind=kind,
            stage=stage,
            lane=LANE_OF[stage],
            bucket=default_bucket(kind),
            phase=edits.first_phase(Kind(kind), cleaned),
            external_id=external_id,
            created_by_id=by.user_id,
        )
        task.rank = order.end_of(task)
        edits.write_new(task, cleaned)
        Activity.record(task, "created", by, after=task.title)
        return task

    def change(self, by: Membership, *, version: int | None = None, **fields: Any) -> list[str]:
        """Edit fields by the names of the API; returns the names that really changed.

        With `version`, the edit is refused (Stale) if one of the same fields changed since; others merge.
        """
        return edits.change(self, by, version=version, fields=fields)

    def move_to(self, stage: str, by: Membership, *, before: str = "", after: str = "", version: int | None = None) -> Activity | None:
        """Move to `stage`, between the cards named `before` (above it) and `after` (below it); neither: at the end.

        Returns the line of history, None when nothing moved. Raises Refusal with the missing fields, Stale when
        somebody else moved the card since `version` or a named neighbour is no longer there.
        """
        return moves.move(self, stage, by, before=before, after=after, version=version)

    def drop(self, by: Membership, reason: str) -> Activity:
        """Archive with a reason, before the end; neither done nor carried over."""
        return endings.drop(self, by, reason)

    def delete_to_bin(self, by: Membership) -> Activity:
        """Into the bin, from where it can be restored for 30 days."""
        return endings.delete_to_bin(self, by)

    def restore(self, by: Membership) -> Activity:
        """Out of the bin, or undrop: back to the end of its lane."""
        return endings.restore(self, by)

    def watch(self, by: Membership, *, on: bool) -> None:
        """Follow or unfollow; anyone who can read may."""
        by.must(Act.READ, self.team_id)
        if on:
            self.watchers.add(by.user_id)
        else:
            self.watchers.remove(by.user_id)

    # ── what the verbs stand on ──

    def hold(self) -> Self:
        """Lock this row and read it again, inside a transaction."""
        fresh = held(self.pk)
        if not fresh:
            raise self.DoesNotExist(f"{self.ref} is no more.")
        self.__dict__ |= {name: value for name, value in vars(fresh[0]).items() if name != "_state"}
        # Nothing that hangs on it is known any more but its team, which it never changes.
        self._state.fields_cache = {name: one for name, one in self._state.fields_cache.items() if name == "team"}
        self.forget_box()
        for name in ("finding", "decision"):
            self.__dict__.pop(name, None)
        self._prefetched_objects_cache: dict[str, Any] = {}
        return self

    def forget_box(self) -> None:
        """Its time box was written behind this object's back: read it again when asked."""
        self.__dict__.pop("box", None)
        self._state.fields_cache.pop("time_box", None)

    def touch(self, *fields: str) -> None:
        """Write the named columns as one new version."""
        self.version += 1
        self.updated_at = clock.now()
        self.save(update_fields=[*fields, "version", "updated_at"])

    def stir(self) -> None:
        """What hangs on it changed while it did not: its open pages look again."""
        tell(self.team_id, subject("task", self.ref))

    # ── what is read off it ──

    @property
    def is_boxed(self) -> bool:
        return Kind(self.kind).is_boxed

    @property
    def stages(self) -> tuple[Stage, ...]:
        return stages_of(self.kind)

    @property
    def is_off_boards(self) -> bool:
        return self.deleted_at is not None or self.dropped_at is not None

    @property
    def statement_name(self) -> str:
        return "hypothesis" if self.kind == Kind.EXPERIMENT else "question"

    def until_when_shown(self) -> datetime | None:
        """How long a card that ends now stays on the boards: until the sprint closes in which it has a seat, else a fortnight."""
        if self.seats.filter(state="running", removed_at=None).exists():
            return None
        return clock.now() + timedelta(days=DAYS_ON_BOARD)

    @property
    def sprint_number(self) -> int | None:
        """The sprint that it is in: the one that runs, else the one that it is pencilled into."""
        held = {seat.state: seat.sprint.number for seat in self.seats.all() if seat.removed_at is None}
        return held.get("running") or held.get("planned")

    @cached_property
    def box(self) -> Any:
        """Its time box, or None."""
        return getattr(self, "time_box", None)

    @property
    def hours(self) -> Any:
        """The length of the time box in hours, or None."""
        return self.box.hours if self.box else None

    @cached_property
    def finding(self) -> Any:
        """The findings as they stand: the last report, or None."""
        return self.findings.order_by("-pk").first()

    @cached_property
    def decision(self) -> Any:
        """The standing decision, or None."""
        return self.decisions.filter(standing=True).first()

    @property
    def outcome(self) -> str:
        return self.decision.outcome if self.decision else ""


@prepared
def held(card: int) -> QuerySet[Task]:
    """The row of a card, locked."""
    return Task.objects.select_for_update(of=("self",)).filter(pk=card)
