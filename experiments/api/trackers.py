"""Tracking servers of a team, and the places where a card's runs are. A secret is written and never read."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Status
from pydantic import BaseModel, Field, StringConstraints

from dsboard.api.shapes import NO_NULL, Listed, Page, Pk, Sent, listed
from dsboard.api.tokens import ApiRequest, team_named
from dsboard.errors import Refusal
from experiments.api.paths import Key, Ref
from experiments.api.showing import card
from experiments.models import RunLink, Tracker
from experiments.tracking.trying import try_out

router = Router(tags=["runs"])

Name = Annotated[str, StringConstraints(max_length=60, pattern=NO_NULL)]
Url = Annotated[str, StringConstraints(max_length=1000, pattern=NO_NULL)]
User = Annotated[str, StringConstraints(max_length=200, pattern=NO_NULL)]
Secret = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NULL)]
Pem = Annotated[str, StringConstraints(max_length=64 * 1024, pattern=NO_NULL)]
How = Annotated[str, StringConstraints(pattern="^(none|basic|token)$")]
Words = Annotated[str, StringConstraints(max_length=500, pattern=NO_NULL)]
RunId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NULL)]


class NewTracker(Sent):
    """An MLflow server. `auth` says what it asks for: nothing, a user with a password, or a token."""

    name: Name
    url: Url
    auth: How = "none"
    user: User = ""
    secret: Secret = ""
    certificate: Pem = Field("", description="PEM of your own authority; empty for a public one.")
    by_tag: bool = Field(True, description="Find runs tagged dsboard.card in all of its experiments.")
    is_on: bool = True


class ChangedTracker(Sent):
    """What is sent is changed; an empty secret keeps the one that there is."""

    name: Name | None = None
    url: Url | None = None
    auth: How | None = None
    user: User | None = None
    secret: Secret | None = None
    certificate: Pem | None = None
    by_tag: bool | None = None
    is_on: bool | None = None


class ToldTracker(BaseModel):
    """`state` is off, syncing, waiting, trouble or well; `said` tells what the trouble is."""

    id: int
    name: str
    url: str
    auth: str
    user: str
    by_tag: bool
    is_on: bool
    state: str
    trouble: str
    said: str
    synced_at: datetime | None


class Trial(BaseModel):
    """What answered: `milliseconds` for one answer; at most 1,000 experiments are counted."""

    version: str
    experiments: int
    milliseconds: int


class NewRunLink(Sent):
    """An experiment, perhaps with a filter, or `runs` that were chosen; one of the two."""

    tracker: int = Field(ge=1, le=2**31 - 1)
    experiment: Annotated[str, StringConstraints(max_length=250, pattern=NO_NULL)] = ""
    filter: Words = ""
    runs: list[RunId] = Field([], max_length=50)


class ToldRunLink(BaseModel):
    id: int
    tracker: int
    experiment: str
    filter: str
    runs: list[str]
    trouble: str
    said: str
    synced_at: datetime | None


@router.get("/teams/{key}/trackers", response=Listed[ToldTracker], operation_id="list_trackers")
def list_trackers(request: ApiRequest, key: Key, asked: Query[Page]) -> dict[str, Any]:
    """The team's tracking servers, and how they were read last."""
    return listed(request, asked, Tracker.objects.within(team_named(request, key)), show_tracker)


@router.post("/teams/{key}/trackers", response={201: ToldTracker}, operation_id="connect_tracker")
def connect_tracker(request: ApiRequest, key: Key, new: NewTracker, response: HttpResponse) -> Status:
    """Connect one; it is called first by its trial or the next reading."""
    team = team_named(request, key)
    made = Tracker.connect(team, request.membership, **new.model_dump())
    response["Location"] = reverse("api:read_tracker", kwargs={"key": team.key, "id": made.pk})
    return Status(201, show_tracker(made))


