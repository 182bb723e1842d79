"""Models, versions and deployments as the API tells them, read in a fixed number of queries."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from dsboard.api.shapes import address
from dsboard.api.tokens import ApiRequest, team_named
from dsboard.errors import Stale
from handoffs import checklists
from handoffs.checklists import Criterion
from handoffs.models import Answer, Deployment, MLModel, Passage, Version
from handoffs.proposals import proposals
from handoffs.stages import AnswerState

SLUG = re.compile(r"[-_a-z0-9]{1,70}")


def models_of(request: ApiRequest) -> QuerySet[Any]:
    """The team's models with all that is told of them, by name."""
    rows = MLModel.objects.within(request.team).select_related("created_by")
    return rows.prefetch_related("owners", "versions__deployments")


def model_named(request: ApiRequest, key: str, slug: str) -> MLModel:
    """The team's model of this slug; unknown or another team's: 404."""
    team = team_named(request, key)
    found: MLModel | None = MLModel.objects.within(team).filter(slug=slug.lower()).first() if SLUG.fullmatch(slug.lower()) else None
    if found is None:
        raise Http404
    found.team = team
    return found


def whole(versions: QuerySet[Any]) -> QuerySet[Any]:
    """The versions with everything that is told of them: as many queries for thirty as for one."""
    return versions.select_related("model", "retrains", "origin", "created_by").prefetch_related(
        "answers__by",
        "answers__as_of",
        "passages__by",
        "deployments__by",
        "deployments__retired_by",
        "deployments__replaced__version",
    )


def version_named(request: ApiRequest, key: str, slug: str, v: str) -> Version:
    """The version of the team's model; 404 for one that is not there."""
    found = model_named(request, key, slug).find_version(v)
    if found is None:
        raise Http404
    return found


def told_model(request: ApiRequest, model: MLModel) -> dict[str, Any]:
    """A model as it stands in the database now, after a verb."""
    return show_model(models_of(request).get(pk=model.pk))


def told_version(request: ApiRequest, version: Version) -> dict[str, Any]:
    """A version as it stands in the database now, after a verb."""
    found = whole(Version.objects.within(request.team)).get(pk=version.pk)
    told = show_version(found)
    proposed = proposals(found)
    for row in told["criteria"]:
        one = proposed.get(row["slug"])
        row["proposed"] = {"evidence": one.evidence, "source": one.source} if one else None
    return told


@contextmanager
def current_when_stale(show: Any, request: ApiRequest, row: Any) -> Iterator[None]:
    """A stale write is answered with the row as it is now."""
    try:
        yield
    except Stale as stale:
        stale.current = show(request, row)
        raise


def show_model(model: MLModel) -> dict[str, Any]:
    """A model from `models_of`."""
    return {
        "slug": model.slug,
        "name": model.name,
        "purpose": model.purpose,
        "owners": sorted(owner.email for owner in model.owners.all()),
        "links": model.links,
        "versions": [show_in_brief(version) for version in model.versions.all()],
        "version": model.version,
        "created_by": address(model.created_by),
        "created_at": model.created_at,
    }


def show_in_brief(version: Version) -> dict[str, Any]:
    live = sorted({one.environment for one in version.deployments.all() if one.is_live})
    return {"version": version.name, "stage": version.stage, "live": live}


def show_version(version: Version) -> dict[str, Any]:
    """A version from `whole`."""
    standing = version.standing()
    return {
        "version": version.name,
        "model": version.model.slug,
        "stage": version.stage,
        "starts_at": version.starts_at,
        "retrains": version.retrains.name if version.retrains else None,
        "origin": version.origin.ref if version.origin and version.origin.deleted_at is None else None,
        "origin_run": version.origin_run,
        "artifact": version.artifact,
        "checksum": version.checksum,
        "metrics": version.metrics,
        "criteria": [show_criterion(one, standing.get(one.slug)) for one in checklists.CRITERIA],
        "owed": [one.slug for one in version.owed()],
        "passages": [show_passage(passage) for passage in version.passages.all()],
        "deployments": [show_deployment(one, version) for one in version.deployments.all()],
        "edition": version.edition,
        "created_by": address(version.created_by),
        "created_at": version.created_at,
    }


def show_criterion(criterion: Criterion, answer: Answer | None) -> dict[str, Any]:
    """A criterion with the answer that counts."""
    return {
        "slug": criterion.slug,
        "label": criterion.label,
        "stage": criterion.stage.value,
        "state": answer.state if answer else AnswerState.OPEN.value,
        "evidence": answer.evidence if answer else None,
        "reason": answer.reason if answer else "",
        "by": address(answer.by) if answer else None,
        "at": answer.at if answer else None,
        "as_of": answer.as_of.name if answer and answer.as_of else None,
    }


def show_passage(passage: Passage) -> dict[str, Any]:
    return {
        "from_stage": passage.from_stage,
        "to": passage.to_stage,
        "by": address(passage.by),
        "at": passage.at,
        "reason": passage.reason,
        "exceptions": passage.exceptions,
        "review_on": passage.review_on,
        "override_reason": passage.override_reason,
    }


def show_deployment(deployment: Deployment, version: Version) -> dict[str, Any]:
    """A deployment of this version."""
    replaced = [one.version.name for one in deployment.replaced.all()]
    return {
        "id": deployment.pk,
        "version": version.name,
        "environment": deployment.environment,
        "mode": deployment.mode,
        "share": None if deployment.share is None else float(deployment.share),
        "state": "live" if deployment.is_live else "retired",
        "live_from": deployment.live_from,
        "by": address(deployment.by),
        "retired_at": deployment.retired_at,
        "retired_by": address(deployment.retired_by),
        "override_reason": deployment.override_reason,
        "replaced": replaced[0] if replaced else None,
    }
