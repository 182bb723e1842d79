"""The demo of floor 1: three months of ideas and jobs, and finished work by the thousand for load tests."""

from dsboard.demo import Cast, Story
from experiments.demo.ideas import IDEAS
from experiments.demo.jobs import JOBS
from experiments.demo.lives import deliver, explore
from experiments.demo.past import history
from experiments.demo.turns import days_away, estimates_that_firm_up, kept_follow_up, plans_of_the_others, withdrawn_follow_up

__all__ = ["history", "other_stories", "stories"]


def stories(cast: Cast) -> list[Story]:
    """Everything that the demo team does on this floor."""
    turns = [days_away(cast), estimates_that_firm_up(cast), kept_follow_up(cast), withdrawn_follow_up(cast)]
    return [*turns, *(explore(cast, idea) for idea in IDEAS), *(deliver(cast, job) for job in JOBS)]


def other_stories(cast: Cast) -> list[Story]:
    """What the second, small team has: enough to see that others can't."""
    return plans_of_the_others(cast)
