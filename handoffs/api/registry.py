"""Where a model stands in a tracking server's registry."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404
from ninja import Query, Router, Status
from pydantic import BaseModel, Field, StringConstraints

from dsboard.api.shapes import NO_NULL, Listed, Page, Pk, Sent, listed
from dsboard.api.tokens import ApiRequest
from dsboard.errors import Refusal
from experiments.api.paths import Key
from experiments.models import Tracker
from handoffs.api.shapes import Slug
from handoffs.api.showing import model_named
from handoffs.models import RegistryLink
from handoffs.registry_page import Registered, registered

router = Router(tags=["models"])

MODEL = "/teams/{key}/models/{slug}"


class NewRegistryLink(Sent):
    """A registered model of one of the team's tracking servers."""

    tracker: int = Field(ge=1, le=2**31 - 1)
    name: Annotated[str, StringConstraints(min_length=1, max_length=250, pattern=NO_NULL)]


class RegistryVersionTold(BaseModel):
    """`version` is the one of that name here; `task` the card that has the run which made it."""

    number: str
    aliases: list[str]
    status: str
    run_id: str
    incomplete: bool
    version: str | None
    task: str | None


class ToldRegistryLink(BaseModel):
    id: int
    tracker: int
    name: str
    synced_at: datetime | None
    said: str
    versions: list[RegistryVersionTold]


@router.get(f"{MODEL}/registry", response=Listed[ToldRegistryLink], operation_id="list_registry_links")
def list_links(request: ApiRequest, key: Key, slug: Slug, asked: Query[Page]) -> dict[str, Any]:
    """The registered models that it is linked to, with their versions and aliases."""
    return listed(request, asked, registered(model_named(request, key, slug)), lambda pair: show_link(*pair))


@router.post(f"{MODEL}/registry", response={201: ToldRegistryLink}, operation_id="link_registry")
def link(request: ApiRequest, key: Key, slug: Slug, new: NewRegistryLink) -> Status:
    """Link it; its versions come within the next seconds."""
    model = model_named(request, key, slug)
    server = Tracker.objects.within(request.team).filter(pk=new.tracker).first()
    if server is None:
        raise Refusal.of({"tracker": f"There is no tracking server {new.tracker} in this team."})
    return Status(201, show_link(RegistryLink.link(model, request.membership, server, new.name), []))


@router.delete(f"{MODEL}/registry/{{id}}", response={204: None}, operation_id="unlink_registry")
def unlink(request: ApiRequest, key: Key, slug: Slug, id: Pk) -> Status:
    """Read it no more."""
    model = model_named(request, key, slug)
    found = RegistryLink.objects.filter(model=model, pk=id).select_related("tracker").first()
    if found is None:
        raise Http404
    found.model = model
    found.unlink(request.membership)
    return Status(204, None)


def show_link(one: RegistryLink, versions: list[Registered]) -> dict[str, Any]:
    told = {"id": one.pk, "tracker": one.tracker_id, "name": one.name, "synced_at": one.synced_at, "said": one.said}
    return told | {"versions": [show_version(version) for version in versions]}


def show_version(one: Registered) -> dict[str, Any]:
    told = {name: getattr(one.told, name) for name in ("number", "aliases", "status", "run_id", "incomplete")}
    return told | {"version": one.version.name if one.version else None, "task": one.run.task.ref if one.run else None}
