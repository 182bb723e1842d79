"""How many days a point takes: assumed, set by hand, or taken from what the last closed sprints say."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import DecimalField, OuterRef, Subquery, Sum

from dsboard.models import Team
from sprints.allocation import SPRINTS_OF_RATE, Closed, proposed_rate
from sprints.models.capacity import Capacity
from sprints.models.seat import Seat
from sprints.models.sprint import Sprint
from sprints.states import State


class Proposal(NamedTuple):
    """Days per point, and the sprints that it was measured on, the newest first."""

    rate: Decimal
    sprints: list[int]

    @property
    def words(self) -> str:
        """Measured on Sprints 22 to 24."""
        first, last = self.sprints[-1], self.sprints[0]
        return f"Sprint {last}" if first == last else f"Sprints {first} to {last}"


def proposal(team: Team) -> Proposal | None:
    """What the last three closed sprints say; None while no points were finished. One query."""
    available = Capacity.objects.filter(sprint=OuterRef("pk")).order_by().values("sprint").annotate(n=Sum("available")).values("n")
    finished = Seat.objects.filter(sprint=OuterRef("pk")).order_by().values("sprint").annotate(n=Sum("finished_points")).values("n")
    kept = DecimalField(max_digits=12, decimal_places=4)
    rows = (
        Sprint.objects.within(team)
        .filter(state=State.CLOSED)
        .annotate(available=Subquery(available, output_field=kept), points=Subquery(finished, output_field=kept))
        .order_by("-starts_on")[:SPRINTS_OF_RATE]
    )
    closed = [(row.number, Closed(*(Fraction(value or 0) for value in (row.available, row.boxed_days, row.points)))) for row in rows]
    rate = proposed_rate([said for _, said in closed])
    return Proposal(rate, [number for number, said in closed if said.points]) if rate else None
