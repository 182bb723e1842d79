"""What the API tells of cards, findings and decisions: the shapes of CONTRACT.md."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["research", "experiment", "development", "maintenance"]
Stage = Literal["ideation", "active", "analysis", "decision", "ready", "in_progress", "review", "done"]
Lane = Literal["ready", "in_progress", "review", "done"]
Bucket = Literal["committed", "experiments", "learning"]
Confidence = Literal["rough", "firm"]
Phase = Literal["explore", "prototype", "productionize"]
Work = Literal["monitoring", "retraining", "pipeline", "bug", "improvement"]
Verdict = Literal["supported", "refuted", "inconclusive"]
Outcome = Literal["productionize", "abandon", "more_research"]
Direction = Literal["higher", "lower"]
Sureness = Literal["low", "medium", "high"]


class Link(BaseModel):
    """To another card of the team; `builds_on` is given by hand, the others come about by decisions and promotions."""

    rel: Literal["origin", "follow_up", "builds_on", "phase"]
    ref: str = Field(examples=["FRAUD-41"])


class Pause(BaseModel):
    """Why the clock stands still, since when, and the day on which it runs on by itself."""

    reason: str
    since: datetime
    until: date | None


class Extension(BaseModel):
    """More hours for a time box."""

    hours: float
    reason: str
    by: str | None
    at: datetime


class Amendment(BaseModel):
    """A change of the question or hypothesis, the success sentence or the metrics after the clock had started."""

    model_config = ConfigDict(populate_by_name=True)

    field: Literal["question", "hypothesis", "success", "metrics"]
    before: Any = Field(alias="from")
    after: Any = Field(alias="to")
    by: str | None
    at: datetime


class TimeBox(BaseModel):
    """Hours are working hours of the owner; `used_hours` also counts what went over the end. `ends_at` is null while no clock runs."""

    hours: float
    original_hours: float
    used_hours: float
    started_at: datetime | None
    ends_at: datetime | None
    state: Literal["idle", "running", "paused", "ended", "closed"]
    pause: Pause | None
    extensions: list[Extension]
    amendments: list[Amendment]


class Metric(BaseModel):
    """A success metric with the number to meet: a target, or better than the baseline by a margin."""

    name: str
    direction: Direction
    target: float | None
    better_than_baseline_by: float | None
    baseline: float | None


class Result(BaseModel):
    """The value of one metric; `run` is empty for a value that was typed, `note` says why there is none."""

    metric: str
    goal: str = Field(examples=["≥ 0.9"])
    value: float | None
    met: bool | None
    run: str
    note: str


class Finding(BaseModel):
    """What was tried, what was learned, what comes next."""

    tried: str
    learned: str
    next: str
    verdict: Verdict | None
    results: list[Result]
    by: str | None
    at: datetime


class ToldFinding(Finding):
    """A finding with its card and what was decided on it."""

    ref: str
    title: str
    outcome: Outcome | None


class Decision(BaseModel):
    """Who decided what, when and why, on the evidence as it stood; `reversed_by` once it was taken back."""

    outcome: Outcome
    why: str
    by: str | None
    at: datetime
    confidence: Sureness | None
    evidence: dict[str, Any]
    reversed_by: str | None


class Deliverable(BaseModel):
    """Open, ticked, or struck with a reason."""

    text: str
    done: bool
    struck_reason: str


class Card(BaseModel):
    """What cards of every kind have; people by their address, `version` counts changes."""

    ref: str = Field(examples=["FRAUD-42"])
    title: str
    description: str
    stage: Stage
    lane: Lane
    rank: int | None = Field(description="Place within the lane; null off the boards.")
    owner: str | None
    decider: str | None
    labels: list[str]
    bucket: Bucket
    phase: Phase | None
    sprint: int | None
    version: int
    links: list[Link]
    time_box: TimeBox | None
    finding: Finding | None
    decision: Decision | None
    outcome: Outcome | None
    created_at: datetime
    updated_at: datetime
    url: str


class Research(Card):
    """A question with a time box."""

    kind: Literal["research"]
    question: str
    success: str
    hours: float | None
    metrics: list[Metric]


class Experiment(Card):
    """A hypothesis with success metrics and a time box."""

    kind: Literal["experiment"]
    hypothesis: str
    success: str
    metrics: list[Metric]
    hours: float | None


class Development(Card):
    """Deliverables, sized in story points."""

    kind: Literal["development"]
    deliverables: list[Deliverable]
    points: float | None
    confidence: Confidence | None
    requirements_clear: bool
    technology_known: bool
    comparable_to: str | None


class Maintenance(Card):
    """Upkeep of a model or a pipeline, sized in story points."""

    kind: Literal["maintenance"]
    serves: str
    work: Work | None
    points: float | None
    done_note: str


Task = Annotated[Research | Experiment | Development | Maintenance, Field(discriminator="kind")]


class Comment(BaseModel):
    """Markdown, as it was written."""

    id: int
    text: str
    by: str | None
    at: datetime


class Change(BaseModel):
    """One field, from and to."""

    model_config = ConfigDict(populate_by_name=True)

    before: Any = Field(alias="from")
    after: Any = Field(alias="to")


class Activity(BaseModel):
    """One line of history; `field` is null for an act that changes no single field.

    `also` is what the same act set besides, by field: whoever starts a card that nobody owns becomes its owner.
    """

    model_config = ConfigDict(populate_by_name=True)

    at: datetime
    by: str | None
    verb: str
    field: str | None
    before: Any = Field(alias="from")
    after: Any = Field(alias="to")
    also: dict[str, Change] = {}


class Made(BaseModel):
    """Something that a decision created, or that its reversal withdrew or kept."""

    type: Literal["task", "model", "version", "handoff"]
    ref: str
    url: str
