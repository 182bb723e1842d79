"""What the API takes and tells of handoffs: the shapes of the contract. Bounds here are those of the verbs, which say the rest."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Path
from pydantic import BaseModel, Field

from dsboard.api.shapes import Day, Email, Sent, Text
from dsboard.api.shapes import Version as Counter
from handoffs.api.shapes import Evidence, SentEvidence, VersionName, Words

LineSlug = Annotated[str, Path(..., description="A line of the contract, such as model-card.")]
HandoffState = Literal["draft", "offered", "in_review", "accepted", "returned", "withdrawn"]
LineState = Literal["missing", "provided", "verified", "returned", "blocked", "not_needed"]
Side = Literal["science", "engineering"]


class NewHandoff(Sent):
    """The version that it hands over; after an accepted one this opens a new revision, with what was verified."""

    model: Annotated[str, Field(max_length=100, description="The model's slug.")]
    version: VersionName
    due_on: Day | None = None


class SentHandoffLine(Sent):
    """How a line stands from now on. Provided needs evidence, blocked a reason, an owner and a day, not_needed and returned a reason.

    With the `version` of the line that was seen, a line that somebody changed since is 409.
    """

    state: Literal["provided", "returned", "blocked", "not_needed", "missing"]
    evidence: Words | SentEvidence | None = None
    reason: Text | None = None
    owner: Email | None = Field(None, description="An address; empty for nobody.")
    due_on: Day | None = None
    version: Counter | None = None


class SentVerification(Sent):
    """`version` is the line's as it was seen; `reason` is why it counts although a check failed."""

    version: Counter | None = None
    reason: Text | None = None


class SentHandoffReason(Sent):
    """Why."""

    reason: Text


class HandoffYes(BaseModel):
    """One side's yes to a line."""

    side: Side
    by: str | None
    at: datetime
    despite: str


class CheckMade(BaseModel):
    """What the software found: verified, attested, failed or stale, and why."""

    name: str
    state: Literal["verified", "attested", "failed", "stale"]
    reason: str


class HandoffLine(BaseModel):
    """A line; `side` null is shared, `settled` is verified or agreed not needed, `task` the card that makes it.

    `checks` are told of one handoff and of one line, null in lists.
    """

    slug: str
    label: str
    side: Side | None
    state: LineState
    settled: bool
    owner: str | None
    evidence: Evidence | None
    reason: str
    due_on: date | None
    provided_by: str | None
    provided_at: datetime | None
    verified: list[HandoffYes]
    task: str | None
    checks: list[CheckMade] | None
    version: int


class HandoffSignature(BaseModel):
    """A signature; one that is not valid was given for an earlier version, and `void` says what changed."""

    side: Side
    by: str | None
    at: datetime
    valid: bool
    void: str


class Handoff(BaseModel):
    """The contract about one version with its fourteen lines in their order."""

    id: int
    model: str
    version: str
    revision: int
    state: HandoffState
    offered_by: Side | None
    due_on: date | None
    reason: str
    lines: list[HandoffLine]
    signatures: list[HandoffSignature]
    created_by: str | None
    created_at: datetime
    accepted_at: datetime | None
    url: str


class HandoffPlanned(BaseModel):
    """The cards that were made, by reference."""

    created: list[str]
