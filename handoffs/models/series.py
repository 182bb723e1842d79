"""A metric series of a model in operation: what is watched, in which direction, against which threshold; and its points."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, TeamScoped
from dsboard.models.pulse import subject, tell
from dsboard.roles import Act
from experiments.models.metric import folded, plain
from experiments.stages import Direction
from handoffs.models import watching
from handoffs.models.deployment import Deployment
from handoffs.models.ml_model import MLModel
from handoffs.models.version import Version
from handoffs.stages import Environment, Mode

MOST_SERIES, MOST_POINTS, LONGEST_NAME = 100, 100_000, 60
#: a clock that runs ahead by so much is wrong
AHEAD = timedelta(hours=1)
#: parts of names whose numbers are better when they are low
LOWER = ("loss", "error", "latency", "psi", "drift", "mae", "rmse", "mse", "wer", "cost", "missing", "null", "seconds", "ms", "p95", "p99")
SETTINGS = ("direction", "threshold", "times", "window", "cadence_hours", "drift")


class Series(TeamScoped):
    """A threshold is broken when `times` of the last `window` values are beyond it; without points for two cadences it is stale."""

    team_path = "model__team"
    model = models.ForeignKey(MLModel, on_delete=models.CASCADE, related_name="series")
    name = models.CharField(max_length=LONGEST_NAME)
    key = models.CharField(max_length=250, editable=False, help_text="The name as it is compared.")
    direction = models.CharField(max_length=6, choices=Direction, default=Direction.HIGHER)
    threshold = models.FloatField(null=True, blank=True)
    times = models.PositiveSmallIntegerField(default=2)
    window = models.PositiveSmallIntegerField(default=3)
    cadence_hours = models.FloatField("hours between two values", null=True, blank=True)
    drift = models.BooleanField("watch for drift", default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "series"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["model", "key"], name="series_once_a_model"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(key=""), name="series_has_a_name"),
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="series_has_a_direction"),
            models.CheckConstraint(condition=Q(times__gte=1, window__gte=models.F("times"), window__lte=100), name="series_k_of_n"),
            models.CheckConstraint(condition=Q(cadence_hours=None) | Q(cadence_hours__gt=0), name="series_cadence_is_time"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def higher(self) -> bool:
        return self.direction == Direction.HIGHER

    @property
    def sign(self) -> str:
        return "≥" if self.higher else "≤"

    @property
    def goal(self) -> str:
        return "" if self.threshold is None else f"{self.sign} {plain(self.threshold)}"

    def get_absolute_url(self) -> str:
        return f"{reverse('handoffs:monitoring', args=[self.model.team.key, self.model.slug])}#series-{self.pk}"

    def keeps(self, value: float) -> bool:
        """Whether a value is on the right side of the threshold; true without one."""
        return self.threshold is None or (value >= self.threshold if self.higher else value <= self.threshold)

    # ── verbs ──

    @classmethod
    def named(cls, model: MLModel, name: str) -> "Series | None":
        found: Series | None = cls.objects.filter(model=model, key=folded(" ".join(name.split()))).first()
        if found:
            found.model = model
        return found

    @classmethod
    def tell(cls, model: MLModel, by: Membership, **said: Any) -> tuple["Point", bool]:
        """Keep one value: name, value, at, version, environment. True when it is new."""
        return cls.tell_all(model, by, [said])[0]

    @classmethod
    @clock.still()
    @transaction.atomic
    def tell_all(cls, model: MLModel, by: Membership, told: list[dict[str, Any]]) -> list[tuple["Point", bool]]:
        """Keep values of versions in operation, all or none: each with name and value, and perhaps at, version, environment.

        Again at the same instant a value takes the place of the one before. Without `version` it is of the one that serves in full in
        production, or of the newest that serves anywhere. A name that is not known begins a series without a threshold. What the last
        value of each stream breaks is acted on at once: see watching. Raises Refusal by field.
        """
        by.must(Act.RUNS, model.team_id)
        rows = [cls.cleaned(one) for one in told]
        model.hold()
        known = {one.key: one for one in cls.objects.filter(model=model)}
        serves: dict[tuple[str, str], Version] = {}
        where: dict[int, str] = {}
        points: list[Point] = []
        for one in rows:
            asked = (one["version"], one["environment"])
            version = serves.get(asked) or serving(model, *asked)
            series = known.get(folded(one["name"])) or cls.begin(model, by, one["name"])
            serves[asked], known[series.key], series.model = version, series, model
            if not one["environment"] and version.pk not in where:
                where[version.pk] = environment_of(version)
            environment = one["environment"] or where[version.pk]
            points.append(Point(series=series, version=version, environment=environment, at=one["at"], value=one["value"]))
        kept = Point.keep(points)
        last: dict[tuple[int, int, str], Point] = {}
        for point, _ in kept:
            stream = (point.series_id, point.version_id, point.environment)
            if stream not in last or point.at >= last[stream].at:
                last[stream] = point
        for series in {point.series for point, is_new in kept if is_new}:
            if series.points.count() > MOST_POINTS:
                raise Refusal.of({"name": f"{series} has {MOST_POINTS:,} values, which is all that is kept."})
        for point in last.values():
            watching.look(point, by)
        tell(model.team_id, subject("mlmodel", model.ref))
        return kept

    @classmethod
    def cleaned(cls, said: dict[str, Any]) -> dict[str, Any]:
        """What was said of one value, with what was left out."""
        now = clock.now()
        one: dict[str, Any] = {"at": now, "version": "", "environment": ""} | {
            key: value for key, value in said.items() if value is not None
        }
        one["name"] = clean_name(one["name"])
        if one["at"] > now + AHEAD:
            raise Refusal.of({"at": "It lies in the future. Is the clock over there right?"})
        if one["environment"] not in ("", *Environment.values):
            raise Refusal.of({"environment": f"It is one of {', '.join(Environment.values)}."})
        return one

    @classmethod
    def begin(cls, model: MLModel, by: Membership, name: str, **settings: Any) -> "Series":
        """A series of this name, in the direction that its name suggests unless it is said. Inside a transaction that holds the model."""
        if cls.objects.filter(model=model).count() >= MOST_SERIES:
            raise Refusal.of({"name": f"A model has at most {MOST_SERIES} metrics in operation."})
        words = name.casefold().replace("_", " ").replace("-", " ").split()
        lower = any(part in words for part in LOWER)
        made = cls(model=model, name=name, key=folded(name), direction=Direction.LOWER if lower else Direction.HIGHER)
        made.set(settings)
        made.save()
        Activity.record(model, "watched", by, field="series", after=name)
        return made

    @classmethod
    @transaction.atomic
    def watch(cls, model: MLModel, by: Membership, name: str, **settings: Any) -> tuple["Series", bool]:
        """Watch a metric with these settings, or change those of one that is watched; True when it is new. Raises Refusal by field."""
        by.must(Act.MODELS, model.team_id)
        name = clean_name(name)
        model.hold()
        found = cls.named(model, name)
        if found is None:
            return cls.begin(model, by, name, **settings), True
        before = {field: getattr(found, field) for field in SETTINGS}
        found.set(settings)
        for field in SETTINGS:
            if getattr(found, field) != before[field]:
                told = {"before": before[field], "after": getattr(found, field)}
                Activity.record(model, "changed", by, field=f"series_{field}", metric=found.name, **told)
        found.save()
        return found, False

    @transaction.atomic
    def forget(self, by: Membership) -> None:
        """Watch it no more; its points and alarms go with it."""
        by.must(Act.MODELS, self.model.team_id)
        self.model.hold()
        Activity.record(self.model, "unwatched", by, field="series", before=self.name)
        self.delete()

    def set(self, settings: dict[str, Any]) -> None:
        """Take these settings; a sentence for each that can't be."""
        for field, value in settings.items():
            setattr(self, field, value)
        wrong: dict[str, str] = {}
        if self.direction not in Direction.values:
            wrong["direction"] = "Is higher better, or lower?"
        if not 1 <= self.window <= 100:
            wrong["window"] = "Look at the last 1 to 100 values."
        elif not 1 <= self.times <= self.window:
            wrong["times"] = f"Between 1 and {self.window} of them."
        if self.cadence_hours is not None and not 0 < self.cadence_hours <= 24 * 366:
            wrong["cadence_hours"] = "Between a minute and a year, in hours."
        if wrong:
            raise Refusal.of(wrong)


