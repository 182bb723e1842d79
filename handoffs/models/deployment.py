"""A deployment of a version: where and how it serves, since when, by whom, and until when."""

from decimal import Decimal, InvalidOperation
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from dsboard import clock
from dsboard.errors import Forbidden, Refusal
from dsboard.models import Activity, Membership, TeamQuerySet, TeamScoped
from dsboard.roles import Act
from experiments.models.metric import plain
from handoffs.models.cleaning import text
from handoffs.models.gates import OVERRIDDEN_BEFORE
from handoffs.models.version import Version
from handoffs.stages import Environment, Mode, VersionStage

NEEDS_HANDOFF = "A production deployment asks for the accepted handoff of this version. A lead may override once, with a reason."
WHOLE = Decimal(100)


class DeploymentQuerySet(TeamQuerySet):
    def live(self) -> Self:
        """Not retired."""
        return self.filter(retired_at=None)


class Deployment(TeamScoped):
    """`model` is its version's, kept here so that the database itself allows one live full deployment an environment."""

    team_path = "model__team"
    model = models.ForeignKey("handoffs.MLModel", on_delete=models.PROTECT, related_name="deployments")
    version = models.ForeignKey("handoffs.Version", on_delete=models.PROTECT, related_name="deployments")
    environment = models.CharField(max_length=10, choices=Environment)
    mode = models.CharField(max_length=6, choices=Mode)
    share = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, help_text="Per cent of the traffic.")
    live_from = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    override_reason = models.TextField(blank=True, help_text="Why it went out without the accepted handoff.")
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced")

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "environment"], condition=Q(retired_at=None, mode=Mode.FULL), name="deployment_one_full_is_live"
            ),
            models.UniqueConstraint(fields=["version"], condition=~Q(override_reason=""), name="deployment_overridden_once"),
            models.CheckConstraint(
                condition=Q(mode=Mode.SHARE, share__isnull=False, share__gte=0, share__lte=100)
                | Q(mode__in=(Mode.SHADOW, Mode.FULL), share=None),
                name="deployment_share_with_its_mode",
            ),
            models.CheckConstraint(
                condition=Q(override_reason="") | Q(environment=Environment.PRODUCTION), name="deployment_overrides_in_production"
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None, replaced_by=None) | Q(retired_at__gte=F("live_from")), name="deployment_retired_after_live"
            ),
        ]

    def __str__(self) -> str:
        how = f"{self.share:g} %" if self.share is not None else self.get_mode_display().lower()
        return f"{self.version} in {self.environment}, {how}"

    @property
    def is_live(self) -> bool:
        return self.retired_at is None

    @classmethod
    @clock.still()
    @transaction.atomic
    def deploy(
        cls,
        version: Version,
        by: Membership,
        *,
        environment: str,
        mode: str = "",
        share: Any = None,
        override_reason: str = "",
    ) -> "Deployment":
        """It serves from now on; a full one retires the full one that it replaces: `replaces` is that one, or None.

        Staging is open from Model Development on, production from Deployment on and with the accepted handoff of this
        very version, which a lead may override once. `mode` is share where a share is given, else full. Raises Refusal.
        """
        by.must(Act.DEPLOY, version.team_id)
        version.hold()
        mode, part = vetted(environment, mode, share)
        override = text("override_reason", override_reason)
        refuse_early(version, environment)
        if environment == Environment.PRODUCTION:
            override = overridden(version, by, override)
        elif override:
            raise Refusal.of({"override_reason": "Staging asks for no handoff. Leave the override out."})
        beside = cls.objects.filter(model_id=version.model_id, environment=environment).live()
        if mode == Mode.SHARE:
            refuse_over_whole(beside, part or Decimal(0))
        before = beside.filter(mode=Mode.FULL).select_related("version__model").first() if mode == Mode.FULL else None
        if before:
            before.version = version if before.version_id == version.pk else before.version
            before.end(by)
        made = cls(model_id=version.model_id, version=version, environment=environment, mode=mode, share=part, by_id=by.user_id)
        made.override_reason = override
        made.save()
        if before:
            before.replaced_by = made
            before.save(update_fields=["replaced_by"])
        made.replaces = before
        version.touch()
        facts: dict[str, Any] = {
            "mode": mode,
            "share": None if part is None else float(part),
            "replaces": before.version.name if before else None,
        }
        Activity.record(version, "deployed", by, after=environment, deployment=made.pk, override_reason=override, **facts)
        return made

    #: the deployment that this one replaced when it was made just now
    replaces: "Deployment | None" = None

    @clock.still()
    @transaction.atomic
    def retire(self, by: Membership) -> None:
        """It serves no more; again changes nothing."""
        by.must(Act.DEPLOY, self.version.team_id)
        version = self.version
        version.hold()
        self.refresh_from_db()
        self.version = version
        if self.is_live:
            self.end(by)

    def end(self, by: Membership) -> None:
        """Retire it, with the team held."""
        self.retired_at, self.retired_by_id = clock.now(), by.user_id
        self.save(update_fields=["retired_at", "retired_by"])
        self.version.touch()
        Activity.record(self.version, "retired", by, before=self.environment, deployment=self.pk, mode=self.mode)


