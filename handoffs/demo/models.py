"""Models of the demo: one live while its next version is built, one in monitoring, and three on their way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dsboard import clock
from dsboard.demo import Cast, Story
from dsboard.roles import Side
from handoffs.checklists import CRITERIA
from handoffs.contract import BY_SLUG
from handoffs.models import Deployment, Handoff, Line, MLModel, Version
from handoffs.stages import VersionStage as Stage

BY_MAIL = "The contract was signed by mail before the board kept handoffs."


@dataclass(frozen=True)
class Walk:
    """A version: how many working days ago it began, what shows each criterion in their order, how many days a stage took."""

    name: str
    began: float
    evidence: tuple[str | float, ...]
    days: float = 3
    starts_at: str = ""
    retrains: str = ""
    deployed: tuple[dict[str, Any], ...] = ()
    facts: dict[str, Any] | None = None


@dataclass(frozen=True)
class Life:
    name: str
    purpose: str
    owners: tuple[str, ...]
    walks: tuple[Walk, ...]


RECOMMENDATION = Life(
    "Recommendation model",
    "Orders the products on the start page and in the newsletter, in three markets.",
    ("lena", "arjun"),
    (
        Walk(
            "v2.2",
            60,
            (
                "The newsletter and the start page order products by hand.",
                "CTR@10 at least 3 % over v2.1.",
                "Clicks, orders and the catalogue, two years.",
                "Two per cent of the clicks have no market; they are left out.",
                "60 of 412 features kept.",
                4.81,
                "Five approaches, two abandoned.",
                "142 runs, one name each.",
                "Linear ranker with market effects.",
                "https://git.example.org/ranker/merge_requests/271",
                "198 tests; the holdout gives +3.2 %.",
                "https://wiki.example.org/ranker/v2.2",
                "https://git.example.org/ranker/merge_requests/290",
                "https://metrics.example.org/d/ranker",
                "Two weeks at 20 % of the traffic, +2.9 %.",
                "CTR@10 of seven days, every morning.",
                "PSI of twelve inputs, every night.",
            ),
            days=5,
            deployed=({"environment": "staging"}, {"environment": "production", "override_reason": BY_MAIL}),
            facts={"artifact": "s3://models/ranker/v2.2/model.txt", "metrics": {"CTR@10": 4.81, "latency ms": 64}},
        ),
        Walk(
            "v2.3",
            14,
            (
                "As for v2.2.",
                "CTR@10 at least 3 % over v2.2.",
                "As for v2.2, with the returns.",
                "Returns arrive a day late.",
                "Seven features of the session added.",
                4.81,
                "Five approaches, two abandoned.",
                "142 runs, one name each.",
                "Gradient boosting.",
                "https://git.example.org/ranker/merge_requests/318",
                "214 tests; the holdout gives +4.1 %.",
            ),
            days=2,
            deployed=({"environment": "staging", "mode": "shadow"},),
            facts={"artifact": "s3://models/ranker/v2.3/model.txt", "metrics": {"CTR@10": 5.01, "latency ms": 71}},
        ),
    ),
)
CHURN = Life(
    "Churn model",
    "Says a month ahead which customers are about to leave, for the service desk.",
    ("scientist",),
    (Walk("v4", 33, ("Four in ten leave without a word.", "AUC two points up.", "Tickets of two years.", 0.851), days=6),),
)
FRAUD = Life(
    "Fraud score",
    "Holds payments that look like rings for a person to see.",
    ("arjun", "engineer"),
    (Walk("2026-10", 20, ("Payments of 31 million a month are checked by hand.", "Recall 0.80 at 1 % alarms."), days=4),),
)
DEMAND = Life(
    "Demand forecast",
    "Orders for the next week, by shop.",
    ("sofia",),
    (
        Walk(
            "v1",
            26,
            (
                "Shops order by feel.",
                "Error at most 12 %.",
                "Sales of three years.",
                "Holidays are missing.",
                "Weather helps.",
                0.19,
                "Three tried.",
            ),
            days=3,
        ),
    ),
)


def stories(cast: Cast) -> list[Story]:
    return [*(live(cast, life) for life in (RECOMMENDATION, CHURN, FRAUD, DEMAND)), handed_over(cast)]


#: slug, what shows it; the last two are told below
GIVEN = (
    ("trained-model-artifact", "s3://models/ranker/v2.3/model.txt, 184 MB"),
    ("model-card", "https://wiki.example.org/ranker/v2.3"),
    ("feature-requirements", "60 features, 3 real-time"),
    ("input-output-formats", "https://git.example.org/ranker/schema"),
    ("performance-benchmarks", "p95 71 ms at 400 requests a second"),
    ("feature-pipeline", "Job feats-rt-v3"),
    ("serving-platform", "https://staging.example.org/ranker"),
    ("monitoring-and-alerting", "https://metrics.example.org/d/ranker"),
    ("integration-testing", "Nightly on staging, by Lena and Omar"),
    ("performance-optimization", "Budget p95 90 ms end to end"),
    ("incident-response", "Rota drafted, first responder not named"),
    ("documentation", "Runbook and model card, linked both ways"),
)
UNVERIFIED = ("performance-benchmarks",)


def handed_over(cast: Cast) -> Story:
    """v2.3 lies before engineering: most is verified, one line is blocked."""
    mei, omar = cast.people["scientist"], cast.people["engineer"]
    yield cast.ago(5.2)
    version = Version.objects.select_related("model__team").get(model__team=cast.team, model__name=RECOMMENDATION.name, name="v2.3")
    handoff = Handoff.start(version, mei)
    for slug, shown in GIVEN:
        line_of(handoff, slug).put("provided", omar if BY_SLUG[slug].side == Side.ENGINEERING else mei, evidence=shown)
    yield cast.ago(4.3)
    handoff.offer(mei)
    yield cast.ago(3.4)
    for slug, _ in GIVEN:
        for side in BY_SLUG[slug].verifiers if slug not in UNVERIFIED else ():
            if (slug, side) != ("incident-response", Side.ENGINEERING):
                line_of(handoff, slug).verify(omar if side == Side.ENGINEERING else mei)
    yield cast.ago(2.1)
    due, reason = cast.ago(0).date() + timedelta(days=9), "The flag service can't keep a shopper in one bucket until release 4.2."
    line_of(handoff, "ab-testing-framework").put("blocked", omar, reason=reason, owner=omar.user.email, due_on=due)


def line_of(handoff: Handoff, slug: str) -> Line:
    found: Line = handoff.lines.get(slug=slug)
    found.handoff = handoff
    return found


def live(cast: Cast, life: Life) -> Story:
    """One version after the other, each as far as its evidence goes."""
    by = cast.people[life.owners[0]]
    first, *later = life.walks
    yield cast.ago(first.began + 0.3)
    emails = [cast.people[who].user.email for who in life.owners]
    model = MLModel.register(cast.team, by, name=life.name, purpose=life.purpose, owners=emails, version=first.name, **(first.facts or {}))
    yield from walked(cast, first, model.versions.get(), life)
    for walk in later:
        yield cast.ago(walk.began + 0.3)
        version = Version.add(model, by, name=walk.name, **(walk.facts or {}))
        yield from walked(cast, walk, version, life)


def walked(cast: Cast, walk: Walk, version: Version, life: Life) -> Iterator[datetime]:
    """Three criteria, then the gate, by the owner; into Deployment by the lead."""
    by, lead, day = cast.people[life.owners[0]], cast.people["lead"], walk.began
    for number, (criterion, shown) in enumerate(zip(CRITERIA, walk.evidence, strict=False)):
        day = max(day - walk.days / 3, 0.4)
        yield cast.ago(day)
        version.answer(criterion.slug, by, state="met", evidence=as_evidence(shown))
        if number % 3 == 2:
            yield from passed(cast, version, lead if criterion.stage == Stage.MODEL_DEVELOPMENT else by, walk)


def passed(cast: Cast, version: Version, by: Any, walk: Walk) -> Iterator[datetime]:
    """Through the gate an hour later; deployed as soon as that is open."""
    yield clock.now() + timedelta(minutes=40)
    following = Stage(version.stage).next
    if following is None:
        return
    version.advance(following, by, override_reason=BY_MAIL if following == Stage.DEPLOYMENT else "")
    for wanted in walk.deployed:
        opens = Stage.DEPLOYMENT if wanted["environment"] == "production" else Stage.MODEL_DEVELOPMENT
        if following == opens:
            Deployment.deploy(version, by if "override_reason" not in wanted else cast.people["lead"], **wanted)


def as_evidence(shown: str | float) -> Any:
    return shown if isinstance(shown, str) else {"type": "number", "value": shown}
