"""Notices leave by mail here, and only here: one letter a person, at most once by itself.

A letter is claimed by a conditional update, handed over, then recorded. Killed between the last two it stays "being
handed over", and after its lease is shown as perhaps sent: a person decides. What is known not to have left (no
connection, a server that says "later") waits and is tried again.
"""

import smtplib
import uuid
from collections.abc import Iterable
from datetime import timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F
from django.template.loader import render_to_string

from dsboard import clock, mail
from dsboard.kinds import REMINDERS, topic_of
from dsboard.models import Calendars, Membership, Notice, User
from dsboard.models.notice import MailState
from dsboard.working_time import NoWorkingTime, WorkingTime

#: how long after the end of somebody's hours a reminder may still come
GRACE = timedelta(minutes=15)
AT_ONCE = 300
#: seconds after which a sweep leaves the rest to the next one
BUDGET = 15
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))


def sweep() -> int:
    """Mail what waits; returns how many letters were handed over."""
    recover()
    until, count = monotonic() + BUDGET, 0
    with Postbox() as box:
        for person, notices in parcels(due()):
            if monotonic() > until or not box.is_open():
                break
            count += post(box, person, notices)
    return count


def recover() -> None:
    """Whoever handed these over is gone: nobody knows whether they left."""
    before = clock.now() - timedelta(seconds=settings.MAIL_LEASE)
    Notice.objects.filter(mail=MailState.SENDING, handed_at__lt=before).update(
        mail=MailState.PERHAPS, mail_error="The server stopped while it was handed over."
    )


def due() -> list[Notice]:
    """What waits and may go now."""
    waiting = Notice.objects.filter(mail=MailState.WAITING, mail_due_at__lte=clock.now()).order_by("mail_due_at", "pk")
    return list(waiting.select_related("user", "team")[:AT_ONCE])


def parcels(notices: list[Notice]) -> list[tuple[User, list[Notice]]]:
    """What goes to each person now. What is not wanted any more is taken out, what has to wait is put off."""
    places = {(m.team_id, m.user_id): m for m in memberships(notices)}
    calendars = Calendars(places.values())
    by_person: dict[User, list[Notice]] = {}
    for notice in notices:
        unwanted = reason_against(notice, (notice.team_id, notice.user_id) in places)
        if unwanted:
            settle([notice], unwanted)
            continue
        later = hold_until(notice, calendars.of_member(notice.team_id, notice.user_id))
        if later:
            put_off([notice], later)
        else:
            by_person.setdefault(notice.user, []).append(notice)
    return list(by_person.items())


def memberships(notices: Iterable[Notice]) -> list[Membership]:
    """The places that these notices were written for, of those that still are."""
    teams, people = {n.team_id for n in notices}, {n.user_id for n in notices}
    return list(Membership.objects.filter(team__in=teams, user__in=people).select_related("team"))


def reason_against(notice: Notice, is_member: bool) -> MailState | None:
    """Why a notice is not mailed: its person left, switched the topic off, or has read it meanwhile."""
    if not is_member or not notice.user.is_active:
        return MailState.WITHDRAWN
    if notice.read_at or topic_of(notice.kind) in notice.user.mail_off:
        return MailState.NONE
    return None


def hold_until(notice: Notice, working: WorkingTime) -> Any:
    """The later moment at which a notice may leave; None for now.

    A reminder keeps to the person's working hours. A daily summary leaves when their day begins, with all from before.
    """
    now = clock.now()
    if notice.snoozed_until and notice.snoozed_until > now:
        return notice.snoozed_until
    try:
        if notice.user.digest:
            begins = working.start_of(working.day_of(notice.at))
            begins = begins if begins >= notice.at else working.start_of(working.days_after(notice.at, 1))
            return begins if begins > now else None
        opens = working.opening(now, GRACE) if notice.kind in REMINDERS else now
    except NoWorkingTime:
        return now + timedelta(days=1)
    return opens if opens > now else None


def settle(notices: list[Notice], state: MailState) -> None:
    """These are not mailed."""
    Notice.objects.filter(pk__in=[n.pk for n in notices], mail=MailState.WAITING).update(mail=state)


