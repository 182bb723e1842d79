"""The files kept as evidence with a version: handed out, removed."""

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from dsboard.access import TeamRequest
from dsboard.http import onward
from experiments.downloads import download as handed_out
from handoffs.models import EvidenceFile
from handoffs.views.version import version_named


def file_named(request: TeamRequest, slug: str, name: str, key: str) -> EvidenceFile:
    """The file of any version of the model in the address, or 404."""
    version = version_named(request, slug, name)
    rows = EvidenceFile.objects.within(request.team).present().filter(version__model=version.model)
    found: EvidenceFile = get_object_or_404(rows.select_related("version__model__team"), key=key)
    return found


@require_GET
def download(request: TeamRequest, slug: str, name: str, key: str) -> FileResponse:
    """The file as a download."""
    return handed_out(file_named(request, slug, name, key))


@require_POST
def removal(request: TeamRequest, slug: str, name: str, key: str) -> HttpResponse:
    """Take it away."""
    found = file_named(request, slug, name, key)
    found.remove(request.membership)
    return onward(request, found.version.get_absolute_url(), f"{found.name} is removed")
