"""When something breaks: a code that a person can read out, and the same code in the log."""

import logging
import secrets
import sys

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader

log = logging.getLogger("dsboard.broken")


def broken(request: HttpRequest) -> HttpResponse:
    """The page of an unexpected error; it asks nothing of the database, which may be what is broken."""
    code = secrets.token_hex(2).upper()
    log.error("%s %s broke, code %s", request.method, request.path, code, exc_info=sys.exc_info())
    return HttpResponseServerError(loader.get_template("500.html").render({"code": code}))
