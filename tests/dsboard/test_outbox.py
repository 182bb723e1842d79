"""Notices by mail: one letter a person, at most once by itself, only of what is wanted and still true."""

import threading
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dsboard import outbox
from dsboard.errors import Forbidden, Refusal
from dsboard.kinds import REMINDERS, TOPIC_OF, Kind, Topic
from dsboard.models import Absence, Notice, User
from dsboard.models.notice import MailState
from tests.dsboard.conftest import Cast
from tests.smtp import Sink, sink

pytestmark = pytest.mark.django_db
#: a Tuesday, within the office hours of UTC
WORKDAY = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("UTC"))


@pytest.fixture(autouse=True)
def at_work() -> Any:
    with time_machine.travel(WORKDAY, tick=False) as clock:
        yield clock


def notify(place: Any, *, kind: Kind = Kind.MENTION, title: str = "Mei mentioned you on FRAUD-1", **values: Any) -> Notice:
    """One notice in somebody's inbox."""
    said = {"text": "Look at the *recall*.", "url": "/t/FRAUD/tasks/FRAUD-1/", "why": "Mei mentioned you"} | values
    key = said.pop("key", f"{kind}:{Notice.objects.count()}")
    Notice.objects.post(team_id=place.team_id, user_id=place.user_id, kind=kind, key=key, title=title, **said)
    return Notice.objects.get(user_id=place.user_id, key=key)


def state(notice: Notice) -> str:
    return Notice.objects.get(pk=notice.pk).mail


@pytest.fixture
def server(settings: Any) -> Any:
    """A real mail server, and Django's own way to it."""
    with sink() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 5
        yield running


class TestALetter:
    def test_it_says_what_happened_in_plain_text_and_html(self, cast: Cast) -> None:
        actions = [("Report findings", "/t/FRAUD/tasks/FRAUD-1/findings/")]
        notice = notify(cast.member, kind=Kind.BOX_ENDED, title="Time box ended: Graph features", actions=actions, why="you own FRAUD-1")
        assert outbox.sweep() == 1
        letter = mail.outbox[0]
        assert (letter.subject, letter.to) == ("Time box ended: Graph features", ["arjun@example.org"])
        html = letter.alternatives[0][0]
        for part in (letter.body, html):
            assert "Look at the *recall*." in part
            assert "http://127.0.0.1:8000/t/FRAUD/tasks/FRAUD-1/findings/" in part
            assert "You get this because you own FRAUD-1 in Fraud." in part
            assert "http://127.0.0.1:8000/me/settings/#mail" in part
        assert state(notice) == MailState.SENT

    def test_several_that_fall_together_are_one(self, cast: Cast) -> None:
        notify(cast.member)
        notify(cast.member, title="Inês gave you FRAUD-2", kind=Kind.ASSIGNED)
        notify(cast.lead)
        assert outbox.sweep() == 2
        mine = next(letter for letter in mail.outbox if letter.to == ["arjun@example.org"])
        assert mine.subject == "2 notices from dsboard"
        assert "Mei mentioned you on FRAUD-1" in mine.body and "Inês gave you FRAUD-2" in mine.body
        assert Notice.objects.filter(user=cast.member.user).values("letter").distinct().count() == 1

    def test_words_of_others_act_nowhere(self, cast: Cast) -> None:
        """Row 13: markup in titles stays text, and no line break makes a header."""
        notify(cast.member, title="<script>alert(1)</script>\r\nBcc: x@example.org", text="<img src=x onerror=alert(1)>")
        outbox.sweep()
        letter = mail.outbox[0]
        assert letter.subject == "<script>alert(1)</script> Bcc: x@example.org"
        assert letter.recipients() == ["arjun@example.org"]
        html = letter.alternatives[0][0]
        assert "<script" not in html and "<img" not in html

    def test_nothing_comes_from_elsewhere(self, cast: Cast) -> None:
        notify(cast.member)
        outbox.sweep()
        html = mail.outbox[0].alternatives[0][0]
        assert "src=" not in html and "<link" not in html
        assert html.count("http") == html.count("http://127.0.0.1:8000/")

    def test_addresses_are_the_boards_public_ones(self, cast: Cast, settings: Any) -> None:
        settings.PUBLIC_URL = "https://board.example.org"
        notify(cast.member)
        outbox.sweep()
        assert "https://board.example.org/t/FRAUD/tasks/FRAUD-1/" in mail.outbox[0].body


