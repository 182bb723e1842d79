"""The files kept as evidence with a version: list, upload, hand out, remove."""

from datetime import datetime
from typing import Annotated, Any

from django.http import FileResponse, Http404, HttpResponse
from django.urls import reverse
from ninja import File, Path, Query, Router, Status, UploadedFile
from pydantic import BaseModel

from dsboard.api.shapes import Listed, Page, address, listed
from dsboard.api.tokens import ApiRequest
from experiments.api.paths import Key
from experiments.downloads import download
from handoffs.api.shapes import Slug, V
from handoffs.api.showing import version_named
from handoffs.models import EvidenceFile

router = Router(tags=["models"])
FileKey = Annotated[str, Path(..., description="The key of a file, as its upload answered it.")]


class StoredFile(BaseModel):
    """A file; as evidence it is named by its key: {type: file, value: key}. `size` in bytes, `sha256` in hexadecimal."""

    key: str
    name: str
    size: int
    sha256: str
    by: str | None
    at: datetime


@router.get("/teams/{key}/models/{slug}/versions/{v}/files", response=Listed[StoredFile], operation_id="list_files")
def list_files(request: ApiRequest, key: Key, slug: Slug, v: V, asked: Query[Page]) -> dict[str, Any]:
    """The files of a version, as they came."""
    rows = EvidenceFile.objects.present().filter(version=version_named(request, key, slug, v)).select_related("by")
    return listed(request, asked, rows, show_file)


@router.post("/teams/{key}/models/{slug}/versions/{v}/files", response={201: StoredFile}, operation_id="upload_file")
def upload_file(request: ApiRequest, key: Key, slug: Slug, v: V, file: File[UploadedFile], response: HttpResponse) -> dict[str, Any]:
    """Keep a file of at most 20 MB, sent as multipart/form-data."""
    made = EvidenceFile.add(version_named(request, key, slug, v), request.membership, file)
    parts = {"key": request.team.key, "slug": slug, "v": made.version.name, "file": made.key}
    response["Location"] = reverse("api:read_file", kwargs=parts)
    return show_file(made)


def file_named(request: ApiRequest, key: str, slug: str, v: str, file: str) -> EvidenceFile:
    """The file of the version, or 404."""
    version = version_named(request, key, slug, v)
    found: EvidenceFile | None = EvidenceFile.objects.present().filter(version=version, key=file.replace("\x00", "")).first()
    if found is None:
        raise Http404
    found.version = version
    return found


@router.get(
    "/teams/{key}/models/{slug}/versions/{v}/files/{file}",
    response={200: None},
    operation_id="read_file",
    url_name="read_file",
    openapi_extra={"responses": {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}},
)
def read_file(request: ApiRequest, key: Key, slug: Slug, v: V, file: FileKey) -> FileResponse:
    """The file itself, always as a download."""
    return download(file_named(request, key, slug, v, file))


@router.delete("/teams/{key}/models/{slug}/versions/{v}/files/{file}", response={204: None}, operation_id="remove_file")
def remove_file(request: ApiRequest, key: Key, slug: Slug, v: V, file: FileKey) -> Status:
    """Take it away; one that an answer or a handoff stands on stays."""
    file_named(request, key, slug, v, file).remove(request.membership)
    return Status(204, None)


def show_file(one: EvidenceFile) -> dict[str, Any]:
    return {"key": one.key, "name": one.name, "size": one.size, "sha256": one.sha256, "by": address(one.by), "at": one.at}
