"""A version of a model: its stage, its answers, where it comes from and what was built; v2.2 is live while v2.3 is being built."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, TeamScoped
from dsboard.roles import Act
from experiments.models import Task
from handoffs import checklists
from handoffs.checklists import Criterion
from handoffs.models import answering, cleaning, gates
from handoffs.models.answer import Answer
from handoffs.models.passage import Passage
from handoffs.models.stale import refuse_stale
from handoffs.stages import RETRAINING_STARTS, STARTS, HandoffState, VersionStage


class Version(TeamScoped):
    """`key` is the name without regard to case, `sort_key` its natural order; `edition` counts changes, for stale writes."""

    team_path = "model__team"
    model = models.ForeignKey("handoffs.MLModel", on_delete=models.PROTECT, related_name="versions")
    name = models.CharField(max_length=cleaning.LONGEST_VERSION)
    key = models.CharField(max_length=3 * cleaning.LONGEST_VERSION, editable=False)
    sort_key = models.CharField(max_length=cleaning.LONGEST_KEY, editable=False)
    stage = models.CharField(max_length=21, choices=VersionStage)
    starts_at = models.CharField(max_length=21, choices=VersionStage, help_text="The stage in which it was made.")
    retrains = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="retrained_as")
    origin = models.ForeignKey(
        "experiments.Task", on_delete=models.SET_NULL, null=True, blank=True, related_name="versions", help_text="The card it comes from."
    )
    origin_run = models.CharField(max_length=200, blank=True, help_text="The run it comes from, as its tracker names it.")
    artifact = models.CharField(max_length=cleaning.LONGEST_LINE, blank=True, help_text="The address of what was built.")
    checksum = models.CharField(max_length=71, blank=True, help_text="sha256: and 64 hexadecimal digits.")
    metrics = models.JSONField(default=dict, blank=True, help_text="{name: number}")
    edition = models.PositiveIntegerField(default=1)
    recheck = models.BooleanField(default=False, editable=False, help_text="Its handoffs are to be looked at again.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["sort_key", "pk"]
        indexes = [
            models.Index(fields=["model", "sort_key"], name="version_in_order"),
            models.Index(fields=["id"], name="version_to_recheck", condition=Q(recheck=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["model", "key"], name="version_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="version_has_a_name"),
            models.CheckConstraint(condition=Q(stage__in=VersionStage.values), name="version_in_a_stage"),
            models.CheckConstraint(
                condition=Q(retrains=None, starts_at__in=STARTS) | Q(retrains__isnull=False, starts_at__in=RETRAINING_STARTS),
                name="version_starts_before_its_gate",
            ),
            models.CheckConstraint(condition=Q(checksum="") | Q(checksum__startswith="sha256:"), name="version_checksum_has_a_form"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.name}"

    @property
    def team_id(self) -> int:
        return self.model.team_id

    @property
    def ref(self) -> str:
        """Model and version, as short as history keeps them; the version's own name is kept whole where it can be."""
        return f"{self.model.name[: max(0, 29 - len(self.name))].rstrip()} {self.name}"[:30].strip()

    def get_absolute_url(self) -> str:
        return reverse("handoffs:version", args=[self.model.team.key, self.model.slug, self.name])

    @property
    def version(self) -> int:
        """The counter under the name that history asks for."""
        return self.edition

    # ── verbs ──

    @classmethod
    @clock.still()
    @transaction.atomic
    def add(
        cls, model: Any, by: Membership, *, name: str, starts_at: str = "", retrains: "Version | None" = None, **fields: Any
    ) -> "Version":
        """A further version, at the first stage when nothing is said.

        One that retrains another starts at Model Experimentation, or at Model Development when only the data is new; the
        earlier criteria come along as of the other one, to confirm. `fields` are origin, origin_run, artifact, checksum
        and metrics. Raises Refusal by field.
        """
        by.must(Act.MODELS, model.team_id)
        model.hold()
        name = cleaning.version_name(name)
        if retrains is not None and retrains.model_id != model.pk:
            raise Refusal.of({"retrains": f"{retrains.name} is no version of {model}."})
        version = cls(model=model, name=name, key=cleaning.folded(name), sort_key=cleaning.sort_key(name), retrains=retrains)
        version.starts_at = version.stage = first_stage(starts_at, retrains)
        version.created_by_id = by.user_id
        version.refuse_twin()
        for field, value in fields.items():
            setattr(version, field, CLEAN[field](version, value))
        version.save()
        if retrains is not None:
            answering.bring_along(version, retrains, by)
        Activity.record(version, "added", by, after=version.stage, retrains=retrains.name if retrains else None)
        return version

    @clock.still()
    @transaction.atomic
    def change(self, by: Membership, *, edition: int | None = None, **fields: Any) -> list[str]:
        """Another name, origin, origin_run, artifact, checksum or metrics; returns the names that differ.

        What others changed since `edition` merges, the same field is Stale.
        """
        by.must(Act.MODELS, self.team_id)
        self.hold()
        wanted = {field: CLEAN[field](self, value) for field, value in fields.items()}
        before = {field: getattr(self, field) for field in wanted}
        changed = [field for field, value in wanted.items() if value != before[field]]
        refuse_stale(self, edition, changed)
        for field in changed:
            setattr(self, field, wanted[field])
        if "name" in changed:
            self.key, self.sort_key = cleaning.folded(self.name), cleaning.sort_key(self.name)
            self.refuse_twin()
        if changed:
            self.touch(*changed, *(["key", "sort_key"] if "name" in changed else []))
        for field in changed:
            Activity.record(self, "changed", by, field=field, before=shown(before[field]), after=shown(wanted[field]))
        return changed

    def answer(self, criterion: str, by: Membership, *, state: str, evidence: Any = None, reason: str = "") -> Answer | None:
        """Answer a criterion, or take its answer back with `open`. See answering.answer."""
        return answering.answer(self, criterion, by, state=state, evidence=evidence, reason=reason)

    def advance(self, to: str, by: Membership, *, reason: str = "", override_reason: str = "", review_on: date | None = None) -> Passage:
        """On to the next stage. See gates.advance."""
        return gates.advance(self, to, by, reason=reason, override_reason=override_reason, review_on=review_on)

    def go_back(self, to: str, by: Membership, *, reason: str) -> Passage:
        """Back to an earlier stage, whose criteria open again. See gates.go_back."""
        return gates.go_back(self, to, by, reason=reason)

    # ── what the verbs stand on ──

    def hold(self) -> None:
        """Lock the team and read this version again, inside a transaction."""
        model = self.model
        model.team.lock()
        self.refresh_from_db()
        self.model = model

    def touch(self, *fields: str) -> None:
        self.edition += 1
        self.recheck = True
        self.save(update_fields=[*fields, "edition", "recheck"])

    def refuse_twin(self) -> None:
        """A model tells its versions apart by name."""
        twin = Version.objects.filter(model_id=self.model_id, key=self.key).exclude(pk=self.pk).first()
        if twin:
            raise Refusal.of({"version": f"{self.model} has a version {twin.name} already."})

    # ── what is read off it ──

    def standing(self) -> dict[str, Answer]:
        """The answer that counts of each criterion that was ever answered; from `answers` where they were fetched before."""
        return {answer.criterion: answer for answer in self.answers.all()}

    def open_criteria(self, stage: str = "") -> list[Criterion]:
        """What its stage (or another one) still asks for: not answered, or not yet confirmed."""
        return self.unsettled(checklists.of(stage or self.stage))

    def owed(self) -> list[Criterion]:
        """Criteria of earlier stages without an answer of its own; the gate into Deployment asks for them too."""
        return self.unsettled(checklists.before(self.stage))

    def unsettled(self, criteria: list[Criterion]) -> list[Criterion]:
        standing = self.standing()
        return [one for one in criteria if one.slug not in standing or not standing[one.slug].is_settled]

    @property
    def has_accepted_handoff(self) -> bool:
        """Whether both sides signed for this very version."""
        return bool(self.handoffs.filter(state=HandoffState.ACCEPTED).exists())


