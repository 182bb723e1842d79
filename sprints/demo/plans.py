"""What the demo team planned for its sprints: cards by title, what came and went, what the lead said in the end."""

from dataclasses import dataclass, field

#: the last of the ten working days of a sprint, counted from its first
LENGTH = 9
#: the part of their time that people have for the sprint; the rest is support, hiring and the other teams
USUAL = {"lead": 0.2, "scientist": 0.5, "arjun": 0.5, "sofia": 0.4, "tomas": 0.4, "engineer": 0.8, "lena": 0.8, "kofi": 0.8}


@dataclass(frozen=True)
class Plan:
    """A sprint of the demo: its first working day ago, the titles of its cards, and how it ended."""

    first: int
    goal: str
    cards: tuple[str, ...]
    #: what a lead added after the start: how many working days ago
    added: tuple[tuple[float, str], ...] = ()
    removed: tuple[tuple[float, str], ...] = ()
    #: per cent of unfinished cards, where the proposal of their lane was not taken
    earned: dict[str, int] = field(default_factory=dict)
    #: what went back to the backlog instead of being carried over
    back: tuple[str, ...] = ()
    availability: dict[str, float] = field(default_factory=dict)
    note: str = ""


CLOSED = (
    Plan(
        53,
        "A registry that every model goes through",
        (
            "Model registry in the cluster",
            "Active learning for labels",
            "Survival model for churn",
            "Typos in search queries",
            "Reading group: conformal prediction",
            "Try a profiler on the training jobs",
        ),
        added=((51.2, "Retrain the fraud model on the first quarter"),),
        note="Retraining fraud was not in the plan and pushed the registry into the next sprint. The balance held all the same.",
    ),
    Plan(
        43,
        "Labels in a day instead of a week",
        (
            "Label tool for tickets",
            "Cache in front of the ranker",
            "Latency alarm for the ranker",
            "Churn with support history",
            "Weather as a feature for demand",
            "Quantised encoder on CPU",
            "Seasons in chargebacks",
            "Course on causal inference",
        ),
        added=((35.3, "Weekly against daily retraining"),),
        note="The first sprint in which everything that was committed got done. Keep the number of open experiments at this.",
    ),
    Plan(
        33,
        "Know whether a new retrieval is worth it",
        (
            "Replay of production traffic",
            "Churn model with support history",
            "Retrain the churn model on April",
            "Pin the versions of the training images",
            "Embeddings of merchants",
            "Two-tower retrieval",
            "Try Polars for the feature jobs",
            "Reading group: sequential recommenders",
        ),
        added=(
            (30.4, "Scores missing for one country"),
            (30.1, "Thresholds by segment"),
            (29.1, "Data contract with the shop team"),
            (29.1, "Holiday calendar for the demand forecast"),
        ),
        earned={"Replay of production traffic": 40},
        note="More than a third went into experiments, and two boxes ran over. We learned what we wanted to know, and the replay is late.",
    ),
    Plan(
        23,
        "Replay in production, and the scheduler off the old version",
        (
            "Upgrade the scheduler",
            "Serve the churn score by API",
            "Thresholds by segment in the fraud service",
            "Dashboard for score latency",
            "Rotate the keys of the warehouse",
            "Seasonal embeddings of items",
            "First lists by postcode",
            "Noisy labels in tickets",
            "Graph approach",
            "Workshop on feature stores",
        ),
        added=((18.3, "Duplicate payments in the stream"),),
        back=("Thresholds by segment in the fraud service",),
    ),
    Plan(
        13,
        "Fraud features as a stream",
        (
            "Drift report for the fraud model",
            "A/B switch for recommendations",
            "Routing service for tickets",
            "Streaming ingestion of payments",
            "Backfill of merchant categories",
            "RNN approach",
            "Gradient boost ranker",
            "Synthetic minority samples for chargebacks",
            "Try DuckDB for ad hoc questions",
            "Reading group: monitoring without labels",
        ),
        added=((8.4, "Retrain the price index"), (4.2, "Explore NLP approaches for sentiment")),
        removed=((9.4, "Noisy labels in tickets"),),
        earned={"Routing service for tickets": 10},
    ),
)
RUNNING = Plan(
    3,
    "Recommendations behind the switch, payments as a stream",
    (
        "Feature pipeline with 60 features",
        "Move the fraud features to the new warehouse",
        "Retrain the ticket classifier",
        "Log storms in the label tool",
        "Retire the job of the old ranker",
        "BERT vs GPT comparison",
        "Explore graph features for fraud detection",
        "Gradient boosting optimization",
        "Reminders for lapsed shoppers",
        "Try the new tracing tool",
        "Reading group: uplift in the wild",
    ),
    added=((1.4, "Ranker uses stale stock figures"),),
)
NEXT = Plan(
    0,
    "Fresh features for every model",
    (
        "Feature store for session features",
        "Explain a fraud score to an agent",
        "Shadow traffic for new rankers",
        "Real-time anomaly detection",
        "Calibrated scores for support routing",
        "Contrastive pre-training on clickstreams",
        "Read the survey on tabular transformers",
    ),
    availability={"engineer": 0.4},
)
