"""The nouns of floor 1: the team's work."""

from experiments.models.attachment import Attachment
from experiments.models.comment import Comment
from experiments.models.decision import Decision, Reversal
from experiments.models.deliverable import Deliverable
from experiments.models.finding import Finding, Result
from experiments.models.label import Label
from experiments.models.link import TaskLink
from experiments.models.metric import Metric
from experiments.models.search_entry import SearchEntry
from experiments.models.task import Task
from experiments.models.time_box import TimeBox
from experiments.models.upload import Upload

__all__ = [
    "Attachment",
    "Comment",
    "Decision",
    "Deliverable",
    "Finding",
    "Label",
    "Metric",
    "Result",
    "Reversal",
    "SearchEntry",
    "Task",
    "TaskLink",
    "TimeBox",
    "Upload",
]
