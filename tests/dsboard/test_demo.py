"""The demo: believable, in the order of time, the same when asked for twice; and its past in bulk."""

import io
import time
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Q
from django.test import TestCase
from django.utils import timezone

from dsboard.models import Absence, Activity, DayOff, Membership, Notice, Team, User
from experiments import search
from experiments.models import Decision, Finding, Result, Task, TimeBox
from experiments.stages import BoxState, Bucket, Kind, Outcome, Stage, Verdict, Work
from sprints.balance import Balance
from sprints.models import Seat, Sprint, dates


class TestTheDemo(TestCase):
    """Filled once for all of them: it takes seconds."""

    demo: Team

    @classmethod
    def setUpTestData(cls) -> None:
        call_command("demo", stdout=io.StringIO())
        cls.demo = Team.objects.get(key="DEMO")

    def test_the_people_of_the_contract(self) -> None:
        people = {m.user.email: (m.role, m.side) for m in self.demo.memberships.select_related("user")}
        contract = {
            "lead@demo.example": ("lead", "science"),
            "scientist@demo.example": ("member", "science"),
            "engineer@demo.example": ("member", "engineering"),
            "viewer@demo.example": ("viewer", "science"),
        }
        assert contract.items() <= people.items()
        assert Membership.objects.get(user__email="outsider@demo.example").team.key == "OTHER"
        assert not [user for user in User.objects.all() if user.has_usable_password()]
        assert self.demo.hours_per_day == 8

    def test_every_column_kind_and_state(self) -> None:
        on_boards = dict(self.demo.tasks.on_boards().values_list("stage").annotate(n=Count("pk")))
        assert {stage: n >= 3 for stage, n in on_boards.items()} == dict.fromkeys(Stage.values, True)
        assert {kind for (kind,) in self.demo.tasks.values_list("kind")} == set(Kind.values)
        assert {work for (work,) in self.demo.tasks.exclude(work="").values_list("work")} == set(Work.values)
        assert {v for (v,) in Finding.objects.within(self.demo).exclude(verdict="").values_list("verdict")} == set(Verdict.values)
        assert {o for (o,) in Decision.objects.within(self.demo).filter(standing=True).values_list("outcome")} == set(Outcome.values)
        assert set(Result.objects.within(self.demo).values_list("is_met", flat=True)) == {True, False, None}
        assert self.demo.tasks.filter(dropped_at__isnull=False).count() >= 2
        assert self.demo.tasks.filter(deleted_at__isnull=False).count() >= 2
        kept = self.demo.tasks.filter(origin_reversed=True)
        assert [task.deleted_at for task in kept] == [None] * 2
        assert Activity.objects.within(self.demo).filter(verb="withdrawn").count() == 1
        assert self.demo.tasks.filter(confidence="firm", comparable_to__isnull=False).exists()

    def test_every_shape_of_a_clock(self) -> None:
        boxes = TimeBox.objects.within(self.demo).filter(task__dropped_at=None)
        assert {box.state_at(timezone.now()) for box in boxes} == set(BoxState)
        assert boxes.filter(closed_at=None, extensions__isnull=False).exists()
        assert Absence.objects.within(self.demo).count() == 2
        assert {off for (off,) in DayOff.objects.within(self.demo).values_list("country").distinct()} == {"PT", "DE"}

    def test_three_months_of_sprints(self) -> None:
        sprints = Sprint.objects.within(self.demo).order_by("number")
        assert [sprint.state for sprint in sprints] == ["closed"] * 5 + ["running", "planned"]
        assert [bool(sprint.signed_at) for sprint in sprints] == [True] * 3 + [False] * 4
        assert all(sprint.goal for sprint in sprints)
        running = sprints.running()
        day, length = dates.day_of(running, dates.calendar_of(self.demo, running.starts_on))
        assert 3 <= day <= 4 < 6 <= length <= 10
        # The arithmetic of every day: what was planned, what came of it, and nothing lost on the way.
        out = {"planned": 0, "actual": 0}
        for sprint in sprints[:5]:
            balance = Balance(sprint)
            for what in out:
                out[what] += any(part.in_band is False for part in getattr(balance, what).values())
            assert {bucket for bucket, part in balance.planned.items() if part.days} == {"committed", "experiments", "learning"}
            assert 20 < balance.planned_days < 50 < 1.5 * balance.capacity_days
            assert not [seat for seat in balance.seats if seat.end == ""]
        assert out == {"planned": 1, "actual": 2}
        assert self.demo.tasks.filter(carried__gte=1).count() >= 10
        assert Seat.objects.within(self.demo).filter(end__in=["removed", "backlog"]).count() == 2
        assert (self.demo.rate_source, 1 < self.demo.days_per_point < 2.5) == ("measured", True)

    def test_the_running_sprint_and_the_planned_one(self) -> None:
        running, planned = (Balance(Sprint.objects.within(self.demo).get(state=state)) for state in ("running", "planned"))
        assert all(part.in_band for part in running.planned.values())
        assert {bucket: part.days > 0 for bucket, part in running.actual.items()} == dict.fromkeys(Bucket, True)
        assert {seat.task.stage for seat in running.seats} >= {"active", "analysis", "decision", "in_progress", "review", "done"}
        codes = {warn.code for warn in planned.warnings}
        assert {"over_capacity", "no_success", "no_target", "no_size", "out_of_band"} == codes
        other = Balance(Sprint.objects.within(Team.objects.get(key="OTHER")).get(state="running"))
        assert len(other.seats) == 2

    def test_it_sends_no_old_mail(self) -> None:
        assert set(Notice.objects.values_list("mail", flat=True)) == {"none"}

    def test_under_sixty_cards_a_lane(self) -> None:
        lanes = self.demo.tasks.filter(rank__isnull=False).values("lane").annotate(n=Count("pk"))
        assert [lane["lane"] for lane in lanes if lane["n"] >= 60] == []

    def test_three_months_in_the_order_of_time(self) -> None:
        moments: list[datetime] = list(Activity.objects.within(self.demo).order_by("pk").values_list("at", flat=True))
        assert moments == sorted(moments)
        assert timedelta(days=80) < timezone.now() - moments[0] < timedelta(days=100)
        assert moments[-1] <= timezone.now()
        wrong = Q(started_at__lt=F("created_at")) | Q(ended_at__lt=F("created_at")) | Q(updated_at__lt=F("created_at"))
        assert list(self.demo.tasks.filter(wrong)) == []
        assert list(TimeBox.objects.within(self.demo).filter(closed_at__lt=F("started_at"))) == []

    def test_the_second_time_it_is_there_already(self) -> None:
        before = Task.objects.count(), Activity.objects.count(), User.objects.count()
        said = io.StringIO()
        call_command("demo", stdout=said)
        assert said.getvalue() == "The team DEMO is there already.\n"
        assert (Task.objects.count(), Activity.objects.count(), User.objects.count()) == before

    def test_a_past_of_any_size(self) -> None:
        on_boards = self.demo.tasks.on_boards().count()
        began = time.monotonic()
        call_command("demo", size=1_000, stdout=io.StringIO())
        assert time.monotonic() - began < 20
        assert (self.demo.tasks.count(), self.demo.tasks.on_boards().count()) == (1_000, on_boards)
        old = self.demo.tasks.order_by("-number").first()
        assert old is not None
        assert old in search.matching(self.demo.tasks.all(), old.title)
        self.demo.refresh_from_db()
        assert self.demo.last_number == old.number
        newest = Task.plan(self.demo, kind="maintenance", title="After all that", by=self.demo.memberships.filter(role="lead").get())
        assert newest.number == old.number + 1
        call_command("demo", size=1_000, stdout=io.StringIO())
        assert self.demo.tasks.count() == 1_001


def test_a_team_by_another_name(db: None) -> None:
    call_command("demo", team="lab", stdout=io.StringIO())
    assert Team.objects.get(key="LAB").tasks.filter(ref="LAB-1").exists()


@pytest.mark.parametrize("words", [{"team": "no good"}, {"size": -1}])
def test_what_can_not_be_is_a_sentence(db: None, words: dict[str, object]) -> None:
    with pytest.raises(CommandError):
        call_command("demo", **words)
    assert not Team.objects.exists()
