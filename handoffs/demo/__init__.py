"""The demo of floor 2: ideas that were decided Productionize, and models on their way from problem to production."""

from dsboard.demo import Cast, Story
from handoffs.demo import decided, models, watched


def stories(cast: Cast) -> list[Story]:
    return [*decided.stories(cast), *models.stories(cast), *watched.stories(cast)]


def other_stories(cast: Cast) -> list[Story]:
    return []
