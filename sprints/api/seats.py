"""The seats of a sprint: which tasks are in it, in which bucket, with how many days."""

from typing import Any

from ninja import Query, Router, Status

from dsboard.api.shapes import Listed, Page, listed
from dsboard.api.tokens import ApiRequest
from experiments.api.links import other_card
from experiments.api.paths import Key, Ref
from experiments.api.showing import card
from sprints.api.shapes import Seat as ToldSeat
from sprints.api.shapes import SentSeat, SprintNumber
from sprints.api.showing import show_seat, show_seats, sprint_named
from sprints.balance import Balance

router = Router(tags=["sprints"])


@router.get("/teams/{key}/sprints/{int:n}/tasks", response=Listed[ToldSeat], operation_id="list_seats")
def list_seats(request: ApiRequest, key: Key, n: SprintNumber, asked: Query[Page]) -> dict[str, Any]:
    """The tasks of a sprint in the order in which they came; what was taken out is left out."""
    sprint = sprint_named(request, key, n)
    return listed(request, asked, show_seats(sprint, Balance(sprint).seated), lambda told: told)


@router.post("/teams/{key}/sprints/{int:n}/tasks", response={201: ToldSeat, 200: ToldSeat}, operation_id="take_in")
def take_in(request: ApiRequest, key: Key, n: SprintNumber, sent: SentSeat) -> Status[dict[str, Any]]:
    """Give a task a seat: 201, and 200 when it had one already. Once a sprint runs, this is scope change and a lead's."""
    sprint, task = sprint_named(request, key, n), other_card(request, sent.ref)
    seat, is_new = sprint.take_in(task, request.membership, sent.bucket or "")
    return Status(201 if is_new else 200, show_seat(Balance(sprint), seat, task))


@router.delete("/teams/{key}/sprints/{int:n}/tasks/{ref}", response=ToldSeat, operation_id="take_out")
def take_out(request: ApiRequest, key: Key, n: SprintNumber, ref: Ref) -> dict[str, Any]:
    """Take the seat away again; answers it as it was. In a running sprint what was planned stays on record."""
    sprint, task = sprint_named(request, key, n), card(request, ref)
    seat = sprint.take_out(task, request.membership)
    return show_seat(Balance(sprint), seat, task)
