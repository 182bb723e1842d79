"""Stopping one kind of mail by the address in a mail: without signing in, by a person or by a mail program."""

from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.test import Client

from dsboard import mail
from dsboard.kinds import Topic
from dsboard.models import User
from tests.dsboard.conftest import Cast


def address(user: User, topic: Topic = Topic.MENTION) -> str:
    return urlsplit(mail.unsubscribing(user, topic)).path


def test_looking_changes_nothing(cast: Cast) -> None:
    """Mail scanners open every link."""
    response = Client().get(address(cast.member.user))
    assert response.status_code == 200
    assert "Mentions" in response.content.decode()
    cast.member.user.refresh_from_db()
    assert cast.member.user.mail_off == []


def test_one_post_stops_one_kind(cast: Cast) -> None:
    """RFC 8058: no session, no form token, no second step."""
    client = Client(enforce_csrf_checks=True)
    response = client.post(address(cast.member.user), {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    cast.member.user.refresh_from_db()
    assert cast.member.user.mail_off == ["mention"]


def test_twice_is_once(cast: Cast) -> None:
    for _ in range(2):
        Client().post(address(cast.member.user))
    cast.member.user.refresh_from_db()
    assert cast.member.user.mail_off == ["mention"]


@pytest.mark.parametrize(
    "token",
    ["nonsense", signing.dumps([1, "mention"], salt="another use"), signing.dumps([1, "everything"], salt=mail.STOP), "a:b:c", "é"],
    ids=["nonsense", "another use", "another kind", "colons", "letters"],
)
def test_an_address_that_nobody_signed(cast: Cast, token: str) -> None:
    for method in ("get", "post"):
        assert getattr(Client(), method)(f"/me/mail-stop/{token}/").status_code == 404
    assert not User.objects.exclude(mail_off=[]).exists()


def test_of_somebody_who_is_gone(cast: Cast) -> None:
    User.objects.filter(pk=cast.member.user_id).update(is_active=False)
    assert Client().post(address(cast.member.user)).status_code == 404
