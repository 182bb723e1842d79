"""Cards that came up in the sprints of the demo team: to learn by, and some more to explore and to deliver."""

from typing import Any

from experiments.demo.lives import Decided, Found, Idea, Job, at_least, at_most

IDEAS = (
    Idea(
        "Typos in search queries",
        "A character model finds what people meant when they mistype, without a list of synonyms.",
        "A quarter fewer searches without a result.",
        24,
        55.3,
        owner="arjun",
        started=52.2,
        metrics=(at_most("searches without result %", 6.0, 8.1),),
        found=Found(
            49.3,
            "Character trigrams against the catalogue, with three weights for length.",
            "6.4 %: most of what is left are brands that we do not sell.",
            "",
            "refuted",
            ((6.4, "mlflow/search/run-18"),),
        ),
        decided=Decided(47.3, "abandon", "The rest is assortment and no search. Buying knows the list now.", "high"),
        labels=("search",),
    ),
    Idea(
        "Seasons in chargebacks",
        "Do chargebacks follow seasons that the fraud model does not know?",
        "A season that explains a point of PR-AUC, or a clear no.",
        24,
        46.2,
        owner="tomas",
        started=39.3,
        research=True,
        found=Found(36.4, "Three years of chargebacks by week and market.", "Only the week after sales stands out, and by delivery dates."),
        decided=Decided(35.3, "abandon", "The delivery date is in the model already.", "medium"),
        labels=("fraud",),
    ),
    Idea(
        "First lists by postcode",
        "A first list by postcode beats the list of best sellers for new shoppers.",
        "CTR@10 up by 0.2 points for new shoppers.",
        24,
        26.2,
        owner="scientist",
        started=21.2,
        metrics=(at_least("CTR@10", 2.6, 2.4),),
        found=Found(
            18.3,
            "Lists for 900 postcode areas, smoothed towards their region.",
            "2.47 in cities and 2.38 elsewhere: smaller areas have too few orders.",
            "",
            "refuted",
            ((2.43, "mlflow/postcode/run-7"),),
        ),
        decided=Decided(17.1, "abandon", "Below the bar, and it would need the address before the first order.", "high"),
        labels=("recommender",),
    ),
    Idea(
        "Noisy labels in tickets",
        "How many of the ticket labels are wrong, and can a model tell which?",
        "A number with an interval, and the hundred worst labels.",
        16,
        25.2,
        owner="sofia",
        research=True,
        labels=("nlp",),
    ),
)


def learning(title: str, question: str, hours: int, who: str, planned: float, started: float | None = None, learned: str = "") -> Idea:
    """A card to learn by, over in about its hours and decided a day later; not yet begun without `started`."""
    found = decided = None
    if started is not None:
        over = round(started - hours / 8, 1)
        found, decided = Found(over, "Read, tried and shown to the others.", learned), Decided(over - 1, "abandon", learned, "high")
    common: dict[str, Any] = {"owner": who, "started": started, "found": found, "decided": decided}
    return Idea(title, question, "Half an hour of show and tell.", hours, planned, research=True, bucket="learning", **common)


LEARNING = (
    learning(
        "Reading group: conformal prediction", "What do we promise when we give an interval?", 8, "tomas", 55.2, 49.3,
        "Coverage holds on average, not for each customer. Enough for stock, not for fraud.",
    ),
    learning(
        "Try a profiler on the training jobs", "Where do the hours of the nightly training go?", 8, "sofia", 55.1, 48.2,
        "Half of it is reading the same files twice. There is a card for it now.",
    ),
    learning(
        "Course on causal inference", "Which of our uplift numbers would stand?", 16, "sofia", 45.3, 41.3,
        "Two of five. The others need a group that gets no mail.",
    ),
    learning(
        "Try Polars for the feature jobs", "Is it worth rewriting the slow jobs?", 16, "kofi", 35.4, 30.3,
        "Three jobs run four times as fast; the other nine wait for the warehouse anyway.",
    ),
    learning(
        "Reading group: sequential recommenders", "What came after the recurrent nets?", 8, "scientist", 35.3, 32.2,
        "Attention over fifty items is enough; more history adds little.",
    ),
    learning(
        "Workshop on feature stores", "What would one change for us?", 16, "arjun", 25.4, 19.3,
        "Fewer copies of the same query, and one place to look when a feature drifts.",
    ),
    learning(
        "Try DuckDB for ad hoc questions", "Can it replace the small cluster?", 16, "scientist", 15.3, 11.3,
        "For anything under 50 GB, yes. The small cluster can go in a month.",
    ),
    learning(
        "Reading group: monitoring without labels", "What do we watch until the labels come?", 8, "lena", 15.1, 9.4,
        "Score drift by segment finds most of it; the overall mean hides it.",
    ),
    learning(
        "Try the new tracing tool", "Does it show where a slow score spends its time?", 8, "engineer", 5.3, 2.4,
        "It does, and the features are the slow part, not the model.",
    ),
    learning("Reading group: uplift in the wild", "Who has run uplift models for over a year?", 16, "sofia", 5.1),
)  # fmt: skip

JOBS = (
    Job(
        "Pin the versions of the training images",
        34.2,
        owner="lena",
        points=3,
        serves="all-pipelines",
        work="improvement",
        started=32.2,
        finished=29.3,
        done_note="Every image names its versions; two jobs had drifted apart.",
    ),
    Job(
        "Scores missing for one country",
        30.1,
        owner="engineer",
        points=5,
        serves="fraud",
        work="bug",
        started=30.3,
        reviewed=26.1,
        finished=26.4,
        done_note="The currency table had no row for it. Scored again for two weeks.",
        labels=("fraud",),
    ),
    Job(
        "Dashboard for score latency",
        25.1,
        owner="kofi",
        points=3,
        deliverables=("Percentiles by model", "Link from the alarm"),
        started=19.2,
        reviewed=17.3,
        finished=16.2,
    ),
    Job(
        "Rotate the keys of the warehouse",
        24.4,
        owner="engineer",
        points=2,
        serves="orders-pipeline",
        work="pipeline",
        started=22.2,
        finished=20.3,
        done_note="All jobs read them from the vault now.",
    ),
    Job(
        "Backfill of merchant categories",
        15.2,
        owner="kofi",
        points=5,
        deliverables=("Two years of categories", "Check against the invoices"),
        started=12.2,
        reviewed=8.1,
        finished=7.2,
        labels=("fraud",),
    ),
    Job(
        "Retrain the price index",
        9.2,
        owner="engineer",
        points=3,
        serves="price-index",
        work="retraining",
        started=8.2,
        finished=5.3,
        done_note="Error down from 3.1 to 2.8 %.",
        labels=("pricing",),
    ),
    Job(
        "Log storms in the label tool",
        5.2,
        owner="lena",
        points=2,
        serves="ticket-labels",
        work="bug",
        started=3.3,
        finished=2.2,
        done_note="A retry without a pause. It waits longer each time now.",
        labels=("nlp",),
    ),
    Job(
        "Retire the job of the old ranker",
        6.3,
        owner="kofi",
        points=1,
        serves="ranker",
        work="improvement",
        started=3.2,
        finished=1.2,
        done_note="Switched off; the bucket is kept for a year.",
        labels=("recommender",),
    ),
)
