"""A browser in which somebody is signed in."""

from collections.abc import Callable

import pytest
from django.test import Client

from dsboard.models import Membership


@pytest.fixture
def as_(db: None) -> Callable[[Membership], Client]:
    """`as_(world.mei)`; with `htmx=True` every request comes from htmx on the board."""

    def browser(who: Membership, *, htmx: bool = False) -> Client:
        client = Client(headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/t/FRAUD/board/"} if htmx else None)
        client.force_login(who.user)
        return client

    return browser
