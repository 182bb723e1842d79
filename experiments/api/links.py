"""How cards hang together: what one builds on, and the card of its next phase."""

from typing import Any, Literal

from django.http import HttpResponse
from django.urls import reverse
from ninja import Body, Query, Router, Status

from dsboard.api.shapes import Listed, Number, Page, Sent, listed
from dsboard.api.tokens import ApiRequest
from dsboard.errors import Refusal
from experiments.api.bodies import Reference
from experiments.api.paths import Ref
from experiments.api.shapes import Confidence, Link
from experiments.api.shapes import Task as ToldTask
from experiments.api.showing import REF, card, told
from experiments.models import Task
from experiments.models.link import build_on, build_on_no_more
from experiments.models.promotion import promote

router = Router(tags=["tasks"], by_alias=True)


class SentLink(Sent):
    """A decided experiment or research card that this development card builds on."""

    rel: Literal["builds_on"]
    ref: Reference


class Promotion(Sent):
    """Firm points state that requirements are clear and the technology is known."""

    phase: Literal["prototype", "productionize"]
    points: Number | None = None
    confidence: Confidence | None = None


@router.get("/tasks/{ref}/links", response=Listed[Link], operation_id="list_links")
def list_links(request: ApiRequest, ref: Ref, asked: Query[Page]) -> dict[str, Any]:
    """The cards that this one points to; what is in the bin is left out."""
    return listed(request, asked, shown_links(card(request, ref)), show_link)


@router.post("/tasks/{ref}/links", response={201: Link, 200: Link}, operation_id="make_link")
def make_link(request: ApiRequest, ref: Ref, link: SentLink) -> Status[dict[str, str]]:
    """Name a card that this one builds on: 201, and 200 when it did already."""
    task, other = card(request, ref), other_card(request, link.ref)
    known = task.links.filter(rel=link.rel, other=other).exists()
    made = build_on(task, other, request.membership)
    return Status(200 if known else 201, {"rel": made.rel, "ref": other.ref})


@router.delete("/tasks/{ref}/links", response=Listed[Link], operation_id="remove_link")
def remove_link(request: ApiRequest, ref: Ref, link: Body[SentLink]) -> dict[str, Any]:
    """Take a link away; one that a decision made stays. Answers those that are left."""
    task = card(request, ref)
    build_on_no_more(task, other_card(request, link.ref), request.membership)
    return listed(request, Page(limit=100), shown_links(task), show_link)


@router.post("/tasks/{ref}/promotion", response={201: ToldTask}, operation_id="promote_task")
def promote_task(request: ApiRequest, ref: Ref, promotion: Promotion, response: HttpResponse) -> dict[str, Any]:
    """Make the card of the next phase, linked back."""
    made = promote(
        card(request, ref), request.membership, phase=promotion.phase, points=promotion.points, confidence=promotion.confidence or ""
    )
    response["Location"] = reverse("api:read_task", kwargs={"ref": made.ref})
    return told(request, made)


def other_card(request: ApiRequest, ref: str) -> Task:
    """A card of the team that a body names; another team's is as unknown as none."""
    ref = ref.strip().upper()
    found = Task.objects.within(request.team).present().filter(ref=ref).first() if REF.fullmatch(ref) else None
    if found is None:
        raise Refusal.of({"ref": f"There is no card {ref} in this team."})
    return found


def shown_links(task: Task) -> Any:
    return task.links.filter(other__deleted_at=None).select_related("other")


def show_link(link: Any) -> dict[str, str]:
    return {"rel": link.rel, "ref": link.other.ref}
