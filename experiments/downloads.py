"""Handing out what was uploaded: always as a download, never as a page of this site."""

from django.http import FileResponse

from experiments.models.stored_file import StoredFile


def download(stored: StoredFile) -> FileResponse:
    """The file under the name that it came with; a browser neither guesses its type nor runs anything of it. Raises Refusal."""
    response = FileResponse(stored.opened(), as_attachment=True, filename=stored.name, content_type="application/octet-stream")
    if not response.has_header("Content-Length"):
        response["Content-Length"] = str(stored.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
