"""The dates of a sprint: what follows the last one, and what dates may be."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Calendars, Team
from dsboard.working_time import WorkingTime
from sprints.states import LONGEST, State

if TYPE_CHECKING:
    from sprints.models.sprint import Sprint

LONGEST_GOAL = 300
#: a sprint that is planned further away than this is a slip of the pen
FARTHEST = timedelta(days=3 * 366)


def cleaned_goal(goal: str) -> str:
    """One line of at most 300 characters."""
    goal = " ".join(goal.replace("\x00", "").split())
    if len(goal) > LONGEST_GOAL:
        raise Refusal.of({"goal": f"Keep the goal under {LONGEST_GOAL} characters."})
    return goal


def calendar_of(team: Team, since: date) -> WorkingTime:
    """The team's own working time, with the days off from `since` on."""
    return Calendars([], [team], since).of_team(team.pk)


def next_start(team: Team) -> date:
    """The first working day after the last sprint or, when that is over or there is none, the coming Monday or what follows it."""
    today = calendar_of(team, clock.now().date()).day_of(clock.now())
    last = team.sprints.order_by("-ends_on").values_list("ends_on", flat=True).first()
    monday = today + timedelta(days=-today.weekday() % 7)
    first = monday if last is None or last < today - timedelta(days=1) else last + timedelta(days=1)
    return calendar_of(team, first).first_on(first)


def usual_end(team: Team, starts_on: date) -> date:
    """The last working day of the weeks that a sprint of this team has. Raises Refusal for a first day years away."""
    vet_start(starts_on)
    working = calendar_of(team, starts_on)
    end = starts_on + timedelta(days=7 * team.sprint_weeks - 1)
    while end > starts_on and not working.works_on(end):
        end -= timedelta(days=1)
    return end


def vet_start(starts_on: date) -> None:
    """Before anything is counted from it: the calendar itself ends in 9999."""
    if abs(starts_on - clock.now().date()) > FARTHEST:
        raise Refusal.of({"starts_on": f"{starts_on} is over three years away. Look at the year again."})


def vet(sprint: "Sprint") -> None:
    """Refuse dates that run backwards, are too long, hold no working day, or meet another sprint of the team."""
    if sprint.ends_on < sprint.starts_on:
        raise Refusal.of({"ends_on": "The last day is before the first."})
    if (sprint.ends_on - sprint.starts_on).days >= LONGEST:
        raise Refusal.of({"ends_on": f"A sprint is at most {LONGEST // 7} weeks long."})
    vet_start(sprint.starts_on)
    if not any(calendar_of(sprint.team, sprint.starts_on).works_on(day) for day in days(sprint.starts_on, sprint.ends_on)):
        raise Refusal.of({"ends_on": "The team has no working day between these dates."})
    others = type(sprint).objects.within(sprint.team).exclude(pk=sprint.pk)
    met = others.filter(starts_on__lte=sprint.ends_on, ends_on__gte=sprint.starts_on).order_by("starts_on").first()
    if met:
        raise Refusal.of({"starts_on": f"{met} has {met.starts_on} to {met.ends_on}. Sprints of a team don't overlap."})


def days(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def day_of(sprint: "Sprint", working: WorkingTime) -> tuple[int, int]:
    """Which working day of the sprint today is, and how many it has: day 4 of 10. Before it starts 0, after its end the last."""
    today = working.day_of(clock.now())
    worked = [day for day in days(sprint.starts_on, sprint.ends_on) if working.works_on(day)]
    return sum(day <= today for day in worked), len(worked)


def end_early(sprint: "Sprint") -> bool:
    """A sprint that is closed before its last day ends today, so that the next one can begin tomorrow; True if it moved."""
    today = calendar_of(sprint.team, sprint.starts_on).day_of(clock.now())
    if sprint.state != State.CLOSED or today >= sprint.ends_on:
        return False
    sprint.ends_on = max(sprint.starts_on, today)
    return True
