"""Counting wrong tries: who is counted together, where, and what when the counters are away."""

from collections.abc import Iterator

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from dsboard import throttle
from dsboard.errors import TooMany
from dsboard.throttle import Throttle


def asked(address: str = "203.0.113.9", forwarded: str = "") -> str:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return throttle.source(RequestFactory().get("/", headers=headers, REMOTE_ADDR=address))


def test_the_source_is_the_connection() -> None:
    assert asked() == "203.0.113.9"
    assert asked(forwarded="10.0.0.1") == "203.0.113.9"


def test_behind_https_it_is_the_last_hop(settings: Settings) -> None:
    settings.SECURE = True
    assert asked("10.0.0.2", "evil, 198.51.100.7") == "198.51.100.7"
    assert asked("10.0.0.2") == "10.0.0.2"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_ipv6_network_counts_as_one(address: str, counted: str) -> None:
    assert asked(address) == counted


def count_out(limit: Throttle) -> None:
    """Three misses are allowed, a fourth try is not, elsewhere nothing is counted."""
    here, elsewhere = (RequestFactory().post("/", REMOTE_ADDR=a) for a in ("203.0.113.9", "198.51.100.7"))
    for _ in range(3):
        limit.check(here, "mei@example.org")
        limit.miss(here, "mei@example.org")
    with pytest.raises(TooMany) as caught:
        limit.check(here, "Mei@Example.org ")
    assert 0 < int(caught.value.headers["Retry-After"]) <= 3600
    assert caught.value.sentence.startswith("Too many tries. Wait ")
    limit.check(elsewhere, "mei@example.org")
    limit.miss(elsewhere, "mei@example.org")
    limit.miss(elsewhere, "MEI@example.org")
    with pytest.raises(TooMany):
        limit.check(elsewhere, "mei@example.org")
    limit.check(elsewhere, "arjun@example.org")


def test_in_memory() -> None:
    count_out(Throttle("test", "3/hour", "5/hour"))


@pytest.fixture
def other_counters() -> Iterator[None]:
    throttle.reset()
    yield
    throttle.reset()


@pytest.mark.redis
def test_in_redis(settings: Settings, redis_url: str, other_counters: None) -> None:
    settings.REDIS_URL = redis_url
    limit = Throttle("test", "3/hour", "5/hour")
    count_out(limit)
    # Another process meets the same counts.
    throttle.reset()
    with pytest.raises(TooMany):
        limit.check(RequestFactory().post("/", REMOTE_ADDR="203.0.113.9"))


def test_without_redis_each_process_counts_for_itself(settings: Settings, other_counters: None) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    count_out(Throttle("test", "3/hour", "5/hour"))


@pytest.mark.parametrize("limit", [throttle.sign_in, throttle.password_reset])
def test_one_place_can_never_use_up_an_address(limit: Throttle) -> None:
    """Or anybody could keep a colleague out."""
    assert min(item.amount for item in limit.per_address) > min(item.amount for item in limit.per_source)
    for wide in limit.per_address:
        tight = [item for item in limit.per_source if item.get_expiry() >= wide.get_expiry()]
        assert tight and min(item.amount for item in tight) < wide.amount
