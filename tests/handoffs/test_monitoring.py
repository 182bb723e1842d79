"""Models in operation: values kept once, a broken threshold opens one task, drift and silence are told, plans make their task once."""

from datetime import date, timedelta
from typing import Any

import pytest

from dsboard import clock
from dsboard.errors import Forbidden, Refusal
from dsboard.kinds import Kind
from dsboard.models import Activity, Notice
from experiments.models import Comment, Task
from handoffs import silence
from handoffs.models import Alarm, Deployment, MLModel, Point, RetrainingPlan, Series, retraining, watching
from tests.threads import at_once
from tests.world import World, found_world, lisbon, wall

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(world: World) -> MLModel:
    """Churn, owned by Mei, whose v1 serves in staging."""
    made = MLModel.register(world.team, world.mei, name="Churn", owners=["mei@example.org"], starts_at="model-development")
    Deployment.deploy(made.versions.get(), world.mei, environment="staging")
    return MLModel.objects.select_related("team").get(pk=made.pk)


def told(model: MLModel, world: World, *values: float, name: str = "AUC", start: int = 0, **more: Any) -> list[Point]:
    """One value an hour, the last of them an hour ago or more."""
    begun = clock.now() - timedelta(hours=500)
    return [
        Series.tell(model, world.mei, name=name, value=value, at=begun + timedelta(hours=start + place), **more)[0]
        for place, value in enumerate(values)
    ]


def quiet(count: int = 35, mean: float = 0.9) -> list[float]:
    return [mean + 0.004 * (place % 5 - 2) for place in range(count)]


class TestTelling:
    def test_a_value_is_kept_once_and_corrected_by_a_second_one(self, world: World, model: MLModel) -> None:
        at = clock.now()
        point, is_new = Series.tell(model, world.mei, name="AUC", value=0.9, at=at)
        again, is_new_again = Series.tell(model, world.mei, name="auc", value=0.91, at=at)
        assert (is_new, is_new_again, again.pk) == (True, False, point.pk)
        assert Point.objects.get().value == 0.91
        assert (point.version.name, point.environment) == ("v1", "staging"), "the version that serves, where it serves"

    @pytest.mark.parametrize(
        ("name", "direction"),
        [("AUC", "higher"), ("p95_latency", "lower"), ("PSI", "lower"), ("log loss", "lower"), ("Glossary hits", "higher")],
    )
    def test_a_new_name_begins_a_series_in_its_likely_direction(self, world: World, model: MLModel, name: str, direction: str) -> None:
        told(model, world, 1.0, name=name)
        assert Series.objects.get().direction == direction

    def test_which_version_it_is_of(self, world: World, model: MLModel) -> None:
        v2 = model.versions.get().add(model, world.mei, name="v2", starts_at="model-development")
        assert told(model, world, 0.9)[0].version.name == "v1"
        assert told(model, world, 0.9, start=1, version="V2")[0].version == v2
        Deployment.objects.update(retired_at=clock.now())
        with pytest.raises(Refusal, match="No version of Churn serves"):
            told(model, world, 0.9, start=2)
        with pytest.raises(Refusal, match="has no version v9"):
            told(model, world, 0.9, start=2, version="v9")

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"name": " "}, "name"),
            ({"name": "x" * 61}, "name"),
            ({"environment": "moon"}, "environment"),
            ({"at": timedelta(days=1)}, "at"),
        ],
    )
    def test_what_can_not_be(self, world: World, model: MLModel, said: dict[str, Any], field: str) -> None:
        if "at" in said:
            said = {"at": clock.now() + said["at"]}
        with pytest.raises(Refusal) as refused:
            Series.tell(model, world.mei, **({"name": "AUC", "value": 0.9} | said))
        assert list(refused.value.fields) == [field] and not Series.objects.exists()

    def test_viewers_tell_nothing(self, world: World, model: MLModel) -> None:
        with pytest.raises(Forbidden):
            Series.tell(model, world.vera, name="AUC", value=0.9)
        with pytest.raises(Forbidden):
            Series.watch(model, world.vera, "AUC", threshold=0.9)

    @pytest.mark.parametrize(
        ("settings", "field"),
        [
            ({"times": 4, "window": 3}, "times"),
            ({"window": 0}, "window"),
            ({"cadence_hours": 0}, "cadence_hours"),
            ({"direction": "up"}, "direction"),
        ],
    )
    def test_settings_that_can_not_be(self, world: World, model: MLModel, settings: dict[str, Any], field: str) -> None:
        with pytest.raises(Refusal) as refused:
            Series.watch(model, world.mei, "AUC", **settings)
        assert list(refused.value.fields) == [field]


