"""The nouns of floor 0: people, teams, access, history, notices."""

from dsboard.models.absence import Absence
from dsboard.models.activity import Activity
from dsboard.models.api_token import ApiToken
from dsboard.models.calendars import Calendars
from dsboard.models.day_off import DayOff
from dsboard.models.delivery import Delivery, News
from dsboard.models.feed import Feed
from dsboard.models.job_run import JobRun
from dsboard.models.membership import Membership
from dsboard.models.notice import Notice
from dsboard.models.pulse import Pulse
from dsboard.models.scoped import TeamQuerySet, TeamScoped
from dsboard.models.sign_in_link import SignInLink
from dsboard.models.team import Team
from dsboard.models.user import User
from dsboard.models.webhook import Event, Webhook

__all__ = [
    "Absence",
    "Activity",
    "ApiToken",
    "Calendars",
    "DayOff",
    "Delivery",
    "Event",
    "Feed",
    "JobRun",
    "Membership",
    "News",
    "Notice",
    "Pulse",
    "SignInLink",
    "Team",
    "TeamQuerySet",
    "TeamScoped",
    "User",
    "Webhook",
]
