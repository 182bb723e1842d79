"""A model of team FRAUD, for its pages."""

from tests.handoffs.models.conftest import model, version

__all__ = ["model", "version"]
