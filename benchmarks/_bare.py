"""A Django of nothing but sessions and people: what memory and the choice of a server are compared with.

Run with a number it is served as dsboard is, on that port; `wsgi` and `asgi` are there for other servers.
"""

import sys

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

PAGE = b"x" * 82_000


def page(request: HttpRequest) -> HttpResponse:
    """As many bytes as a board of two hundred cards once had, in the reference's own comparison."""
    return HttpResponse(PAGE)


urlpatterns = [path("", page)]

if not settings.configured:
    settings.configure(
        SECRET_KEY="bare" * 16,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        LOGGING_CONFIG=None,
    )
    django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402  Django is set up by now

from dsboard.serving import server  # noqa: E402
from dsboard.serving.bridge import Bridge  # noqa: E402

wsgi = WSGIHandler()
asgi = Bridge(wsgi)

if __name__ == "__main__":
    server.APPLICATION = "benchmarks._bare:asgi"
    server.serve(server.listen("127.0.0.1", int(sys.argv[1])))