class TestWhatIsNotMailed:
    def test_a_topic_that_is_switched_off(self, cast: Cast) -> None:
        cast.member.user.stop_mail(Topic.MENTION)
        off, on = notify(cast.member), notify(cast.member, kind=Kind.ASSIGNED)
        outbox.sweep()
        assert (state(off), state(on)) == (MailState.NONE, MailState.SENT)
        assert [letter.subject for letter in mail.outbox] == [on.title]

    def test_what_was_read_before_it_left(self, cast: Cast) -> None:
        notice = notify(cast.member)
        notice.mark_read()
        outbox.sweep()
        assert (state(notice), mail.outbox) == (MailState.NONE, [])

    def test_what_is_for_somebody_who_left(self, cast: Cast) -> None:
        notice = notify(cast.member)
        cast.member.remove(cast.lead)
        outbox.sweep()
        assert (state(notice), mail.outbox) == (MailState.WITHDRAWN, [])

    def test_what_is_for_somebody_who_can_sign_in_no_more(self, cast: Cast) -> None:
        notice = notify(cast.member)
        User.objects.filter(pk=cast.member.user_id).update(is_active=False)
        outbox.sweep()
        assert (state(notice), mail.outbox) == (MailState.WITHDRAWN, [])

    def test_what_is_no_longer_true(self, cast: Cast) -> None:
        notice, other = notify(cast.member, about="clock:1"), notify(cast.member, about="clock:2")
        Notice.objects.withdraw("clock:1")
        outbox.sweep()
        assert (state(notice), state(other)) == (MailState.WITHDRAWN, MailState.SENT)

    def test_what_was_put_off(self, cast: Cast, at_work: Any) -> None:
        notice = notify(cast.member)
        notice.snooze(WORKDAY + timedelta(days=1))
        outbox.sweep()
        assert (state(notice), mail.outbox) == (MailState.WAITING, [])
        at_work.shift(timedelta(days=1))
        outbox.sweep()
        assert state(notice) == MailState.SENT


class TestTheHours:
    @pytest.mark.parametrize("kind", sorted(REMINDERS))
    def test_a_reminder_waits_for_the_morning(self, cast: Cast, at_work: Any, kind: Kind) -> None:
        at_work.move_to(WORKDAY.replace(hour=20))
        notify(cast.member, kind=kind)
        outbox.sweep()
        assert mail.outbox == []
        at_work.move_to(WORKDAY.replace(day=11, hour=9))
        outbox.sweep()
        assert len(mail.outbox) == 1

    def test_a_quarter_of_an_hour_after_the_end_is_still_in_time(self, cast: Cast, at_work: Any) -> None:
        at_work.move_to(WORKDAY.replace(hour=17, minute=14))
        notify(cast.member, kind=Kind.BOX_ENDED)
        assert outbox.sweep() == 1

    def test_a_mention_goes_at_once(self, cast: Cast, at_work: Any) -> None:
        at_work.move_to(WORKDAY.replace(hour=20))
        notify(cast.member, kind=Kind.MENTION)
        assert outbox.sweep() == 1

    def test_whoever_is_away_gets_reminders_on_return(self, cast: Cast, at_work: Any) -> None:
        Absence.add(cast.member, cast.member, first_day=date(2026, 3, 10), last_day=date(2026, 3, 12))
        notify(cast.member, kind=Kind.BOX_ENDED)
        outbox.sweep()
        at_work.move_to(WORKDAY.replace(day=13))
        outbox.sweep()
        assert len(mail.outbox) == 1


class TestTheSummary:
    def test_it_comes_when_the_day_begins_with_all_from_before(self, cast: Cast, at_work: Any) -> None:
        cast.member.user.choose_mail(topics=Topic.values, digest=True)
        for hour in (10, 16):
            at_work.move_to(WORKDAY.replace(hour=hour))
            notify(cast.member)
            outbox.sweep()
        at_work.move_to(WORKDAY.replace(day=11, hour=8, minute=50))
        notify(cast.member)
        outbox.sweep()
        assert mail.outbox == []
        at_work.move_to(WORKDAY.replace(day=11, hour=9))
        outbox.sweep()
        assert [letter.subject for letter in mail.outbox] == ["3 notices from dsboard"]
        at_work.move_to(WORKDAY.replace(day=11, hour=12))
        notify(cast.member)
        outbox.sweep()
        assert len(mail.outbox) == 1

    def test_over_a_weekend_it_waits_for_monday(self, cast: Cast, at_work: Any) -> None:
        cast.member.user.choose_mail(topics=Topic.values, digest=True)
        at_work.move_to(WORKDAY.replace(day=13, hour=12))
        notify(cast.member)
        for day, hour in ((14, 9), (15, 9), (16, 8)):
            at_work.move_to(WORKDAY.replace(day=day, hour=hour))
            outbox.sweep()
        assert mail.outbox == []
        at_work.move_to(WORKDAY.replace(day=16, hour=9))
        assert outbox.sweep() == 1

    def test_given_up_what_waits_goes_at_once(self, cast: Cast) -> None:
        cast.member.user.choose_mail(topics=Topic.values, digest=True)
        notify(cast.member)
        outbox.sweep()
        cast.member.user.choose_mail(topics=Topic.values, digest=False)
        assert outbox.sweep() == 1