def put_off(notices: list[Notice], until: Any) -> None:
    """These wait longer."""
    Notice.objects.filter(pk__in=[n.pk for n in notices], mail=MailState.WAITING).update(mail_due_at=until)


def post(box: "Postbox", person: User, notices: list[Notice]) -> int:
    """Claim these for one letter, hand it over, record what came of it; 1 when it left."""
    letter = uuid.uuid4()
    claimed = Notice.objects.filter(pk__in=[n.pk for n in notices], mail=MailState.WAITING).update(
        mail=MailState.SENDING, letter=letter, handed_at=clock.now(), mail_tries=F("mail_tries") + 1
    )
    if not claimed:
        return 0
    mine = list(Notice.objects.filter(letter=letter).select_related("team", "by").order_by("pk"))
    state, error = box.hand_over(written(person, mine, letter))
    values: dict[str, Any] = {"mail": state, "mail_error": error[:300]}
    if state == MailState.WAITING:
        values["mail_due_at"] = clock.now() + WAITS[min(mine[0].mail_tries, len(WAITS)) - 1]
    Notice.objects.filter(letter=letter, mail=MailState.SENDING).update(**values)
    return int(state == MailState.SENT)


def written(person: User, notices: list[Notice], letter: uuid.UUID) -> EmailMultiAlternatives:
    """One letter for all of these: plain text and HTML, with the way to stop each kind."""
    subject = notices[0].title if len(notices) == 1 else f"{len(notices)} notices from dsboard"
    topics = list(dict.fromkeys(topic_of(notice.kind) for notice in notices))
    context = {
        "person": person,
        "notices": [mail.told(notice) for notice in notices],
        "inbox": mail.address_of("/me/"),
        "settings": mail.address_of("/me/settings/#mail"),
        "stops": [(topic.label, mail.unsubscribing(person, topic)) for topic in topics],
    }
    message = EmailMultiAlternatives(
        subject,
        render_to_string("mail/notices.txt", context).strip() + "\n",
        settings.DEFAULT_FROM_EMAIL,
        [person.email],
        headers={
            "Message-ID": f"<{letter}@{settings.MAIL_DOMAIN}>",
            "List-Unsubscribe": f"<{mail.unsubscribing(person, topics[0])}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("mail/notices.html", context), "text/html")
    return message


class Postbox:
    """The way to the mail server, opened once a sweep; it knows which failures leave no doubt."""

    def __enter__(self) -> "Postbox":
        self.connection: Any = None
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self.connection is not None:
            try:
                self.connection.close()
            except (OSError, smtplib.SMTPException):
                return

    def is_open(self) -> bool:
        """Whether there is somebody to hand to; without, nothing is claimed and everything waits a little."""
        try:
            self.reach()
        except (OSError, smtplib.SMTPException) as error:
            self.connection = None
            waiting = Notice.objects.filter(mail=MailState.WAITING, mail_due_at__lte=clock.now())
            waiting.update(mail_due_at=clock.now() + WAITS[0], mail_error=f"The mail server can't be reached: {error}"[:300])
            return False
        return True

    def reach(self) -> None:
        """A connection that answers; mail that goes into files needs none, and gets a file a letter."""
        smtp = getattr(self.connection, "connection", None)
        if smtp is not None:
            try:
                smtp.noop()
                return
            except (OSError, smtplib.SMTPException):
                self.connection.close()
        self.connection = get_connection()
        if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
            self.connection.open()

    def hand_over(self, message: EmailMultiAlternatives) -> tuple[MailState, str]:
        """Hand a letter over; the state it is in then, and what the server said."""
        try:
            self.connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()), (550, b""))
            return refused(code, said)
        except smtplib.SMTPResponseException as error:
            return refused(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self.connection = None
            return MailState.PERHAPS, f"The connection broke while it was handed over: {error}"
        return MailState.SENT, ""


def refused(code: int, said: bytes | str) -> tuple[MailState, str]:
    """The server said no: for now (4xx), or for good."""
    words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return (MailState.WAITING if 400 <= code < 500 else MailState.FAILED), f"{code} {words}"
