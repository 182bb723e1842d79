"""The page of one version of a model: its path through six stages, what stands behind each tick, where it is live, its history."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q

from dsboard.models import Activity, Membership
from dsboard.roles import Act
from experiments.models import Task
from handoffs import checklists
from handoffs.checklists import BY_SLUG, Criterion
from handoffs.history import VersionLine
from handoffs.lineage import Entry, lineage, upkeep
from handoffs.models import Answer, CardEdition, Deployment, EvidenceFile, Handoff, Passage, Version
from handoffs.models.evidence import shown
from handoffs.models.gates import asked
from handoffs.monitoring_page import MonitoringPage
from handoffs.proposals import Proposal, proposals
from handoffs.stages import FROZEN, AnswerState, EvidenceType, VersionStage

LINES = 30
#: what happens to a model in operation, of whatever version
IN_OPERATION = ("watched", "unwatched", "alarmed", "judged_alarm", "planned", "alias_moved")
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


@dataclass(frozen=True)
class Tick:
    """One criterion with the answer that counts; `place` is how many stages after the version's own it belongs to, or before."""

    criterion: Criterion
    answer: Answer | None
    place: int = 0
    proposal: Proposal | None = None

    @property
    def has_controls(self) -> bool:
        """The current stage's, and what earlier ones owe."""
        return self.place == 0 or (self.place < 0 and self.state != "met")

    @property
    def state(self) -> str:
        """The style sheet's word: met; wait for what came along from an earlier version; open."""
        if self.answer is None or self.answer.state == AnswerState.OPEN:
            return "open"
        return "met" if self.answer.is_settled else "wait"

    @property
    def words(self) -> str:
        if self.state == "wait" and self.answer and self.answer.as_of:
            return f"{self.answer.get_state_display()} as of {self.answer.as_of.name}, to confirm"
        return str(self.answer.get_state_display()) if self.answer else "Open"

    @property
    def shown(self) -> str:
        """What shows it, or why it is not asked for, in a line."""
        if self.answer is None or self.answer.state == AnswerState.OPEN:
            return ""
        return shown(self.answer.evidence) or self.answer.reason

    def is_shown_by(self, kind: EvidenceType) -> bool:
        evidence = self.answer.evidence if self.answer and self.answer.state != AnswerState.OPEN else None
        return bool(evidence and evidence["type"] == kind)

    @property
    def is_link(self) -> bool:
        return self.is_shown_by(EvidenceType.LINK)

    @property
    def is_file(self) -> bool:
        return self.is_shown_by(EvidenceType.FILE)

    @property
    def key(self) -> str:
        """The key of the file that shows it."""
        return str(self.answer.evidence["value"]) if self.answer and self.answer.evidence else ""

    @property
    def is_card(self) -> bool:
        return self.is_shown_by(EvidenceType.TASK)

    @property
    def why_reopened(self) -> str:
        """Why it is open again."""
        return self.answer.reason if self.answer and self.answer.state == AnswerState.OPEN else ""


@dataclass(frozen=True)
class Step:
    """One stage on the way: done, now or next; `passage` is the last one out of it."""

    stage: VersionStage
    state: str
    ticks: list[Tick]
    passage: Passage | None
    entered: Passage | None

    @property
    def number(self) -> int:
        return self.stage.place + 1

    @property
    def short(self) -> str:
        """As short as the bar has room for: Problem, Data, Experimentation."""
        return self.stage.label.removeprefix("Model ").split(" ")[0]

    @property
    def settled(self) -> int:
        return sum(tick.state == "met" for tick in self.ticks)

    @property
    def exceptions(self) -> str:
        """The criteria that were let pass open, in words."""
        return ", ".join(BY_SLUG[slug].label for slug in self.passage.exceptions if slug in BY_SLUG) if self.passage else ""


