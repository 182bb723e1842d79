"""The administration of people, teams and what happened: for staff of this server."""

from dsboard.admin.base import ReadOnlyAdmin, WithHistory
from dsboard.admin.calendar import AbsenceAdmin, DayOffAdmin
from dsboard.admin.keys import ApiTokenAdmin, FeedAdmin
from dsboard.admin.people import TeamAdmin, UserAdmin
from dsboard.admin.told import ActivityAdmin, JobRunAdmin, NoticeAdmin
from dsboard.admin.webhooks import DeliveryAdmin, WebhookAdmin

__all__ = [
    "AbsenceAdmin",
    "ActivityAdmin",
    "ApiTokenAdmin",
    "DayOffAdmin",
    "DeliveryAdmin",
    "FeedAdmin",
    "JobRunAdmin",
    "NoticeAdmin",
    "ReadOnlyAdmin",
    "TeamAdmin",
    "UserAdmin",
    "WebhookAdmin",
    "WithHistory",
]