class TestThreshold:
    def test_two_of_the_last_three_open_one_task(self, world: World, model: MLModel) -> None:
        Series.watch(model, world.mei, "AUC", threshold=0.9)
        told(model, world, 0.95, 0.85, 0.95)
        assert not Task.objects.exists(), "one of three is no breach"
        told(model, world, 0.871, start=3)
        task = Task.objects.get()
        assert task.title == "Retrain or inspect Churn: AUC 0.871, threshold ≥ 0.9"
        assert (task.kind, task.serves, task.work, task.owner_id) == ("maintenance", "churn", "monitoring", world.mei.user_id)
        notice = Notice.objects.get(kind=Kind.MODEL_ALARM)
        assert (notice.user_id, notice.title) == (world.mei.user_id, "AUC of Churn is beyond its threshold")
        assert Alarm.objects.get().task == task

    def test_further_values_are_told_to_the_open_task_once_a_day(self, world: World, model: MLModel) -> None:
        Series.watch(model, world.mei, "AUC", threshold=0.9, times=1, window=1)
        with wall("2026-03-10 09:00"):
            told(model, world, 0.8, 0.8, 0.8)
        with wall("2026-03-11 10:00"):
            told(model, world, 0.7, 0.7)
        assert Task.objects.count() == 1
        assert [comment.text for comment in Comment.objects.all()] == ["AUC of Churn v1 is at 0.7, threshold ≥ 0.9."]

        assert (Alarm.objects.get().repeats, Alarm.objects.get().over_at) == (1, None), "one alarm until the stream is back"
        with wall("2026-03-11 12:00"):
            told(model, world, 0.95)
        assert Alarm.objects.get().over_at

    def test_a_closed_task_is_not_opened_again_within_a_week(self, world: World, model: MLModel) -> None:
        Series.watch(model, world.mei, "AUC", threshold=0.9, times=1, window=1)
        with wall("2026-03-02 09:00"):
            told(model, world, 0.8)
            Task.objects.get().drop(world.mei, "Known.")
            told(model, world, 0.8, start=1)
        assert Task.objects.count() == 1
        with wall("2026-03-11 10:00"):
            told(model, world, 0.8)
        assert Task.objects.count() == 2

    def test_the_threshold_itself_is_kept_and_late_values_tell_nothing(self, world: World, model: MLModel) -> None:
        Series.watch(model, world.mei, "latency", threshold=120, direction="lower", times=1, window=1)
        told(model, world, 120, name="latency", start=10)
        told(model, world, 500, name="latency", start=2)
        assert not Alarm.objects.exists()
        told(model, world, 121, name="latency", start=11)
        assert "threshold ≤ 120" in Task.objects.get().title

    def test_two_metrics_have_a_task_each(self, world: World, model: MLModel) -> None:
        for name in ("AUC", "recall"):
            Series.watch(model, world.mei, name, threshold=0.9, times=1, window=1)
            told(model, world, 0.5, name=name)
        assert Task.objects.count() == 2


