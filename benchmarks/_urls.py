"""The bare view that everything is compared with: as many bytes as asked for, no query, no template."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
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


urlpatterns = [path("bare/<int:size>/", bare), path("", include("dsboard.urls"))]
handler500 = "dsboard.views.broken.broken"
