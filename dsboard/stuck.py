"""What does not move by itself any more, for the first page of the administration; each floor may add a `stuck` module."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from dsboard import clock, floors
from dsboard.models import Delivery, JobRun, Notice
from dsboard.models.delivery import OPEN, State
from dsboard.models.notice import MailState

#: mail that should have left this long ago
OVERDUE = timedelta(minutes=15)
#: how long mail that went wrong is shown here; the list keeps it
SHOWN = timedelta(days=30)


class Stuck(NamedTuple):
    """How many of what, and where to look at them."""

    how_many: int
    words: str
    url: str


def everything() -> list[Stuck]:
    """What is stuck now, on every floor; empty when all is well."""
    found = [*of_mail(), *of_webhooks(), *of_jobs(), *(one for floor in floors.modules("stuck") for one in floor.stuck())]
    return [one for one in found if one.how_many]


def of_mail() -> Iterator[Stuck]:
    """Mail that waits for too long, and mail that only a person sends again."""
    now = clock.now()
    recent = Notice.objects.filter(at__gte=now - SHOWN)
    late = Notice.objects.filter(mail=MailState.WAITING, mail_due_at__lt=now - OVERDUE)
    yield Stuck(late.count(), "Notices whose mail should have left", notices(MailState.WAITING))
    yield Stuck(recent.filter(mail=MailState.PERHAPS).count(), "Mail perhaps sent: look, and send it again", notices(MailState.PERHAPS))
    yield Stuck(recent.filter(mail=MailState.FAILED).count(), "Mail refused by the mail server", notices(MailState.FAILED))


def notices(state: str) -> str:
    return f"{reverse('admin:dsboard_notice_changelist')}?{urlencode({'mail__exact': state})}"


def of_webhooks() -> Iterator[Stuck]:
    """Messages that were given up, and messages that no worker takes."""
    now, address = clock.now(), reverse("admin:dsboard_delivery_changelist")
    late = Delivery.objects.filter(state__in=OPEN, due_at__lt=now - OVERDUE)
    given_up = Delivery.objects.filter(state=State.FAILED, created_at__gte=now - SHOWN)
    yield Stuck(late.count(), "Webhook messages that should have left", f"{address}?{urlencode({'state__exact': State.WAITING})}")
    yield Stuck(given_up.count(), "Webhook messages given up: send them again", f"{address}?{urlencode({'state__exact': State.FAILED})}")


def of_jobs() -> Iterator[Stuck]:
    """Sweeps that have not run in time."""
    late = JobRun.late()
    yield Stuck(len(late), f"Late jobs ({', '.join(sorted(late))})", reverse("admin:dsboard_jobrun_changelist"))
