"""A team's webhook: set up, changed, tried, given a new secret and removed by a lead, and by nobody else."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dsboard.destinations import Allowed
from dsboard.errors import Forbidden
from dsboard.models import Activity, Delivery, Event, Membership, Webhook
from dsboard.models.message import Format
from tests.dsboard.conftest import Cast
from tests.world import refuses

URL = "https://hooks.example.org/services/T024BE7LH/B024BE7LH/XXXXsecretXXXXa1b2"
OTHER_URL = "https://chat.example.org:8443/hooks/yyyysecretyyyyc3d4"


@pytest.fixture
def hook(cast: Cast) -> Webhook:
    return Webhook.set_up(cast.team, cast.lead, url=URL, events=["findings", "decision"])


def history(cast: Cast) -> list[tuple[str, Any, Any]]:
    return list(Activity.objects.of(cast.team).values_list("field", "before", "after"))


# ── set up and changed ──


def test_a_lead_sets_it_up(cast: Cast) -> None:
    hook = Webhook.set_up(cast.team, cast.lead, url=f"  {URL} ", format="json", events=["reversal", "box_ended", "reversal"])
    hook.refresh_from_db()
    assert (hook.team, hook.url, hook.format, hook.is_on, hook.created_by) == (cast.team, URL, "json", True, cast.lead.user)
    assert hook.events == ["box_ended", "reversal"]
    assert history(cast) == [("webhook", None, "hooks.example.org")]


def test_it_hears_everything_unless_somebody_chooses(cast: Cast) -> None:
    hook = Webhook.set_up(cast.team, cast.lead, url=URL)
    assert (hook.events, hook.format) == (list(Event.values), Format.SLACK)


def test_a_team_has_one(cast: Cast, hook: Webhook) -> None:
    with refuses("This team has a webhook already. Load the page again to change it."):
        Webhook.set_up(cast.team, cast.lead, url=OTHER_URL)
    with pytest.raises(IntegrityError), transaction.atomic():
        Webhook.objects.create(team=cast.team, url=OTHER_URL, created_by=cast.lead.user)


def test_each_field_that_differs_is_a_line_of_history_and_none_holds_the_address(cast: Cast, hook: Webhook) -> None:
    changed = hook.change(cast.lead, url=OTHER_URL, format="mattermost", events=["decision"], is_on=False)
    assert changed == ["url", "format", "events", "is_on"]
    assert hook.change(cast.lead, url=OTHER_URL[:-4] + "e5f6") == ["url"]
    assert hook.change(cast.lead, is_on=True) == ["is_on"]
    hook.rotate(cast.lead)
    hook.remove(cast.lead)
    assert history(cast) == [
        ("webhook", None, "hooks.example.org"),
        ("webhook_address", "hooks.example.org", "chat.example.org:8443"),
        ("webhook_format", "Slack", "Mattermost"),
        ("webhook_events", "Findings are reported, A decision is made", "A decision is made"),
        ("webhook", "on", "off"),
        ("webhook_address", "chat.example.org:8443", "another address at chat.example.org:8443"),
        ("webhook", "off", "on"),
        ("webhook_secret", "the old one", "a new one"),
        ("webhook", "chat.example.org:8443", None),
    ]
    told = str(list(Activity.objects.values()))
    for secret in ("secret", "T024BE7LH", "a1b2", "c3d4", "e5f6", hook.secret):
        assert secret not in told.replace("webhook_secret", "")


def test_an_empty_address_keeps_the_one_there_is_and_nothing_else_is_lost(cast: Cast, hook: Webhook) -> None:
    assert hook.change(cast.lead, url="", format="slack", events=["decision", "findings"], is_on=True) == []
    hook.refresh_from_db()
    assert (hook.url, hook.events) == (URL, ["findings", "decision"])
    assert len(history(cast)) == 1


@pytest.mark.parametrize(
    ("fields", "name", "sentence"),
    [
        ({"url": ""}, "url", "Copy the address as it was given to you: in plain characters, without blanks, 1000 at most."),
        ({"url": "ftp://hooks.example.org/"}, "url", "The address must start with https:// or http://."),
        (
            {"url": "http://169.254.169.254/latest/meta-data/"},
            "url",
            "169.254.169.254 is not on the public Internet, so dsboard does not call it. "
            "An administrator can open up internal hosts with DSBOARD_WEBHOOK_ALLOW.",
        ),
        ({"format": "discord"}, "format", "Choose one of the formats."),
        ({"events": []}, "events", "Choose at least one event of the list, or switch the webhook off."),
        ({"events": ["findings", "everything"]}, "events", "Choose at least one event of the list, or switch the webhook off."),
        ({"events": ["test"]}, "events", "Choose at least one event of the list, or switch the webhook off."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast: Cast, fields: dict[str, Any], name: str, sentence: str) -> None:
    with refuses(sentence, fields={name}):
        Webhook.set_up(cast.team, cast.lead, **({"url": URL} | fields))
    made = Webhook.set_up(cast.team, cast.lead, url=URL)
    if fields.get(name):
        with refuses(sentence, fields={name}):
            made.change(cast.lead, **fields)


def test_it_can_be_switched_off_after_its_host_was_closed_again(cast: Cast, settings: Any) -> None:
    settings.WEBHOOK_ALLOW = Allowed.of(["10.0.0.0/8"])
    hook = Webhook.set_up(cast.team, cast.lead, url="http://10.1.2.3:8065/hooks/abc")
    settings.WEBHOOK_ALLOW = Allowed()
    assert hook.change(cast.lead, is_on=False) == ["is_on"]


# ── who may ──


@pytest.mark.parametrize("who", ["member", "viewer", "outsider"])
def test_only_a_lead_of_the_team_may(cast: Cast, hook: Webhook, who: str) -> None:
    by: Membership = getattr(cast, who)
    sentences = {
        "member": "Only a lead can change the team's webhook. Ask in a comment.",
        "viewer": "Only a lead can change the team's webhook. Ask in a comment.",
        "outsider": "That belongs to another team.",
    }
    done = Delivery.objects.create(webhook=hook, event="findings", key="1", facts={"title": "x"}, state="failed")
    verbs = [
        lambda: Webhook.set_up(cast.team, by, url=URL),
        lambda: hook.change(by, is_on=False),
        lambda: hook.rotate(by),
        lambda: hook.remove(by),
        lambda: hook.test(by),
        lambda: done.replay(by),
    ]
    for verb in verbs:
        with refuses(sentences[who], kind=Forbidden):
            verb()


def test_one_that_was_removed_meanwhile_says_so(cast: Cast, hook: Webhook) -> None:
    Webhook.objects.get(pk=hook.pk).remove(cast.lead)
    for verb in (lambda: hook.change(cast.lead, is_on=False), lambda: hook.rotate(cast.lead), lambda: hook.test(cast.lead)):
        with refuses("The webhook was removed in the meantime. Load the page again."):
            verb()


# ── secrets ──


def test_the_secret_is_nowhere_in_the_database_and_a_new_one_is_another(cast: Cast, hook: Webhook) -> None:
    first = hook.secret
    assert len(first) == 64
    assert Webhook.objects.get(pk=hook.pk).secret == first
    second = hook.rotate(cast.lead)
    assert second == hook.secret == Webhook.objects.get(pk=hook.pk).secret != first
    assert first not in str(list(Webhook.objects.values())) and second not in str(list(Webhook.objects.values()))


def test_every_webhook_has_its_own_and_another_server_key_makes_another(cast: Cast, hook: Webhook, settings: Any) -> None:
    other = Webhook.set_up(cast.other, cast.outsider, url=URL)
    assert other.secret != hook.secret
    first = hook.secret
    settings.SECRET_KEY = "another"
    assert hook.secret != first


def test_one_set_up_anew_has_a_new_secret(cast: Cast, hook: Webhook) -> None:
    first = hook.secret
    hook.remove(cast.lead)
    assert Webhook.set_up(cast.team, cast.lead, url=URL).secret != first


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        (URL, "hooks.example.org/…a1b2"),
        (OTHER_URL, "chat.example.org:8443/…c3d4"),
        ("https://hooks.example.org/abcd", "hooks.example.org/…"),
        ("https://hooks.example.org", "hooks.example.org/…"),
        ("https://HOOKS.example.org/x?key=0123456789abcdef", "hooks.example.org/…cdef"),
    ],
)
def test_of_the_address_only_the_host_and_the_end_are_shown(url: str, masked: str) -> None:
    assert Webhook(url=url).masked == masked


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("ok", "ok"),
        ("  No\n such \x00 hook  ", "No such hook"),
        (f"No {URL} here", "No … here"),
        ("POST /services/T024BE7LH/B024BE7LH/XXXXsecretXXXXa1b2 failed", "POST … failed"),
        ("token XXXXsecretXXXXa1b2 is revoked", "token … is revoked"),
        ("x" * 600, "x" * 500),
    ],
)
def test_an_answer_is_kept_in_short_and_without_the_address(answer: str, shown: str) -> None:
    assert Webhook(url=URL).excerpt(answer) == shown


# ── a test ──


def test_a_test_is_queued_and_says_who_tried(cast: Cast, hook: Webhook) -> None:
    made = hook.test(cast.lead)
    assert (made.event, made.state, made.attempts) == ("test", "waiting", 0)
    assert made.facts["title"] == "Mei Tanaka tests the webhook of Fraud"
    assert made.facts["url"] == "/t/FRAUD/settings/webhook/"
    assert hook.test(cast.lead).uuid != made.uuid


def test_one_that_is_off_is_not_tested(cast: Cast, hook: Webhook) -> None:
    hook.change(cast.lead, is_on=False)
    with refuses("The webhook is off. Switch it on first."):
        hook.test(cast.lead)
