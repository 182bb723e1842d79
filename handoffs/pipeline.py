"""The models of a team by stage, and what is live beside what is under research: a fixed number of queries however many there are."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Max, OuterRef, Q, QuerySet, Subquery, Value, When

from dsboard.models import Team
from experiments.face import Face, faces
from experiments.models import Task
from experiments.stages import Kind, Stage
from handoffs import checklists
from handoffs.models import Answer, Deployment, MLModel, Version
from handoffs.stages import AnswerState, Environment, VersionStage

#: how many cards of research one page shows
MOST = 60
RESEARCH = (
    VersionStage.PROBLEM_DEFINITION,
    VersionStage.DATA_EXPLORATION,
    VersionStage.MODEL_EXPERIMENTATION,
    VersionStage.MODEL_DEVELOPMENT,
)


@dataclass
class Line:
    """A model by the version that counts now, with where versions of it are live."""

    model: MLModel
    version: Version
    settled: int
    live: list[Deployment] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.model.get_absolute_url()

    @property
    def standing(self) -> str:
        """2 of 3 criteria"""
        return f"{self.settled} of {len(checklists.of(self.version.stage))} criteria"


@dataclass
class Column:
    stage: VersionStage
    lines: list[Line] = field(default_factory=list)


class Pipeline:
    """Each model stands where its newest open version stands."""

    def __init__(self, team: Team, words: str = "") -> None:
        self.team, self.q = team, words.replace("\x00", "").strip()[:80]
        self.live = live_by_model(team)
        self.columns = self.read()
        self.count = sum(len(column.lines) for column in self.columns)

    @property
    def is_filtered_empty(self) -> bool:
        return bool(self.q) and not self.count

    def read(self) -> list[Column]:
        rows = MLModel.objects.within(self.team)
        if self.q:
            rows = rows.filter(Q(name__icontains=self.q) | Q(purpose__icontains=self.q))
        models = {model.pk: model for model in rows.prefetch_related("owners").order_by("key", "pk")}
        versions = {version.model_id: version for version in current(self.team).filter(model__in=rows.values("pk"))}
        settled = settled_by_version(current(self.team))
        columns = {stage: Column(stage) for stage in VersionStage}
        for pk, model in models.items():
            model.team, version = self.team, versions[pk]
            version.model = model
            columns[VersionStage(version.stage)].lines.append(Line(model, version, settled[version.pk], self.live[pk]))
        return list(columns.values())


class Today:
    """Everything in production beside everything under research."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.live = production(team)
        self.versions = under_research(team)
        cards = (
            Task.objects.within(team)
            .on_boards()
            .filter(kind__in=(Kind.RESEARCH, Kind.EXPERIMENT), stage__in=(Stage.ACTIVE, Stage.ANALYSIS))
        )
        self.cards_count = cards.count()
        first = list(cards.order_by("stage", "rank", "pk").values_list("pk", flat=True)[:MOST])
        self.cards: list[Face] = list(faces(team, cards.filter(pk__in=first)))


def current(team: Team) -> QuerySet[Any]:
    """Of each model the newest version that has not reached Monitoring, or else the newest."""
    is_open = Case(When(stage=VersionStage.MONITORING, then=Value(0)), default=Value(1))
    first = Version.objects.filter(model=OuterRef("pk")).annotate(is_open=is_open).order_by("-is_open", "-sort_key", "-pk").values("pk")[:1]
    chosen = MLModel.objects.within(team).annotate(current=Subquery(first)).values("current")
    return Version.objects.within(team).filter(pk__in=chosen)


def settled_by_version(versions: QuerySet[Any]) -> Counter[int]:
    """How many criteria of the stage that each version is in are settled."""
    here = Q()
    for stage in VersionStage:
        here |= Q(version__stage=stage, criterion__in=[criterion.slug for criterion in checklists.of(stage)])
    newest = (
        Answer.objects.filter(here, version__in=versions.values("pk"))
        .values("version", "criterion")
        .annotate(last=Max("pk"))
        .values("last")
    )
    rows = Answer.objects.filter(pk__in=newest, as_of=None).exclude(state=AnswerState.OPEN)
    return Counter(rows.values_list("version_id", flat=True))


def live_by_model(team: Team) -> dict[int, list[Deployment]]:
    """What is live, by model, production first."""
    found: dict[int, list[Deployment]] = defaultdict(list)
    for deployment in Deployment.objects.within(team).live().select_related("version").order_by("environment", "pk"):
        found[deployment.model_id].append(deployment)
    return found


def production(team: Team) -> list[Any]:
    """The live deployments in production, by model."""
    rows = Deployment.objects.within(team).live().filter(environment=Environment.PRODUCTION)
    found = list(rows.select_related("version", "model", "by").order_by("model__key", "-pk"))
    for deployment in found:
        deployment.model.team, deployment.version.model = team, deployment.model
    return found


def under_research(team: Team) -> list[Any]:
    """The versions that are on their way to Deployment, by model."""
    found = list(current(team).filter(stage__in=RESEARCH).select_related("model").order_by("model__key"))
    for version in found:
        version.model.team = team
    return found
