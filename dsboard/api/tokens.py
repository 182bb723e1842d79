"""Who asks: a bearer token, which stands for a membership and never beats its role."""

import time
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.strategies import FixedWindowRateLimiter

from dsboard import throttle
from dsboard.errors import Forbidden, TooMany
from dsboard.models import ApiToken, Membership, Team
from dsboard.models.api_token import Scope
from dsboard.roles import Act

SAFE = ("GET", "HEAD")
#: where a token with the scope "runs" may post, and nothing else beside MLflow's door
RUNS = ("/runs", "/metrics")
MLFLOW = "/mlflow/"


class ApiRequest(HttpRequest):
    """A request with a valid token: the team and the person's place in it are known."""

    team: Team
    membership: Membership


def holder(request: Any, token: str) -> ApiToken | None:
    """The living token, which makes the request its team's; None for an unknown one. Raises Refusal for what it may not do."""
    held = ApiToken.holder(token)
    if held is None:
        # Counted after the look-up: whoever guesses must not lock out the good tokens behind the same address.
        throttle.api_tokens.check(request)
        throttle.api_tokens.miss(request)
        return None
    refuse_hasty(held)
    refuse_scope(request, held)
    request.membership, request.team = held.membership, held.membership.team
    return held


def refuse_scope(request: HttpRequest, held: ApiToken) -> None:
    """What the token's scope and its owner's role never allow, before anything else of the request is read."""
    at_door = request.path.startswith(MLFLOW)
    if held.scope == Scope.RUNS and not at_door and not (request.method == "POST" and request.path.endswith(RUNS)):
        raise Forbidden("This token may only post runs and values of models in operation.")
    if request.method in SAFE:
        held.membership.must(Act.READ)
    elif held.scope == Scope.READ:
        raise Forbidden("This token may only read. Make one with the scope “write”.")
    else:
        held.membership.must(Act.EDIT)


@lru_cache(maxsize=4)
def rates(text: str) -> list[RateLimitItem]:
    """The limits of DSBOARD_API_RATE, such as "600/minute"."""
    return parse_many(text) if text else []


def refuse_hasty(held: ApiToken) -> None:
    """Hold a valid token to DSBOARD_API_RATE, where that is set."""
    for item in rates(settings.API_RATE):
        try:
            count(throttle.counters(), item, held)
        except StorageError:
            count(throttle.spare_counters(), item, held)


def count(limiter: FixedWindowRateLimiter, item: RateLimitItem, held: ApiToken) -> None:
    """Count one request; raise TooMany over the limit, with the seconds until the next one may come."""
    key = ("dsboard", "api-rate", str(held.pk))
    if not limiter.hit(item, *key):
        seconds = max(1, round(limiter.get_window_stats(item, *key).reset_time - time.time()))
        raise TooMany(f"This token may ask {item.amount} times in {item.get_expiry()} seconds. Wait {seconds}.", seconds=seconds)


def team_named(request: ApiRequest, key: str) -> Team:
    """The token's team if that is the one in the address; every other one does not exist."""
    if key.upper() != request.team.key:
        raise Http404
    return request.team


def absolute(request: HttpRequest, path: str) -> str:
    """An address from the outside: on DSBOARD_URL where that is set, else on the host that was asked."""
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)
