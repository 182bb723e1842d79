"""Is it alive, is it ready: for load balancers and for people who wonder whether the jobs run."""

import time

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis import Redis, RedisError

from dsboard import clock
from dsboard.models import JobRun

#: seconds without a sweep after which the jobs count as stopped
PATIENCE = 90
STARTED = time.monotonic()


def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers and the jobs run; 503 names what does not."""
    age: float | None = None
    database = "ok"
    try:
        last = JobRun.last()
        age = round((clock.now() - last).total_seconds(), 1) if last else None
    except Error:
        database = "does not answer"
    jobs = "does not answer" if broker_is_silent() else jobs_state(age)
    failing = [name for name, state in (("database", database), ("jobs", jobs)) if state != "ok"]
    told = {"database": database, "jobs": jobs, "last_sweep_age_seconds": age} | ({"not_ready": failing} if failing else {})
    return JsonResponse(told, status=503 if failing else 200)


def jobs_state(age: float | None) -> str:
    """`ok`, or how long no job has run. A process that has just started is given time for its first sweep."""
    silence = time.monotonic() - STARTED if age is None else min(age, time.monotonic() - STARTED)
    return "ok" if silence <= PATIENCE else f"no sweep for {silence:.0f} seconds"


def broker_is_silent() -> bool:
    """True when Redis is configured and does not answer."""
    if not settings.REDIS_URL:
        return False
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as broker:
            broker.ping()
    except RedisError:
        return True
    return False
