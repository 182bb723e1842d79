"""The nouns of floor 1: the team's work."""

from experiments.models.amendment import Amendment
from experiments.models.attachment import Attachment
from experiments.models.comment import Comment
from experiments.models.decision import Decision, Reversal
from experiments.models.deliverable import Deliverable
from experiments.models.extension import Extension
from experiments.models.finding import Finding, Result
from experiments.models.interval import Interval
from experiments.models.label import Label
from experiments.models.link import TaskLink
from experiments.models.metric import Metric
from experiments.models.run import Run
from experiments.models.run_link import RunLink
from experiments.models.run_metric import RunMetric, RunPoint
from experiments.models.search_entry import SearchEntry
from experiments.models.task import Task
from experiments.models.time_box import TimeBox
from experiments.models.tracker import Tracker
from experiments.models.upload import Upload

__all__ = [
    "Amendment",
    "Attachment",
    "Comment",
    "Decision",
    "Deliverable",
    "Extension",
    "Finding",
    "Interval",
    "Label",
    "Metric",
    "Result",
    "Reversal",
    "Run",
    "RunLink",
    "RunMetric",
    "RunPoint",
    "SearchEntry",
    "Task",
    "TaskLink",
    "TimeBox",
    "Tracker",
    "Upload",
]
