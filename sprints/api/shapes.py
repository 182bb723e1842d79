"""What the API takes and tells of sprints: the shapes of the contract. Bounds here are those of the verbs, which say the rest."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Path
from pydantic import BaseModel, Field, StringConstraints, WithJsonSchema

from dsboard.api.shapes import NO_NULL, Day, Email, Sent
from experiments.api.bodies import Reference
from experiments.api.shapes import Bucket
from experiments.api.teams import Guideline, RateSource

LARGEST = 2**31 - 1
#: what is outside of these bounds is no sprint, so it is 404 and no bad request
SprintNumber = Annotated[
    int,
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LARGEST}),
    Path(..., description="The number of a sprint, as its list tells it."),
]
State = Literal["planned", "running", "closed"]
Choice = Literal["carry", "backlog"]
Goal = Annotated[str, StringConstraints(max_length=300, pattern=NO_NULL)]
Note = Annotated[str, StringConstraints(max_length=5000, pattern=NO_NULL)]
Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
PerCent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class SentCapacity(Sent):
    """The part of their time that a person can give, 0 to 1."""

    email: Email
    availability: Part


class SentSprint(Sent):
    """What is left out follows the last sprint when one is planned, and stays as it is when one is changed."""

    goal: Goal | None = None
    starts_on: Day | None = None
    ends_on: Day | None = Field(None, description="The last day, included.")
    capacity: list[SentCapacity] | None = Field(None, max_length=500)


class SentSeat(Sent):
    """A card of the team, and the bucket that it counts in from now on."""

    ref: Reference
    bucket: Bucket | None = None


class SentClosing(Sent):
    """What becomes of unfinished tasks: of all, of some by reference; how many per cent of their points are earned in all."""

    unfinished: Choice = "carry"
    exceptions: dict[str, Choice] = Field({}, alias="except", examples=[{"FRAUD-42": "backlog"}])
    earned: dict[str, PerCent] = Field(
        {},
        description="Whole per cent, 0 to 100, of unfinished tasks with points; of the others what their lane proposes.",
        examples=[{"FRAUD-41": 50}],
    )


class SentSignature(Sent):
    """What the lead makes of the sprint."""

    note: Note


class Capacity(BaseModel):
    """Person-days: as of now while the sprint is planned, as they froze later."""

    email: str
    availability: float
    days: float


class Signed(BaseModel):
    """A lead has looked at the figures."""

    by: str | None
    at: datetime
    note: str


class Sprint(BaseModel):
    """A sprint with the capacity of everybody who works on cards; both days are included."""

    number: int
    goal: str
    starts_on: date
    ends_on: date
    state: State
    capacity: list[Capacity]
    started_at: datetime | None
    closed_at: datetime | None
    signed: Signed | None
    url: str


class ClosedSprint(Sprint):
    """What closing did, by reference; `successor` is the number of the sprint that tasks were carried to."""

    finished: list[str]
    carried: list[str]
    backlog: list[str]
    successor: int | None


class Seat(BaseModel):
    """A task's place in a sprint, with the person-days that it holds; frozen once the sprint has started.

    `planned` is false for what was added after the start: scope change.
    """

    ref: str
    bucket: Bucket
    days: float
    owner: str | None
    planned: bool
    sprint: int


class Share(BaseModel):
    """Days of one bucket; shares in per cent, unrounded, null when there are no days. The band includes its ends."""

    planned_days: float
    share: float | None
    in_band: bool | None
    actual_days: float
    actual_share: float | None
    actual_in_band: bool | None


class Buckets(BaseModel):
    """The three parts of a plan."""

    committed: Share
    experiments: Share
    learning: Share


class Load(BaseModel):
    """What one person is planned to do, beside what they can give."""

    email: str
    planned_days: float
    capacity_days: float


class Warned(BaseModel):
    """Something to look at before the sprint starts, in a sentence."""

    code: Literal["out_of_band", "over_capacity", "no_success", "no_target", "no_size"]
    message: str


class Allocation(BaseModel):
    """The balance of a sprint in person-days; the guideline and the rate, in days per point, freeze when it starts."""

    rate: float
    rate_source: RateSource
    guideline: Guideline
    tolerance: int
    buckets: Buckets
    people: list[Load]
    warnings: list[Warned]
