"""Ways in from the command line."""

from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from dsboard.models import ApiToken, User
from tests.dsboard.conftest import Cast


def said(*args: str, **options: str) -> str:
    out = StringIO()
    call_command(*args, **options, stdout=out)
    return out.getvalue()


def test_signin_link_prints_one_address_that_works(client: Client, cast: Cast, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://boards.example.org"
    address = said("signin_link", "Mei@example.org").strip()
    assert address.startswith("https://boards.example.org/sign-in/")
    assert client.get(urlsplit(address).path).status_code == 302
    assert client.session["_auth_user_id"] == str(cast.lead.user_id)


def test_signin_link_for_nobody_and_for_the_deactivated(cast: Cast) -> None:
    with pytest.raises(CommandError, match="Nobody here"):
        said("signin_link", "nobody@example.org")
    User.objects.filter(pk=cast.member.user_id).update(is_active=False)
    with pytest.raises(CommandError, match="can't sign in"):
        said("signin_link", "arjun@example.org")


@pytest.mark.parametrize("scope", ["read", "write", "runs"])
def test_api_token_ends_with_the_token(cast: Cast, scope: str) -> None:
    token = said("api_token", "arjun@example.org", "--team", "fraud", "--scope", scope).split()[-1]
    held = ApiToken.holder(token)
    assert held is not None
    assert (held.membership, held.scope) == (cast.member, scope)


def test_api_token_for_members_only(cast: Cast) -> None:
    with pytest.raises(CommandError, match="is in a team FRAUD"):
        said("api_token", "ines@example.org", "--team", "FRAUD")
    with pytest.raises(CommandError):
        said("api_token", "arjun@example.org", "--team", "NOSUCH")
    assert not ApiToken.objects.exists()
