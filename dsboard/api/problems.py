"""What goes wrong, as application/problem+json: a title, the status, a sentence, and the fields at fault."""

import json
from collections.abc import Iterable
from http.client import responses
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse

from dsboard.errors import Refusal

PROBLEM = "application/problem+json"
#: for the operations that compare versions or neighbours: openapi_extra=MAY_BE_STALE
MAY_BE_STALE: dict[str, Any] = {"responses": {409: {"description": "Changed by somebody else"}}}
SENTENCES = {
    400: "The request could not be read.",
    401: "Send a valid token: Authorization: Bearer dsb_…",
    404: "There is nothing here, or it is not shared with you.",
    405: "This address does not answer to that method.",
    500: "Something broke on our side. Nothing was changed.",
}


def problem(status: int, detail: str = "", *, title: str = "", headers: Iterable[tuple[str, str]] = (), **more: Any) -> HttpResponse:
    """The answer for one problem; `more` are the members that some problems have."""
    said = {"title": title or responses[status], "status": status, "detail": detail or SENTENCES.get(status, responses[status]), **more}
    return HttpResponse(json.dumps(said, cls=DjangoJSONEncoder), status=status, content_type=PROBLEM, headers=dict(headers))


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A verb said no."""
    more: dict[str, Any] = {}
    if refusal.status == 422:
        more["errors"] = [{"field": name, "message": sentence} for name, sentence in refusal.fields.items()]
        more["way"] = refusal.way or None
    if refusal.status == 409:
        current = getattr(refusal, "current", None)
        more["current"] = current if isinstance(current, dict) else None
    return problem(refusal.status, refusal.sentence, title=refusal.title, headers=refusal.headers.items(), **more)
