"""A forgotten password: one use, one hour, one answer for everybody."""

import re
from datetime import timedelta
from typing import Any

import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from dsboard.models import User
from tests.dsboard.conftest import Cast


def ask(client: Client, email: str = "mei@example.org", **extra: Any) -> Any:
    return client.post("/password/", {"email": email}, **extra)


def path_in_mail() -> str:
    found = re.search(r"http://[^/]+(/password/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def choose(client: Client, path: str, new: str = "quite another one") -> Any:
    return client.post(client.get(path)["Location"], {"new": new})


def test_the_link_changes_the_password_once_and_ends_sessions(client: Client, cast: Cast, as_: Any) -> None:
    before = as_(cast.lead)
    assert ask(client).status_code == 200
    assert mail.outbox[0].to == ["mei@example.org"]
    path = path_in_mail()
    assert choose(client, path).status_code == 200
    assert User.objects.get(email="mei@example.org").check_password("quite another one")
    assert before.get("/me/settings/").status_code == 302
    again = Client()
    assert choose(again, path, "a third password").status_code == 410
    assert User.objects.get(email="mei@example.org").check_password("quite another one")


def test_the_same_answer_for_an_address_nobody_has(client: Client, cast: Cast) -> None:
    known, unknown = ask(client).content.decode(), ask(client, "nobody@example.org").content.decode()
    differing = r'(mei|nobody)@|X-CSRFToken": "\w+'
    assert re.sub(differing, "", known) == re.sub(differing, "", unknown)
    assert len(mail.outbox) == 1


def test_it_lasts_an_hour(client: Client, cast: Cast) -> None:
    ask(client)
    path = path_in_mail()
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert choose(client, path).status_code == 410
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert choose(client, path).status_code == 200


def test_a_changed_link_opens_nothing(client: Client, cast: Cast) -> None:
    ask(client)
    uid, token = path_in_mail().strip("/").split("/")[1:]
    for bad in (f"/password/{uid}/{token[:-1]}x/", f"/password/OTk5/{token}/", f"/password/%FF/{token}/", "/password/a/chosen/"):
        response = client.get(bad, follow=True)
        assert response.status_code == 410


def test_the_token_is_in_no_address_of_the_page(client: Client, cast: Cast) -> None:
    ask(client)
    token = path_in_mail().strip("/").split("/")[-1]
    page = client.get(path_in_mail(), follow=True)
    assert token not in page.content.decode() and token not in page.request["PATH_INFO"]


def test_a_weak_password_is_refused_with_a_sentence(client: Client, cast: Cast) -> None:
    ask(client)
    response = choose(client, path_in_mail(), "mei")
    assert response.status_code == 422
    assert "at least 10 characters" in response.content.decode()


def test_somebody_invited_without_a_password_gets_one_this_way(client: Client, cast: Cast) -> None:
    cast.team.invite(cast.lead, email="new@example.org", name="Tomás Silva")
    ask(client, "new@example.org")
    assert choose(client, path_in_mail()).status_code == 200


def test_the_deactivated_get_no_mail(client: Client, cast: Cast) -> None:
    User.objects.filter(email="mei@example.org").update(is_active=False)
    ask(client)
    assert mail.outbox == []


def test_the_mail_names_the_public_address_whatever_the_header_says(client: Client, cast: Cast, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://boards.example.org"
    settings.ALLOWED_HOSTS = ["boards.example.org", "localhost"]
    assert ask(client, headers={"host": "evil.example"}).status_code == 400
    ask(client, headers={"host": "localhost"})
    assert "https://boards.example.org/password/" in mail.outbox[0].body and "localhost" not in mail.outbox[0].body


def test_asking_too_often_is_refused(client: Client, cast: Cast) -> None:
    assert [ask(client).status_code for _ in range(11)] == [200] * 10 + [429]
    assert len(mail.outbox) == 10
