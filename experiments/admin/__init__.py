"""The administration of the team's work: to find things and to put deleted ones back. Work itself is done on the boards."""

from experiments.admin.boxes import TimeBoxAdmin
from experiments.admin.runs import RunAdmin
from experiments.admin.said import AttachmentAdmin, CommentAdmin, DecisionAdmin, FindingAdmin, LabelAdmin
from experiments.admin.tasks import TaskAdmin
from experiments.admin.trackers import RunLinkAdmin, TrackerAdmin

__all__ = [
    "AttachmentAdmin",
    "CommentAdmin",
    "DecisionAdmin",
    "FindingAdmin",
    "LabelAdmin",
    "RunAdmin",
    "RunLinkAdmin",
    "TaskAdmin",
    "TimeBoxAdmin",
    "TrackerAdmin",
]
