"""Tasks by where they stand: present, on the boards, in a column, open, in order."""

from datetime import datetime
from typing import Self, cast

from django.db.models import F, Q

from dsboard import clock
from dsboard.models import TeamQuerySet
from experiments.models import order
from experiments.stages import LANE_OF, Stage


def still_shown(now: datetime | None = None) -> Q:
    """On the boards: open, ended in the sprint that runs, or ended less than a fortnight ago."""
    return Q(shown_until=None) | Q(shown_until__gt=now or clock.now())


class TaskQuerySet(TeamQuerySet):
    def present(self) -> Self:
        """Not in the bin."""
        return self.filter(deleted_at=None)

    def on_boards(self) -> Self:
        """Open, or still shown after its end; the older ones are linked from the column.

        Two searches of one index each, joined by key: an OR made SQLite read all that a team ever finished.
        """
        shown = self.present().filter(dropped_at=None).order_by()
        always, for_now = shown.filter(shown_until=None), shown.filter(shown_until__gt=clock.now())
        keys = always.values("pk").union(for_now.values("pk"), all=True)
        return cast(Self, self.model.objects.filter(pk__in=keys))

    def placed_in(self, stage: str) -> Self:
        """The cards of one column by their rank: the same as on_boards, where another index finds the few that are asked for."""
        placed = self.filter(lane=LANE_OF[Stage(stage)], stage=stage, rank__isnull=False)
        return placed.filter(still_shown()).order_by("rank")

    def open(self) -> Self:
        return self.present().filter(ended_at=None, shown_until=None)

    def in_order(self) -> Self:
        """Lane, then the order that people gave."""
        return self.order_by(order.LANE_ORDER, F("rank").asc(nulls_last=True), "pk")
