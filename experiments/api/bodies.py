"""What the API takes for cards and findings. Bounds here are those of the verbs, which say the rest in sentences."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, StringConstraints, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from dsboard.api.shapes import NO_NULL, Email, Number, Sent, Text, Version
from experiments.api.shapes import Bucket, Confidence, Direction, Kind, Stage, Verdict, Work

Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NULL)]
Line = Annotated[str, StringConstraints(max_length=200, pattern=NO_NULL)]
Statement = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NULL)]
Sentence = Annotated[str, StringConstraints(max_length=500, pattern=NO_NULL)]
Markdown = Annotated[str, StringConstraints(max_length=65_536, pattern=NO_NULL)]
LabelName = Annotated[str, StringConstraints(max_length=40, pattern=NO_NULL)]
MetricName = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NULL)]
Serves = Annotated[str, StringConstraints(max_length=100, pattern=NO_NULL)]
Reference = Annotated[str, StringConstraints(max_length=24, pattern=NO_NULL)]


class SentMetric(Sent):
    """`target`, or `better_than_baseline_by`: one of the two. How its runs are judged stays as it is where that is not said."""

    name: MetricName
    direction: Direction = "higher"
    target: Number | None = None
    better_than_baseline_by: Number | None = None
    baseline: Number | None = None
    aggregation: Literal["last", "best"] | None = Field(None, description="Which step of a run counts.")
    guardrail: bool | None = Field(None, description="Only a run that meets this one too can meet the others.")
    least_runs: int | None = Field(None, ge=1, le=1000)
    data: Annotated[str, StringConstraints(max_length=250, pattern=NO_NULL)] | None = Field(
        None, description="Name or digest of the data that a run must tell."
    )


class SentDeliverable(Sent):
    """A text alone is an open one."""

    text: Title
    done: bool = False
    struck_reason: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def from_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The document says that a text is enough."""
        named = handler(core)
        described = handler.resolve_ref_schema(named)
        whole = dict(described)
        described.clear()
        described["anyOf"] = [whole["properties"]["text"], whole]
        return named


class Fields(Sent):
    """What may be given when a card is made or changed; which of these a kind has, its rules say."""

    title: Title | None = None
    description: Markdown | None = None
    owner: Email | None = None
    decider: Email | None = None
    labels: list[LabelName] | None = Field(None, max_length=20)
    bucket: Bucket | None = None
    question: Statement | None = None
    hypothesis: Statement | None = None
    success: Sentence | None = None
    hours: Number | None = Field(None, description="Working hours; at most ten days.")
    metrics: list[SentMetric] | None = Field(None, max_length=20)
    deliverables: list[SentDeliverable] | None = Field(None, max_length=50)
    points: Number | None = Field(None, description="0.5, 1, 2, 3, 5, 8 or 13.")
    confidence: Confidence | None = None
    requirements_clear: bool | None = None
    technology_known: bool | None = None
    comparable_to: Reference | None = None
    serves: Serves | None = None
    work: Work | None = None
    done_note: Statement | None = None


class NewTask(Fields):
    """A new card, at the end of its first lane."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "experiment",
                    "title": "BERT vs GPT comparison",
                    "hypothesis": "Fine-tuned BERT beats GPT-2.",
                    "success": "Better at a third of the cost.",
                    "metrics": [{"name": "macro-F1", "direction": "higher", "target": 0.9}],
                    "hours": 24,
                }
            ]
        }
    )
    kind: Kind
    title: Title


class ChangedTask(Fields):
    """The version that was seen and the fields to change: another field that changed since merges, the same one is 409."""

    version: Version
    kind: Kind | None = None


class Move(Sent):
    """`before` stands above the card in its new place, `after` below it; neither: at the end."""

    stage: Stage
    before: Reference | None = None
    after: Reference | None = None
    version: Version | None = None


class Reason(Sent):
    reason: Text


class SentResult(Sent):
    """`value` may be null with a note that says why."""

    metric: MetricName
    value: Number | None
    run: Line | None = None
    note: Sentence | None = None


class Report(Sent):
    """Findings: an experiment needs a verdict and a result for each of its metrics."""

    tried: Text
    learned: Text
    next: Text | None = None
    results: list[SentResult] | None = Field(None, max_length=20)
    verdict: Verdict | None = None


class SentComment(Sent):
    text: Markdown
