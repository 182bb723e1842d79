"""A model in operation as its pages show it: each metric's stream with its threshold, course and alarms; the retraining plan."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from dsboard import clock, plot
from dsboard.models import Membership
from dsboard.roles import Act
from experiments.models import Task
from experiments.models.metric import plain
from experiments.stages import Work
from handoffs import drift
from handoffs.lineage import upkeep
from handoffs.models import Alarm, Deployment, MLModel, Point, RetrainingPlan, Series, Version
from handoffs.models.alarm import Feedback, Why, precision
from handoffs.models.watching import new_course_since
from handoffs.stages import Environment

#: values read for one page, over all metrics, and alarms shown
MOST_POINTS, MOST_ALARMS = 20_000, 50
#: values of a metric that its table shows
IN_A_TABLE = 30


@dataclass(frozen=True)
class Stream:
    """The values of one metric, of one version and where it serves, in time."""

    series: Series
    version: Version
    environment: str
    points: list[tuple[datetime, float]]

    @property
    def last(self) -> str:
        return plain(self.points[-1][1])

    @property
    def where(self) -> str:
        return f"{self.version.name} in {self.environment}" if self.environment else self.version.name


@dataclass(frozen=True)
class Watched:
    """One metric: the stream that counts now, the others, its open alarms, and its picture."""

    series: Series
    stream: Stream | None
    others: list[Stream]
    alarms: list[Alarm]
    course: drift.Course | None

    @property
    def state(self) -> tuple[str, str]:
        """A class of the style sheet and words: what stands out, or that all is as usual."""
        kinds = {alarm.kind: alarm for alarm in reversed(self.alarms)}
        if self.stream is None:
            return "", "No values yet"
        if Why.STALE in kinds:
            return "warn", f"No values since {kinds[Why.STALE].point_at:%-d %b}"
        if not self.series.keeps(self.stream.points[-1][1]):
            return "warn", f"Beyond {plain(self.series.threshold)} since {self.beyond_since:%-d %b}"
        if Why.DRIFT in kinds:
            return "warn", f"Drifts since {kinds[Why.DRIFT].point_at:%-d %b}"
        if self.series.drift and self.course is None:
            return "", f"{min(len(self.stream.points), drift.BASELINE)} of {drift.BASELINE} values for its usual course"
        return "ok", "As usual"

    @property
    def beyond_since(self) -> datetime:
        """When the last unbroken row of values beyond the threshold began."""
        points = self.stream.points if self.stream else []
        begun = points[-1][0]
        for at, value in reversed(points):
            if self.series.keeps(value):
                break
            begun = at
        return begun

    @property
    def table(self) -> list[tuple[datetime, str]]:
        points = self.stream.points[-IN_A_TABLE:] if self.stream else []
        return [(at, plain(value)) for at, value in reversed(points)]

    @property
    def picture(self) -> plot.Plot | None:
        return self.drawn(640, 180)

    @property
    def small(self) -> plot.Plot | None:
        """For the side of a page."""
        return self.drawn(320, 130)

    def drawn(self, width: float, height: float) -> plot.Plot | None:
        """Its course with threshold, usual value and alarms; None for fewer than two values."""
        if self.stream is None or len(self.stream.points) < 2:
            return None
        points, series = self.stream.points, self.series
        beside = [series.threshold] if series.threshold is not None else []
        label = f"{series.name} of {self.stream.where}, {len(points)} values, the last one {self.stream.last}."
        found, y = plot.frame(label, [*(value for _, value in points), *beside], width, height)
        first, last = points[0][0], points[-1][0]
        x = plot.Scale(first.timestamp(), last.timestamp(), found.left, found.right)
        if self.course:
            found.levels.append(plot.Level(y(self.course.mean), "", "base"))
        if series.threshold is not None:
            found.levels.append(plot.Level(y(series.threshold), f"threshold {series.goal}", "goal"))
        found.lines.append(("line", plot.polyline(plot.thinned([(x(at.timestamp()), y(value)) for at, value in points]))))
        for alarm in self.alarms:
            if alarm.value is not None and alarm.version_id == self.stream.version.pk and first <= alarm.point_at <= last:
                words = f"{alarm.get_kind_display().lower()}, {alarm.point_at:%-d %b}"
                found.marks.append(plot.Mark(x(alarm.point_at.timestamp()), y(alarm.value), "alarm", words))
        found.marks.append(plot.Mark(x(last.timestamp()), y(points[-1][1]), "dot"))
        found.ticks += [plot.Tick(found.left, f"{first:%-d %b}", "start"), plot.Tick(found.right, f"{last:%-d %b}", "end")]
        return found


class MonitoringPage:
    """Read in a fixed number of queries, however many metrics and values."""

    def __init__(self, model: MLModel, viewer: Membership, upkeep: list[Task] | None = None) -> None:
        self.model, self.known_upkeep = model, upkeep
        self.may_change, self.may_tell, self.may_plan = viewer.may(Act.MODELS), viewer.may(Act.RUNS), viewer.may(Act.CREATE)

    @cached_property
    def serving(self) -> set[tuple[int, str]]:
        """Which version serves where."""
        return set(Deployment.objects.live().filter(model=self.model).values_list("version", "environment"))

    @cached_property
    def alarms(self) -> list[Alarm]:
        rows = Alarm.objects.filter(series__model=self.model).select_related("series", "version", "task__team", "feedback_by")
        found = list(rows[:MOST_ALARMS])
        for one in found:
            one.series.model = one.version.model = self.model
        return found

    @cached_property
    def watched(self) -> list[Watched]:
        """Each metric, those with something to say first; one query where nothing is watched."""
        known = list(Series.objects.filter(model=self.model))
        if not known:
            return []
        rows = Point.objects.filter(series__model=self.model).order_by("-at", "-pk")
        told = rows.values_list("series", "version", "environment", "at", "value")[:MOST_POINTS]
        values: dict[int, dict[tuple[int, str], list[tuple[datetime, float]]]] = defaultdict(lambda: defaultdict(list))
        for series, version, environment, at, value in told:
            values[series][version, environment].append((at, value))
        versions = {one.pk: one for one in self.model.versions.all()}
        found = []
        for one in known:
            one.model = self.model
            mine = values[one.pk].items()
            streams = [Stream(one, versions[version], where, points[::-1]) for (version, where), points in mine]
            streams.sort(key=self.rank, reverse=True)
            stream = streams[0] if streams else None
            open_ones = [alarm for alarm in self.alarms if alarm.series_id == one.pk and alarm.over_at is None]
            course = self.course(stream) if stream and one.drift else None
            found.append(Watched(one, stream, streams[1:], open_ones, course))
        return sorted(found, key=lambda watched: watched.state[0] != "warn")

    def rank(self, stream: Stream) -> tuple[bool, bool, datetime]:
        """The stream of what serves in production counts, then of what serves, then the newest."""
        place = (stream.version.pk, stream.environment)
        return (place in self.serving and stream.environment == Environment.PRODUCTION, place in self.serving, stream.points[-1][0])

    def course(self, stream: Stream) -> drift.Course | None:
        mine = (stream.series.pk, stream.version.pk, Feedback.EXPECTED)
        begun_anew = any((one.series_id, one.version_id, one.feedback) == mine for one in self.alarms)
        since = new_course_since(stream.series, stream.version) if begun_anew else None
        values = [value for at, value in stream.points if since is None or at >= since]
        return drift.course(values, higher=stream.series.higher)

    @cached_property
    def plan(self) -> RetrainingPlan | None:
        found: RetrainingPlan | None = RetrainingPlan.objects.filter(model=self.model).first()
        return found

    @cached_property
    def retrainings(self) -> list[Task]:
        """Open cards that retrain the model."""
        return [task for task in (upkeep(self.model) if self.known_upkeep is None else self.known_upkeep) if task.work == Work.RETRAINING]

    @cached_property
    def precision(self) -> tuple[int, int]:
        return precision(self.model)

    @property
    def is_fresh(self) -> bool:
        """Whether a value came within the last month."""
        month = clock.now() - timedelta(days=31)
        return any(watched.stream and watched.stream.points[-1][0] > month for watched in self.watched)

    @property
    def main(self) -> Watched | None:
        """The metric that the side panel draws."""
        return next((watched for watched in self.watched if watched.stream and len(watched.stream.points) > 1), None)

    @property
    def beside(self) -> list[Watched]:
        return [watched for watched in self.watched if watched is not self.main and watched.stream][:6]
