"""The demo of sprints: five that are closed, one that runs and one that is planned."""

from dsboard.demo import Cast, Story
from experiments.demo.lives import deliver, explore
from sprints.demo.cards import IDEAS, JOBS, LEARNING
from sprints.demo.telling import one_sprint, three_months

__all__ = ["other_stories", "stories"]


def stories(cast: Cast) -> list[Story]:
    """The sprints of the demo team, and the cards that came up in them."""
    ideas = (explore(cast, idea) for idea in (*IDEAS, *LEARNING))
    return [three_months(cast), *ideas, *(deliver(cast, job) for job in JOBS)]


def other_stories(cast: Cast) -> list[Story]:
    """A running sprint in the second team, so that access can be tried."""
    return [one_sprint(cast)]
