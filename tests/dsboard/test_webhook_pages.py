"""The pages of a webhook: a lead sets it up, tries it and reads its log; everybody else sees only that there is one."""

import re
from typing import Any

import pytest
from django.test import Client

from dsboard.models import Activity, Delivery, Webhook
from tests.dsboard.conftest import Cast

PAGE = "/t/FRAUD/settings/webhook/"
URL = "https://hooks.example.org/services/T024BE7LH/XXXXsecretXXXXa1b2"
EVENTS = ["findings", "decision"]


@pytest.fixture
def hook(cast: Cast) -> Webhook:
    return Webhook.set_up(cast.team, cast.lead, url=URL, events=EVENTS)


def save(client: Client, **fields: Any) -> Any:
    """What a browser sends; a box that is not ticked is not there."""
    typed = {"url": "", "format": "slack", "events": EVENTS, "is_on": "on", **fields}
    return client.post(PAGE, {name: value for name, value in typed.items() if value is not None})


def deliveries(hook: Webhook, count: int, **fields: Any) -> list[Delivery]:
    facts = {"title": "<b>Findings</b>", "text": "", "url": "/"}
    first = hook.deliveries.count()
    return [
        Delivery.objects.create(webhook=hook, event="findings", key=str(first + number), facts=facts, **fields) for number in range(count)
    ]


# ── set up ──


def test_a_lead_sets_it_up_and_sees_the_secret_this_once(cast: Cast, as_: Any) -> None:
    client = as_(cast.lead)
    assert "Tells a channel or a service of your own" in client.get(PAGE).content.decode()
    response = save(client, url=URL, format="json")
    page, made = response.content.decode(), Webhook.objects.get()
    assert response.status_code == 200
    assert f'value="{made.secret}"' in page and "it is not shown again" in page
    assert "no-store" in response["Cache-Control"]
    assert made.secret not in client.get(PAGE).content.decode()
    assert (made.url, made.format, made.events, made.is_on) == (URL, "json", EVENTS, True)


def test_saved_the_address_is_only_shown_masked(cast: Cast, as_: Any, hook: Webhook) -> None:
    client = as_(cast.lead)
    pages = [client.get(path).content.decode() for path in (PAGE, f"{PAGE}removal/", "/t/FRAUD/settings/")]
    pages += [save(client, events=[]).content.decode(), client.post(f"{PAGE}secret/").content.decode()]
    for page in pages:
        assert "XXXXsecretXXXX" not in page and "T024BE7LH" not in page
    assert "hooks.example.org/…a1b2" in pages[0] and "hooks.example.org/…a1b2" in pages[1]
    assert re.search(r'<input type="text" name="url"(?![^>]* value)', pages[0])


def test_an_empty_address_keeps_the_one_there_is(cast: Cast, as_: Any, hook: Webhook) -> None:
    response = save(as_(cast.lead), format="mattermost", events=["reversal"], is_on=None)
    assert response["Location"] == PAGE
    hook.refresh_from_db()
    assert (hook.url, hook.format, hook.events, hook.is_on) == (URL, "mattermost", ["reversal"], False)
    assert "switched off" in as_(cast.lead).get(PAGE).content.decode()


