"""The model card of a version: read it, write its next edition."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404
from ninja import Query, Router
from pydantic import BaseModel, Field

from dsboard.api.problems import MAY_BE_STALE
from dsboard.api.shapes import Email, Listed, Page, Sent, address, listed
from dsboard.api.tokens import ApiRequest
from experiments.api.paths import Key
from handoffs.api.handoff_shapes import CheckMade
from handoffs.api.shapes import Slug, V
from handoffs.api.showing import current_when_stale, told_version, version_named
from handoffs.model_card.reading import LONGEST
from handoffs.models import CardEdition
from handoffs.models.card import Source

router = Router(tags=["models"])


class ModelCard(BaseModel):
    """An edition: Markdown with front matter, how it came to the board, and how it is judged now."""

    text: str
    edition: int
    source: Literal["draft", "page", "file", "api"]
    by: Email | None
    at: datetime
    checks: list[CheckMade]


class ToldEdition(BaseModel):
    """One of the editions, without its text."""

    edition: int
    source: Literal["draft", "page", "file", "api"]
    by: Email | None
    at: datetime


class SentCard(Sent):
    """The next edition; `edition` is the one that was read before, 0 for none, so that nothing is overwritten unseen."""

    text: Annotated[str, Field(max_length=LONGEST)]
    edition: Annotated[int, Field(ge=0, le=2_000_000_000)] | None = None


@router.get("/teams/{key}/models/{slug}/versions/{v}/card", response=ModelCard, operation_id="read_card")
def read_card(
    request: ApiRequest, key: Key, slug: Slug, v: V, edition: Annotated[int, Field(ge=1, le=2_000_000_000)] | None = None
) -> dict[str, Any]:
    """The newest edition, or the one with this number; 404 where there is none."""
    version = version_named(request, key, slug, v)
    rows = CardEdition.objects.filter(version=version).select_related("by")
    found = rows.filter(number=edition).first() if edition else rows.first()
    if found is None:
        raise Http404
    found.version = version
    return show_card(found)


@router.get("/teams/{key}/models/{slug}/versions/{v}/card/editions", response=Listed[ToldEdition], operation_id="list_card_editions")
def list_editions(request: ApiRequest, key: Key, slug: Slug, v: V, asked: Query[Page]) -> dict[str, Any]:
    """Every edition, the newest first."""
    rows = CardEdition.objects.filter(version=version_named(request, key, slug, v)).defer("text").select_related("by")
    return listed(request, asked, rows, show_edition)


@router.put("/teams/{key}/models/{slug}/versions/{v}/card", response=ModelCard, operation_id="write_card", openapi_extra=MAY_BE_STALE)
def write_card(request: ApiRequest, key: Key, slug: Slug, v: V, sent: SentCard) -> dict[str, Any]:
    """Keep the next edition; the same text again makes none."""
    version = version_named(request, key, slug, v)
    with current_when_stale(told_version, request, version):
        made = CardEdition.write(version, request.membership, sent.text, seen=sent.edition, source=Source.API)
    return show_card(made)


def show_card(card: CardEdition) -> dict[str, Any]:
    checks = [{"name": "card", "state": one.state, "reason": one.reason} for one in card.verdicts]
    return {"text": card.text, **show_edition(card), "checks": checks}


def show_edition(card: CardEdition) -> dict[str, Any]:
    return {"edition": card.number, "source": card.source, "by": address(card.by), "at": card.at}
