"""Everything under /api/ answers in JSON: also what never reached the API."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from dsboard.api.problems import PROBLEM, problem, refused
from dsboard.api.reading import LARGEST, LARGEST_UPLOAD, TooLarge

#: addresses that take files
UPLOADS = ("/files", "/attachments")


class ApiMiddleware:
    """Refuses bodies over one megabyte, of uploads over twenty, and turns pages about errors into problems."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        most, said = (LARGEST_UPLOAD, "20 MB") if request.path.endswith(UPLOADS) else (LARGEST, "1 MB")
        if length(request) > most:
            return refused(request, TooLarge(f"A body may have {said} at most."))
        response = self.get_response(request)
        if response.status_code >= 400 and response["Content-Type"] != PROBLEM:
            kept = [(name, response[name]) for name in ("Allow",) if name in response]
            response = problem(response.status_code, headers=kept)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def length(request: HttpRequest) -> int:
    """The length of the body as the server counted it; no number is no body."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
