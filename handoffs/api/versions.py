"""Versions of a model: list, add, read, change."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router

from dsboard.api.problems import MAY_BE_STALE
from dsboard.api.shapes import Listed, Page, listed
from dsboard.api.tokens import ApiRequest
from dsboard.errors import Refusal
from experiments.api.paths import Key
from handoffs.api.shapes import ChangedVersion, NewVersion, Slug, V
from handoffs.api.shapes import Version as ToldVersion
from handoffs.api.showing import current_when_stale, model_named, show_version, told_version, version_named, whole
from handoffs.models import MLModel, Version

router = Router(tags=["models"])
#: what is settled once a version is made
SETTLED = ("starts_at", "retrains")


@router.get("/teams/{key}/models/{slug}/versions", response=Listed[ToldVersion], operation_id="list_versions")
def list_versions(request: ApiRequest, key: Key, slug: Slug, asked: Query[Page]) -> dict[str, Any]:
    """The versions of a model in the order of their names: v2.9, v2.10."""
    model = model_named(request, key, slug)
    return listed(request, asked, whole(Version.objects.within(request.team).filter(model=model)), show_version)


@router.post("/teams/{key}/models/{slug}/versions", response={201: ToldVersion}, operation_id="add_version")
def add_version(request: ApiRequest, key: Key, slug: Slug, new: NewVersion, response: HttpResponse) -> dict[str, Any]:
    """A further version; one that retrains another brings its earlier answers along, to confirm."""
    model = model_named(request, key, slug)
    said = resolved(model, new.model_dump(exclude_none=True))
    version = Version.add(model, request.membership, name=said.pop("version"), **said)
    response["Location"] = reverse("api:read_version", kwargs={"key": request.team.key, "slug": model.slug, "v": version.name})
    return told_version(request, version)


@router.get("/teams/{key}/models/{slug}/versions/{v}", response=ToldVersion, operation_id="read_version", url_name="read_version")
def read_version(request: ApiRequest, key: Key, slug: Slug, v: V) -> dict[str, Any]:
    """One version with its criteria in stage order, and its deployments."""
    return told_version(request, version_named(request, key, slug, v))


@router.patch("/teams/{key}/models/{slug}/versions/{v}", response=ToldVersion, operation_id="change_version", openapi_extra=MAY_BE_STALE)
def change_version(request: ApiRequest, key: Key, slug: Slug, v: V, changed: ChangedVersion) -> dict[str, Any]:
    """Another name, artifact, checksum, metrics or origin."""
    version = version_named(request, key, slug, v)
    said = resolved(version.model, changed.model_dump(exclude_none=True))
    for name in SETTLED:
        if name in said and said.pop(name) != getattr(version, name):
            raise Refusal.of({name: f"{name} was settled when {version.name} was made. Add another version."})
    if "version" in said:
        said["name"] = said.pop("version")
    with current_when_stale(told_version, request, version):
        version.change(request.membership, **said)
    return told_version(request, version)


def resolved(model: MLModel, said: dict[str, Any]) -> dict[str, Any]:
    """What was named, as rows: a card of the team, a version of the model."""
    if "origin" in said:
        said["origin"] = model.find_origin(said["origin"])
    if "retrains" in said:
        found = model.find_version(said["retrains"])
        if found is None:
            raise Refusal.of({"retrains": f"{model} has no version {said['retrains']}."})
        said["retrains"] = found
    return said
