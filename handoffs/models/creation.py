"""What a decision to productionize made beside its card: a version, perhaps its model, and the draft of a handoff."""

from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import ProtectedError, Q

from dsboard.models import Activity, Membership, TeamScoped
from experiments.models import Decision
from handoffs.models.handoff import Handoff
from handoffs.models.ml_model import MLModel
from handoffs.models.version import Version
from handoffs.stages import HandoffState


@dataclass(frozen=True)
class Made:
    """One row that the decision made: its type, how people name it, and where it is; no address once it is gone."""

    type: str
    ref: str
    label: str
    url: str


class Creation(TeamScoped):
    """The counters are those of the moment of the decision: a row that has another one now was touched since."""

    team_path = "decision__task__team"
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="creation")
    model = models.ForeignKey(MLModel, on_delete=models.SET_NULL, null=True, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.SET_NULL, null=True, related_name="creations")
    handoff = models.ForeignKey(Handoff, on_delete=models.SET_NULL, null=True, related_name="+")
    model_is_new = models.BooleanField()
    name = models.CharField(max_length=200, help_text="Model and version, as they were named then.")
    slug = models.CharField(max_length=80)
    version_name = models.CharField(max_length=60)
    model_count = models.PositiveIntegerField()
    version_count = models.PositiveIntegerField()
    handoff_count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="creation_has_a_name")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def keep(cls, decision: Decision, version: Version, handoff: Handoff, *, model_is_new: bool) -> "Creation":
        """Remember what was made; inside the transaction of the decision."""
        version.refresh_from_db(fields=["edition"])
        model = version.model
        return cls.objects.create(
            decision=decision,
            model=model,
            version=version,
            handoff=handoff,
            model_is_new=model_is_new,
            name=str(version)[:200],
            slug=model.slug,
            version_name=version.name,
            model_count=model.version,
            version_count=version.edition,
            handoff_count=handoff.edition,
        )

    # ── what is read off it ──

    @property
    def made(self) -> list[Made]:
        """The model when it was new, the version and the handoff, with an address where they still are."""
        return [*([self.told("model")] if self.model_is_new else []), self.told("version"), self.told("handoff")]

    def told(self, part: str) -> Made:
        row: Any = getattr(self, part)
        if part == "handoff" and row and self.version:
            row.version = self.version
        url = row.get_absolute_url() if row else ""
        if part == "model":
            return Made(part, self.slug, f"Model {row or self.name.removesuffix(f' {self.version_name}')}", url)
        if part == "version":
            return Made(part, self.version_name, f"Version {row or self.name}", url)
        return Made(part, str(self.handoff_id or ""), f"Handoff of {self.version or self.name}", url)

    def untouched(self) -> list[str]:
        """The parts that nobody has touched since, in the order in which they can go."""
        model, version, handoff = self.model, self.version, self.handoff
        parts = []
        if handoff and (handoff.edition, handoff.state) == (self.handoff_count, HandoffState.DRAFT):
            parts.append("handoff")
        alone = version and not version.handoffs.exclude(pk=self.handoff_id).exists() and not version.retrained_as.exists()
        if version and alone and version.edition == self.version_count and (handoff is None or parts):
            parts.append("version")
        if model and self.model_is_new and "version" in parts and model.version == self.model_count:
            parts += [] if model.versions.exclude(pk=self.version_id).exists() else ["model"]
        return parts

    def would(self) -> tuple[list[Made], list[Made]]:
        """What taking it back would withdraw, and what it would keep."""
        parts, rows = self.untouched(), [one for one in self.made if one.url]
        return [one for one in rows if one.type in parts], [one for one in rows if one.type not in parts]

    # ── verb ──

    def take_back(self, by: Membership) -> tuple[list[Made], list[Made]]:
        """Delete what nobody has touched; the rest stays. Inside the transaction of the reversal.

        What goes holds nothing that anybody typed after the decision, so its name can be given again; its history stays.
        """
        withdrawn, kept = self.would()
        for part in self.untouched():
            row: Any = getattr(self, part)
            told = self.told(part)
            try:
                with transaction.atomic():
                    self.let_go(part, row)
            except ProtectedError:
                # Something newer than this code hangs on it: then it was touched.
                withdrawn.remove(told)
                kept.append(told)
                continue
            Activity.record(self.decision.task, "unmade", by, field=part, before=told.label, after=None)
        return withdrawn, kept

    def let_go(self, part: str, row: Any) -> None:
        setattr(self, part, None)
        self.save(update_fields=[part])
        if part == "handoff":
            row.lines.all().delete()
        row.delete()


def made_beside(decision: Decision) -> list[Made]:
    """What a decision made beside its card; nothing for one that made a card alone."""
    found = of_decision(decision)
    return found.made if found else []


def of_decision(decision: Decision) -> Creation | None:
    """What it made, with what its addresses need; one query."""
    rows = Creation.objects.filter(decision=decision).select_related("model__team", "version__model__team", "handoff")
    found: Creation | None = rows.first()
    return found