class TestTheMailServer:
    def test_one_that_takes_a_letter_gets_it_once(self, cast: Cast, server: Sink) -> None:
        notify(cast.member)
        outbox.sweep()
        outbox.sweep()
        assert server.subjects() == ["Mei mentioned you on FRAUD-1"]
        letter = server.taken[0]
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert letter["Auto-Submitted"] == "auto-generated"

    def test_a_dead_one_loses_nothing_and_gets_nothing_twice(self, cast: Cast, settings: Any, server: Sink, at_work: Any) -> None:
        settings.EMAIL_PORT, port = 1, settings.EMAIL_PORT
        notices = [notify(place) for place in (cast.member, cast.lead, cast.viewer)]
        for _ in range(5):
            outbox.sweep()
            at_work.shift(timedelta(minutes=2))
        assert {state(notice) for notice in notices} == {MailState.WAITING}
        assert "can't be reached" in Notice.objects.get(pk=notices[0].pk).mail_error
        settings.EMAIL_PORT = port
        at_work.shift(timedelta(minutes=2))
        outbox.sweep()
        outbox.sweep()
        assert {state(notice) for notice in notices} == {MailState.SENT}
        assert (len(server.taken), server.doubled()) == (3, {})

    def test_one_that_says_later_is_asked_later(self, cast: Cast, server: Sink, at_work: Any) -> None:
        server.answer = "451 Try again later"
        notice = notify(cast.member)
        outbox.sweep()
        assert (state(notice), Notice.objects.get().mail_error) == (MailState.WAITING, "451 Try again later")
        assert Notice.objects.get().mail_due_at == timezone.now() + timedelta(minutes=1)
        server.answer = "250 OK"
        outbox.sweep()
        assert server.taken == []
        at_work.shift(timedelta(minutes=1))
        outbox.sweep()
        assert (state(notice), len(server.taken)) == (MailState.SENT, 1)

    @pytest.mark.parametrize("which", ["answer", "recipient_answer"])
    def test_one_that_refuses_for_good_is_believed(self, cast: Cast, server: Sink, which: str) -> None:
        setattr(server, which, "550 No such person")
        notice = notify(cast.member)
        outbox.sweep()
        outbox.sweep()
        assert (state(notice), Notice.objects.get().mail_error) == (MailState.FAILED, "550 No such person")

    def test_one_that_hangs_up_with_the_letter_leaves_a_doubt(self, cast: Cast, server: Sink) -> None:
        """It has the letter and never said so: sent again, it would come twice."""
        server.hang_up = True
        notice, other = notify(cast.member), notify(cast.lead)
        outbox.sweep()
        server.hang_up = False
        outbox.sweep()
        assert state(notice) == MailState.PERHAPS
        assert state(other) == MailState.PERHAPS
        assert (len(server.taken), server.doubled()) == (2, {})
        assert "The connection broke while it was handed over" in Notice.objects.get(pk=notice.pk).mail_error

    def test_a_process_that_died_with_the_letter_leaves_a_doubt(self, cast: Cast, server: Sink, at_work: Any, settings: Any) -> None:
        notice = notify(cast.member)
        Notice.objects.update(mail=MailState.SENDING, letter="9c5b94b1-35ad-49bb-b118-8e8fc24abf80", handed_at=timezone.now())
        outbox.sweep()
        assert state(notice) == MailState.SENDING
        at_work.shift(timedelta(seconds=settings.MAIL_LEASE + 1))
        outbox.sweep()
        outbox.sweep()
        assert (state(notice), server.taken) == (MailState.PERHAPS, [])

    def test_a_person_sends_it_again(self, cast: Cast, server: Sink) -> None:
        notice = notify(cast.member)
        Notice.objects.update(mail=MailState.PERHAPS, letter="9c5b94b1-35ad-49bb-b118-8e8fc24abf80")
        with pytest.raises(Forbidden):
            notice.resend(cast.lead.user)
        cast.lead.user.is_staff = True
        notice.resend(cast.lead.user)
        with pytest.raises(Refusal, match="is on its way already"):
            notice.resend(cast.lead.user)
        outbox.sweep()
        assert (state(notice), len(server.taken)) == (MailState.SENT, 1)

    def test_mail_as_files_is_one_file_a_letter(self, cast: Cast, settings: Any, tmp_path: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = str(tmp_path)
        notify(cast.member)
        notify(cast.lead)
        assert outbox.sweep() == 2
        files = [path.read_text() for path in tmp_path.iterdir()]
        assert sorted("arjun@example.org" in text for text in files) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_eight_sweeps_at_once_send_each_letter_once(cast: Cast, server: Sink) -> None:
    for number in range(30):
        notify((cast.member, cast.lead, cast.viewer)[number % 3], key=f"n{number}")
    gate = threading.Barrier(8)

    def run() -> None:
        gate.wait(20)
        try:
            outbox.sweep()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(Notice.objects.values_list("mail", flat=True)) == {MailState.SENT}
    titles = "".join(message.get_body(("plain",)).get_content() for message in server.taken)
    assert titles.count("Look at the *recall*.") == 30
    assert server.doubled() == {}


def test_with_nothing_to_mail_a_sweep_is_two_queries(cast: Cast) -> None:
    for _ in range(20):
        notify(cast.member)
    outbox.sweep()
    with CaptureQueriesContext(connection) as queries:
        outbox.sweep()
    assert len(queries) == 2


def test_every_kind_has_a_topic() -> None:
    assert set(TOPIC_OF) == set(Kind)
    assert set(TOPIC_OF.values()) == set(Topic)
