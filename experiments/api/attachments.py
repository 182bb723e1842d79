"""The files on a card: list, upload, hand out, remove."""

from datetime import datetime
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.urls import reverse
from ninja import File, Query, Router, Status, UploadedFile
from pydantic import BaseModel

from dsboard.api.shapes import Listed, Page, Pk, address, listed
from dsboard.api.tokens import ApiRequest
from experiments.api.paths import Ref
from experiments.api.showing import card
from experiments.downloads import download
from experiments.models import Attachment

router = Router(tags=["tasks"])


class CardFile(BaseModel):
    """A file on a card; `size` in bytes, `sha256` in hexadecimal, null for files from before it was kept."""

    id: int
    name: str
    size: int
    sha256: str | None
    by: str | None
    at: datetime


@router.get("/tasks/{ref}/attachments", response=Listed[CardFile], operation_id="list_attachments")
def list_attachments(request: ApiRequest, ref: Ref, asked: Query[Page]) -> dict[str, Any]:
    """The card's files, as they came."""
    rows = Attachment.objects.filter(task=card(request, ref), removed_at=None).select_related("by")
    return listed(request, asked, rows, show_attachment)


@router.post("/tasks/{ref}/attachments", response={201: CardFile}, operation_id="attach")
def attach(request: ApiRequest, ref: Ref, file: File[UploadedFile], response: HttpResponse) -> dict[str, Any]:
    """Keep a file of at most 20 MB on the card, sent as multipart/form-data."""
    task = card(request, ref)
    made = Attachment.add(task, request.membership, file)
    response["Location"] = reverse("api:read_attachment", kwargs={"ref": task.ref, "id": made.pk})
    return show_attachment(made)


def attachment_named(request: ApiRequest, ref: str, pk: int) -> Attachment:
    """The file of the card, or 404."""
    task = card(request, ref)
    found: Attachment | None = Attachment.objects.filter(task=task, removed_at=None, pk=pk).first()
    if found is None:
        raise Http404
    found.task = task
    return found


@router.get(
    "/tasks/{ref}/attachments/{id}",
    response={200: None},
    operation_id="read_attachment",
    url_name="read_attachment",
    openapi_extra={"responses": {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}},
)
def read_attachment(request: ApiRequest, ref: Ref, id: Pk) -> FileResponse:
    """The file itself, always as a download."""
    return download(attachment_named(request, ref, id))


@router.delete("/tasks/{ref}/attachments/{id}", response={204: None}, operation_id="detach")
def detach(request: ApiRequest, ref: Ref, id: Pk) -> Status:
    """Take it off the card; on its page it can be put back for 30 days."""
    attachment_named(request, ref, id).remove(request.membership)
    return Status(204, None)


def show_attachment(one: Attachment) -> dict[str, Any]:
    return {"id": one.pk, "name": one.name, "size": one.size, "sha256": one.sha256 or None, "by": address(one.by), "at": one.at}
