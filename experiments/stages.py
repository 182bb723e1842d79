"""The words of the team's work: kinds, stages, lanes, buckets, outcomes (PRODUCT sections 1, 2, 4, 5)."""

from decimal import Decimal

from django.db import models


class Kind(models.TextChoices):
    RESEARCH = "research", "Research"
    EXPERIMENT = "experiment", "Experiment"
    DEVELOPMENT = "development", "Development"
    MAINTENANCE = "maintenance", "Maintenance"

    @property
    def is_boxed(self) -> bool:
        """Sized by a time box; the others are sized in story points."""
        return self in (Kind.RESEARCH, Kind.EXPERIMENT)


class Stage(models.TextChoices):
    IDEATION = "ideation", "Ideation"
    ACTIVE = "active", "Active"
    ANALYSIS = "analysis", "Analysis"
    DECISION = "decision", "Decision"
    READY = "ready", "Ready"
    IN_PROGRESS = "in_progress", "In progress"
    REVIEW = "review", "Review"
    DONE = "done", "Done"


class Lane(models.TextChoices):
    READY = "ready", "Ready"
    IN_PROGRESS = "in_progress", "In progress"
    REVIEW = "review", "Review"
    DONE = "done", "Done"


EXPERIMENT_STAGES = (Stage.IDEATION, Stage.ACTIVE, Stage.ANALYSIS, Stage.DECISION)
DELIVERY_STAGES = (Stage.READY, Stage.IN_PROGRESS, Stage.REVIEW, Stage.DONE)
LANES = tuple(Lane)
LANE_OF = {**dict(zip(EXPERIMENT_STAGES, LANES, strict=True)), **dict(zip(DELIVERY_STAGES, LANES, strict=True))}


def stages_of(kind: str) -> tuple[Stage, ...]:
    """The four stages that a card of this kind walks, in order."""
    return EXPERIMENT_STAGES if Kind(kind).is_boxed else DELIVERY_STAGES


class Bucket(models.TextChoices):
    COMMITTED = "committed", "Committed"
    EXPERIMENTS = "experiments", "Experiments"
    LEARNING = "learning", "Learning"


def default_bucket(kind: str) -> Bucket:
    return Bucket.EXPERIMENTS if Kind(kind).is_boxed else Bucket.COMMITTED


class Confidence(models.TextChoices):
    ROUGH = "rough", "Rough"
    FIRM = "firm", "Firm"


class Phase(models.TextChoices):
    EXPLORE = "explore", "Explore"
    PROTOTYPE = "prototype", "Prototype"
    PRODUCTIONIZE = "productionize", "Productionize"


class Work(models.TextChoices):
    MONITORING = "monitoring", "Monitoring"
    RETRAINING = "retraining", "Retraining"
    PIPELINE = "pipeline", "Data pipeline"
    BUG = "bug", "Bug fix"
    IMPROVEMENT = "improvement", "Improvement"


class Verdict(models.TextChoices):
    SUPPORTED = "supported", "Supported"
    REFUTED = "refuted", "Refuted"
    INCONCLUSIVE = "inconclusive", "Inconclusive"


class Outcome(models.TextChoices):
    PRODUCTIONIZE = "productionize", "Productionize"
    ABANDON = "abandon", "Abandon"
    MORE_RESEARCH = "more_research", "More research"


class Direction(models.TextChoices):
    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"


class BoxState(models.TextChoices):
    """Where a time box stands; `ended` has run out while nothing is reported yet, `closed` is reported."""

    IDLE = "idle", "Not started"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    ENDED = "ended", "Findings due"
    CLOSED = "closed", "Reported"


class Sureness(models.TextChoices):
    """How sure the decider is; the API calls it a decision's confidence."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


POINTS = tuple(Decimal(p) for p in ("0.5", "1", "2", "3", "5", "8", "13"))
#: the longest time box that may be typed, in working days
LONGEST_BOX_DAYS = 10
#: the longest that a time box may become by extensions, in working days
LONGEST_EXTENDED_DAYS = 20
#: the per cent of a box that are used when its owner is reminded
WARN_AT = 80
#: a decided or done card leaves the board after this many days
DAYS_ON_BOARD = 14
#: how long a move, an assignment, a drop or a deletion can be undone, and how long the bin keeps a card
DAYS_TO_UNDO = 30