class TestDrift:
    def test_it_makes_an_alarm_and_no_task(self, world: World, model: MLModel) -> None:
        told(model, world, *quiet(), *[0.86] * 6)
        one = Alarm.objects.get()
        assert one.kind == "drift" and "has drifted" in one.text and "0.9 ±" in one.text
        assert not Task.objects.exists()
        assert Notice.objects.get().title == "AUC of Churn drifts"

    def test_one_click_makes_its_task_once(self, world: World, model: MLModel) -> None:
        told(model, world, *quiet(), *[0.86] * 6)
        one = Alarm.objects.select_related("series__model__team", "version").get()
        first = watching.open_task_of(one, world.omar)
        assert watching.open_task_of(Alarm.objects.select_related("series__model__team").get(), world.mei) == first
        assert Task.objects.count() == 1 and first.title.startswith("Retrain or inspect Churn: AUC 0.86")

    def test_it_ends_when_the_stream_comes_back_and_rests_for_a_week(self, world: World, model: MLModel) -> None:
        told(model, world, *quiet(), *[0.86] * 6)
        told(model, world, *quiet(20), start=41)
        assert Alarm.objects.get().over_at
        told(model, world, *[0.86] * 6, start=61)
        assert Alarm.objects.count() == 1, "within a week it is the same news"
        Alarm.objects.update(at=clock.now() - timedelta(days=8))
        told(model, world, 0.86, start=67)
        assert Alarm.objects.count() == 2

    def test_after_an_expected_one_its_course_begins_anew(self, world: World, model: MLModel) -> None:
        told(model, world, *quiet(), *[0.86] * 6)
        one = Alarm.objects.select_related("series__model__team").get()
        one.judge(world.mei, "expected")
        Alarm.objects.update(at=clock.now() - timedelta(days=30))
        told(model, world, *quiet(40, 0.86), start=41)
        assert Alarm.objects.count() == 1, "the new level is the usual one"

    def test_each_version_has_its_own_course(self, world: World, model: MLModel) -> None:
        model.versions.get().add(model, world.mei, name="v2", starts_at="model-development")
        told(model, world, *quiet())
        told(model, world, *[0.8] * 10, start=40, version="v2")
        assert not Alarm.objects.exists()

    def test_a_series_can_be_left_unwatched(self, world: World, model: MLModel) -> None:
        Series.watch(model, world.mei, "AUC", drift=False)
        told(model, world, *quiet(), *[0.8] * 10)
        assert not Alarm.objects.exists()

    def test_where_nobody_owns_it_the_leads_hear(self, world: World, model: MLModel) -> None:
        model.owners.clear()
        told(model, world, *quiet(), *[0.86] * 6)
        assert [notice.user_id for notice in Notice.objects.all()] == [world.lead.user_id]


class TestFeedback:
    def test_it_is_kept_and_makes_the_precision(self, world: World, model: MLModel) -> None:
        Series.watch(model, world.mei, "AUC", threshold=0.9, times=1, window=1, drift=False)
        for place in range(4):
            with wall(f"2026-0{place + 3}-10 09:00"):
                told(model, world, 0.8)
                Task.objects.filter(ended_at=None).get().drop(world.mei, "Seen.")
        for one, said in zip(Alarm.objects.select_related("series__model__team"), ("true", "true", "false", "expected"), strict=True):
            one.judge(world.mei, said)
        from_alarm = watching.alarms.precision(model)
        assert from_alarm == (2, 3), "what was expected counts for neither"
        with pytest.raises(Refusal):
            one.judge(world.mei, "perhaps")
        with pytest.raises(Forbidden):
            one.judge(world.vera, "true")
        assert Activity.objects.filter(verb="judged_alarm").count() == 4


class TestSilence:
    def test_no_value_for_two_cadences_is_told_once(self, world: World, model: MLModel) -> None:
        Series.watch(model, world.mei, "AUC", cadence_hours=1)
        with wall("2026-03-10 09:00"):
            Series.tell(model, world.mei, name="AUC", value=0.9)
        with wall("2026-03-10 10:59"):
            assert silence.sweep() == 0
        with wall("2026-03-10 11:01"):
            assert (silence.sweep(), silence.sweep()) == (1, 0)
            assert "has had no value since 10 March, 09:00 UTC; one was due every 1 hours." in Alarm.objects.get().text
            Series.tell(model, world.mei, name="AUC", value=0.9)
            assert Alarm.objects.get().over_at

    def test_a_version_that_serves_no_more_may_be_silent(self, world: World, model: MLModel) -> None:
        Series.watch(model, world.mei, "AUC", cadence_hours=1)
        told(model, world, 0.9)
        Deployment.objects.select_related("version__model__team").get().retire(world.mei)
        assert silence.sweep() == 0