@router.get("/teams/{key}/trackers/{id}", response=ToldTracker, operation_id="read_tracker", url_name="read_tracker")
def read_tracker(request: ApiRequest, key: Key, id: Pk) -> dict[str, Any]:
    """One of them."""
    return show_tracker(tracker(request, key, id))


@router.patch("/teams/{key}/trackers/{id}", response=ToldTracker, operation_id="change_tracker")
def change_tracker(request: ApiRequest, key: Key, id: Pk, changed: ChangedTracker) -> dict[str, Any]:
    """Change it; for another host the secret is entered again."""
    one = tracker(request, key, id)
    one.change(request.membership, **changed.model_dump(exclude_none=True))
    return show_tracker(one)


@router.delete("/teams/{key}/trackers/{id}", response={204: None}, operation_id="remove_tracker")
def remove_tracker(request: ApiRequest, key: Key, id: Pk) -> Status:
    """Read it no more; the runs that it told stay."""
    tracker(request, key, id).remove(request.membership)
    return Status(204, None)


@router.post("/teams/{key}/trackers/{id}/trial", response=Trial, operation_id="try_tracker")
def try_tracker(request: ApiRequest, key: Key, id: Pk) -> Any:
    """Ask it now; 422 with a sentence when it does not answer as MLflow would."""
    return asdict(try_out(tracker(request, key, id), request.membership))


@router.post("/teams/{key}/trackers/{id}/sync", response=ToldTracker, operation_id="sync_tracker")
def sync_tracker(request: ApiRequest, key: Key, id: Pk) -> dict[str, Any]:
    """Have it read within the next seconds."""
    one = tracker(request, key, id)
    one.ask_now(request.membership)
    return show_tracker(one)


@router.get("/tasks/{ref}/run-links", response=Listed[ToldRunLink], operation_id="list_run_links")
def list_run_links(request: ApiRequest, ref: Ref, asked: Query[Page]) -> dict[str, Any]:
    """Where the card's runs are."""
    return listed(request, asked, card(request, ref).run_links.all(), show_link)


@router.post("/tasks/{ref}/run-links", response={201: ToldRunLink}, operation_id="link_runs")
def link_runs(request: ApiRequest, ref: Ref, new: NewRunLink) -> Status:
    """Have the runs of an experiment come to the card; they do within the next seconds."""
    task = card(request, ref)
    server = Tracker.objects.within(request.team).filter(pk=new.tracker).first()
    if server is None:
        raise Refusal.of({"tracker": f"There is no tracking server {new.tracker} in this team."})
    made = RunLink.link(task, request.membership, server, experiment=new.experiment, filter=new.filter, runs=list(new.runs))
    return Status(201, show_link(made))


@router.delete("/tasks/{ref}/run-links/{id}", response={204: None}, operation_id="unlink_runs")
def unlink_runs(request: ApiRequest, ref: Ref, id: Pk) -> Status:
    """Take a place away; the runs that came from it stay."""
    task = card(request, ref)
    found = task.run_links.select_related("tracker").filter(pk=id).first()
    if found is None:
        raise Http404
    found.task = task
    found.unlink(request.membership)
    return Status(204, None)


def tracker(request: ApiRequest, key: str, pk: int) -> Tracker:
    found = Tracker.objects.within(team_named(request, key)).select_related("team").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def show_tracker(one: Tracker) -> dict[str, Any]:
    return {
        "id": one.pk, "name": one.name, "url": one.url, "auth": one.auth, "user": one.user, "by_tag": one.by_tag, "is_on": one.is_on,
        "state": one.state, "trouble": one.trouble, "said": one.said, "synced_at": one.synced_at,
    }  # fmt: skip


def show_link(link: RunLink) -> dict[str, Any]:
    return {
        "id": link.pk, "tracker": link.tracker_id, "experiment": link.experiment, "filter": link.filter, "runs": link.chosen,
        "trouble": link.trouble, "said": link.said, "synced_at": link.synced_at,
    }  # fmt: skip