def vetted(environment: str, mode: str, share: Any) -> tuple[str, Decimal | None]:
    """Mode and share that fit together."""
    if environment not in Environment.values:
        raise Refusal.of({"environment": "A version is deployed to staging or production."})
    mode = mode or (Mode.FULL.value if share is None else Mode.SHARE.value)
    if mode not in Mode.values:
        raise Refusal.of({"mode": "A deployment is shadow, share or full."})
    if mode == Mode.SHARE and share in (None, ""):
        raise Refusal.of({"share": "Say how many per cent of the traffic it gets."})
    if mode != Mode.SHARE and share not in (None, ""):
        raise Refusal.of({"share": f"Only the mode share has one; this is {mode}."})
    return mode, per_cent(share) if mode == Mode.SHARE else None


def per_cent(share: Any) -> Decimal:
    try:
        part = Decimal(str(share).strip())
    except InvalidOperation:
        part = Decimal("NaN")
    if not part.is_finite() or not 0 <= part <= WHOLE:
        raise Refusal.of({"share": "A share is 0 to 100 per cent."})
    if part != part.quantize(Decimal("0.01")):
        raise Refusal.of({"share": "Give the share with at most two decimals."})
    return part.quantize(Decimal("0.01"))


def refuse_early(version: Version, environment: str) -> None:
    """Staging is open from Model Development on, production from Deployment on."""
    least = VersionStage.DEPLOYMENT if environment == Environment.PRODUCTION else VersionStage.MODEL_DEVELOPMENT
    stage = VersionStage(version.stage)
    if stage.place < least.place:
        opens = f"{Environment(environment).label} is open from {least.label} on"
        raise Refusal.of({"environment": f"{opens}; {version} is in {stage.label}."})


def refuse_over_whole(beside: Any, share: Decimal) -> None:
    """The shares of an environment are parts of one traffic."""
    given = sum(beside.filter(mode=Mode.SHARE).values_list("share", flat=True), Decimal(0))
    if given + share > WHOLE:
        left = plain(WHOLE - given)
        raise Refusal.of({"share": f"{plain(given)} per cent of this traffic have a version already, so {left} are left."})


def overridden(version: Version, by: Membership, reason: str) -> str:
    """The reason of a lead who sends it to production without its accepted handoff, once; empty when there is one."""
    if version.has_accepted_handoff:
        return ""
    if not reason:
        raise Refusal.of({"override_reason": NEEDS_HANDOFF})
    if not by.may(Act.OVERRIDE):
        raise Forbidden(NEEDS_HANDOFF)
    if version.deployments.exclude(override_reason="").exists():
        raise Refusal.of({"override_reason": OVERRIDDEN_BEFORE})
    return reason
