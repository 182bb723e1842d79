"""Everything the page of one card shows, read in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from dsboard import clock
from dsboard.floors import modules
from dsboard.models import Activity, Membership, Team
from dsboard.prepared import prepared
from dsboard.roles import Act
from experiments import rules
from experiments.box_page import BoxPage
from experiments.chain import Step, chain, links_around
from experiments.field_forms import judged
from experiments.hanging import FEW_COMMENTS, hung, rebuilt
from experiments.models import Amendment, Attachment, Comment, Decision, Deliverable, Finding, Metric, Result, Task
from experiments.models.link import Rel
from experiments.models.undo import EDITS, ENDINGS, UNDOABLE
from experiments.runs_page import RunsPanel
from experiments.stages import DAYS_TO_UNDO, Kind, Stage

#: how many lines of history a page shows; the rest is in the API
LINES = 200
SHOWN = ("all", "comments", "changes")
#: what put the card into a sprint, or took it out
SEATS = ("seated", "unseated")
#: what a decision made on the floor above, with what its addresses need
MADE_BESIDE = ("creation__model__team", "creation__version__model__team", "creation__handoff")


@dataclass(frozen=True)
class Line:
    """One entry of the stream: a comment, or a line of history with its own template."""

    at: datetime
    comment: Comment | None = None
    item: Activity | None = None
    undoable: bool = False

    @property
    def template(self) -> str:
        return f"activity/{self.item.verb}.html" if self.item else ""

    @property
    def undo_name(self) -> str:
        """The address that takes it back: seats belong to the floor above."""
        return "sprints:seat-undo" if self.item and self.item.field == "sprint" else "experiments:undo"


def read(team: Team, ref: str) -> Task:
    """The card of this team with what hangs on it, deleted or not; or 404."""
    found = hung(team.pk, ref)
    if not found:
        raise Http404("There is no such card here.")
    found[0].team = team
    return found[0]


@prepared
def results_of(finding: int) -> QuerySet[Result]:
    return Result.objects.filter(finding=finding).select_related("finding__by")


@prepared
def metrics_of(task: int) -> QuerySet[Metric]:
    return Metric.objects.filter(task=task)


@prepared
def deliverables_of(task: int) -> QuerySet[Deliverable]:
    return Deliverable.objects.filter(task=task)


@prepared
def decisions_on(task: int) -> QuerySet[Decision]:
    return Decision.objects.filter(task=task).select_related("by", "reversal__by", *MADE_BESIDE)


@prepared
def history_of(task: int) -> QuerySet[Activity]:
    lines = Activity.objects.filter(subject_type="task", subject_id=task).exclude(verb="commented")
    return lines.select_related("actor").order_by("-pk")[:LINES]


def keep_with(task: Task, name: str, rows: list[Any]) -> list[Any]:
    """These are the task's rows of that name, whoever asks it for them from now on."""
    for row in rows:
        row.task = task
    known = getattr(task, name).all()
    known._result_cache = rows
    task._prefetched_objects_cache = getattr(task, "_prefetched_objects_cache", {}) | {name: known}
    return rows


def reported(task: Any) -> tuple[Finding | None, dict[str, Result]]:
    """The findings as they stand with their results by metric; nothing is asked where there are none."""
    if task.last_finding is None:
        return None, {}
    results = results_of(task.last_finding)
    finding = results[0].finding if results else Finding.objects.select_related("by").get(pk=task.last_finding)
    return finding, {result.metric_name: result for result in results}


