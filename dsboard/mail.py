"""Mail to people: sent after the answer, so that no answer is slower because an address is known."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

if TYPE_CHECKING:
    from dsboard.models import Notice, User

log = logging.getLogger(__name__)
#: what the addresses that stop a kind of mail are signed for
STOP = "stop mail"
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


def told(notice: "Notice") -> dict[str, Any]:
    """A notice with full addresses, for a letter."""
    buttons = [(words, address_of(path)) for words, path in notice.actions]
    facts = {name: getattr(notice, name) for name in ("title", "text", "why", "team")}
    return facts | {"url": address_of(notice.url), "buttons": buttons}


def unsubscribing(person: "User", topic: str) -> str:
    """The address that stops one kind of mail for one person, without signing in."""
    return address_of(reverse("mail-stop", args=[signing.dumps([person.pk, topic], salt=STOP)]))


def address_of(path: str, request: HttpRequest | None = None) -> str:
    """The full address of a path: from DSBOARD_URL where it is set, never from a header then."""
    if settings.PUBLIC_URL:
        return settings.PUBLIC_URL + path
    if request is not None:
        # Without DSBOARD_URL only names of this machine pass ALLOWED_HOSTS, so a made-up Host header leads nowhere.
        return request.build_absolute_uri(path)
    return f"{settings.LOCAL_URL}{path}"
