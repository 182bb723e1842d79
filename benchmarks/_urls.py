"""What everything is compared with: a bare view of as many bytes as asked for, and one of the same bytes after the same look-ups."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt


@lru_cache(32)
def filling(size: int) -> bytes:
    return b"x" * size


@csrf_exempt
@login_not_required
def bare(request: HttpRequest, size: int) -> HttpResponse:
    """Answer `size` bytes through the same server and the same middleware."""
    return HttpResponse(filling(size))


@lru_cache(8)
def kept(name: str) -> bytes:
    return (settings.DATA_DIR / f"{name}.same").read_bytes()


def same(request: Any, name: str) -> HttpResponse:
    """The bytes of a page that the benchmark has put aside, after the same look at session and person."""
    return HttpResponse(kept(name) if request.user.is_authenticated else b"")


class RecordMiddleware:
    """Write the statements of a request into a file, if it names one: the benchmark repeats them without us."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_X_RECORD" not in request.META:
            return self.get_response(request)
        with CaptureQueriesContext(connection) as queries:
            response = self.get_response(request)
        statements = [query["sql"] for query in queries.captured_queries]
        (settings.DATA_DIR / f"{request.META['HTTP_X_RECORD']}.sql.json").write_text(json.dumps(statements))
        return response


class QueriesMiddleware:
    """Say in a header how many queries a request took, if it asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_X_COUNT" not in request.META:
            return self.get_response(request)
        count = 0

        def counted(execute: Callable[..., Any], *of_the_query: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*of_the_query)

        with connection.execute_wrapper(counted):
            response = self.get_response(request)
        response["X-Queries"] = str(count)
        return response


urlpatterns = [path("bare/<int:size>/", bare), path("same/<str:name>/", same), path("", include("dsboard.urls"))]
handler500 = "dsboard.views.broken.broken"
