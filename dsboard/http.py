"""Turning a refusal into an answer: a toast for htmx, a page for a plain form; and what was done into the page that shows it."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from dsboard import clock
from dsboard.errors import Refusal

MESSAGES = SessionStorage.session_key


class RefusalMiddleware:
    """A Refusal that no form caught: 422, 403 or 409 with its sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(("/static/", "/api/")):
            # The same address answers a page or a fragment; without this the back button shows a fragment.
            patch_vary_headers(response, ["HX-Request"])
        return response

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        if request.htmx:
            response = render(request, "dsboard/_toast.html", {"toast": {"text": exception.sentence, "bad": True}}, status=exception.status)
            response["HX-Retarget"] = "#toasts"
            response["HX-Reswap"] = "beforeend"
        else:
            response = render(request, "refused.html", {"refusal": exception}, status=exception.status)
        for name, value in exception.headers.items():
            response[name] = value
        return response


def tag_of(request: Any, *args: Any, **kwargs: Any) -> str | None:
    """What a page of a team stands on: while this is the same, a browser that asks again gets 304, and no row was read for it.

    None while a sentence waits to be said, which happens once. A minute is part of it because clocks go on.
    """
    if request.session.get(MESSAGES):
        return None
    user, team = request.user, request.team
    stands_on = (
        request.get_full_path(), bool(request.htmx), team.pk, team.pulse.version, int(clock.now().timestamp() // 60),
        user.pk, user.name, user.theme, user.single_keys, request.membership.role, request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""),
    )  # fmt: skip
    return f'"{sha256(repr(stands_on).encode()).hexdigest()[:32]}"'


def unchanged_is_304(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that stands on the pulse of its team alone."""
    return cache_control(private=True, no_cache=True)(condition(etag_func=tag_of)(view))


def onward(request: Any, url: str, sentence: str = "") -> HttpResponse:
    """To the page that shows what was done; `sentence` is said there.

    A browser that is sent to the address where it is already, with a fragment, only scrolls: it is told to load again.
    """
    if sentence:
        messages.success(request, sentence)
    if not request.htmx:
        return redirect(url)
    here = (request.htmx.current_url_abs_path or "").partition("#")[0]
    return HttpResponseClientRefresh() if here == url.partition("#")[0] else HttpResponseClientRedirect(url)


class VerbForm(forms.Form):
    """A form that cleans what was typed and then tries one verb; a refusal lands on the fields it names."""

    def attempt(self, verb: Callable[[dict[str, Any]], Any]) -> bool:
        """Clean, then call `verb(cleaned_data)`; False with the errors shown when either says no. Keeps the result."""
        self.result: Any = None
        if not self.is_valid():
            return False
        try:
            self.result = verb(self.cleaned_data)
        except Refusal as refusal:
            self.refuse(refusal)
            return False
        return True

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal: each field's own sentence at the field, the rest at the top of the form."""
        self.refusal = refusal
        named = {name: sentence for name, sentence in refusal.fields.items() if name in self.fields}
        for name, sentence in named.items():
            self.add_error(name, sentence)
        if len(named) < max(1, len(refusal.fields)):
            self.add_error(None, " ".join(s for n, s in refusal.fields.items() if n not in named) or refusal.sentence)


def trigger(response: HttpResponse, **events: Any) -> HttpResponse:
    """Add browser events to an htmx answer: trigger(response, placed={...})."""
    response["HX-Trigger"] = json.dumps({**json.loads(response.get("HX-Trigger", "{}")), **events})
    return response
