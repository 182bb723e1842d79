"""A Django of nothing but sessions and people: what memory is compared with.

Run with a number it is served as dsboard is, on that port.
"""

import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from dsboard.serving import server
from dsboard.serving.bridge import Bridge

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
asgi = Bridge(get_wsgi_application())

if __name__ == "__main__":
    server.APPLICATION = "benchmarks._bare:asgi"
    server.serve(server.listen("127.0.0.1", int(sys.argv[1])))
