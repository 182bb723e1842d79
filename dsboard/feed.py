"""What a calendar feed holds: the events that the floors bring, written as iCalendar (RFC 5545).

Each floor has a module `feed` of its own with `events(user)`: what that person may read now, in a fixed number of queries.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from dsboard import floors, mail
from dsboard.later import Later
from dsboard.models import User

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = Later("icalendar")

#: how often a calendar program is asked to look again
REFRESH = timedelta(hours=1)
#: what the format forbids in a text, and no program shows
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Event:
    """Something with a time, as a calendar shows it.

    `uid` names it on this server for good (box-17), and `sequence` grows whenever it changes: programs keep the highest.
    Two instants with a zone make an event of minutes; two dates make one of whole days, where `end` is the day after the last.
    """

    uid: str
    sequence: int
    changed_at: datetime
    start: datetime | date
    end: datetime | date
    title: str
    text: str
    #: the page it is about, on this server
    path: str
    is_tentative: bool = False


def written(user: User, request: HttpRequest) -> bytes:
    """The whole feed of one person; the same bytes as long as nothing has changed."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "dsboard"
    calendar = icalendar.Calendar.new(name="dsboard", prodid="-//dsboard//dsboard//EN", uid=f"feed-{user.pk}@{host}")
    # By hand: the format asks for the kind of the value here, and Outlook knows the older name only.
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", icalendar.prop.vDuration(REFRESH))
    for floor in floors.modules("feed"):
        for event in floor.events(user):
            calendar.add_component(component(event, host, mail.address_of(event.path, request)))
    return calendar.to_ical()


def component(event: Event, host: str, address: str) -> "icalendar.Event":
    """One event with its link. It is transparent: a date to know of makes nobody busy."""
    changed = event.changed_at.astimezone(UTC)
    return icalendar.Event.new(
        uid=f"{event.uid}@{host}",
        sequence=event.sequence,
        # In a feed the stamp says when the event was last revised, not when it was asked for.
        stamp=changed,
        last_modified=changed,
        start=in_utc(event.start),
        end=in_utc(event.end),
        summary=printable(event.title),
        description=printable(f"{event.text}\n{address}"),
        url=address,
        status=icalendar.STATUS.TENTATIVE if event.is_tentative else icalendar.STATUS.CONFIRMED,
        transparency=icalendar.TRANSP.TRANSPARENT,
    )


def in_utc(moment: datetime | date) -> datetime | date:
    """Instants in UTC, so that no zone has to be described; dates as they are."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def printable(text: str) -> str:
    """Without the characters that no calendar may hold; line breaks and tabs stay."""
    return CONTROL.sub("", text)