def test_the_form_shows_what_is_chosen(cast: Cast, as_: Any, hook: Webhook) -> None:
    page = as_(cast.lead).get(PAGE).content.decode()
    ticked = re.findall(r'<input type="checkbox" name="events" value="(\w+)"[^>]* checked', page)
    assert ticked == EVENTS
    assert '<option value="slack" selected>' in page
    for label in ("A time box ends", "Findings are reported", "A decision is made", "A decision waits", "A decision is reversed"):
        assert label in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": ""}, "This field is required."),
        ({"url": "hooks.example.org/x"}, "The address must start with https:// or http://."),
        ({"url": "http://127.1/x"}, "“127.1” is no host."),
        ({"url": "http://[::ffff:127.0.0.1]/x"}, "is not on the public Internet"),
        ({"url": URL, "events": []}, "This field is required."),
        ({"url": URL, "events": ["test"]}, "Select a valid choice"),
        ({"url": URL, "format": "discord"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_gets_a_sentence_and_keeps_what_was_typed(cast: Cast, as_: Any, fields: dict[str, Any], words: str) -> None:
    response = save(as_(cast.lead), **({"format": "json"} | fields))
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "json" not in fields.get("format", "json") or '<option value="json" selected>' in page
    assert f'value="{fields["url"]}"' in page or not fields["url"]
    assert not Webhook.objects.exists()


def test_unknown_fields_change_nothing(cast: Cast, as_: Any, hook: Webhook) -> None:
    save(as_(cast.lead), team="OTHER", rotation="9", created_by=str(cast.viewer.user_id), id="77")
    after = Webhook.objects.get()
    assert (after.pk, after.team, after.rotation, after.created_by) == (hook.pk, cast.team, 1, cast.lead.user)


# ── what a lead does with it ──


def test_a_test_is_queued_and_stands_in_the_log(cast: Cast, as_: Any, hook: Webhook) -> None:
    client = as_(cast.lead)
    assert client.post(f"{PAGE}test/")["Location"] == PAGE
    page = client.get(PAGE).content.decode()
    assert "A test is on its way" in page
    assert "Mei Tanaka tests the webhook of Fraud" in page and "Waiting" in page


def test_a_new_secret_is_shown_this_once(cast: Cast, as_: Any, hook: Webhook) -> None:
    client, old = as_(cast.lead), hook.secret
    response = client.post(f"{PAGE}secret/")
    hook.refresh_from_db()
    assert hook.secret != old
    assert hook.secret in response.content.decode() and "no-store" in response["Cache-Control"]
    assert hook.secret not in client.get(PAGE).content.decode()


def test_removing_asks_first(cast: Cast, as_: Any, hook: Webhook) -> None:
    client = as_(cast.lead)
    assert "Remove hooks.example.org/…a1b2?" in client.get(f"{PAGE}removal/").content.decode()
    assert Webhook.objects.exists()
    assert client.post(f"{PAGE}removal/")["Location"] == PAGE
    assert not Webhook.objects.exists()
    assert "Set up" in client.get(PAGE).content.decode()
    assert [client.post(f"{PAGE}{path}").status_code for path in ("removal/", "test/", "secret/")] == [404] * 3


def test_only_a_post_changes_anything(cast: Cast, as_: Any, hook: Webhook) -> None:
    done = deliveries(hook, 1, state="failed")[0]
    client = as_(cast.lead)
    for path in ("secret/", "test/", f"deliveries/{done.pk}/replay/"):
        assert client.get(f"{PAGE}{path}").status_code == 405
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(cast.lead.user)
    for path in ("", "secret/", "test/", "removal/", f"deliveries/{done.pk}/replay/"):
        assert guarded.post(f"{PAGE}{path}").status_code == 403
    assert (Webhook.objects.get().rotation, Delivery.objects.get().state) == (1, "failed")


# ── the log ──


def test_the_log_says_what_became_of_each_message(cast: Cast, as_: Any, hook: Webhook) -> None:
    deliveries(hook, 1, state="failed", attempts=8, status=500, error="hooks.example.org answered 500.", answer="<script>alert(1)</script>")
    deliveries(hook, 1, attempts=2, error="hooks.example.org did not answer within 5 seconds.")
    page = re.sub(r"\s+", " ", as_(cast.lead).get(PAGE).content.decode())
    for words in (
        "Given up",
        "Waiting",
        "hooks.example.org answered 500.",
        "Answered 500: <code>&lt;script&gt;alert(1)&lt;/script&gt;</code>",
        "&lt;b&gt;Findings&lt;/b&gt;",
        "Try 8 of 8",
        "after 2 of 8",
        "2 in the last 30 days",
    ):
        assert words in page
    assert "<script>alert" not in page and "<b>Findings</b>" not in page


def test_what_is_over_is_replayed_by_its_button(cast: Cast, as_: Any, hook: Webhook) -> None:
    over, under_way = deliveries(hook, 1, state="failed")[0], deliveries(hook, 1)[0]
    client = as_(cast.lead)
    page = client.get(PAGE).content.decode()
    assert f"deliveries/{over.pk}/replay/" in page and f"deliveries/{under_way.pk}/replay/" not in page
    assert client.post(f"{PAGE}deliveries/{over.pk}/replay/")["Location"] == PAGE
    assert Delivery.objects.get(pk=over.pk).state == "waiting"
    again = client.post(f"{PAGE}deliveries/{over.pk}/replay/")
    assert again.status_code == 422 and "This one is on its way already." in again.content.decode()


def test_a_message_of_another_team_is_not_there(cast: Cast, as_: Any, hook: Webhook) -> None:
    other = Webhook.set_up(cast.other, cast.outsider, url=URL)
    theirs = deliveries(other, 1, state="failed")[0]
    assert as_(cast.lead).post(f"{PAGE}deliveries/{theirs.pk}/replay/").status_code == 404
    assert Delivery.objects.get(pk=theirs.pk).state == "failed"


def test_the_log_has_pages_and_thirty_rows_take_the_queries_of_one(
    cast: Cast, as_: Any, hook: Webhook, django_assert_max_num_queries: Any
) -> None:
    client = as_(cast.lead)
    deliveries(hook, 1)
    with django_assert_max_num_queries(20) as one:
        client.get(PAGE)
    deliveries(hook, 29)
    with django_assert_max_num_queries(len(one)):
        page = client.get(PAGE).content.decode()
    assert page.count('id="delivery-') == 25
    assert "Page 1 of 2" in page
    assert client.get(f"{PAGE}?page=2").content.decode().count('id="delivery-') == 5
    assert client.get(f"{PAGE}?page=nonsense").status_code == 200


# ── everybody else ──


@pytest.mark.parametrize("who", ["member", "viewer"])
def test_who_is_no_lead_sees_only_that_there_is_one(cast: Cast, as_: Any, who: str) -> None:
    client = as_(getattr(cast, who))
    assert "This team has no webhook." in client.get(PAGE).content.decode()
    hook = Webhook.set_up(cast.team, cast.lead, url=URL)
    deliveries(hook, 1, state="failed", answer="internal words")
    page = client.get(PAGE).content.decode()
    assert "This team has a webhook; it is switched on." in page and "Only a lead can change it." in page
    for hidden in ("hooks.example.org", "a1b2", "internal words", "delivery-", "Send a test", "<form class"):
        assert hidden not in page


@pytest.mark.parametrize("who", ["member", "viewer"])
def test_who_is_no_lead_changes_nothing(cast: Cast, as_: Any, hook: Webhook, who: str) -> None:
    done = deliveries(hook, 1, state="failed")[0]
    client = as_(getattr(cast, who))
    lines = Activity.objects.count()
    assert save(client, url="https://evil.example/").status_code == 403
    assert client.post(PAGE, {}).status_code == 403
    assert client.get(f"{PAGE}removal/").status_code == 403
    for path in ("secret/", "test/", "removal/", f"deliveries/{done.pk}/replay/"):
        assert client.post(f"{PAGE}{path}").status_code == 403
    assert list(Webhook.objects.values_list("url", "rotation")) == [(URL, 1)]
    assert (Delivery.objects.get().state, Activity.objects.count()) == ("failed", lines)


def test_outside_the_team_nothing_exists(cast: Cast, as_: Any, hook: Webhook) -> None:
    done = deliveries(hook, 1, state="failed")[0]
    client = as_(cast.outsider)
    for path in ("", "secret/", "test/", "removal/", f"deliveries/{done.pk}/replay/"):
        assert client.get(f"{PAGE}{path}").status_code == client.post(f"{PAGE}{path}").status_code == 404
    assert Client().get(PAGE).status_code == 302
