"""What each stage of a version asks for before it may be left: eighteen criteria, three a stage, as one table."""

from dataclasses import dataclass

from handoffs.stages import VersionStage as Stage


@dataclass(frozen=True)
class Criterion:
    """One exit criterion; one that is asked for "if applicable" may be answered not applicable."""

    slug: str
    label: str
    stage: Stage
    if_applicable: bool = False


CRITERIA = (
    Criterion("business-problem-clear", "Business problem clear", Stage.PROBLEM_DEFINITION),
    Criterion("success-metrics-defined", "Success metrics defined", Stage.PROBLEM_DEFINITION),
    Criterion("data-availability-confirmed", "Data availability confirmed", Stage.PROBLEM_DEFINITION),
    Criterion("data-quality-understood", "Data quality understood", Stage.DATA_EXPLORATION),
    Criterion("features-identified", "Features identified", Stage.DATA_EXPLORATION),
    Criterion("baseline-established", "Baseline established", Stage.DATA_EXPLORATION),
    Criterion("several-approaches-tried", "Several approaches tried", Stage.MODEL_EXPERIMENTATION),
    Criterion("experiments-tracked", "Experiments tracked systematically", Stage.MODEL_EXPERIMENTATION),
    Criterion("best-performer-selected", "Best performer selected", Stage.MODEL_EXPERIMENTATION),
    Criterion("production-ready-code", "Production-ready code", Stage.MODEL_DEVELOPMENT),
    Criterion("tested-and-validated", "Tested and validated", Stage.MODEL_DEVELOPMENT),
    Criterion("documented", "Documented", Stage.MODEL_DEVELOPMENT),
    Criterion("integration", "API or batch integration", Stage.DEPLOYMENT),
    Criterion("monitoring-set-up", "Monitoring set up", Stage.DEPLOYMENT),
    Criterion("ab-test", "A/B testing, if applicable", Stage.DEPLOYMENT, if_applicable=True),
    Criterion("performance-tracked", "Performance tracked", Stage.MONITORING),
    Criterion("drift-detection", "Drift detection in place", Stage.MONITORING),
    Criterion("retraining-planned", "Retraining planned", Stage.MONITORING),
)
BY_SLUG = {criterion.slug: criterion for criterion in CRITERIA}


def of(stage: str) -> list[Criterion]:
    """The criteria of one stage."""
    return [criterion for criterion in CRITERIA if criterion.stage == stage]


def before(stage: str) -> list[Criterion]:
    """The criteria of all stages before this one."""
    return [criterion for criterion in CRITERIA if criterion.stage.place < Stage(stage).place]


def since(stage: str) -> list[Criterion]:
    """The criteria of this stage and of all that come after it."""
    return [criterion for criterion in CRITERIA if criterion.stage.place >= Stage(stage).place]
