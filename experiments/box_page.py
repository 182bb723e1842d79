"""Everything that the pages show of one card's time box: its clock, its dates, and what may be done about it."""

from datetime import datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from dsboard import clock, words
from dsboard.models import Membership
from dsboard.roles import Act
from dsboard.working_time import WorkingTime
from experiments.clock import Clock, read
from experiments.face import NEVER
from experiments.hanging import rebuilt
from experiments.kept import calendars_of
from experiments.models import Extension, Task, running
from experiments.models.time_box import length_in_words
from experiments.stages import WARN_AT, BoxState, Stage


class BoxPage:
    """The box of one card as somebody sees it now; for a card without one, only what could be given."""

    def __init__(self, task: Task, viewer: Membership) -> None:
        self.task, self.box, self.viewer = task, task.box, viewer
        self.now, self.zone = clock.now(), ZoneInfo(task.team.time_zone)
        self.may_edit = viewer.may(Act.EDIT) and not task.is_off_boards
        self.state = self.box.state_at(self.now) if self.box else BoxState.IDLE
        self.size = length_in_words(self.box.hours, task.team.hours_per_day) if self.box else ""
        self.extensions = self.read_extensions() if self.box and self.box.started_at else []

    def read_extensions(self) -> list[Extension]:
        """From what was told beside the card, if it was."""
        if hasattr(self.task, "told_extensions"):
            return rebuilt(Extension, self.task.told_extensions, box=self.box)
        return list(self.box.extensions.select_related("by"))

    @cached_property
    def working(self) -> WorkingTime:
        """The calendar of its owner, needed while its clock runs only."""
        if self.box and not self.box.runs_since:
            return NEVER
        return calendars_of(self.task.team).of_member(self.task.team_id, self.task.owner_id)

    @cached_property
    def clock(self) -> Clock | None:
        return read(self.box, self.size, self.now, self.working, self.task.team.day, self.zone) if self.box else None

    @property
    def heading(self) -> str:
        """The clock in a few words: 6h left."""
        if self.clock is None:
            return "No time box yet"
        return self.clock.words if self.state != BoxState.CLOSED else f"Reported {self.clock.of}"

    @property
    def line(self) -> str:
        """What it is measured against: of a 3-day time box."""
        named = f"a {self.size} time box"
        if self.state == BoxState.IDLE:
            return "Its clock starts in Active."
        return f"of {named}, extended from {self.original}" if self.extensions else f"of {named}"

    @property
    def original(self) -> str:
        return length_in_words(self.box.original_hours, self.task.team.hours_per_day)

    @property
    def used_words(self) -> str:
        """How much is used, also beyond the box; with the share for whoever can't see the bar."""
        return words.length(self.box.used_at(self.now, self.working), self.task.team.day)

    @property
    def overrun(self) -> str:
        """By how much more than the box was used; empty within it."""
        over = self.box.used_at(self.now, self.working) - self.box.length
        return words.length(over, self.task.team.day) if over >= words.MINUTE else ""

    @property
    def warn_at(self) -> int:
        return WARN_AT

    def when(self, moment: datetime | None) -> str:
        return words.at(moment, self.now, self.zone) if moment else ""

    @property
    def started_words(self) -> str:
        return self.when(self.box.started_at)

    @property
    def ends_words(self) -> str:
        return self.when(self.box.ends_at)

    @property
    def warns_of_second(self) -> str:
        """What the form of an extension says when it is not the first."""
        ordinal = {1: "second", 2: "third", 3: "fourth"}.get(len(self.extensions), "next") if self.extensions else ""
        return f"This is the {ordinal} extension. Consider deciding with what you know." if ordinal else ""

    @property
    def may_report(self) -> bool:
        return self.may_edit and self.task.stage == Stage.ACTIVE

    @property
    def may_extend(self) -> bool:
        """Whether this person would be let: the owner once, a lead always."""
        if not self.may_edit or self.state == BoxState.IDLE or self.task.stage not in (Stage.ACTIVE, Stage.IDEATION, Stage.ANALYSIS):
            return False
        return self.viewer.may(Act.EXTEND_AGAIN) or (self.task.owner_id == self.viewer.user_id and not self.extensions)

    @property
    def may_pause(self) -> bool:
        return self.may_edit and self.state == BoxState.RUNNING

    @property
    def may_resume(self) -> bool:
        return self.may_edit and self.state == BoxState.PAUSED and self.task.stage == Stage.ACTIVE

    @property
    def may_nudge(self) -> bool:
        """A lead may remind the owner of findings that are due."""
        return (
            self.state == BoxState.ENDED
            and self.viewer.may(Act.NUDGE)
            and self.task.owner_id not in (None, self.viewer.user_id)
            and self.may_edit
        )

    @property
    def may_size(self) -> bool:
        return self.may_edit and self.state == BoxState.IDLE

    def effect_of(self, hours: Decimal) -> str:
        """What an extension by these hours would do: when the box would end then."""
        ends_at = running.end_after(self.task, hours, self.working)
        size = length_in_words(self.box.hours + hours, self.task.team.hours_per_day)
        if ends_at is None:
            return f"The box becomes {size}. Its clock stands still now."
        was = f" instead of {self.ends_words}" if self.state == BoxState.RUNNING else ""
        return f"The box becomes {size} and ends {self.when(ends_at)}{was}."
