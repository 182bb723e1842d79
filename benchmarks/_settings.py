"""dsboard's own settings with one more address, the bare view, and a count of queries where it is asked for."""

from dsboard.settings import *  # noqa: F403
from dsboard.settings import MIDDLEWARE

ROOT_URLCONF = "benchmarks._urls"
MIDDLEWARE = ["benchmarks._urls.QueriesMiddleware", "benchmarks._urls.RecordMiddleware", *MIDDLEWARE]
