"""Who gets in: signed in first, then a member of the team in the address. Outsiders get 404."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from dsboard.models import Membership, Team, User
from dsboard.prepared import prepared

#: addresses that answer without a session: probes, and the two that have tokens of their own
OPEN_PATHS = ("/healthz", "/readyz", "/api/", "/mlflow/")


class MyRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
    htmx: HtmxDetails


class TeamRequest(MyRequest):
    """A request under /t/<team>/ after the middleware: the team and the person's place in it are known."""

    team: Team
    membership: Membership
    memberships: list[Membership]


@prepared
def places_of(user: int) -> QuerySet[Membership]:
    """Every place that a person has, with its team, by the team's name."""
    places = Membership.objects.filter(user=user).order_by("team__name")
    return places.select_related("team__pulse").defer("team__pulse__recent")


class SignedInMiddleware(LoginRequiredMiddleware):
    """Everything needs a session but the open paths and views marked login_not_required."""

    def process_view(self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any) -> HttpResponseBase | None:
        if request.path.startswith(OPEN_PATHS):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        """To the sign-in page; a page that is open already only says so, and keeps what was written."""
        if not request.htmx:  # type: ignore[attr-defined]
            return super().handle_no_permission(request, view_func)
        toast = {"text": "You were signed out. Sign in again in a new tab; this page keeps what you wrote.", "bad": True}
        response = render(request, "dsboard/_toast.html", {"toast": toast}, status=401)
        response["HX-Retarget"] = "#toasts"
        response["HX-Reswap"] = "beforeend"
        return response


class TeamMiddleware:
    """The one choke point of /t/<team>/: takes the team out of the address, finds the membership or answers 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The team's zone holds for this request only; the thread goes on to another team's.
        with timezone.override(None):
            return self.get_response(request)

    def process_view(self, request: Any, view_func: Any, view_args: Any, view_kwargs: dict[str, Any]) -> None:
        if not request.path.startswith("/api/") and ("\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")):
            # PostgreSQL would answer any look-up with an error, and nothing of ours is named like that. The API says which field.
            raise Http404("There is no such page here.")
        if "team" not in view_kwargs or not request.user.is_authenticated:
            return
        key = view_kwargs.pop("team")
        # All of the person's places at once: the page names the other teams too.
        request.memberships = places_of(request.user.pk)
        membership = next((place for place in request.memberships if place.team.key == key.upper()), None)
        if membership is None:
            raise Http404("There is no such team here, or it is not shared with you.")
        membership.user = request.user
        request.team = membership.team
        request.membership = membership
        timezone.activate(ZoneInfo(membership.team.time_zone))
