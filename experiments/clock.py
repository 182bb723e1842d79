"""The words and the shape of a time box's clock: one of six, for the card, the page and the mail alike (DESIGN 4.7)."""

from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple, Protocol

from dsboard import words
from dsboard.working_time import WorkingTime
from experiments.stages import WARN_AT, BoxState


class Box(Protocol):
    """What a clock is read off: the time box."""

    ends_at: datetime | None

    @property
    def length(self) -> timedelta: ...
    def state_at(self, now: datetime) -> BoxState: ...
    def used_at(self, now: datetime, working: WorkingTime) -> timedelta: ...
    def left_at(self, now: datetime, working: WorkingTime) -> timedelta: ...


class Clock(NamedTuple):
    """`shape` is idle, calm, warn, over, paused or done; `share` the whole per cent that are used, 100 at most."""

    shape: str
    words: str
    of: str
    share: int

    @property
    def runs(self) -> bool:
        """The words change by themselves: a page that shows them asks again each minute."""
        return self.shape in ("calm", "warn", "over")

    @property
    def is_due(self) -> bool:
        """The box has ended and nothing is reported."""
        return self.shape == "over"


def read(box: Box, size: str, now: datetime, working: WorkingTime, day: timedelta, zone: tzinfo) -> Clock:
    """The clock of a box at an instant. `size` is its length in words, `day` the team's hours a day."""
    state = box.state_at(now)
    if state == BoxState.IDLE:
        return Clock("idle", f"{size} box", "· not started", 0)
    if state == BoxState.CLOSED:
        return Clock("done", "Reported", f"in {words.length(box.used_at(now, working), day)}", 100)
    if state == BoxState.ENDED and box.ends_at:
        return Clock("over", f"Ended {words.ago(box.ends_at, now, zone)}", "", 100)
    left = box.left_at(now, working)
    share = min(99, 100 - -(-left * 100 // box.length))
    if state == BoxState.PAUSED:
        return Clock("paused", f"Paused, {left_words(left, day)}" if left else "Paused, no time left", f"of {size}", share)
    return Clock("warn" if left * 100 <= box.length * (100 - WARN_AT) else "calm", left_words(left, day), f"of {size}", share)


def left_words(left: timedelta, day: timedelta) -> str:
    """What is left: 1d 4h left, 6h left, 2h 50m left, ending now."""
    return f"{words.length(left, day)} left" if left >= words.MINUTE else "ending now"
