"""The cast, for everything about the team's work."""

import pytest

from tests.world import World, found_world


@pytest.fixture
def world(db: None) -> World:
    return found_world()
