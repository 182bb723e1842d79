"""The calendar feed: read by programs at its secret address; made, replaced and stopped in one's own settings."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response, set_response_etag
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dsboard import feed, mail, throttle
from dsboard.access import MyRequest
from dsboard.models import Feed
from dsboard.views import me

NOT_HERE = "There is no calendar feed at this address. If it was yours, make a new address in your settings.\n"


@login_not_required
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The feed as it is now. An address that is unknown, was stopped, or whose person is deactivated answers one and the same."""
    user = Feed.holder(token)
    if user is None:
        # Counted after the look-up: calendar services read everybody's feeds from a few places, and wrong ones must not stop the good.
        throttle.feeds.check(request)
        throttle.feeds.miss(request)
        return unshared(HttpResponse(NOT_HERE, status=404, content_type="text/plain; charset=utf-8"))
    response = HttpResponse(feed.written(user, request), content_type="text/calendar; charset=utf-8")
    set_response_etag(response)
    return unshared(get_conditional_response(request, etag=response["ETag"], response=response) or response)


def unshared(response: HttpResponse) -> HttpResponse:
    """Nobody between here and the program keeps the answer, and its address goes nowhere else."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@never_cache
def address(request: MyRequest) -> HttpResponse:
    """Make an address and show it, this once."""
    made = mail.address_of(reverse("calendar-feed", args=[Feed.issue(request.user)]), request)
    return me.page(request, feed_address=made)


@require_POST
def revocation(request: MyRequest) -> HttpResponse:
    """Stop one's own feed; one that was stopped already stays so."""
    mine = Feed.objects.filter(user=request.user).first()
    if mine:
        mine.revoke()
    messages.success(request, "Calendar feed stopped")
    return redirect("me-settings")
