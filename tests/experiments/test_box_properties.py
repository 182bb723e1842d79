"""Whatever happens to a time box, and whenever: what is used is the working time of its stretches, and nothing else."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Calendars
from dsboard.working_time import NONE
from experiments.models import Task, TimeBox
from experiments.models.extension import extend
from experiments.models.pauses import pause, resume
from experiments.models.time_box import as_time
from experiments.stages import BoxState, Stage
from tests.world import World, found_world

#: the week in which Lisbon's clocks go forward
START = datetime(2026, 3, 26, 9, tzinfo=ZoneInfo("Europe/Lisbon"))
#: what can happen, and how long after the thing before
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["start", "pause", "resume", "extend", "report", "ideation", "omar", "mei", "nobody", "drop", "restore"]),
        st.timedeltas(timedelta(0), timedelta(hours=40)),
    ),
    max_size=14,
)
VERBS: dict[str, Any] = {
    "start": lambda world, task: task.move_to(Stage.ACTIVE, world.mei),
    "ideation": lambda world, task: task.move_to(Stage.IDEATION, world.mei),
    "pause": lambda world, task: pause(task, world.mei, reason="Labels."),
    "resume": lambda world, task: resume(task, world.mei),
    "extend": lambda world, task: extend(task, world.lead, hours=3, reason="More."),
    "report": lambda world, task: world.report(task),
    "omar": lambda world, task: task.change(world.lead, owner="omar@example.org"),
    "mei": lambda world, task: task.change(world.lead, owner="mei@example.org"),
    "nobody": lambda world, task: task.change(world.lead, owner=None),
    "drop": lambda world, task: task.drop(world.lead, "No data."),
    "restore": lambda world, task: task.restore(world.lead),
}


class Shadow:
    """The same box kept by simple sums: what is left and used after each stretch."""

    def __init__(self, calendars: Calendars, hours: float) -> None:
        self.calendars, self.left, self.used = calendars, as_time(hours), NONE

    def passes(self, task: Task, start: datetime, end: datetime) -> None:
        """Time passes while the box is as it was."""
        if task.box.runs_since:
            spent = self.calendars.of_member(task.team_id, task.owner_id).between(start, end)
            self.used += spent
            self.left = max(NONE, self.left - spent)


class TestTheBox(TestCase):
    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = found_world()
        cls.world.omar.set_calendar(cls.world.lead, week="Mon-Thu 13:00-19:00; Sun 00:00-04:00", time_zone="America/New_York")

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(STEPS)
    def test_used_and_left_are_what_its_stretches_add_up_to(self, steps: list[tuple[str, timedelta]]) -> None:
        now = START
        with clock.at(now):
            task = self.world.experiment(hours=16)
            shadow = Shadow(Calendars.of([self.world.team]), 16)
        for verb, later in steps:
            before, now = now, now + later
            with clock.at(now):
                task = Task.objects.select_related("team", "owner", "time_box").get(pk=task.pk)
                shadow.passes(task, before, now)
                try:
                    VERBS[verb](self.world, task)
                except Refusal:
                    pass
                else:
                    shadow.left += as_time(3) if verb == "extend" else NONE
                self.agrees(shadow, Task.objects.select_related("team", "owner", "time_box").get(pk=task.pk), now)

    def agrees(self, shadow: Shadow, task: Task, now: datetime) -> None:
        box: TimeBox = task.box
        working = shadow.calendars.of_member(task.team_id, task.owner_id)
        stretches = box.intervals
        assert box.used_at(now, working) == shadow.used
        assert box.left_at(now, working) == shadow.left
        assert sum((one.used for one in stretches if one.used is not None), NONE) == box.used
        assert [one for one in stretches if one.stopped_at is None] == [one for one in stretches[-1:] if box.runs_since]
        if box.runs_since and box.ends_at:
            assert (box.state_at(now) == BoxState.ENDED) == (shadow.left == NONE)
            assert shadow.left == NONE or box.ends_at == working.add(now, shadow.left)
            assert box.warns_at is None or working.between(box.warns_at, box.ends_at) == box.length / 5
