"""What was said about a card, and what happened to it."""

from typing import Any

from ninja import Query, Router

from dsboard.api.shapes import Listed, Page, listed
from dsboard.api.tokens import ApiRequest
from dsboard.models import Activity
from experiments.api import shapes
from experiments.api.bodies import SentComment
from experiments.api.paths import Ref
from experiments.api.showing import card, show_activity, show_comment
from experiments.models import Comment

router = Router(tags=["tasks"], by_alias=True)


@router.get("/tasks/{ref}/comments", response=Listed[shapes.Comment], operation_id="list_comments")
def list_comments(request: ApiRequest, ref: Ref, asked: Query[Page]) -> dict[str, Any]:
    """The card's comments, oldest first."""
    return listed(request, asked, card(request, ref).comments.select_related("by"), show_comment)


@router.post("/tasks/{ref}/comments", response={201: shapes.Comment}, operation_id="write_comment")
def write_comment(request: ApiRequest, ref: Ref, comment: SentComment) -> dict[str, Any]:
    """Comment in markdown; @name tells a member."""
    written = Comment.write(card(request, ref), request.membership, comment.text)
    return show_comment(written)


@router.get("/tasks/{ref}/activity", response=Listed[shapes.Activity], operation_id="list_activity")
def list_activity(request: ApiRequest, ref: Ref, asked: Query[Page]) -> dict[str, Any]:
    """The card's history, newest first."""
    lines = Activity.objects.within(request.team).of(card(request, ref)).order_by("-pk").select_related("actor")
    return listed(request, asked, lines, show_activity)
