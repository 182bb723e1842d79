"""This week at a glance: the time boxes of somebody's teams as bars over five working days, drawn by the server."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from experiments.models import Task, TimeBox
from experiments.my_work import Desk

MOST = 12
#: across, the picture is measured in per cent; a row is this many pixels high, and begins this far down
WIDTH, ROW, TOP = 100, 31, 4
#: about how many letters fit across the whole picture where it is narrow
LETTERS = 38
DAYS = 5


@dataclass(frozen=True)
class Bar:
    """One box: from `x` per cent on, `width` per cent wide, `y` pixels down; `shape` is calm, warn, over, paused or done."""

    task: Task
    shape: str
    words: str
    x: float
    width: float
    y: int

    @property
    def name(self) -> str:
        """As much of the title as fits on the bar."""
        fits = max(3, int(self.width / WIDTH * LETTERS) - 2)
        return self.task.title if len(self.task.title) <= fits else self.task.title[: fits - 1].rstrip() + "…"


class Week:
    """Five days from Monday on, with every box of the person's teams that touches them."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.today = desk, desk.now.astimezone(desk.zone).date()
        self.monday = self.today - timedelta(days=self.today.weekday())
        self.days = [(self.monday + timedelta(days=step), step == self.today.weekday()) for step in range(DAYS)]
        self.bars = [self.bar(task, place) for place, task in enumerate(self.tasks())]

    def tasks(self) -> list[Task]:
        """Under way, or reported this week."""
        start = datetime.combine(self.monday, datetime.min.time(), self.desk.zone)
        cards: Any = Task.objects.present().filter(team__in=self.desk.places, dropped_at=None, time_box__started_at__isnull=False)
        touching = cards.filter(time_box__closed_at=None) | cards.filter(time_box__closed_at__gte=start)
        shown = touching.select_related("team", "owner", "time_box").order_by("time_box__started_at", "pk")
        return list(shown[:MOST])

    def bar(self, task: Task, place: int) -> Bar:
        box: TimeBox = task.box
        clock = self.desk.clock_of(task)
        ends = box.closed_at or box.ends_at or self.desk.now
        x, end = self.x_of(box.started_at or ends, task), self.x_of(max(ends, self.desk.now) if clock.is_due else ends, task)
        return Bar(task, clock.shape, f"{clock.words} {clock.of}".strip(), x, max(4.0, round(end - x, 1)), TOP + place * ROW)

    def x_of(self, moment: datetime, task: Task) -> float:
        """Where an instant lies: each day is as wide as its working hours are long."""
        working = self.desk.calendars.of_member(task.team_id, task.owner_id)
        day = working.day_of(moment)
        step = (day - self.monday).days
        if step < 0:
            return 0.0
        if step >= DAYS:
            return float(WIDTH)
        return round((step + self.part_of(day, moment, working)) * WIDTH / DAYS, 1)

    def part_of(self, day: date, moment: datetime, working: Any) -> float:
        """How much of a working day is over."""
        spans = working.on(day)
        if not spans:
            return 0.5
        whole = working.between(spans[0][0], spans[-1][1])
        return float(working.between(spans[0][0], moment) / whole)

    @property
    def now_x(self) -> float | None:
        """The line of now; none at the weekend."""
        if not self.desk.places or self.today.weekday() >= DAYS:
            return None
        team = self.desk.teams[0]
        working = self.desk.calendars.of_member(team.pk, self.desk.user.pk)
        return round((self.today.weekday() + self.part_of(self.today, self.desk.now, working)) * WIDTH / DAYS, 1)

    @property
    def height(self) -> int:
        return 2 * TOP + len(self.bars) * ROW - (ROW - 26)

    @property
    def lines(self) -> list[int]:
        """Where the days begin."""
        return [step * WIDTH // DAYS for step in range(DAYS)]

    @property
    def sentence(self) -> str:
        """What the picture says."""
        due = sum(bar.shape == "over" for bar in self.bars)
        count = len(self.bars)
        said = f"{count} time box{'es' if count != 1 else ''} this week"
        return f"{said}, {due} with findings due" if due else said