class Point(TeamScoped):
    """One value at an instant, of a version and where it serves."""

    team_path = "series__model__team"
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="points")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="points")
    environment = models.CharField(max_length=10, choices=Environment, blank=True)
    at = models.DateTimeField()
    value = models.FloatField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["series", "version", "environment", "at"], name="point_once"),
            models.CheckConstraint(condition=Q(environment__in=("", *Environment.values)), name="point_in_a_known_environment"),
        ]

    def __str__(self) -> str:
        return f"{plain(self.value)} at {self.at:%Y-%m-%d %H:%M}"

    @property
    def place(self) -> tuple[int, int, str, datetime]:
        """What there is one value of."""
        return self.series_id, self.version_id, self.environment, self.at

    @classmethod
    def keep(cls, points: list["Point"]) -> list[tuple["Point", bool]]:
        """Write them, each in the place of the one before; True where there was none. Of two of one place the later one counts."""
        rows = cls.objects.filter(series__in={point.series for point in points}, at__in={point.at for point in points})
        there = set(rows.values_list("series", "version", "environment", "at"))
        latest = {point.place: point for point in points}
        cls.objects.bulk_create(
            latest.values(),
            update_conflicts=True,
            unique_fields=["series", "version", "environment", "at"],
            update_fields=["value"],
            batch_size=500,
        )
        return [(latest[point.place], point.place not in there) for point in points]


def clean_name(name: str) -> str:
    kept = " ".join(name.replace("\x00", "").split())
    if not 0 < len(kept) <= LONGEST_NAME:
        raise Refusal.of({"name": f"The name of a metric has 1 to {LONGEST_NAME} characters."})
    return kept


def serving(model: MLModel, name: str, environment: str) -> Version:
    """The version that a value is of. Raises Refusal where nobody can tell."""
    if name:
        found = model.find_version(name)
        if found is None:
            raise Refusal.of({"version": f"{model} has no version {name[:60]}."})
        return found
    live = Deployment.objects.live().filter(model=model).select_related("version")
    if environment:
        live = live.filter(environment=environment)
    ranked = sorted(live, key=lambda one: (one.environment == Environment.PRODUCTION, one.mode == Mode.FULL, one.pk))
    if not ranked:
        raise Refusal.of({"version": f"No version of {model} serves{f' in {environment}' if environment else ''}. Name the version."})
    version: Version = ranked[-1].version
    version.model = model
    return version


def environment_of(version: Version) -> str:
    """Where a version serves: production before staging; empty where it does not."""
    live = Deployment.objects.live().filter(version=version).values_list("environment", flat=True)
    return max(live, key=lambda one: one == Environment.PRODUCTION, default="")
