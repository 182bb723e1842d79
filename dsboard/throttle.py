"""Limits on guessing: sign-in, links, password reset, bad API tokens and calendar feeds.

Two counters each: one per source, one per address typed. The one per address is the wider, so that nobody
can lock a colleague out from one place by typing wrong passwords.
"""

import logging
import time
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

from dsboard.errors import TooMany

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def counters() -> FixedWindowRateLimiter:
    """Redis where there is one, because several processes must count together; else this process's memory."""
    storage = RedisStorage(settings.REDIS_URL, wrap_exceptions=True) if settings.REDIS_URL else MemoryStorage()
    return FixedWindowRateLimiter(storage)


@lru_cache(maxsize=1)
def spare_counters() -> FixedWindowRateLimiter:
    """For the time that Redis is away: a limit for each process is better than none, and than nobody signing in."""
    return FixedWindowRateLimiter(MemoryStorage())


def reset() -> None:
    """Forget all counts."""
    counters.cache_clear()
    spare_counters.cache_clear()


def source(request: HttpRequest) -> str:
    """Who asks, as far as counting goes.

    X-Forwarded-For is read only where DSBOARD_URL says https: then a proxy stands in front and appends the address
    it saw, so the last hop is true and every earlier one may be the client's invention. Without a proxy the header
    is anybody's, and only the connection's own address counts. An IPv6 client owns a whole /64.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE:
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False)) if parsed.ipv4_mapped is None else str(parsed.ipv4_mapped)
    return str(parsed)


class Throttle:
    """Counts misses under a name; `per_source` and `per_address` are limits such as "20/5minute;50/hour"."""

    def __init__(self, name: str, per_source: str, per_address: str = "") -> None:
        self.name = name
        self.per_source = parse_many(per_source)
        self.per_address = parse_many(per_address) if per_address else []

    def check(self, request: HttpRequest, address: str = "") -> None:
        """Raise TooMany while a counter is used up."""
        for item, key in self.keys(request, address):
            try:
                self.look(counters(), item, key)
            except StorageError:
                self.look(spare_counters(), item, key)

    def miss(self, request: HttpRequest, address: str = "") -> None:
        """Count one wrong try."""
        for item, key in self.keys(request, address):
            try:
                counters().hit(item, *key)
            except StorageError:
                log.warning("the counters of %s can't be reached; counting in this process", self.name)
                spare_counters().hit(item, *key)

    def look(self, limiter: FixedWindowRateLimiter, item: RateLimitItem, key: tuple[str, ...]) -> None:
        """Raise TooMany if this one counter is used up, with the seconds until it is free again."""
        if limiter.test(item, *key):
            return
        seconds = max(1, round(limiter.get_window_stats(item, *key).reset_time - time.time()))
        minutes = -(-seconds // 60)
        raise TooMany(f"Too many tries. Wait {minutes} {'minute' if minutes == 1 else 'minutes'}, then try again.", seconds=seconds)

    def keys(self, request: HttpRequest, address: str) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
        """Every counter that this request falls under."""
        keys: list[tuple[RateLimitItem, tuple[str, ...]]] = [
            (item, ("dsboard", self.name, "from", source(request))) for item in self.per_source
        ]
        if address:
            keys += [(item, ("dsboard", self.name, "for", address.strip().lower()[:254])) for item in self.per_address]
        return keys


sign_in = Throttle("sign-in", "20/5minute;50/hour", "100/hour")
links = Throttle("links", "20/5minute")
password_reset = Throttle("password-reset", "10/hour", "20/hour")
api_tokens = Throttle("api-tokens", "60/minute")
feeds = Throttle("feeds", "20/5minute")