def first_stage(starts_at: str, retrains: Version | None) -> str:
    """Where a new version starts; raises Refusal for a stage that it can't start at."""
    allowed = STARTS if retrains is None else RETRAINING_STARTS
    if not starts_at:
        return str(allowed[0])
    if starts_at in allowed:
        return str(VersionStage(starts_at))
    if starts_at not in VersionStage.values:
        raise Refusal.of({"starts_at": f"A version starts at one of {', '.join(allowed)}."})
    if retrains is not None:
        raise Refusal.of({"starts_at": "A version that retrains another starts at Model Experimentation or Model Development."})
    raise Refusal.of({"starts_at": "A version starts at Model Development at the latest. Deployment is entered through its gate."})


def origin(version: Version, task: Task | None) -> Task | None:
    """A card of the model's own team."""
    if task is not None and task.team_id != version.team_id:
        raise Refusal.of({"origin": "That card belongs to another team."})
    return task


def shown(value: Any) -> Any:
    """A value as history keeps it."""
    return value.ref if isinstance(value, Task) else value


CLEAN = {
    "name": lambda version, value: cleaning.version_name(value),
    "origin": origin,
    "origin_run": lambda version, value: cleaning.line("origin_run", value, 200),
    "artifact": lambda version, value: cleaning.line("artifact", value),
    "checksum": lambda version, value: cleaning.checksum(value),
    "metrics": lambda version, value: cleaning.metrics(value),
}
