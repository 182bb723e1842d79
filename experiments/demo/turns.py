"""Stories with a turn: a guess that firms up over three cards, and decisions that were reversed."""

from datetime import timedelta

from dsboard.demo import Cast, Story
from dsboard.models import Absence
from experiments.demo.lives import Decided, Found, Idea, Job, at_least, better_by, deliver, explore, walk
from experiments.models import Comment, outcomes
from experiments.models.promotion import promote
from experiments.stages import Phase, Stage

SAMPLING = Idea(
    "Active learning for labels",
    "Does uncertainty sampling halve the labels that the ticket model needs?",
    "The same macro-F1 with half the labels.",
    16,
    63.1,
    owner="scientist",
    started=61.2,
    research=True,
    metrics=(at_least("macro-F1", 0.85, 0.85),),
    found=Found(
        57.2,
        "Random, margin and entropy sampling over 2,000 tickets, five repeats.",
        "Margin sampling needs 900 labels for what random needs 2,000.",
        "Build it into the label queue.",
        results=((0.853, "mlflow/sampling/run-14"),),
        suggestion="productionize",
    ),
    labels=("nlp",),
)
SAMPLING_PROTOTYPE = Job(
    "Active learning for labels",
    54.1,
    deliverables=("Queue ordered by margin", "Nightly scoring"),
    started=52.1,
    reviewed=41.2,
    finished=39.1,
    labels=("nlp",),
)


def days_away(cast: Cast) -> Story:
    """Who is away next week, and who was a month ago."""
    yield cast.ago(30.2)
    today = cast.now.date()
    monday = today + timedelta(days=7 - today.weekday())
    tomas, lena = cast.people["tomas"], cast.people["lena"]
    Absence.add(tomas, tomas, first_day=cast.ago(27).date(), last_day=cast.ago(24).date())
    yield cast.ago(4.3)
    Absence.add(lena, lena, first_day=monday, last_day=monday + timedelta(days=3))


def estimates_that_firm_up(cast: Cast) -> Story:
    """Explore, prototype with rough points, then the real thing with firm ones beside a comparable card."""
    task = yield from explore(cast, SAMPLING)
    engineer = cast.people["engineer"]
    yield cast.ago(54.1)
    prototype = promote(task, engineer, phase=Phase.PROTOTYPE, points=5, confidence="rough")
    prototype.change(engineer, deliverables=list(SAMPLING_PROTOTYPE.deliverables), owner=engineer.user.email)
    yield from walk(cast, SAMPLING_PROTOTYPE, prototype, engineer)
    yield cast.ago(38.3)
    why = "Answered: margin sampling needs half the labels. The prototype carries it on, so there is nothing left to explore."
    outcomes.abandon(task, cast.people["lead"], why=why, confidence="high")
    yield cast.ago(17.2)
    firm = promote(prototype, engineer, phase=Phase.PRODUCTIONIZE, points=8, confidence="firm")
    firm.change(
        cast.people["lena"],
        deliverables=["Queue service", "Scores each hour", "Fallback to random"],
        comparable_to=prototype.ref,
        owner=cast.people["lena"].user.email,
    )
    yield cast.ago(3.2)
    firm.move_to(Stage.IN_PROGRESS, cast.people["lena"])


CALENDAR = Idea(
    "Holiday calendar for the demand forecast",
    "School holidays by region lower the MAPE by half a point.",
    "Half a point of MAPE.",
    12,
    33.3,
    owner="tomas",
    started=29.2,
    metrics=(better_by("MAPE", 0.5, 14.2, "lower"),),
    found=Found(
        26.3,
        "Holidays of 16 regions as a feature.",
        "0.3 points overall, but 1.1 in the two regions with late holidays.",
        "Try the late regions alone.",
        "inconclusive",
        ((13.9, "mlflow/demand/run-19"),),
    ),
    decided=Decided(
        22.4,
        "more_research",
        "The late regions look promising.",
        "medium",
        {"question": "Is a calendar of its own worth it for the two late regions?", "hours": 8},
    ),
    labels=("demand",),
)


def kept_follow_up(cast: Cast) -> Story:
    """The follow-up was taken up before its decision was reversed: it stays, marked."""
    task = yield from explore(cast, CALENDAR)
    yield cast.ago(19.3)
    follow_up = task.decision.created[0]
    tomas = cast.people["tomas"]
    follow_up.change(tomas, success="One point of MAPE in both regions.", owner=tomas.user.email)
    yield cast.ago(18.2)
    Comment.write(follow_up, tomas, "Pulled the calendars of both regions; three years each.")
    yield cast.ago(2.3)
    outcomes.reverse(task, cast.people["lead"], reason="The numbers of the late regions came from a leak in the split. Report again first.")


SEASONS = Idea(
    "Seasonal embeddings of items",
    "Embeddings by season lift CTR@10 for fashion.",
    "CTR@10 up by 0.1 points in fashion.",
    16,
    28.3,
    owner="sofia",
    started=17.2,
    metrics=(better_by("CTR@10", 0.1, 4.15),),
    found=Found(
        15.3,
        "Four embeddings a year against one.",
        "4.18 in fashion, nothing elsewhere.",
        "",
        "inconclusive",
        ((4.18, "mlflow/seasons/run-4"),),
    ),
    decided=Decided(14.1, "more_research", "Fashion only, then.", "low", {"question": "Do two seasons a year do for fashion?", "hours": 8}),
    labels=("recommender",),
)


def withdrawn_follow_up(cast: Cast) -> Story:
    """Nobody had touched the follow-up: it is withdrawn, and the card is abandoned the second time."""
    task = yield from explore(cast, SEASONS)
    yield cast.ago(11.2)
    outcomes.reverse(task, cast.people["lead"], reason="Fashion is 4 % of the orders. Not worth a second box.")
    yield cast.ago(10.4)
    outcomes.abandon(task, cast.people["lead"], why="A lift in 4 % of the orders does not pay for four models.", confidence="high")


def plans_of_the_others(cast: Cast) -> list[Story]:
    """A handful of cards in the second team."""
    alone = "outsider"
    ideas = (
        Idea("Discount depth by segment", "Deep discounts pay only for lapsed customers.", "A margin per segment.", 16, 9.2, owner=alone),
        Idea(
            "Competitor prices", "Which competitor moves first?", "A leader per category.", 8, 7.1, owner=alone, started=2.2, research=True
        ),
    )
    jobs = (
        Job("Price feed for partners", 8.2, owner=alone, points=3, deliverables=("Feed",), started=3.2),
        Job("Retrain the elasticity model", 6.3, owner=alone, points=2, serves="elasticity", work="retraining"),
    )
    return [*(explore(cast, idea) for idea in ideas), *(deliver(cast, job) for job in jobs)]
