"""Teams with many models: ten versions each, answered stage by stage, one live in production, the newest in a handoff."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from benchmarks._team import a_crew, told
from dsboard.models import Membership, Team, User
from dsboard.roles import Side
from handoffs import checklists
from handoffs.contract import TERMS
from handoffs.models import Answer, Deployment, Handoff, Line, MLModel, Version, cleaning
from handoffs.stages import VersionStage

VERSIONS = 10
STAGES = list(VersionStage)


def prepare(*sizes: int) -> dict[str, Any]:
    """Write a team for each number of models; returns what a client needs to know."""
    people = a_crew()
    for size in sizes:
        team = Team.found(key=f"M{size}", name=f"{size} models", lead=people[0])
        Membership.objects.bulk_create(Membership(team=team, user=user) for user in people[1:])
        team.memberships.filter(user=people[-1]).update(side=Side.ENGINEERING)
        with transaction.atomic():
            fill(team, size, people)
    return told(people[0])


def fill(team: Team, size: int, people: list[User], first: int = 0) -> None:
    """Models, numbered from `first`, with their versions, as rows; in the database they are what the verbs would have left."""
    models = MLModel.objects.bulk_create(model_of(team, first + place) for place in range(size))
    owners = MLModel.owners.through
    owners.objects.bulk_create(owners(mlmodel_id=one.pk, user_id=people[one.pk % len(people)].pk) for one in models)
    versions = Version.objects.bulk_create(version_of(one, place, number) for place, one in enumerate(models) for number in range(VERSIONS))
    Answer.objects.bulk_create(
        (
            Answer(version=one, criterion=criterion.slug, state="met", evidence={"type": "text", "value": "We looked."}, by=people[0])
            for one in versions
            for criterion in checklists.CRITERIA
            if criterion.stage.place < VersionStage(one.stage).place
        ),
        batch_size=5_000,
    )
    newest = versions[VERSIONS - 1 :: VERSIONS]
    before = versions[VERSIONS - 2 :: VERSIONS]
    Deployment.objects.bulk_create(Deployment(model=one.model, version=one, environment="production", mode="full") for one in before)
    handed = Handoff.objects.bulk_create(
        Handoff(version=one, state="offered", offered_side=Side.SCIENCE, offered_at=timezone.now()) for one in newest
    )
    Line.objects.bulk_create(
        (
            Line(
                handoff=handoff,
                slug=term.slug,
                place=place,
                state="provided",
                evidence={"type": "text", "value": "We looked."},
                provided_by=people[-1 if term.side == Side.ENGINEERING else 0],
            )
            for handoff in handed
            for place, term in enumerate(TERMS)
        ),
        batch_size=2_000,
    )


def model_of(team: Team, place: int) -> MLModel:
    name = f"{('Churn', 'Fraud', 'Ranking', 'Demand')[place % 4]} {place:04}"
    return MLModel(team=team, name=name, key=cleaning.folded(name), slug=name.lower().replace(" ", "-"), purpose="What it is for.")


def version_of(model: MLModel, place: int, number: int) -> Version:
    """The last one stands somewhere on its way, those before it in Monitoring."""
    name = f"v{number + 1}"
    stage = STAGES[place % 5] if number == VERSIONS - 1 else VersionStage.MONITORING
    return Version(model=model, name=name, key=cleaning.folded(name), sort_key=cleaning.sort_key(name), stage=stage, starts_at=STAGES[0])
