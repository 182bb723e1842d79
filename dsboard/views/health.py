"""Is it alive, is it ready: for load balancers and for people who wonder whether the jobs run."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse

from dsboard import clock
from dsboard.later import Later
from dsboard.models import JobRun

if TYPE_CHECKING:
    import redis
else:
    redis = Later("redis")


def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers and each sweep runs in time; 503 names what does not."""
    age: float | None = None
    late: dict[str, timedelta] = {}
    database = "ok"
    try:
        last, late = JobRun.last(), JobRun.late()
        age = round((clock.now() - last).total_seconds(), 1) if last else None
    except Error:
        database = "does not answer"
    jobs = "does not answer" if broker_is_silent() else jobs_state(late)
    failing = [name for name, state in (("database", database), ("jobs", jobs)) if state != "ok"]
    told = {"database": database, "jobs": jobs, "last_sweep_age_seconds": age} | ({"not_ready": failing} if failing else {})
    return JsonResponse(told, status=503 if failing else 200)


def jobs_state(late: dict[str, timedelta]) -> str:
    """`ok`, or each late sweep with how long it has not run."""
    named = ", ".join(f"{name} for {silence.total_seconds():.0f} seconds" for name, silence in sorted(late.items()))
    return f"not run: {named}" if named else "ok"


def broker_is_silent() -> bool:
    """True when Redis is configured and does not answer."""
    if not settings.REDIS_URL:
        return False
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as broker:
            broker.ping()
    except redis.RedisError:
        return True
    return False
