"""What the API takes and tells of models: the shapes of the contract. Bounds here are those of the verbs, which say the rest."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dsboard.api.shapes import NO_NULL, Day, Email, Number, Sent, Text
from dsboard.api.shapes import Version as Counter
from experiments.api.bodies import Line, MetricName, Reference, Sentence

Slug = Annotated[str, Path(..., description="A model's name in addresses, as its list tells it.")]
V = Annotated[str, Path(..., description="The name of a version, such as v2.3; case does not matter.")]
CriterionSlug = Annotated[str, Path(..., description="A criterion, such as baseline-established.")]

Stage = Literal["problem-definition", "data-exploration", "model-experimentation", "model-development", "deployment", "monitoring"]
State = Literal["met", "waived", "not_applicable", "open"]
EvidenceType = Literal["link", "file", "run", "task", "number", "text"]
Environment = Literal["staging", "production"]
Mode = Literal["shadow", "share", "full"]

ModelName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_NULL)]
VersionName = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=NO_NULL)]
Checksum = Annotated[
    str,
    StringConstraints(max_length=71, pattern=NO_NULL),
    Field(description="sha256: and 64 hexadecimal digits.", examples=["sha256:" + 64 * "0"]),
]
Words = Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NULL)]
Share = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class SentWebLink(Sent):
    """An http or https address, and what it leads to."""

    label: Annotated[str, StringConstraints(max_length=100, pattern=NO_NULL)] = ""
    url: Words


class OfModel(Sent):
    """What may be given when a model is registered or changed."""

    purpose: Text | None = None
    owners: list[Email] | None = Field(None, max_length=20, description="Addresses of members and leads.")
    links: list[SentWebLink] | None = Field(None, max_length=20)


class NewModel(OfModel):
    """A model and its first version, `v1` when nothing is said."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Recommendation", "purpose": "What to show next.", "owners": ["mei@example.org"]}]}
    )
    name: ModelName
    version: VersionName | None = None
    starts_at: Stage | None = None


class ChangedModel(OfModel):
    """The fields to change; with the counter that was seen, a field that somebody changed since is 409."""

    name: ModelName | None = None
    version: Counter | None = Field(None, description="The counter for stale writes, as the model tells it.")


class OfVersion(Sent):
    """What may be given when a version is added or changed."""

    starts_at: Stage | None = Field(None, description="Model Development at the latest; settled once it is made.")
    retrains: VersionName | None = Field(None, description="A version of the same model; settled once it is made.")
    origin: Reference | None = Field(None, description="The card it comes from; empty for none.")
    origin_run: Line | None = None
    artifact: Sentence | None = None
    checksum: Checksum | None = None
    metrics: dict[MetricName, Number] | None = Field(None, max_length=50)


class NewVersion(OfVersion):
    """A further version of a model."""

    version: VersionName


class ChangedVersion(OfVersion):
    """The fields to change; with the `edition` that was seen, a field that somebody changed since is 409."""

    version: VersionName | None = Field(None, description="Its new name.")
    edition: Counter | None = Field(None, description="The counter for stale writes, as the version tells it.")


class SentEvidence(Sent):
    """A link, a file, a run, a card of the team, a number or a sentence."""

    type: EvidenceType
    value: Words | Number


class SentAnswer(Sent):
    """Met needs evidence; waived and not_applicable need a reason; open takes the answer back.

    Evidence as a plain text is a link when it is a web address, a card when it is a reference, else a sentence.
    """

    state: State
    evidence: Words | SentEvidence | None = None
    reason: Text | None = None


class SentPassage(Sent):
    """The next stage, or an earlier one with a reason.

    With criteria open only by a lead, with a reason and `review_on`; into Deployment without the accepted handoff only
    by a lead, once, with `override_reason`.
    """

    to: Stage
    reason: Text | None = None
    override_reason: Text | None = None
    review_on: Day | None = None


class SentDeployment(Sent):
    """`mode` is share where a share is given, else full."""

    environment: Environment
    mode: Mode | None = None
    share: Share | None = None
    override_reason: Text | None = None


class SentState(Sent):
    """A deployment is retired; it does not come back."""

    state: Literal["retired"]


class Evidence(BaseModel):
    """What shows that a criterion is met; of a file `value` is its key."""

    type: EvidenceType
    value: Any


class Proposed(BaseModel):
    """What the board knows by itself, and where it is from; it counts once somebody answers with it."""

    evidence: Evidence
    source: str


class Criterion(BaseModel):
    """How a criterion stands; `as_of` names the version that the answer came along from, which is to be confirmed.

    `proposed` is told of one version, null in lists.
    """

    slug: str
    label: str
    stage: Stage
    state: State
    evidence: Evidence | None
    reason: str
    by: str | None
    at: datetime | None
    as_of: str | None
    proposed: Proposed | None = None


class Deployment(BaseModel):
    """Where and how a version serves; `replaced` names the version whose full deployment this one retired."""

    id: int
    version: str
    environment: Environment
    mode: Mode
    share: float | None
    state: Literal["live", "retired"]
    live_from: datetime
    by: str | None
    retired_at: datetime | None
    retired_by: str | None
    override_reason: str
    replaced: str | None


class Passage(BaseModel):
    """A way from one stage to another; `exceptions` are criteria that a lead let pass open until `review_on`."""

    to: Stage
    by: str | None
    at: datetime
    reason: str
    exceptions: list[str]
    review_on: date | None
    override_reason: str
    from_stage: Stage


class Version(BaseModel):
    """A version with its eighteen criteria in stage order; `owed` are earlier ones that the gate into Deployment asks for."""

    version: str
    model: str
    stage: Stage
    starts_at: Stage
    retrains: str | None
    origin: str | None
    origin_run: str
    artifact: str
    checksum: str
    metrics: dict[str, float]
    criteria: list[Criterion]
    owed: list[str]
    passages: list[Passage]
    deployments: list[Deployment]
    edition: int
    created_by: str | None
    created_at: datetime


class VersionInBrief(BaseModel):
    """A version as its model lists it, and where it is live."""

    version: str
    stage: Stage
    live: list[Environment]


class WebLink(BaseModel):
    """An address, and what it leads to."""

    label: str
    url: str


class Model(BaseModel):
    """A model with its versions in the order of their names; `version` is the counter for stale writes."""

    slug: str
    name: str
    purpose: str
    owners: list[str]
    links: list[WebLink]
    versions: list[VersionInBrief]
    version: int
    created_by: str | None
    created_at: datetime
