"""The criteria of a version and its way through the stages."""

from typing import Any

from django.http import Http404
from ninja import Router

from dsboard.api.tokens import ApiRequest
from dsboard.errors import Refusal
from experiments.api.paths import Key
from handoffs.api.shapes import Criterion as ToldCriterion
from handoffs.api.shapes import CriterionSlug, SentAnswer, SentPassage, Slug, V
from handoffs.api.shapes import Version as ToldVersion
from handoffs.api.showing import show_criterion, told_version, version_named
from handoffs.checklists import BY_SLUG
from handoffs.stages import VersionStage

router = Router(tags=["models"])


@router.put("/teams/{key}/models/{slug}/versions/{v}/criteria/{criterion}", response=ToldCriterion, operation_id="answer_criterion")
def answer_criterion(request: ApiRequest, key: Key, slug: Slug, v: V, criterion: CriterionSlug, sent: SentAnswer) -> dict[str, Any]:
    """Answer a criterion; the newest answer counts, earlier ones are kept."""
    version = version_named(request, key, slug, v)
    if criterion not in BY_SLUG:
        raise Http404
    said = sent.model_dump(exclude_none=True)
    answer = version.answer(criterion, request.membership, **said)
    return show_criterion(BY_SLUG[criterion], answer)


@router.post("/teams/{key}/models/{slug}/versions/{v}/stage", response={200: ToldVersion}, operation_id="pass_stage")
def pass_stage(request: ApiRequest, key: Key, slug: Slug, v: V, sent: SentPassage) -> dict[str, Any]:
    """On to the next stage, or back to an earlier one with a reason."""
    version = version_named(request, key, slug, v)
    said = sent.model_dump(exclude_none=True, exclude={"to"})
    if VersionStage(sent.to).place < VersionStage(version.stage).place:
        reason = said.pop("reason", "")
        if said:
            raise Refusal.of({name: f"Only a gate ahead asks for this. Leave {name} out." for name in said})
        version.go_back(sent.to, request.membership, reason=reason)
    else:
        version.advance(sent.to, request.membership, **said)
    return told_version(request, version)
