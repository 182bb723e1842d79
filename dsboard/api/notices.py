"""One's own notices of the token's team: the inbox of My work."""

from datetime import datetime
from typing import Any

from django.http import Http404
from ninja import Query, Router
from pydantic import BaseModel, Field

from dsboard.api.shapes import Listed, Nothing, Page, Pk, address, listed
from dsboard.api.tokens import ApiRequest, absolute
from dsboard.kinds import Kind
from dsboard.models import Notice

router = Router(tags=["me"])


class Asked(Page):
    """`unread` leaves out what was read or put off; `unread=false` shows only what was read."""

    unread: bool | None = None


class ToldNotice(BaseModel):
    """A line of the inbox. `snoozed_until`: out of sight until then."""

    id: int
    kind: Kind
    title: str
    text: str
    url: str
    by: str | None = Field(description="Who caused it; null when the board did.")
    at: datetime
    read_at: datetime | None
    snoozed_until: datetime | None


def mine(request: ApiRequest) -> Any:
    return Notice.objects.within(request.team).filter(user=request.membership.user_id).select_related("by")


@router.get("/me/notices", response=Listed[ToldNotice], operation_id="list_notices")
def list_notices(request: ApiRequest, asked: Query[Asked]) -> dict[str, Any]:
    """Your notices in the token's team, the newest first."""
    rows = mine(request)
    if asked.unread is not None:
        rows = rows.unread() if asked.unread else rows.exclude(read_at=None)
    return listed(request, asked, rows, lambda notice: show_notice(request, notice))


@router.post("/me/notices/{id}/read", response={200: ToldNotice}, operation_id="read_notice")
def read_notice(request: ApiRequest, id: Pk, nothing: Nothing) -> dict[str, Any]:
    """Mark one of your notices as read; a second time changes nothing."""
    notice = mine(request).filter(pk=id).first()
    if notice is None:
        raise Http404
    notice.mark_read()
    notice.refresh_from_db()
    return show_notice(request, notice)


def show_notice(request: ApiRequest, notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.pk,
        "kind": notice.kind,
        "title": notice.title,
        "text": notice.text,
        "url": absolute(request, notice.url),
        "by": address(notice.by),
        "at": notice.at,
        "read_at": notice.read_at,
        "snoozed_until": notice.snoozed_until,
    }
