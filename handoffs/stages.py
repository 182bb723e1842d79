"""The words of models and handoffs: where a version, a criterion, a deployment, a handoff and each of its lines stand (PRODUCT 6, 7)."""

from django.db import models


class VersionStage(models.TextChoices):
    """In the order in which a version goes through them."""

    PROBLEM_DEFINITION = "problem-definition", "Problem Definition"
    DATA_EXPLORATION = "data-exploration", "Data Exploration"
    MODEL_EXPERIMENTATION = "model-experimentation", "Model Experimentation"
    MODEL_DEVELOPMENT = "model-development", "Model Development"
    DEPLOYMENT = "deployment", "Deployment"
    MONITORING = "monitoring", "Monitoring & Iteration"

    @property
    def place(self) -> int:
        """0 for the first stage, 5 for the last."""
        return list(VersionStage).index(self)

    @property
    def next(self) -> "VersionStage | None":
        """The stage that comes after this one, None after the last."""
        stages = list(VersionStage)
        return stages[self.place + 1] if self.place + 1 < len(stages) else None


#: where a version may start: Deployment is entered through its gate
STARTS = tuple(stage for stage in VersionStage if stage.place <= VersionStage.MODEL_DEVELOPMENT.place)
#: where one that is made to retrain may start
RETRAINING_STARTS = (VersionStage.MODEL_EXPERIMENTATION, VersionStage.MODEL_DEVELOPMENT)


class AnswerState(models.TextChoices):
    OPEN = "open", "Open"
    MET = "met", "Met"
    WAIVED = "waived", "Waived"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


class EvidenceType(models.TextChoices):
    LINK = "link", "Link"
    FILE = "file", "File"
    RUN = "run", "Run"
    TASK = "task", "Card"
    NUMBER = "number", "Number"
    TEXT = "text", "Sentence"


class Environment(models.TextChoices):
    STAGING = "staging", "Staging"
    PRODUCTION = "production", "Production"


class Mode(models.TextChoices):
    SHADOW = "shadow", "Shadow"
    SHARE = "share", "Share"
    FULL = "full", "Full"


class HandoffState(models.TextChoices):
    DRAFT = "draft", "Draft"
    OFFERED = "offered", "Offered"
    IN_REVIEW = "in_review", "In review"
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Returned"
    WITHDRAWN = "withdrawn", "Withdrawn"


#: nothing of it changes any more
FROZEN = (HandoffState.ACCEPTED, HandoffState.WITHDRAWN)
#: it lies before the other side, which may verify, return and sign
BEFORE_BOTH = (HandoffState.OFFERED, HandoffState.IN_REVIEW)


class LineState(models.TextChoices):
    MISSING = "missing", "Missing"
    PROVIDED = "provided", "To verify"
    VERIFIED = "verified", "Verified"
    RETURNED = "returned", "Returned"
    BLOCKED = "blocked", "Blocked"
    NOT_NEEDED = "not_needed", "Not needed"
