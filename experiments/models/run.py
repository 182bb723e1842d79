"""A run: one training or evaluation, told by whoever did it; its numbers stand against the card's success metrics."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Membership, TeamScoped
from dsboard.roles import Act
from experiments.models import standing
from experiments.models.metric import folded
from experiments.models.run_cleaning import LONGEST_EXTRA, LONGEST_NAME, MOST_NAMES, MOST_RUNS, RunStatus, clean, clean_metrics
from experiments.models.run_metric import RunMetric

if TYPE_CHECKING:
    from experiments.models.task import Task
    from experiments.models.tracker import Tracker


class Source(models.TextChoices):
    API = "api", "API"
    MLFLOW = "mlflow", "MLflow client"
    TRACKER = "tracker", "MLflow server"
    CSV = "csv", "CSV file"
    HAND = "hand", "By hand"


#: what is told of a run, beside its metrics
TOLD = ("name", "status", "started_at", "ended_at", "url", "params", "dataset", "notes", "extra")


class Run(TeamScoped):
    """Told again under the same `external_id` it is the same run, and what is told is added."""

    team_path = "task__team"
    task = models.ForeignKey("experiments.Task", on_delete=models.CASCADE, related_name="runs")
    source = models.CharField(max_length=10, choices=Source, default=Source.API)
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=LONGEST_NAME, blank=True)
    status = models.CharField(max_length=8, choices=RunStatus, default=RunStatus.FINISHED)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    url = models.CharField(max_length=1000, blank=True, help_text="Where it is seen in its own tool; http or https.")
    params = models.JSONField(default=dict, blank=True, help_text="{name: text}")
    dataset = models.JSONField(default=dict, blank=True, help_text="{name, digest}")
    notes = models.TextField(blank=True)
    extra = models.JSONField(default=dict, blank=True, help_text="What else was told, under names that the board does not know.")
    tracker = models.ForeignKey("experiments.Tracker", on_delete=models.SET_NULL, null=True, blank=True, related_name="runs")
    digest = models.CharField(max_length=64, blank=True, editable=False, help_text="Of what the tracking server said last.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now, help_text="When it was first told.")
    told_at = models.DateTimeField(default=clock.now, help_text="When something of it was last told.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["task", "source", "external_id"], name="run_once"),
            models.CheckConstraint(condition=~Q(external_id=""), name="run_has_an_id"),
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_in_a_known_status"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="run_from_a_known_source"),
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="run_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id

    def get_absolute_url(self) -> str:
        return reverse("experiments:run", args=[self.task.team.key, self.task.ref, self.pk])

    @property
    def began_at(self) -> datetime:
        """When it started, or when it was first told where nobody said."""
        return self.started_at or self.at

    @property
    def took(self) -> timedelta | None:
        """How long it ran; None while that is not known."""
        return self.ended_at - self.started_at if self.started_at and self.ended_at else None

    @property
    def took_words(self) -> str:
        """41 min, 1 h 22 min, 8 s; empty while it is not known."""
        seconds = round(self.took.total_seconds()) if self.took else 0
        if not self.took:
            return ""
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours:,} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds} s"

    @classmethod
    def tell(cls, task: "Task", by: Membership, external_id: str, *, source: str = Source.API, **said: Any) -> tuple["Run", bool]:
        """Keep a run of the card, or add to the one with this id; True when it is new.

        `said` is any of name, status, started_at, ended_at, url, notes, dataset {name, digest}, params {name: text}, extra,
        and metrics {name: number, "NaN" or [[step, number], …]}. Params, metrics and points are added to what was told
        before; a point of the same step takes its place. Judges the card's metrics. Raises Refusal by field.
        """
        by.must(Act.RUNS, task.team_id)
        metrics = clean_metrics(said.pop("metrics", None) or {})
        fields = clean(said)
        external_id = external_id.strip()
        if not external_id:
            raise Refusal.of({"external_id": "Give the run an id that stays the same when it is told again."})
        now = clock.now()
        with transaction.atomic():
            if task.deleted_at:
                raise Refusal(f"{task.ref} is in the bin. Restore it first.")
            if not task.is_boxed:
                raise Refusal(f"{task.get_kind_display()} has no runs. Runs are for research and experiments.")
            # The rows of the metrics are what two runs told at once would both write.
            goals = list(task.metrics.select_for_update())
            run, is_new = cls.objects.get_or_create(
                task=task, source=source, external_id=external_id, defaults={"by_id": by.user_id, "at": now, "told_at": now}
            )
            if is_new and cls.objects.filter(task=task).count() > MOST_RUNS:
                raise Refusal(f"A card has at most {MOST_RUNS:,} runs.")
            run = cls.objects.select_for_update().get(pk=run.pk)
            run.task = task
            run.add(fields, now)
            RunMetric.add_all({run: metrics})
            standing.judge(task, goals, by)
            task.stir()
        return run, is_new

    @classmethod
    def keep_all(
        cls,
        task: "Task",
        tracker: "Tracker | None",
        told: dict[str, dict[str, Any]],
        *,
        source: str = Source.TRACKER,
        by: Membership | None = None,
    ) -> int:
        """Keep runs that a server or a file told, {id: what Run.tell takes, and digest}; returns how many of them are new or changed.

        Each takes the place of what was told before under its id. In one transaction, as many queries for two hundred as for one.
        """
        now = clock.now()
        with transaction.atomic():
            task = type(task).objects.select_related("team", "time_box").get(pk=task.pk)
            if task.deleted_at or not task.is_boxed:
                return 0
            goals = list(task.metrics.select_for_update())
            here = cls.objects.filter(task=task, source=source)
            known = dict(here.filter(external_id__in=told).values_list("external_id", "digest"))
            changed = {one: dict(said) for one, said in told.items() if known.get(one) != said["digest"]}
            if not changed:
                return 0
            if cls.objects.filter(task=task).count() + len(changed.keys() - known.keys()) > MOST_RUNS:
                raise Refusal(f"A card has at most {MOST_RUNS:,} runs. Link it with a filter.")
            points = {one: clean_metrics(said.pop("metrics", {})) for one, said in changed.items()}
            who = by.user if by else None
            rows = [
                cls(task=task, source=source, tracker=tracker, external_id=one, by=who, at=now, told_at=now, **clean(said))
                for one, said in changed.items()
            ]
            kept = cls.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["task", "source", "external_id"],
                update_fields=["tracker", "told_at", "digest", *TOLD],
                batch_size=200,
            )
            RunMetric.add_all({run: points[run.external_id] for run in kept})
            keys = [folded(metric.name) for metric in goals]
            if tracker:
                RunMetric.objects.filter(run__in=kept, key__in=keys, last_step__gt=0).update(whole=False)
            standing.judge(task, goals, by)
            task.stir()
        return len(changed)

    def add(self, fields: dict[str, Any], now: datetime) -> None:
        """Write what was told; names of params that are not told again stay."""
        for name in ("params", "extra"):
            if name in fields:
                merged = {**getattr(self, name), **fields[name]}
                if len(merged) > MOST_NAMES:
                    raise Refusal.of({name: f"A run has at most {MOST_NAMES} of them."})
                fields[name] = merged
        if len(json.dumps(fields.get("extra", {}))) > LONGEST_EXTRA:
            raise Refusal.of({"extra": "What the board has no field for may have 64 KB together. Keep it with the run and link to it."})
        for name, value in fields.items():
            setattr(self, name, value)
        if self.started_at and self.ended_at and self.ended_at < self.started_at:
            raise Refusal.of({"ended_at": "It ends before it starts."})
        self.told_at = now
        self.save()
