"""Ideas that were decided Productionize, and what was built of them."""

from dsboard.demo import Cast, Story
from experiments.demo.lives import VERBS, Decided, Found, Idea, Job, Said, at_least, at_most, better_by, explore, walk
from experiments.models import outcomes
from experiments.stages import Outcome, Stage
from handoffs.productionize import productionize, reverse

DECIDE = VERBS | {Outcome.PRODUCTIONIZE: productionize}

RANKER = Idea(
    "Gradient boost ranker",
    "Gradient boosting on 60 features beats the linear ranker in all three markets.",
    "CTR@10 up by 0.2 points offline.",
    24,
    25.3,
    owner="arjun",
    started=7.2,
    metrics=(better_by("CTR@10", 0.2, 3.94), at_most("latency ms", 60, 22)),
    found=Found(
        4.3,
        "LambdaMART with 300 to 900 trees, replayed for four weeks in three markets.",
        "+4.1 % CTR@10 offline; it holds in all three markets.",
        "Serve it behind the A/B switch.",
        "supported",
        ((4.15, "mlflow/gbr/run-63"), (41.0, "mlflow/gbr/run-63")),
        "productionize",
    ),
    decided=Decided(
        2.2,
        "productionize",
        "Clear gain in every market, and the latency leaves room.",
        "high",
        {"title": "Serve the ranker", "model": "Search ranker"},
    ),
    labels=("recommender",),
    said=(Said(3.4, "lead", "Strong. @omar could you look at the latency with a cold cache?"),),
)
CHURN = Idea(
    "Churn with support history",
    "Support history lifts the AUC of the churn model by two points.",
    "AUC two points up.",
    16,
    46.1,
    owner="scientist",
    started=40.4,
    metrics=(better_by("AUC", 0.02, 0.851),),
    found=Found(
        38.3,
        "Counts and recency of tickets, over 30 and 90 days.",
        "0.874. The recency of the last ticket alone gives most of it.",
        "",
        "supported",
        ((0.874, "mlflow/churn/run-21"),),
        "productionize",
    ),
    decided=Decided(36.2, "productionize", "Two features, two points. Build it.", "high", {"title": "Churn model with support history"}),
    labels=("churn",),
)
CHURN_BUILT = Job(
    "",
    35.2,
    deliverables=("Features in the pipeline", "Model in the registry"),
    started=34.3,
    reviewed=30.3,
    finished=29.1,
    labels=("churn",),
)
THRESHOLDS = Idea(
    "Thresholds by segment",
    "Thresholds by segment cut false alarms by a quarter at equal recall.",
    "A quarter fewer false alarms.",
    8,
    32.1,
    owner="arjun",
    started=30.2,
    metrics=(at_most("false alarms", 750, 1000), at_least("recall", 0.8, 0.8)),
    found=Found(
        28.4,
        "Five segments by merchant size.",
        "770 false alarms at recall 0.80: just short of the quarter.",
        "",
        "supported",
        ((770, "mlflow/thresholds/run-2"), (0.8, "mlflow/thresholds/run-2")),
    ),
    decided=Decided(
        26.1,
        "productionize",
        "Close enough, and it is one table of numbers.",
        "medium",
        {"title": "Thresholds by segment in the fraud service"},
    ),
    labels=("fraud",),
)


def stories(cast: Cast) -> list[Story]:
    """Three ideas on their way to production: decided, built, and reversed with work under way."""
    return [explore(cast, RANKER, DECIDE), built(cast), reversed_late(cast)]


def built(cast: Cast) -> Story:
    """The card that the decision created was sized, built and finished."""
    task = yield from explore(cast, CHURN, DECIDE)
    kofi = cast.people["kofi"]
    yield cast.ago(35.2)
    card = task.decision.created[0]
    card.change(kofi, points=3, deliverables=list(CHURN_BUILT.deliverables), owner=kofi.user.email)
    yield from walk(cast, CHURN_BUILT, card, kofi)


def reversed_late(cast: Cast) -> Story:
    """The card was in work when the decision was reversed: it stays, marked."""
    task = yield from explore(cast, THRESHOLDS, DECIDE)
    omar = cast.people["engineer"]
    yield cast.ago(24.2)
    card = task.decision.created[0]
    card.change(omar, points=2, deliverables=["Table of thresholds", "Switch back"], owner=omar.user.email)
    yield cast.ago(23.2)
    card.move_to(Stage.IN_PROGRESS, omar)
    yield cast.ago(21.3)
    reverse(task, cast.people["lead"], reason="The segments overlap in production, so the recall does not hold.")
    yield cast.ago(20.4)
    outcomes.abandon(task, cast.people["lead"], why="The segments can't be told apart when a payment comes in.", confidence="high")
