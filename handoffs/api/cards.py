"""The model card of a version: read it, write its next edition."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404
from ninja import Router
from pydantic import BaseModel, Field

from dsboard.api.problems import MAY_BE_STALE
from dsboard.api.shapes import Email, Sent, address
from dsboard.api.tokens import ApiRequest
from experiments.api.paths import Key
from handoffs.api.handoff_shapes import CheckMade
from handoffs.api.shapes import Slug, V
from handoffs.api.showing import current_when_stale, told_version, version_named
from handoffs.model_card.reading import LONGEST
from handoffs.models import CardEdition

router = Router(tags=["models"])


class ModelCard(BaseModel):
    """The newest edition: Markdown with front matter, and how it is judged now."""

    text: str
    edition: int
    by: Email | None
    at: datetime
    checks: list[CheckMade]


class SentCard(Sent):
    """The next edition; `edition` is the one that was read before, 0 for none, so that nothing is overwritten unseen."""

    text: Annotated[str, Field(max_length=LONGEST)]
    edition: Annotated[int, Field(ge=0, le=2_000_000_000)] | None = None


@router.get("/teams/{key}/models/{slug}/versions/{v}/card", response=ModelCard, operation_id="read_card")
def read_card(request: ApiRequest, key: Key, slug: Slug, v: V) -> dict[str, Any]:
    """The newest edition; 404 before the first."""
    found = CardEdition.newest(version_named(request, key, slug, v))
    if found is None:
        raise Http404
    return show_card(found)


@router.put("/teams/{key}/models/{slug}/versions/{v}/card", response=ModelCard, operation_id="write_card", openapi_extra=MAY_BE_STALE)
def write_card(request: ApiRequest, key: Key, slug: Slug, v: V, sent: SentCard) -> dict[str, Any]:
    """Keep the next edition; the same text again makes none."""
    version = version_named(request, key, slug, v)
    with current_when_stale(told_version, request, version):
        made = CardEdition.write(version, request.membership, sent.text, seen=sent.edition)
    return show_card(made)


def show_card(card: CardEdition) -> dict[str, Any]:
    checks = [{"name": "card", "state": one.state, "reason": one.reason} for one in card.verdicts]
    return {"text": card.text, "edition": card.number, "by": address(card.by), "at": card.at, "checks": checks}
