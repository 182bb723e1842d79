"""Deployments of a version: list, deploy, retire."""

from typing import Any

from django.http import Http404
from ninja import Query, Router

from dsboard.api.shapes import Listed, Page, Pk, listed
from dsboard.api.tokens import ApiRequest
from experiments.api.paths import Key
from handoffs.api.shapes import Deployment as ToldDeployment
from handoffs.api.shapes import SentDeployment, SentState, Slug, V
from handoffs.api.showing import show_deployment, version_named
from handoffs.models import Deployment

router = Router(tags=["models"])


@router.get("/teams/{key}/models/{slug}/versions/{v}/deployments", response=Listed[ToldDeployment], operation_id="list_deployments")
def list_deployments(request: ApiRequest, key: Key, slug: Slug, v: V, asked: Query[Page]) -> dict[str, Any]:
    """The deployments of a version, live and retired, as they came."""
    version = version_named(request, key, slug, v)
    rows = Deployment.objects.within(request.team).filter(version=version).select_related("by", "retired_by")
    return listed(request, asked, rows.prefetch_related("replaced__version"), lambda one: show_deployment(one, version))


@router.post("/teams/{key}/models/{slug}/versions/{v}/deployments", response={201: ToldDeployment}, operation_id="deploy")
def deploy(request: ApiRequest, key: Key, slug: Slug, v: V, sent: SentDeployment) -> dict[str, Any]:
    """It serves from now on; a full one retires the full one of the same environment."""
    version = version_named(request, key, slug, v)
    return show_deployment(Deployment.deploy(version, request.membership, **sent.model_dump(exclude_none=True)), version)


@router.patch("/teams/{key}/models/{slug}/versions/{v}/deployments/{id}", response=ToldDeployment, operation_id="retire_deployment")
def retire_deployment(request: ApiRequest, key: Key, slug: Slug, v: V, id: Pk, sent: SentState) -> dict[str, Any]:
    """It serves no more; again changes nothing."""
    version = version_named(request, key, slug, v)
    found = Deployment.objects.within(request.team).filter(version=version, pk=id).first()
    if found is None:
        raise Http404
    found.version = version
    found.retire(request.membership)
    return show_deployment(found, version)