class TestRetraining:
    def test_a_day_that_comes_makes_its_task_once(self, world: World, model: MLModel) -> None:
        with wall("2026-03-10 09:00"):
            plan = RetrainingPlan.plan(model, world.mei, every="quarter")
            assert plan.next_on == date(2026, 6, 10)
            assert retraining.sweep() == 0
        with wall("2026-06-10 00:30"):
            assert (retraining.sweep(), retraining.sweep()) == (1, 0)
            task = Task.objects.get()
            assert (task.title, task.work, task.owner_id) == ("Retrain Churn", "retraining", world.mei.user_id)
            assert RetrainingPlan.objects.get().next_on == date(2026, 9, 10)
        with wall("2026-09-10 09:00"):
            retraining.sweep()
            assert Task.objects.count() == 1, "the one of June is still open"
            Task.objects.get().drop(world.mei, "Done by hand.")
        with wall("2027-06-10 09:00"):
            retraining.sweep()
            assert Task.objects.count() == 2 and RetrainingPlan.objects.get().next_on == date(2027, 9, 10), (
                "what was slept through counts once"
            )

    def test_an_alarm_of_drift_makes_it_where_the_plan_says_so(self, world: World, model: MLModel) -> None:
        RetrainingPlan.plan(model, world.mei, on_alarm=True)
        told(model, world, *quiet(), *[0.86] * 6)
        assert Alarm.objects.get().task == Task.objects.get() and Task.objects.get().title == "Retrain Churn"

    def test_months_end(self) -> None:
        assert retraining.after(date(2026, 8, 31), "half-year") == date(2027, 2, 28)
        assert retraining.after(date(2028, 1, 31), "month") == date(2028, 2, 29)
        assert retraining.after(date(2026, 12, 31), "week") == date(2027, 1, 7)

    def test_by_whom_when_they_have_left(self, world: World, model: MLModel) -> None:
        with wall("2026-03-10 09:00"):
            RetrainingPlan.plan(model, world.omar, every="week")
        world.omar.delete()
        with wall("2026-03-17 09:00"):
            assert retraining.sweep() == 1
        assert Task.objects.get().created_by_id == world.lead.user_id

    @pytest.mark.parametrize(
        ("said", "field"), [({}, "every"), ({"every": "day"}, "every"), ({"every": "week", "next_on": date(2020, 1, 1)}, "next_on")]
    )
    def test_what_can_not_be(self, world: World, model: MLModel, said: dict[str, Any], field: str) -> None:
        with pytest.raises(Refusal) as refused:
            RetrainingPlan.plan(model, world.mei, **said)
        assert list(refused.value.fields) == [field]

    def test_an_end(self, world: World, model: MLModel) -> None:
        RetrainingPlan.plan(model, world.mei, every="week").end(world.mei)
        assert not RetrainingPlan.objects.exists()
        assert [line.after for line in Activity.objects.filter(field="retraining").order_by("pk")][-1] is None


@pytest.mark.django_db(transaction=True)
def test_eight_values_at_once_open_one_task() -> None:
    world = found_world()
    model = MLModel.register(world.team, world.mei, name="Churn", starts_at="model-development")
    Deployment.deploy(model.versions.get(), world.mei, environment="staging")
    Series.watch(model, world.mei, "AUC", threshold=0.9, times=1, window=1)
    now = lisbon("2026-03-10 09:00")

    def tell(place: int) -> None:
        one = MLModel.objects.select_related("team").get(pk=model.pk)
        Series.tell(one, world.mei, name="AUC", value=0.5, at=now + timedelta(minutes=place))

    at_once(tell)
    assert (Task.objects.count(), Point.objects.count()) == (1, 8)


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_the_task_of_a_day_once() -> None:
    world = found_world()
    model = MLModel.register(world.team, world.mei, name="Churn")
    RetrainingPlan.plan(model, world.mei, every="week")
    RetrainingPlan.objects.update(next_on=clock.now().date() - timedelta(days=1))
    at_once(lambda _: retraining.sweep(), 4)
    assert Task.objects.count() == 1
