"""Models: list, register, read, change."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router

from dsboard.api.problems import MAY_BE_STALE
from dsboard.api.shapes import Listed, Page, listed
from dsboard.api.tokens import ApiRequest, team_named
from experiments.api.paths import Key
from handoffs.api.shapes import ChangedModel, NewModel, Slug
from handoffs.api.shapes import Model as ToldModel
from handoffs.api.showing import current_when_stale, model_named, models_of, show_model, told_model
from handoffs.models import MLModel

router = Router(tags=["models"])


@router.get("/teams/{key}/models", response=Listed[ToldModel], operation_id="list_models")
def list_models(request: ApiRequest, key: Key, asked: Query[Page]) -> dict[str, Any]:
    """The team's models by name."""
    team_named(request, key)
    return listed(request, asked, models_of(request), show_model)


@router.post("/teams/{key}/models", response={201: ToldModel}, operation_id="register_model")
def register_model(request: ApiRequest, key: Key, new: NewModel, response: HttpResponse) -> dict[str, Any]:
    """A new model with its first version."""
    team = team_named(request, key)
    model = MLModel.register(team, request.membership, **new.model_dump(exclude_none=True))
    response["Location"] = reverse("api:read_model", kwargs={"key": team.key, "slug": model.slug})
    return told_model(request, model)


@router.get("/teams/{key}/models/{slug}", response=ToldModel, operation_id="read_model", url_name="read_model")
def read_model(request: ApiRequest, key: Key, slug: Slug) -> dict[str, Any]:
    """One model."""
    return told_model(request, model_named(request, key, slug))


@router.patch("/teams/{key}/models/{slug}", response=ToldModel, operation_id="change_model", openapi_extra=MAY_BE_STALE)
def change_model(request: ApiRequest, key: Key, slug: Slug, changed: ChangedModel) -> dict[str, Any]:
    """Another name, purpose, owners or links; its slug stays, as addresses hold on to it."""
    model = model_named(request, key, slug)
    with current_when_stale(told_model, request, model):
        model.change(request.membership, **changed.model_dump(exclude_none=True))
    return told_model(request, model)
