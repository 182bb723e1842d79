"""The cast, for everything about decisions and what follows from them, and browsers in which they are signed in."""

from collections.abc import Callable

import pytest
from django.test import Client

from dsboard.models import Membership
from tests.world import World, found_world


@pytest.fixture
def world(db: None) -> World:
    return found_world()


@pytest.fixture
def as_() -> Callable[[Membership], Client]:
    """A browser in which somebody is signed in: as_(world.lead)."""

    def browser(who: Membership) -> Client:
        client = Client()
        client.force_login(who.user)
        return client

    return browser
