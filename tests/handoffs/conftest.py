"""The cast, for everything about decisions and what follows from them."""

import pytest

from tests.world import World, found_world


@pytest.fixture
def world(db: None) -> World:
    return found_world()