class CardPage:
    """Read once, then plain attributes for the templates; `task` comes from `read`."""

    def __init__(self, task: Any, viewer: Membership, show: str = "all") -> None:
        self.task = task
        self.show = show if show in SHOWN else "all"
        self.may_edit = viewer.may(Act.EDIT)
        self.may_move = viewer.may(Act.MOVE)
        self.may_decide = viewer.may(Act.DECIDE)
        self.may_reverse = viewer.may(Act.REVERSE)
        self.is_watched = viewer.user_id in (task.watcher_ids or ())
        self.labels: list[str] = sorted(task.label_names or [])
        #: the sprints that it has a seat in, by number: the one that runs, and one that is planned
        self.sprints: list[int] = sorted(task.sprint_numbers or [])
        self.box_page = BoxPage(task, viewer) if task.is_boxed else None
        self.amendments = rebuilt(Amendment, task.told_amendments)
        self.attachments = rebuilt(Attachment, task.told_attachments)
        self.finding, results = reported(task)
        task.finding = self.finding
        metrics = keep_with(task, "metrics", metrics_of(task.pk)) if task.is_boxed else []
        self.metrics = [judged(metric, results) for metric in metrics]
        self.deliverables = keep_with(task, "deliverables", deliverables_of(task.pk)) if task.kind == Kind.DEVELOPMENT else []
        self.decisions = keep_with(task, "decisions", decisions_on(task.pk)) if task.has_decisions else []
        self.decision = next((decision for decision in self.decisions if decision.standing), None)
        links: list[Any] = links_around(task.pk) if task.has_links or self.decisions else []
        for decision in self.decisions:
            decision.created = [link.task for link in links if link.decision_id == decision.pk and link.rel == Rel.ORIGIN]
        own = [link for link in links if task.pk in (link.task_id, link.other_id)]
        self.chain: list[Step] = chain(task, links) if own else []
        self.origins = [link.other for link in own if link.task_id == task.pk and link.rel == Rel.ORIGIN]
        self.follow_ups = [link.other for link in own if link.task_id == task.pk and link.rel == Rel.FOLLOW_UP]
        self.builds_on = [link for link in own if link.task_id == task.pk and link.rel == Rel.BUILDS_ON]
        self.built_on_by = [link.task for link in own if link.rel == Rel.BUILDS_ON and link.other_id == task.pk]
        self.runs = RunsPanel(task, [row["metric"] for row in self.metrics], viewer) if task.is_boxed else None
        #: what the floors above show of this card, each with its own template
        self.sections = [found for floor in modules("card_sections") if (found := floor.of(task))]
        self.missing = {} if task.ended_at else rules.missing(task, self.next_stage)
        self.lines = self.stream()

    def read_comments(self) -> list[Comment]:
        """As they were told beside the card, or from their table where there are many."""
        if self.task.comment_count <= FEW_COMMENTS:
            return rebuilt(Comment, self.task.told_comments)
        return list(self.task.comments.select_related("by").order_by("-pk")[:LINES])

    def stream(self) -> list[Line]:
        """Comments and history in one, oldest first."""
        lines: list[Line] = []
        if self.show != "changes":
            lines += [Line(comment.at, comment=comment) for comment in self.read_comments()]
        if self.show != "comments":
            since = clock.now() - timedelta(days=DAYS_TO_UNDO)
            history = history_of(self.task.pk)
            latest = {name: item.pk for item in reversed(history) for name in item.fields}
            lines += [Line(item.at, item=item, undoable=item.at >= since and self.can_undo(item, latest)) for item in history]
        return sorted(lines, key=lambda line: line.at)[-LINES:]

    def can_undo(self, item: Activity, latest: dict[str, int]) -> bool:
        """Would taking this back make sense now? Only the last change of a field, and a move only while the card stands there."""
        if item.verb in SEATS:
            return self.may_edit and latest[item.field] == item.pk and self.task.ended_at is None and not item.facts.get("closing")
        if not self.may_move or item.verb not in UNDOABLE or latest[item.field] != item.pk:
            return False
        if item.verb in ENDINGS:
            return self.task.is_off_boards
        if item.verb in EDITS:
            return item.field != "kind" and not self.task.is_off_boards
        return item.field != "stage" or (item.after == self.task.stage and Stage.DECISION not in (item.before, item.after))

    @property
    def next_stage(self) -> Stage:
        """The stage after this one; the last one stays."""
        stages = self.task.stages
        return stages[min(stages.index(Stage(self.task.stage)) + 1, len(stages) - 1)]

    @property
    def earlier_decisions(self) -> list[Any]:
        return [decision for decision in self.decisions if not decision.standing]

    @property
    def is_unproven(self) -> bool:
        """A development card that builds on no validated experiment says so, quietly."""
        return self.task.kind == Kind.DEVELOPMENT and not self.builds_on

    @property
    def met(self) -> int:
        return sum(1 for row in self.metrics if row["met"])

    @property
    def is_prototype_next(self) -> bool:
        return self.task.is_boxed and self.finding is not None and not self.task.is_off_boards

    @property
    def is_product_next(self) -> bool:
        return self.task.phase == "prototype" and self.task.stage == Stage.DONE