class ModelPage:
    """Read in a fixed number of queries, however much was answered."""

    def __init__(self, version: Version, viewer: Membership) -> None:
        self.version, self.model = version, version.model
        self.stage, self.viewer = VersionStage(version.stage), viewer
        self.may_answer, self.may_waive = viewer.may(Act.CRITERIA), viewer.may(Act.WAIVE)
        self.may_change, self.may_except = viewer.may(Act.MODELS), viewer.may(Act.PASS_WITH_EXCEPTIONS)
        self.may_deploy, self.may_hand_over = viewer.may(Act.DEPLOY), viewer.may(Act.HANDOFFS)
        self.answers = {answer.criterion: answer for answer in version.answers.select_related("by", "as_of")}

    @cached_property
    def owners(self) -> list[str]:
        return [owner.name for owner in self.model.owners.order_by("name")]

    @cached_property
    def lineage(self) -> list[Entry]:
        """Everything that belongs to the model, in time."""
        return lineage(self.model)

    @cached_property
    def monitoring(self) -> MonitoringPage:
        """How the model does in operation."""
        return MonitoringPage(self.model, self.viewer, self.upkeep)

    @cached_property
    def upkeep(self) -> list[Task]:
        """The open maintenance cards that serve the model."""
        return upkeep(self.model)

    @cached_property
    def proposals(self) -> dict[str, Proposal]:
        """What the board knows for open criteria."""
        return proposals(self.version)

    @cached_property
    def files(self) -> list[EvidenceFile]:
        """What is kept with this version as evidence."""
        return list(EvidenceFile.objects.present().filter(version=self.version).select_related("by"))

    @cached_property
    def card(self) -> CardEdition | None:
        """The newest edition of its model card."""
        return CardEdition.objects.filter(version=self.version).defer("text").first()

    @cached_property
    def handoff(self) -> Handoff | None:
        """The newest handoff of this version."""
        found: Handoff | None = self.version.handoffs.order_by("-revision").first()
        if found:
            found.version = self.version
        return found

    @property
    def may_start_handoff(self) -> bool:
        open_one = self.handoff and self.handoff.state not in FROZEN
        return self.may_hand_over and not open_one

    @cached_property
    def is_accepted(self) -> bool:
        return self.version.has_accepted_handoff

    @cached_property
    def versions(self) -> list[Any]:
        """All of the model, the newest name first, with where they are live."""
        found: list[Any] = list(self.model.versions.prefetch_related("deployments").order_by("-sort_key", "-pk"))
        for one in found:
            one.model = self.model
            one.live = [deployment for deployment in one.deployments.all() if deployment.is_live]
        return found

    @cached_property
    def passages(self) -> list[Passage]:
        return list(self.version.passages.select_related("by"))

    @cached_property
    def steps(self) -> list[Step]:
        """The six stages; a stage before the one in which the version was made has no passage."""
        out = {passage.from_stage: passage for passage in self.passages if not passage.is_back}
        into = {passage.to_stage: passage for passage in self.passages}
        return [
            Step(
                stage,
                "done" if stage.place < self.stage.place else "now" if stage == self.stage else "next",
                [self.tick(criterion) for criterion in checklists.of(stage)],
                out.get(stage) if stage.place < self.stage.place else None,
                into.get(stage),
            )
            for stage in VersionStage
        ]

    @cached_property
    def left(self) -> list[Criterion]:
        """What the next gate still asks for."""
        return asked(self.version, self.stage.next) if self.stage.next else []

    @property
    def owed(self) -> list[Tick]:
        """Criteria of earlier stages that the gate into Deployment will ask for."""
        return [self.tick(criterion) for criterion in self.version.owed()]

    def tick(self, criterion: Criterion) -> Tick:
        place = criterion.stage.place - self.stage.place
        return Tick(criterion, self.answers.get(criterion.slug), place, self.proposals.get(criterion.slug))

    @property
    def gate(self) -> str:
        """Two criteria stand between v2.3 and Deployment."""
        if self.stage.next is None:
            count = len(self.version.open_criteria())
            return f"{self.version.name} is in the last stage" + (f", with {count} of its criteria open" if count else "")
        if not self.left:
            return f"Nothing stands between {self.version.name} and {self.stage.next.label}"
        count = len(self.left)
        number = NUMBERS[count] if count < len(NUMBERS) else str(count)
        return f"{number} {'criterion stands' if count == 1 else 'criteria stand'} between {self.version.name} and {self.stage.next.label}"

    @property
    def enters_deployment(self) -> bool:
        return self.stage.next == VersionStage.DEPLOYMENT

    @cached_property
    def deployments(self) -> list[Deployment]:
        found = list(self.version.deployments.select_related("by", "retired_by").order_by("-pk"))
        for deployment in found:
            deployment.version = self.version
        return found

    @cached_property
    def history(self) -> list[VersionLine]:
        settings = Q(field__in=("retraining", "registry")) | Q(field__startswith="series_")
        of_the_model = Activity.objects.of(self.model).filter(Q(verb__in=IN_OPERATION) | settings)
        rows = (Activity.objects.of(self.version) | of_the_model).select_related("actor").order_by("-pk")[:LINES]
        return [VersionLine(row) for row in rows]
