"""Mail to people: sent after the answer, so that no answer is slower because an address is known."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection
from django.http import HttpRequest
from django.template.loader import render_to_string

log = logging.getLogger(__name__)
#: one at a time: a mail server that hangs holds up mail, never a page
postman = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def later(work: Callable[..., None], *args: Any) -> None:
    """Do `work` after the answer. A mail lost with the process is one that the person asks for again."""
    postman.submit(run, work, *args)


def run(work: Callable[..., None], *args: Any) -> None:
    """Do `work` in the postman's thread: a failure is logged, the connection given back."""
    try:
        work(*args)
    except Exception:
        log.exception("mail was not sent")
    finally:
        connection.close()


def send(template: str, to: str, context: dict[str, Any]) -> None:
    """Send templates/mail/<template>.txt, whose first line is the subject."""
    subject, _, text = render_to_string(f"mail/{template}.txt", context).lstrip().partition("\n")
    send_mail(subject.strip(), text.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [to])


def address_of(path: str, request: HttpRequest | None = None) -> str:
    """The full address of a path: from DSBOARD_URL where it is set, never from a header then."""
    if settings.PUBLIC_URL:
        return settings.PUBLIC_URL + path
    if request is not None:
        # Without DSBOARD_URL only names of this machine pass ALLOWED_HOSTS, so a made-up Host header leads nowhere.
        return request.build_absolute_uri(path)
    return f"http://127.0.0.1:8000{path}"
