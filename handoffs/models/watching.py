"""What a new value of a metric in operation leads to: a broken threshold opens one maintenance task, drift makes an alarm.

Nothing is done twice: one open task for each model and metric, one alarm for each course that a stream takes. Nothing is retrained,
retired or moved by itself; people do that.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from dsboard import clock
from dsboard.kinds import Kind as NoticeKind
from dsboard.models import Activity, Membership, Notice
from dsboard.roles import Act
from experiments.models import Comment, Task
from experiments.models.metric import plain
from experiments.stages import Work
from handoffs import drift
from handoffs.models import alarm as alarms
from handoffs.models import retraining

if TYPE_CHECKING:
    from handoffs.models.alarm import Alarm
    from handoffs.models.series import Point, Series
    from handoffs.models.version import Version

#: a task that was closed is not opened again so soon, and an alarm about the same course not raised again
COOLDOWN = timedelta(days=7)
#: while a threshold stays broken, its task hears of it once a day
REPEAT = timedelta(days=1)


def look(point: "Point", by: Membership) -> None:
    """Hold the stream of the point against the rules of its series. Inside the transaction that keeps it."""
    series, version = point.series, point.version
    stream = series.points.filter(version=version, environment=point.environment)
    if stream.filter(at__gt=point.at).exists():
        # What comes late tells nothing of today.
        return
    last = list(stream.order_by("-at", "-pk").values_list("value", flat=True)[: series.window])[::-1]
    if not is_broken(series, last):
        open_ones = alarms.Alarm.objects.filter(series=series, version=version, kind=alarms.Why.THRESHOLD, over_at=None)
        open_ones.update(over_at=clock.now())
    elif not series.keeps(point.value):
        on_broken(point, by)
    if series.drift:
        on_course(point, by)
    alarms.Alarm.objects.filter(series=series, version=version, kind=alarms.Why.STALE, over_at=None).update(over_at=clock.now())


# ── a broken threshold ──


def is_broken(series: "Series", last: list[float]) -> bool:
    threshold = series.threshold
    if threshold is None:
        return False
    return drift.broken(last, higher=series.higher, threshold=threshold, times=series.times, window=series.window)


def on_broken(point: "Point", by: Membership) -> None:
    """One task for the model and the metric; while it is open, further values are told to it, once a day."""
    series, now = point.series, clock.now()
    beyond = f"; {series.times} of the last {series.window} values were beyond it" if series.window > 1 else ""
    words = f"{series.name} of {point.version} is at {plain(point.value)}, threshold {series.goal}{beyond}."
    rows = alarms.Alarm.objects.filter(series=series, kind=alarms.Why.THRESHOLD)
    task = open_task(series)
    if task is not None:
        repeat(point, task, words, by)
        return
    if rows.filter(task__ended_at__gt=now - COOLDOWN).exists() or rows.filter(task__deleted_at__gt=now - COOLDOWN).exists():
        return
    made = plan_task(series, point.value, words, by)
    one = alarms.Alarm.raise_(point, alarms.Why.THRESHOLD, words, task=made)
    tell(one, f"{series.name} of {series.model} is beyond its threshold", made)


def repeat(point: "Point", task: Task, words: str, by: Membership) -> None:
    """Tell the open task of a further value, once a day. The alarm stays one as long as the stream is not back."""
    now = clock.now()
    told = alarms.Alarm.objects.filter(series=point.series, task=task)
    if told.filter(repeated_at__gt=now - REPEAT).exists() or told.filter(at__gt=now - REPEAT).exists():
        return
    one = told.filter(version=point.version, kind=alarms.Why.THRESHOLD, over_at=None).first()
    one = one or alarms.Alarm.raise_(point, alarms.Why.THRESHOLD, words, task=task)
    alarms.Alarm.objects.filter(pk=one.pk).update(repeated_at=now, repeats=F("repeats") + 1)
    Comment.write(task, by, words)


def open_task(series: "Series") -> Task | None:
    """The maintenance task that this metric opened and that nobody has ended."""
    rows = Task.objects.filter(alarms__series=series, ended_at=None, deleted_at=None)
    return rows.select_related("team", "owner").order_by("-pk").first()


def plan_task(series: "Series", value: float | None, words: str, by: Membership) -> Task:
    """Retrain or inspect Churn: AUC 0.871, threshold ≥ 0.9."""
    model = series.model
    beside = f"threshold {series.goal}" if series.goal else "off its course"
    now = f" {plain(value)}" if value is not None else ""
    title = f"Retrain or inspect {model}: {series.name}{now}, {beside}"
    course = f"{words}\n\nIts course: {series.get_absolute_url()}"
    return model.plan_upkeep(by, title=title, description=course, work=Work.MONITORING)


@clock.still()
@transaction.atomic
def open_task_of(one: "Alarm", by: Membership) -> Task:
    """The maintenance task of an alarm: made by the first who asks for it, and for everybody after the same one."""
    by.must(Act.CREATE, one.series.model.team_id)
    one.series.model.hold()
    held = alarms.Alarm.objects.select_related("task").get(pk=one.pk)
    if held.task and held.task.deleted_at is None:
        return held.task
    task = open_task(one.series) or plan_task(one.series, held.value, one.text, by)
    alarms.Alarm.objects.filter(pk=one.pk).update(task=task)
    Activity.record(one.series.model, "planned", by, after=[task.ref], metric=one.series.name)
    return task


# ── drift ──


def on_course(point: "Point", by: Membership) -> None:
    """Raise one alarm when the stream has left its course, and end it when the stream is back."""
    series, now = point.series, clock.now()
    course = course_of(series, point.version, point.environment)
    rows = alarms.Alarm.objects.filter(series=series, version=point.version, kind=alarms.Why.DRIFT)
    if course is None or not course.drifts:
        rows.filter(over_at=None).update(over_at=now)
        return
    if rows.filter(over_at=None).exists() or rows.filter(at__gt=now - COOLDOWN).exists():
        return
    words = (
        f"{series.name} of {point.version} has drifted: {plain(round(course.smoothed, 4))} smoothed, "
        f"{plain(round(course.mean, 4))} ± {plain(round(course.spread, 4))} in its first {drift.BASELINE} values."
    )
    one = alarms.Alarm.raise_(point, alarms.Why.DRIFT, words)
    tell(one, f"{series.name} of {series.model} drifts")
    retraining.on_alarm(one, by)


def course_of(series: "Series", version: "Version", environment: str) -> drift.Course | None:
    """Where a stream stands. After an alarm that was expected, its course begins anew."""
    values = series.points.filter(version=version, environment=environment)
    if since := new_course_since(series, version):
        values = values.filter(at__gte=since)
    numbers = values.values_list("value", flat=True)
    first = list(numbers.order_by("at", "pk")[: drift.BASELINE + drift.REMEMBERED])
    if len(first) == drift.BASELINE + drift.REMEMBERED:
        first = [*first[: drift.BASELINE], *reversed(numbers.order_by("-at", "-pk")[: drift.REMEMBERED])]
    return drift.course(first, higher=series.higher)


def new_course_since(series: "Series", version: "Version") -> datetime | None:
    expected = alarms.Alarm.objects.filter(series=series, version=version, feedback=alarms.Feedback.EXPECTED)
    return expected.order_by("-at").values_list("point_at", flat=True).first()


# ── who hears of it ──


def tell(one: "Alarm", title: str, task: Task | None = None) -> None:
    """The owners of the model hear of an alarm, or its leads where nobody owns it."""
    model = one.series.model
    places = Membership.objects.within(model.team)
    people = places.filter(user__models_owned=model) if model.owners.exists() else places.filter(role="lead")
    url = one.series.get_absolute_url()
    Notice.objects.post_all(
        [
            Notice.of(
                team_id=model.team_id,
                user_id=place.user_id,
                kind=NoticeKind.MODEL_ALARM,
                key=f"alarm:{one.pk}",
                about=f"alarm:{one.pk}",
                title=title,
                text=one.text,
                url=url,
                why=f"you own {model}" if model.owners.exists() else "nobody owns the model, and you lead the team",
                actions=[("Open the task", task.get_absolute_url()) if task else ("Look at it", url)],
            )
            for place in places.filter(pk__in=people.values("pk"))
        ]
    )
    Activity.record(model, "alarmed", None, field=one.kind, after=one.text[:200], metric=one.series.name, task=task.ref if task else None)
