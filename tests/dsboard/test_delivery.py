"""Deliveries: written where it happens, sent by a sweep at least once, tried eight times, then given up for a person to look at."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from dsboard import clock, outbound, tasks
from dsboard.destinations import Allowed
from dsboard.models import Delivery, JobRun, Membership, News, Team, User, Webhook, delivery
from dsboard.models.delivery import LEASE, TRIES, WAITS, State
from tests.dsboard.conftest import Cast
from tests.dsboard.receiver import Receiver, answer, receiver, sends
from tests.world import refuses

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def there(settings: Any) -> Iterator[Receiver]:
    """A receiver on this machine, which an administrator has opened up."""
    settings.WEBHOOK_ALLOW = Allowed.of(["127.0.0.1"])
    settings.PUBLIC_URL = "https://board.example"
    with receiver() as made:
        yield made


@pytest.fixture
def hook(cast: Cast, there: Receiver) -> Webhook:
    return Webhook.set_up(cast.team, cast.lead, url=there.url, format="json")


def post(team: Team, key: str = "finding:1", event: str = "findings", **said: str) -> Delivery:
    """Something happens; the row that comes of it."""
    facts = {"title": "Findings: BERT vs GPT", "text": "The encoder is enough.", "url": "/c/FRAUD-1"} | said
    Delivery.post(team, event, key=key, **facts)
    made: Delivery = Delivery.objects.get(webhook__team=team, key=key)
    return made


def sweep(at: datetime = NOW, **how: Any) -> int:
    with clock.at(at):
        return Delivery.sweep(**how)


def posted(team: Team, key: str = "finding:1", at: datetime = NOW, **said: str) -> Delivery:
    with clock.at(at):
        return post(team, key, **said)


def fresh(made: Delivery) -> Delivery:
    return Delivery.objects.get(pk=made.pk)


# ── what happens is written down ──


def test_what_happens_is_written_once(cast: Cast, hook: Webhook) -> None:
    first = post(cast.team)
    assert (first.state, first.attempts, first.event, first.webhook) == ("waiting", 0, "findings", hook)
    assert first.facts == {"title": "Findings: BERT vs GPT", "text": "The encoder is enough.", "url": "/c/FRAUD-1"}
    again = post(cast.team, title="Said twice")
    assert (again.pk, again.facts) == (first.pk, first.facts)


def test_nobody_listens_and_one_query_finds_that_out(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        Delivery.post(cast.team, "findings", title="x", text="", url="/", key="1")
    with django_assert_num_queries(0):
        Delivery.post_all([])
    assert not Delivery.objects.exists()


def test_what_was_not_chosen_is_not_written(cast: Cast, hook: Webhook, django_assert_num_queries: Any) -> None:
    hook.change(cast.lead, events=["decision"])
    with django_assert_num_queries(1):
        Delivery.post(cast.team, "findings", title="x", text="", url="/", key="1")
    hook.change(cast.lead, events=["findings"], is_on=False)
    with django_assert_num_queries(1):
        Delivery.post(cast.team, "findings", title="x", text="", url="/", key="1")
    assert not Delivery.objects.exists()


def test_many_are_written_in_two_queries_each_to_its_own_team(cast: Cast, hook: Webhook, django_assert_num_queries: Any) -> None:
    other = Webhook.set_up(cast.other, cast.outsider, url=hook.url, events=["decision"])
    third = Team.found(key="THIRD", name="Third", lead=cast.lead.user)
    news = [
        News(team, event, f"{team.key} {event}", "", "/", event)
        for team in (cast.team, cast.other, third)
        for event in ("findings", "decision")
    ]
    with django_assert_num_queries(2):
        Delivery.post_all(news)
    rows = set(Delivery.objects.values_list("webhook", "event", "facts__title"))
    assert rows == {
        (hook.pk, "findings", "FRAUD findings"),
        (hook.pk, "decision", "FRAUD decision"),
        (other.pk, "decision", "OTHER decision"),
    }


def test_it_belongs_to_the_transaction_of_what_it_tells_of(cast: Cast, hook: Webhook) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        post(cast.team)
        raise RuntimeError
    assert not Delivery.objects.exists()


# ── and sent ──


def test_a_delivery_is_signed_so_that_anybody_with_the_secret_can_tell(cast: Cast, hook: Webhook, there: Receiver) -> None:
    made = posted(cast.team)
    assert sweep(NOW + MINUTE) == 1
    request = there.requests[0]
    assert json.loads(request.body) == {
        "event": "findings",
        "team": "FRAUD",
        "title": "Findings: BERT vs GPT",
        "text": "The encoder is enough.",
        "url": "https://board.example/c/FRAUD-1",
        "at": "2026-03-10T09:00:00Z",
        "delivery": str(made.uuid),
    }
    assert request.headers["X-Dsboard-Delivery"] == str(made.uuid)
    assert request.headers["Content-Type"] == "application/json"
    stamp = request.headers["X-Dsboard-Timestamp"]
    assert int(stamp) == int((NOW + MINUTE).timestamp())
    expected = hmac.new(hook.secret.encode(), f"{stamp}.{request.body.decode()}".encode(), hashlib.sha256).hexdigest()
    assert request.headers["X-Dsboard-Signature"] == f"v1={expected}"


def test_what_was_sent_is_written_down_and_not_sent_again(cast: Cast, hook: Webhook, there: Receiver) -> None:
    there.script = answer(200, "Thank\x00 you\n" + "!" * 600)
    made = posted(cast.team)
    assert (sweep(), sweep(NOW + timedelta(days=2))) == (1, 0)
    made = fresh(made)
    assert (made.state, made.attempts, made.status, made.error, made.sent_at, made.leased_until) == ("sent", 1, 200, "", NOW, None)
    assert made.answer == ("Thank you " + "!" * 600)[:500]
    assert len(there.requests) == 1


def test_the_format_is_the_webhooks_at_the_time(cast: Cast, hook: Webhook, there: Receiver) -> None:
    posted(cast.team, title="<!channel>")
    hook.change(cast.lead, format="slack")
    sweep()
    assert json.loads(there.requests[0].body)["text"].startswith("&lt;!channel&gt;\n")


def test_a_new_secret_signs_from_the_next_try_on(cast: Cast, hook: Webhook, there: Receiver) -> None:
    posted(cast.team)
    old, new = hook.secret, hook.rotate(cast.lead)
    sweep()
    request = there.requests[0]
    signed = [
        hmac.new(key.encode(), f"{request.headers['X-Dsboard-Timestamp']}.".encode() + request.body, "sha256").hexdigest()
        for key in (old, new)
    ]
    assert [request.headers["X-Dsboard-Signature"] == f"v1={one}" for one in signed] == [False, True]


def test_each_failure_waits_longer_and_the_eighth_is_the_last(cast: Cast, hook: Webhook, there: Receiver) -> None:
    there.script = answer(503, "Come back later")
    made, at = posted(cast.team), NOW
    expected = [timedelta(minutes=m) for m in (1, 5, 15)] + [timedelta(hours=h) for h in (1, 3, 8, 24)]
    assert expected == WAITS
    assert TRIES == 8
    for number, wait in enumerate(expected, 1):
        assert (sweep(at - timedelta(seconds=1)), sweep(at)) == (0, 1)
        made = fresh(made)
        assert (made.state, made.attempts, made.due_at) == ("waiting", number, at + wait)
        at += wait
    assert sweep(at) == 1
    made = fresh(made)
    assert (made.state, made.attempts, made.status, made.answer) == ("failed", 8, 503, "Come back later")
    assert made.error == "127.0.0.1:" + f"{there.port} answered 503."
    assert sweep(at + timedelta(days=20)) == 0
    assert [request.headers["X-Dsboard-Delivery"] for request in there.requests] == [str(made.uuid)] * 8


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (302, "answered 302, which leads elsewhere. Redirects are not followed: enter the address it leads to."),
        (404, "answered 404. Is the address still the right one?"),
        (410, "answered 410. Is the address still the right one?"),
        (500, "answered 500."),
    ],
)
def test_a_no_says_what_to_do(cast: Cast, hook: Webhook, there: Receiver, status: int, says: str) -> None:
    there.script = answer(status, "", f"Location: {there.url}")
    made = posted(cast.team)
    sweep()
    assert fresh(made).error == f"127.0.0.1:{there.port} {says}"
    assert len(there.requests) == 1


def test_a_host_that_was_closed_again_gets_nothing_more(cast: Cast, hook: Webhook, there: Receiver, settings: Any) -> None:
    made = posted(cast.team)
    settings.WEBHOOK_ALLOW = Allowed()
    sweep()
    made = fresh(made)
    assert (made.state, made.status) == ("waiting", None)
    assert made.error.startswith("127.0.0.1 is not on the public Internet")
    assert there.requests == []


def test_switched_off_it_sends_nothing_more_and_on_again_what_was_not_yet_due(cast: Cast, hook: Webhook, there: Receiver) -> None:
    due, later = posted(cast.team, "1"), posted(cast.team, "2", NOW + 5 * MINUTE)
    hook.change(cast.lead, is_on=False)
    sweep()
    assert (fresh(due).state, fresh(due).error) == ("failed", "The webhook was switched off before this was sent.")
    hook.change(cast.lead, is_on=True)
    assert sweep(NOW + 5 * MINUTE) == 1
    assert fresh(later).state == "sent"
    assert len(there.requests) == 1


def test_removed_it_sends_nothing_more(cast: Cast, hook: Webhook, there: Receiver) -> None:
    posted(cast.team)
    hook.remove(cast.lead)
    assert sweep() == 0
    assert there.requests == []


def test_removed_while_a_try_is_under_way_nothing_breaks(cast: Cast, hook: Webhook, there: Receiver) -> None:
    posted(cast.team)
    outbound_send = outbound.send

    def send(*args: Any, **kwargs: Any) -> Any:
        Webhook.objects.all().delete()
        return outbound_send(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbound, "send", send)
        assert sweep() == 1
    assert not Delivery.objects.exists()


# ── one black hole ──


def test_a_black_hole_holds_up_nobody_else_for_long(cast: Cast, hook: Webhook, there: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 0.5)
    with receiver(sends(hold=True)) as hole:
        Webhook.set_up(cast.other, cast.outsider, url=hole.url)
        with clock.at(NOW - MINUTE):
            for number in range(5):
                post(cast.other, str(number))
        mine = posted(cast.team)
        assert sweep() == 2
    assert fresh(mine).state == "sent"
    assert len(hole.requests) == 1


def test_a_sweep_ends_when_its_time_is_over_or_the_worker_leaves(cast: Cast, hook: Webhook, there: Receiver) -> None:
    for number in range(3):
        posted(cast.team, str(number))
    assert sweep(budget=0.0) == 0
    assert sweep(leaving=lambda: len(there.requests) == 2) == 2
    assert sweep() == 1


def test_the_oldest_goes_first(cast: Cast, hook: Webhook, there: Receiver) -> None:
    late, early = posted(cast.team, "late", NOW), posted(cast.team, "early", NOW - MINUTE)
    sweep()
    assert [request.headers["X-Dsboard-Delivery"] for request in there.requests] == [str(early.uuid), str(late.uuid)]


# ── workers that meet, and workers that die ──


def test_a_worker_that_died_is_followed_by_another_with_the_same_id(cast: Cast, hook: Webhook, there: Receiver) -> None:
    made = posted(cast.team)
    with clock.at(NOW):
        assert fresh(made).claim()
    assert (fresh(made).state, fresh(made).leased_until) == ("sending", NOW + LEASE)
    assert sweep(NOW + LEASE - timedelta(seconds=1)) == 0
    assert sweep(NOW + LEASE) == 1
    made = fresh(made)
    assert (made.state, made.attempts) == ("sent", 2)
    assert there.requests[0].headers["X-Dsboard-Delivery"] == str(made.uuid)


def test_who_comes_back_after_the_lease_changes_nothing(cast: Cast, hook: Webhook, there: Receiver) -> None:
    made = posted(cast.team)
    slow = fresh(made)
    with clock.at(NOW):
        slow.claim()
    sweep(NOW + LEASE)
    there.script = answer(500)
    with clock.at(NOW + 2 * LEASE):
        slow.attempt()
    made = fresh(made)
    assert (made.state, made.status, made.sent_at) == ("sent", 200, NOW + LEASE)


def test_a_worker_that_died_in_the_last_try_leaves_it_given_up(cast: Cast, hook: Webhook, there: Receiver) -> None:
    made = posted(cast.team)
    Delivery.objects.filter(pk=made.pk).update(attempts=TRIES - 1)
    with clock.at(NOW):
        assert fresh(made).claim()
    assert sweep(NOW + LEASE) == 0
    made = fresh(made)
    assert (made.state, made.leased_until) == ("failed", None)
    assert made.error == "The worker was stopped in the middle of the last try."
    assert there.requests == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_delivery_once(cast: Cast, hook: Webhook, there: Receiver) -> None:
    for number in range(12):
        post(cast.team, str(number))
    gate = threading.Barrier(4)
    there.script = slowly(answer())

    def worker() -> None:
        try:
            gate.wait(20)
            Delivery.sweep()
        finally:
            connections.close_all()

    connection.close()
    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    ids = [request.headers["X-Dsboard-Delivery"] for request in there.requests]
    assert sorted(ids) == sorted(str(uuid) for uuid in Delivery.objects.values_list("uuid", flat=True))
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_it_is_sent(cast: Cast, hook: Webhook, there: Receiver) -> None:
    """Somebody else can write meanwhile: on SQLite an open transaction would hold everybody up."""
    post(cast.team)
    written = []

    def write_meanwhile(talk: Any) -> None:
        try:
            JobRun.note("meanwhile")
            written.append(True)
        finally:
            connections.close_all()
        answer()(talk)

    there.script = write_meanwhile
    assert Delivery.sweep() == 1
    assert written == [True]
    assert Delivery.objects.get().state == "sent"


def slowly(script: Callable[[Any], None]) -> Callable[[Any], None]:
    def late(talk: Any) -> None:
        time.sleep(0.02)
        script(talk)

    return late


# ── looked after ──


@pytest.mark.parametrize("status", [200, 500])
def test_what_is_over_is_sent_once_more_with_the_same_id(cast: Cast, hook: Webhook, there: Receiver, status: int) -> None:
    there.script = answer(status)
    made = posted(cast.team)
    Delivery.objects.filter(pk=made.pk).update(attempts=TRIES - 1)
    sweep()
    made = fresh(made)
    assert made.state == ("sent" if status == 200 else "failed")
    there.script = answer(200)
    later = NOW + timedelta(days=3)
    with clock.at(later):
        made.replay(cast.lead)
    assert (fresh(made).state, fresh(made).attempts, fresh(made).status) == ("waiting", 0, status)
    assert sweep(later) == 1
    made = fresh(made)
    assert (made.state, made.attempts, made.sent_at) == ("sent", 1, later)
    assert {request.headers["X-Dsboard-Delivery"] for request in there.requests} == {str(made.uuid)}


def test_two_leads_who_press_at_once_send_it_once(cast: Cast, hook: Webhook, there: Receiver) -> None:
    made = posted(cast.team)
    sweep()
    mine, theirs = fresh(made), fresh(made)
    mine.replay(cast.lead)
    with refuses("This one is on its way already."):
        theirs.replay(cast.lead)


def test_nothing_is_replayed_while_the_webhook_is_off(cast: Cast, hook: Webhook, there: Receiver) -> None:
    made = posted(cast.team)
    sweep()
    hook.change(cast.lead, is_on=False)
    with refuses("The webhook is off. Switch it on first."):
        fresh(made).replay(cast.lead)


def test_an_administrator_may_send_it_again(cast: Cast, hook: Webhook, there: Receiver) -> None:
    made = posted(cast.team)
    sweep()
    root = User.objects.create_superuser("root@example.org", "Root", "a long password")
    fresh(made).replay(Membership.of_staff(root, cast.team))
    assert fresh(made).state == State.WAITING


def test_what_is_over_for_thirty_days_is_forgotten_a_batch_at_a_time(cast: Cast, hook: Webhook) -> None:
    day = timedelta(days=1)
    ages = {"old 1": ("sent", 31), "old 2": ("sent", 40), "given up": ("failed", 31), "young": ("sent", 29), "waiting": ("waiting", 31)}
    for key, (state, days) in ages.items():
        due = clock.now() - days * day
        facts = {"title": key}
        sent_at = due if state == "sent" else None
        Delivery.objects.create(webhook=hook, event="findings", key=key, facts=facts, state=state, due_at=due, sent_at=sent_at)
    assert Delivery.drop_old(2) == 2
    tasks.sweep()
    assert set(Delivery.objects.values_list("key", flat=True)) == {"young", "waiting"}


# ── the job ──


def test_the_job_sends_and_notes_that_it_ran(cast: Cast, hook: Webhook, there: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.state, "should_stop", None)
    made = post(cast.team)
    tasks.deliver()
    assert fresh(made).state == "sent"
    assert JobRun.objects.filter(name="dsboard.deliver").exists()


def test_a_worker_that_is_told_to_stop_begins_no_other_try(
    cast: Cast, hook: Webhook, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.state, "should_stop", 0)
    post(cast.team)
    tasks.deliver()
    assert there.requests == []


def test_the_lease_and_the_budget_are_longer_than_a_try() -> None:
    assert LEASE.total_seconds() > 2 * outbound.SECONDS
    assert delivery.BUDGET + outbound.SECONDS < 20
